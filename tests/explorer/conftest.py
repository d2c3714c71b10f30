"""The site's explorers, served on 127.0.0.1 to a real Chromium. Requests elsewhere are refused."""

import functools
import http.server
import shutil
import threading

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
NAMES = ("half-way", "tear-the-plane", "who-pays", "which-gates")
HTML = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Explorers</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<meta http-equiv="Content-Security-Policy" content="default-src 'self'; img-src 'self' data:">
<link rel="stylesheet" href="explorer/explorer.css">
<script type="module" src="explorer/main.js"></script></head><body><h1>Explorers</h1>{}</body></html>"""
DIV = '<div class="explorer" data-explorer="{}"><p>Without JavaScript you read this.</p></div>'


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of a site with one page for each explorer, and one for all."""
    from intelvae_keras.explorer import site as explorers

    folder = tmp_path_factory.mktemp("site")
    explorers.write(folder / "explorer")
    for name in NAMES:
        (folder / f"{name}.html").write_text(HTML.format(DIV.format(name)))
    (folder / "all.html").write_text(HTML.format("".join(map(DIV.format, NAMES))))
    return folder


@pytest.fixture(scope="session")
def address(site):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=site)
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests: Playwright allows a process only one driver at a time."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


class Visit:
    """A page that is open, and what went wrong in it."""

    def __init__(self, context, address):
        self.page = context.new_page()
        self.address, self.errors, self.bytes = address, [], {}
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda m: m.type == "error" and self.errors.append(m.text))
        self.page.on("requestfinished", self._count)
        context.route("**/*", self._refuse_elsewhere)

    def _refuse_elsewhere(self, route):
        if route.request.url.startswith((self.address, "data:", "file:")):
            route.fallback()
        else:
            self.errors.append(f"request to {route.request.url}")
            route.abort()

    def _count(self, request):
        sizes = request.sizes()
        self.bytes[request.url] = sizes["responseBodySize"]

    def go(self, name, query="", state=None):
        """Opens an explorer's page; waits until it is in the state, "open" if its question is answered."""
        self.page.goto(f"{self.address}/{name}.html?{query}")
        state = state or ("open" if "said=" in query else "ready")
        self.page.wait_for_selector(f"[data-state={state}]", timeout=30_000)
        self.settle()
        return self

    def settle(self):
        """Waits until what has changed is drawn."""
        self.page.evaluate(
            "new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))"
        )

    def text(self, selector=".explorer"):
        return self.page.locator(selector).first.inner_text()


@pytest.fixture
def visit(browser, address):
    """A function that opens a page in a context of its own; errors in any page fail the test."""
    contexts, visits = [], []

    def make(**options):
        options = {"viewport": {"width": 1000, "height": 900}} | options
        contexts.append(browser.new_context(**options))
        visits.append(Visit(contexts[-1], address))
        return visits[-1]

    yield make
    errors = [error for each in visits for error in each.errors]
    for context in contexts:
        context.close()
    assert not errors, errors
