"""Each page of the built site in a real Chromium: nothing fails, and everyone can use it."""

import json

import pytest
from conftest_site import PICTURES, pages

pytestmark = pytest.mark.site
SCHEMES = ("light", "dark")
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
# One page of each kind is photographed; all of them with SITE_PHOTOGRAPHS=all.
REFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_the_site_has_its_pages():
    assert len(pages()) >= 45


@pytest.mark.parametrize("path", pages())
def test_a_page_loads_without_a_fault(visit, path):
    one = visit(viewport=DESKTOP)
    page = one.open(path)
    assert page.locator("h1").count() == 1
    assert page.locator(".katex-error").count() == 0
    assert "arithmatex" not in page.content()
    # Lazy images load when they come into view, so that all of them are tried.
    page.evaluate("document.querySelectorAll('img').forEach((i) => (i.loading = 'eager'))")
    page.wait_for_load_state("networkidle")
    broken = "[...document.images].filter((i) => !i.complete || !i.naturalWidth).map((i) => i.src)"
    assert page.evaluate(broken) == []
    unsized = "[...document.images].filter((i) => !i.hasAttribute('width')).map((i) => i.src)"
    assert [source for source in page.evaluate(unsized) if "logo" not in source] == []
    assert page.evaluate("[...document.images].filter((i) => !i.alt).map((i) => i.src)") == []
    assert one.faults == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("path", pages())
def test_axe_finds_nothing(visit, path, scheme):
    from axe_playwright_python.sync_playwright import Axe

    one = visit(viewport=DESKTOP, color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    page = one.open(path)
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}}).response
    faults = {v["id"]: [node["target"] for node in v["nodes"]][:4] for v in found["violations"]}
    assert faults == {}, json.dumps(faults, indent=1)


@pytest.mark.parametrize("path", pages())
def test_a_page_reflows_at_320_pixels(visit, path):
    page = visit(viewport={"width": 320, "height": 640}).open(path)
    assert page.evaluate(REFLOW) <= 0


@pytest.mark.parametrize("path", pages())
def test_a_page_reads_without_javascript(visit, path):
    one = visit(viewport=DESKTOP, java_script_enabled=False)
    page = one.open(path)
    assert len(page.locator("main").inner_text()) > 150
    for image in page.locator(".explorer img").all():
        assert image.get_attribute("alt")
    assert one.faults == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", ("phone", "desktop"))
def test_pages_are_photographed(visit, scheme, width):
    PICTURES.mkdir(parents=True, exist_ok=True)
    viewport = PHONE if width == "phone" else DESKTOP
    one = visit(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    for path in pages():
        page = one.open(path)
        page.evaluate("document.querySelectorAll('img').forEach((i) => (i.loading = 'eager'))")
        page.wait_for_load_state("networkidle")
        name = path.strip("/").replace("/", "-") or "home"
        target = PICTURES / f"{name}.{width}.{scheme}.png"
        page.screenshot(path=target, full_page=True)
        assert target.stat().st_size > 5_000
