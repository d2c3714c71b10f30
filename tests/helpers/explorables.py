"""The site's explorers in a browser: their names, and a visit that knows them."""

from helpers.browser import Visit

NAMES = ("half-way", "tear-the-plane", "who-pays", "which-gates")
DRAWING = "draw-a-digit"  # has no question, and is open at once
TOUCH = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}


class ExplorerVisit(Visit):
    """A page with explorers, and the bytes of what it loaded."""

    def __init__(self, browser, address, **options):
        super().__init__(browser, address, **options)
        self.bytes = {}
        self.page.on("requestfinished", self._count)

    def _count(self, request):
        self.bytes[request.url] = request.sizes()["responseBodySize"]

    def go(self, name, query="", state=None):
        """Opens an explorer's page; waits until it is in the state, "open" if its question is answered."""
        self.open(f"/{name}.html?{query}")
        state = state or ("open" if "said=" in query else "ready")
        self.page.wait_for_selector(f"[data-state={state}]", timeout=30_000)
        self.settle()
        return self

    def range(self, label):
        return self.page.get_by_role("slider", name=label, exact=True)

    def finding(self):
        return self.text(".explorer-finding")


def value(slider):
    return float(slider.input_value())
