"""A real Chromium that may load nothing from elsewhere, and what went wrong on its pages."""

import contextlib
import functools
import http.server
import os
import shutil
import threading

import pytest

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def chromium():
    """One headless Chromium of the system for all tests: Playwright allows a process only one driver."""
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.fail("no Chromium: install it (Debian: apt install chromium), or set CHROMIUM")
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format, *args):
        pass


@contextlib.contextmanager
def served(folder):
    """The address of a folder on this machine, without a slash at its end."""
    handler = functools.partial(_Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class Visit:
    """A page in a context of its own, and the faults on it: errors, refusals, requests elsewhere."""

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

    def close(self):
        self.context.unroute_all(behavior="ignoreErrors")
        self.context.close()

    def settle(self):
        """Waits until what has changed is drawn."""
        self.page.evaluate(
            "new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))"
        )

    def text(self, selector=".explorer"):
        return self.page.locator(selector).first.inner_text()

    def _route(self, route):
        if route.request.url.startswith((self.address, "data:", "blob:", "file:")):
            return route.fallback()
        self.faults.append(f"request to another host: {route.request.url}")
        route.abort()

    def _console(self, message):
        if message.type in ("error", "warning"):
            self.faults.append(f"console {message.type}: {message.text}")

    def _failed(self, request):
        if request.failure != "net::ERR_ABORTED":  # else the page was left while it loaded
            self.faults.append(f"failed: {request.url}: {request.failure}")

    def _response(self, response):
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")


@contextlib.contextmanager
def visits(kind, browser, address):
    """A function that opens visits of this kind, at 1000 x 900; a fault in any of them fails the test."""
    made = []

    def make(**options):
        made.append(
            kind(browser, address, **{"viewport": {"width": 1000, "height": 900}} | options)
        )
        return made[-1]

    yield make
    faults = [fault for visit in made for fault in visit.faults]
    for visit in made:
        visit.close()
    assert not faults, faults
