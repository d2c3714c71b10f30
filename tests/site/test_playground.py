"""The playground in the built site: it finds its files there, under the site's policy, and trains."""

import pytest

pytestmark = pytest.mark.site


@pytest.mark.parametrize("width", [320, 1280])
def test_it_trains_in_its_place_in_the_site(visit, width):
    one = visit(viewport={"width": width, "height": 900})
    page = one.open("/playground/")
    page.wait_for_selector("#playground canvas", timeout=30_000)
    assert "needs JavaScript" not in page.locator("#playground").inner_text()
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_function("() => playground.now >= 100", timeout=60_000)
    assert one.faults == []


def test_a_text_stands_in_without_javascript(visit):
    page = visit(java_script_enabled=False).open("/playground/")
    assert "needs JavaScript" in page.locator("#playground").inner_text()
