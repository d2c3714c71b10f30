"""The playground in the built site: it finds its files there, under the site's policy, and trains."""

import pytest

pytestmark = pytest.mark.site


@pytest.mark.parametrize("width", [320, 1280])
def test_it_trains_in_its_place_in_the_site(visit, width):
    one = visit(viewport={"width": width, "height": 900})
    page = one.open("/playground/")
    page.wait_for_selector("#playground:not([inert]) canvas", timeout=30_000)
    assert "needs JavaScript" not in page.locator("#playground").inner_text()
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_function("() => playground.now >= 100", timeout=60_000)
    assert one.faults == []


NEEDED = [
    ".pg-start",
    "select[aria-label=data]",
    "select[aria-label=g]",
    "input[type=number]",
]


def test_a_laptop_shows_all_of_it_without_scrolling(visit):
    """Controls at the left; both rows at rest, with what is said of each, in a mission that has begun."""
    page = visit(viewport={"width": 1366, "height": 768}).open(
        "/playground/#steps=200&mission=hole"
    )
    page.wait_for_selector("#playground:not([inert]) canvas")
    page.locator(".pg-choices button").first.click()
    page.evaluate("() => { for (let i = 0; i < 200; i++) playground.step(); }")
    page.get_by_text("At rest:").wait_for(timeout=60_000)
    rows = [row.bounding_box() for row in page.locator(".pg-row").all()]
    for needed in [*NEEDED, ".pg-compared", ".pg-mission"]:
        box = page.locator(needed).first.bounding_box()
        assert box["y"] + box["height"] <= 768 and box["x"] + box["width"] <= 1366, needed
    for needed in NEEDED:
        assert page.locator(needed).bounding_box()["x"] < rows[0]["x"]
    assert rows[0]["y"] < rows[1]["y"] and rows[1]["y"] + rows[1]["height"] <= 768
    assert min(canvas.bounding_box()["width"] for canvas in page.locator("canvas").all()) > 140


def test_a_phone_has_the_controls_first_and_the_rows_one_above_the_other(visit):
    page = visit(viewport={"width": 390, "height": 844}, has_touch=True).open("/playground/")
    page.wait_for_selector("#playground:not([inert]) canvas")
    tops = [page.locator(each).first.bounding_box()["y"] for each in [*NEEDED, ".pg-row"]]
    assert max(tops[:-1]) < tops[-1]
    first, second = (row.bounding_box() for row in page.locator(".pg-row").all())
    assert first["y"] + first["height"] <= second["y"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".pg-row").nth(1).scroll_into_view_if_needed()
    page.get_by_role("button", name="Start", exact=True).tap()  # it is in sight there, too
    page.wait_for_function("() => playground.now > 0", timeout=60_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_while_it_gives_advice(visit, scheme):
    from test_pages import violations

    one = visit(viewport={"width": 1366, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = one.open("/playground/#data=circle&g=star&steps=200")
    page.wait_for_selector("#playground:not([inert]) canvas")
    page.evaluate("() => { for (let i = 0; i < 200; i++) playground.step(); }")
    page.get_by_role("button", name="g = circle").wait_for(timeout=60_000)
    assert violations(page) == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_one_draws_a_digit(visit, scheme):
    from test_pages import violations

    one = visit(viewport={"width": 1366, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = one.open("/?draw-a-digit.digit=1")
    page.locator("[data-explorer=draw-a-digit]").scroll_into_view_if_needed()
    page.get_by_text("InteL-VAE: q(y|x)").first.wait_for(timeout=60_000)
    assert violations(page) == {}


def test_a_text_stands_in_without_javascript(visit):
    page = visit(java_script_enabled=False).open("/playground/")
    assert "needs JavaScript" in page.locator("#playground").inner_text()
