"""How heavy the pages are, and that nothing moves while they load."""

import pytest
from conftest_site import LOADED, pages

pytestmark = pytest.mark.site
FIRST_VIEW, PAGE = 300_000, 1_200_000  # bytes over the network, packed as a server would
SHIFT = """() => new Promise((done) => {
  let shift = 0;
  new PerformanceObserver((list) => { for (const e of list.getEntries()) shift += e.value; })
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(shift), 600);
})"""


def _sizes(visit, path, scroll):
    """Bytes of what a page loads, text packed with gzip."""
    import gzip

    one = visit(viewport={"width": 1280, "height": 900})
    sizes = {}

    def note(response):
        if response.status == 200:
            body = response.body()
            packed = response.url.endswith((".png", ".woff2", ".webp", ".jpg", ".bin"))
            sizes[response.url] = len(body) if packed else len(gzip.compress(body, 6))

    one.page.on("response", note)
    page = one.open(path)
    if scroll:
        page.evaluate(LOADED)
    return sizes


def test_the_home_page_is_light_at_first_view(visit):
    sizes = _sizes(visit, "/", scroll=False)
    # The search's index comes after the page has loaded, and holds nothing up.
    sizes = {url: size for url, size in sizes.items() if "search" not in url}
    assert sum(sizes.values()) <= FIRST_VIEW, sorted(sizes.items(), key=lambda item: -item[1])[:8]


@pytest.mark.parametrize("path", pages())
def test_a_whole_page_is_within_its_budget(visit, path):
    sizes = _sizes(visit, path, scroll=True)
    assert sum(sizes.values()) <= PAGE, sorted(sizes.items(), key=lambda item: -item[1])[:8]


@pytest.mark.parametrize("path", ["/", "/explanation/clusters", "/reference/mappings/clusters"])
def test_nothing_moves_while_a_page_loads(visit, path):
    page = visit(viewport={"width": 390, "height": 844}).open(path)
    assert page.evaluate(SHIFT) <= 0.02
