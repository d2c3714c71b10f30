"""Each page of the built site in a real Chromium: nothing fails, and everyone can use it.

Every page is photographed on the way, in both schemes at two widths, into runs/site/: look at them.
"""

import json
import math

import pytest
from conftest_site import LOADED, PICTURES, pages

pytestmark = pytest.mark.site
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
REFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
BROKEN = "[...document.images].filter((i) => !i.complete || !i.naturalWidth).map((i) => i.src)"
WITHOUT = "(name) => [...document.images].filter((i) => !i.getAttribute(name)).map((i) => i.src)"


def violations(page):
    """What axe finds against WCAG 2.2 AA: the rule, and the places."""
    from axe_playwright_python.sync_playwright import Axe

    options = {"runOnly": {"type": "tag", "values": STANDARDS}}
    found = Axe().run(page, options=options).response["violations"]
    return {v["id"]: [node["target"] for node in v["nodes"]][:4] for v in found}


def photograph(page, path, width, scheme):
    PICTURES.mkdir(parents=True, exist_ok=True)
    name = path.strip("/").replace("/", "-") or "home"
    page.screenshot(path=PICTURES / f"{name}.{width}.{scheme}.png", full_page=True)


def test_the_site_has_its_pages():
    assert len(pages()) >= 45


@pytest.mark.parametrize("path", pages())
def test_a_page_loads_without_a_fault_and_fits_the_screen(visit, path):
    one = visit(viewport=DESKTOP, color_scheme="light", reduced_motion="reduce")
    page = one.open(path)
    assert page.locator("h1").count() == 1
    assert page.locator(".katex-error").count() == 0
    assert "arithmatex" not in page.content()
    page.evaluate(LOADED)
    assert page.evaluate(BROKEN) == []
    assert page.evaluate(WITHOUT, "alt") == []
    sized = [source for source in page.evaluate(WITHOUT, "width") if "logo" not in source]
    assert sized == []
    photograph(page, path, "desktop", "light")
    page.set_viewport_size(PHONE)
    photograph(page, path, "phone", "light")
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate(REFLOW) <= 0
    assert page.context.cookies() == []
    assert one.faults == []


@pytest.mark.parametrize("scheme", ("light", "dark"))
@pytest.mark.parametrize("path", pages())
def test_axe_finds_nothing(visit, path, scheme):
    # axe itself is injected, which the site's policy would refuse. Tall: a sidebar that scrolls cuts links in
    # two at its edge, and axe takes what is left for the whole link.
    tall = DESKTOP | {"height": 1600}
    one = visit(viewport=tall, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True)
    page = one.open(path)
    body = page.locator("body").get_attribute("data-md-color-scheme")
    assert body == ("slate" if scheme == "dark" else "default")
    found = violations(page)
    if scheme == "dark":
        page.evaluate(LOADED)
        page.set_viewport_size(DESKTOP)
        photograph(page, path, "desktop", scheme)
        page.set_viewport_size(PHONE)
        photograph(page, path, "phone", scheme)
    assert found == {}, json.dumps(found, indent=1)


@pytest.mark.parametrize("path", pages())
def test_a_page_reads_without_javascript(visit, path):
    one = visit(viewport=DESKTOP, java_script_enabled=False)
    page = one.open(path)
    assert len(page.locator("main").inner_text()) > 150
    for image in page.locator(".explorer img").all():
        assert image.get_attribute("alt")
    assert one.faults == []


@pytest.mark.parametrize(("path", "header"), [("/results/", "verdict"), ("/", "training")])
def test_a_phone_shows_the_first_table_to_its_last_column(visit, path, header):
    page = visit(viewport=PHONE).open(path)
    box = page.locator("th", has_text=header).first.bounding_box()
    assert box["x"] + box["width"] <= PHONE["width"]


def test_the_gallerys_models_run(visit):
    one = visit(viewport=DESKTOP, color_scheme="light", bypass_csp=True)
    links = (
        one.open("/gallery/")
        .locator("main table a")
        .evaluate_all("(all) => all.map((a) => a.href)")
    )
    assert len(links) == 5
    for link in links:
        one.page.goto(link)
        one.page.wait_for_selector("[data-state=open]")
        assert violations(one.page) == {}, link
        one.page.set_viewport_size({"width": 320, "height": 640})
        assert one.page.evaluate(REFLOW) <= 0, link
        one.page.set_viewport_size(DESKTOP)
    assert one.faults == []


# The home page's sweep, without the theme's own transitions.
MOVING = 'document.getAnimations().filter((a) => a.animationName?.startsWith("sweep-"))'
# Its frames and y, half a second at a time from where it begins.
SWEEP = f"""() => {{
  const found = {MOVING};
  return Array.from({{ length: 18 }}, (_, index) => {{
    for (const one of found) {{ one.pause(); one.currentTime = 500 * index + 60; }}
    const at = (name) => getComputedStyle(document.querySelector(name));
    return [".sweep-ordinary", ".sweep-intel"].map((name) => 0.6 * parseFloat(at(name).backgroundPositionX))
      .concat(new DOMMatrix(at(".sweep-axis circle").transform).m41);
  }});
}}"""


@pytest.mark.parametrize(
    "viewport", [{"width": 1440, "height": 900}, PHONE], ids=["desktop", "phone"]
)
def test_both_decoders_sweep_in_step_on_the_first_screen(visit, viewport):
    one = visit(viewport=viewport)
    page = one.open("/")
    for name in (".sweep-ordinary", ".sweep-intel", ".sweep-axis"):
        box = page.locator(name).bounding_box()
        assert box["y"] + box["height"] <= viewport["height"]
    states = f"() => {MOVING}.map((a) => a.playState)"
    assert page.evaluate(states) == ["running"] * 3
    page.get_by_label("Pause").check()
    assert page.evaluate(states) == ["paused"] * 3
    for ordinary, intel, y in page.evaluate(SWEEP):
        assert ordinary == intel == pytest.approx(round(ordinary), abs=1e-3)  # whole frames
        t = math.copysign(math.sqrt(abs(y) / 2.4), y)
        assert ordinary / 30 - 1 == pytest.approx(
            t, abs=0.034
        )  # a frame is shown for 1/61 of the way
    assert one.faults == []


def test_nothing_moves_for_who_asks_for_it(visit):
    page = visit(viewport=DESKTOP, reduced_motion="reduce").open("/")
    assert page.evaluate(f"() => {MOVING}.length") == 0
    assert not page.get_by_label("Pause").is_visible()
