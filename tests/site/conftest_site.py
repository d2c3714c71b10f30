"""The built site, served on this machine, and a real Chromium that may load nothing else."""

import functools
import http.server
import os
import pathlib
import shutil
import threading

import pytest

ROOT = pathlib.Path(__file__).parents[2]
SITE = pathlib.Path(os.environ.get("SITE", ROOT / "site"))
PICTURES = ROOT / "runs" / "site"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")

# Lazy images below the fold would never be tried. Resolves when each is there, or has failed.
LOADED = """Promise.all([...document.images].map((image) => {
  image.loading = "eager";
  return image.decode().catch(() => {});
}))"""


def pages():
    """Paths of the site's pages, as in their addresses; what lies in assets/ is shown within a page."""
    found = sorted(set(SITE.rglob("index.html")) - set((SITE / "assets").rglob("index.html")))
    return ["/" + str(page.parent.relative_to(SITE)).replace(".", "") for page in found]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format, *args):
        pass


@pytest.fixture(scope="session")
def address():
    """The address of the served site, without a slash at its end."""
    if not SITE.exists():
        pytest.fail("site/ is not there: run `make docs` first")
    handler = functools.partial(_Quiet, directory=str(SITE))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def chromium():
    """A headless Chromium of the system."""
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.fail("no Chromium: install it (Debian: apt install chromium), or set CHROMIUM")
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Visit:
    """A page, and what went wrong on it."""

    def __init__(self, browser, address, **options):
        self.address, self.faults = address, []
        self.context = browser.new_context(**options)
        self.context.route("**/*", self._route)
        self.page = self.context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._response)

    def open(self, path):
        self.page.goto(self.address + path, wait_until="load")
        return self.page

    def _route(self, route):
        if route.request.url.startswith((self.address, "data:", "blob:")):
            return route.continue_()
        self.faults.append(f"request to another host: {route.request.url}")
        route.abort()

    def _console(self, message):
        if message.type in ("error", "warning"):
            self.faults.append(f"console {message.type}: {message.text}")

    def _failed(self, request):
        self.faults.append(f"failed: {request.url}: {request.failure}")

    def _response(self, response):
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")


@pytest.fixture
def visit(chromium, address):
    """A function that opens a browsing context, closed after the test."""
    visits = []

    def make(**options):
        visits.append(Visit(chromium, address, **options))
        return visits[-1]

    yield make
    for one in visits:
        one.context.unroute_all(behavior="ignoreErrors")
        one.context.close()
