"""The plane's explorer in Chromium: its pad by mouse, touch and keys, its findings, its address."""

import re

import pytest
from helpers.explorables import TOUCH, value

pytestmark = pytest.mark.site


def _drag(page, start, steps, end="up"):
    page.mouse.move(*start)
    page.mouse.down()
    for step in steps:
        page.mouse.move(*step)
    if end == "up":
        page.mouse.up()


def _place(pad, across, down):
    box = pad.bounding_box()
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def test_plane_by_mouse_and_release_outside_of_the_pad(visit):
    shown = visit().go("tear-the-plane", "tear-the-plane.said=1")
    pad = shown.page.locator(".explorer-pad")
    pad.scroll_into_view_if_needed()
    y1, y2 = shown.range("y₁"), shown.range("y₂")
    shown.page.mouse.click(*_place(pad, 0.75, 0.5))
    assert (value(y1), value(y2)) == (1.5, 0)
    _drag(
        shown.page,
        _place(pad, 0.75, 0.5),
        [_place(pad, 0.5 + 0.02 * k, 0.51) for k in range(10, 0, -1)],
    )
    shown.settle()
    assert "You were right" in shown.finding() and "The hole holds" in shown.finding()
    _drag(shown.page, _place(pad, 0.5, 0.5), [_place(pad, 0.9, 0.2), _place(pad, 2.5, -0.3)])
    assert (value(y1), value(y2)) == (3, 3)
    shown.page.mouse.move(*_place(pad, 0.2, 0.2))  # no button is down: nothing follows
    assert (value(y1), value(y2)) == (3, 3)


def test_plane_by_keys_and_in_the_address(visit):
    shown = visit().go("tear-the-plane", "tear-the-plane.said=skip&tear-the-plane.model=circle-vae")
    y1, y2 = shown.range("y₁"), shown.range("y₂")
    y1.press("Home")
    for _ in range(3):
        y2.press("ArrowDown")
    shown.page.wait_for_url("**tear-the-plane.y1=-3.00*")
    assert "tear-the-plane.y2=0.65" in shown.page.url
    there = visit()
    there.page.goto(shown.page.url)
    there.page.wait_for_selector("[data-state=open]")
    assert value(there.range("y₁")) == -3 and value(there.range("y₂")) == 0.65
    assert there.page.get_by_label("ordinary VAE").is_checked()


def test_plane_the_hole_is_only_that_of_the_circle(visit):
    shown = visit().go(
        "tear-the-plane", "tear-the-plane.said=skip&tear-the-plane.y1=0&tear-the-plane.y2=0.1"
    )
    assert "The hole holds" in shown.finding()
    shown.page.get_by_label("ordinary VAE").check()
    shown.page.get_by_text("there is no hole in z").first.wait_for()
    shown.page.get_by_label("ordinary g, learned prior").check()
    shown.page.get_by_text("The learned prior fits").first.wait_for()
    shown.page.get_by_label("five clusters").check()
    shown.page.get_by_text("Between two parts x jumps").first.wait_for()
    strength = shown.range("strength of g")
    strength.press("Home")
    shown.settle()
    joined = int(re.search(r"(\d+) of its 200", shown.finding())[1])
    strength.press("End")
    shown.settle()
    assert value(strength) == 3
    assert int(re.search(r"(\d+) of its 200", shown.finding())[1]) < joined


def test_plane_by_touch_and_the_page_still_scrolls(visit):
    shown = visit(**TOUCH).go("tear-the-plane", "tear-the-plane.said=skip")
    pad = shown.page.locator(".explorer-pad")
    pad.scroll_into_view_if_needed()
    shown.page.touchscreen.tap(*_place(pad, 0.25, 0.25))
    shown.settle()
    assert value(shown.range("y₁")) == pytest.approx(-1.5, abs=0.051)
    assert value(shown.range("y₂")) == pytest.approx(1.5, abs=0.051)
    client = shown.page.context.new_cdp_session(shown.page)

    def swipe(start, end):
        def touch(kind, points):
            client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        (x, y), (to_x, to_y) = start, end
        touch("touchStart", [{"x": x, "y": y}])
        for k in range(1, 11):
            at = {"x": x + (to_x - x) * k / 10, "y": y + (to_y - y) * k / 10}
            touch("touchMove", [at])
        touch("touchEnd", [])
        shown.page.wait_for_timeout(300)

    # A finger on the point drags it, and the page stays.
    before = shown.page.evaluate("scrollY")
    swipe(_place(pad, 0.25, 0.25), _place(pad, 0.25, 0.75))
    assert value(shown.range("y₂")) == pytest.approx(-1.5, abs=0.3)
    assert shown.page.evaluate("scrollY") == before
    # Anywhere else it scrolls the page, and the point stays.
    point = value(shown.range("y₂"))
    swipe(_place(pad, 0.8, 0.8), _place(pad, 0.8, 0.3))
    assert shown.page.evaluate("scrollY") != before
    assert value(shown.range("y₂")) == point
