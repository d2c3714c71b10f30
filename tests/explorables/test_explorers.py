"""The explorers in Chromium: by mouse and keys, in the address, on narrow pages, in both schemes."""

import re

import pytest
from helpers.explorables import NAMES, TOUCH, value

pytestmark = pytest.mark.site


@pytest.mark.parametrize("name", NAMES)
def test_a_prediction_stands_before_it(visit, name):
    shown = visit().go(name)
    assert shown.page.locator("input[type=range]").count() == 0
    assert "Without JavaScript" not in shown.text()
    answers = shown.page.locator(".explorer-answers button")
    said = answers.nth(1).inner_text()
    answers.nth(1).click()
    shown.page.wait_for_selector("[data-state=open]")
    assert shown.page.locator("input[type=range]").first.is_visible()
    assert f"You said: “{said}”" in shown.text()
    shown.page.wait_for_url(f"**{name}.said=1*")
    shown.page.get_by_role("button", name="Ask me again").click()
    assert not shown.page.locator("input[type=range]").first.is_visible()


@pytest.mark.parametrize("name", NAMES)
def test_skip_unlocks_too(visit, name):
    shown = visit().go(name)
    shown.page.get_by_role("button", name="Skip").press("Enter")
    shown.page.wait_for_selector("[data-state=open]")
    assert "You said" not in shown.text()
    shown.page.wait_for_url(f"**{name}.said=skip*")


def test_half_way_by_keys_finds_the_gap(visit):
    shown = visit().go("half-way", "half-way.said=1")
    y = shown.range("latent y")
    y.press("Home")
    assert value(y) == -3
    for _ in range(20):
        y.press("PageUp")
    y.press("End")
    shown.settle()
    assert value(y) == 3
    assert re.match(
        r"y 3.00, Ordinary VAE z 3.00, InteL-VAE z 3.50", y.get_attribute("aria-valuetext")
    )
    assert "You were right" in shown.finding()
    blends, few = map(float, re.findall(r"([\d.]+)%", shown.finding()))
    assert blends > 1 > few


def test_half_way_the_answer_called_right_is_what_each_picture_shows(visit):
    """Step by step over the slider: what the page says of each y bears out its finding, and the answer."""
    shown = visit().go("half-way", "half-way.said=1&half-way.y=-0.20")
    y, blends, digits = shown.range("latent y"), [0, 0], [set(), set()]
    for _ in range(40):
        y.press("ArrowRight")
        shown.settle()
        for column, text in enumerate(shown.page.locator(".explorer-reads").all_inner_texts()):
            blends[column] += "neither" in text
            digits[column] |= set(re.findall(r"reads as a (\d)", text))
    assert value(y) == 0.2 and digits == [{"0", "1"}, {"0", "1"}]  # both get from 0s to 1s
    steps, none = map(
        int, re.search(r"at (\d+) of.*InteL-VAE at (\d+)\.", shown.finding()).groups()
    )
    assert blends == [steps, none] and steps > 3 and none <= 1


def test_half_way_strips_fill_as_one_drags(visit):
    shown = visit().go("half-way", "half-way.said=skip")
    y = shown.range("latent y")
    box = y.bounding_box()
    middle = box["y"] + box["height"] / 2
    at = box["x"] + box["width"] * (1 / 6)
    shown.page.mouse.move(at, middle)
    shown.page.mouse.down()
    for step in range(40):
        shown.page.mouse.move(at + step * box["width"] / 60, middle)
    shown.page.mouse.up()
    shown.page.wait_for_timeout(500)  # a cell a frame
    seen = shown.page.locator(".explorer-strip").first.locator("canvas:not([aria-label^=Not])")
    assert seen.count() >= 12
    assert "the ordinary VAE draws blends" in shown.finding()


def test_half_way_shows_a_failed_seed(visit):
    shown = visit().go("half-way", "half-way.said=skip")
    shown.page.get_by_label("a seed that failed").check()
    shown.page.wait_for_url("**half-way.seed=failed*")
    assert "This seed failed" in shown.finding()
    again = visit().go("half-way", "half-way.said=skip&half-way.seed=failed&half-way.y=1")
    again.page.get_by_text("This seed failed").first.wait_for()
    assert "z = 4.00" not in again.finding()
    assert "InteL-VAE z 4.00" in again.range("latent y").get_attribute("aria-valuetext")


def test_who_pays_the_scale_does_not_move_the_kl(visit):
    shown = visit().go("who-pays", "who-pays.said=0")
    bills = shown.page.locator(".explorer-bill .explorer-value")
    before = bills.all_inner_texts()
    scale = shown.range("scale c of g(y) = c y")
    scale.press("End")
    shown.settle()
    after = bills.all_inner_texts()
    assert before[0] == after[0] == "1.00 nats"  # (1 + 0.16 - 1) / 2 - log 0.4
    assert before[1] == "1.00 nats" and after[1].startswith("13.3")
    assert "It is not what you said" in shown.finding()
    shown.range("mean μ of q(y|x)").press("Home")
    shown.settle()
    assert bills.first.inner_text() == "5.00 nats"


def test_gates_closed_in_order_and_at_random(visit):
    shown = visit().go("which-gates", "which-gates.said=2")
    closed = shown.range("latents to close")
    closed.press("End")
    for _ in range(8):
        closed.press("ArrowLeft")
    shown.settle()
    assert "8 of 50 open" in shown.text()
    assert re.search(r"You were right. Of the smallest, \d\d can go", shown.finding())
    small = float(re.findall(r"change ([\d.]+)%", shown.text())[1])
    shown.page.get_by_label("at random").check()
    shown.settle()
    assert float(re.findall(r"change ([\d.]+)%", shown.text())[1]) > small
    assert "Sparse codes withstand random losses no better" in shown.finding()
    shown.page.wait_for_url("**which-gates.closed=42*")


def test_gates_one_latent_by_mouse_and_by_keys(visit):
    shown = visit().go("which-gates", "which-gates.said=skip")
    bars = shown.page.locator(".explorer-panel canvas.explorer-canvas").nth(1)
    bars.scroll_into_view_if_needed()
    box = bars.bounding_box()
    bars.click(position={"x": box["width"] * 28.5 / 50, "y": 20})
    shown.settle()
    assert "49 of 50 open" in shown.text()
    shown.page.get_by_text("Change a single latent").click()
    assert value(shown.range("latent")) == 29
    shown.page.get_by_role("button", name="Open it").press("Enter")
    shown.settle()
    assert "49 of 50 open" not in shown.text()
    shown.range("its value").press("End")
    shown.settle()
    assert "change 0.0%" in shown.text()  # the ordinary model's
    assert not shown.text().count("change 0.0%") == 2


@pytest.mark.parametrize("name", NAMES)
def test_wrong_states_in_the_address_are_passed_over(visit, name):
    query = "&".join(
        f"{name}.{k}=<b>" for k in ("y", "y1", "seed", "model", "closed", "garment", "scale")
    )
    visit().go(name, f"{name}.said=skip&{query}")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [320, 375])
def test_narrow_pages_do_not_scroll_sideways(visit, name, width):
    shown = visit(viewport={"width": width, "height": 700}).go(name, f"{name}.said=skip")
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", NAMES)
def test_targets_are_large_enough(visit, name):
    shown = visit(**TOUCH).go(name, f"{name}.said=skip")
    small = shown.page.evaluate(
        """() => [...document.querySelectorAll('.explorer button, .explorer input[type=range],'
        + '.explorer .explorer-option, .explorer-handle, .explorer summary')]
        .filter(e => e.offsetParent && (e.offsetHeight < 24 || e.offsetWidth < 24)).map(e => e.outerHTML)"""
    )
    assert not small


@pytest.mark.parametrize("name", NAMES)
def test_every_canvas_has_a_size_and_a_text(visit, name):
    shown = visit().go(name, f"{name}.said=skip")
    for canvas in shown.page.locator("canvas").all():
        assert canvas.get_attribute("width") and canvas.get_attribute("aria-label")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_runs_while_nothing_is_done(visit, name):
    shown = visit(reduced_motion="reduce")
    shown.page.add_init_script(
        """window.frames_asked = 0; const ask = window.requestAnimationFrame;
        window.requestAnimationFrame = (f) => { window.frames_asked += 1; return ask(f); };"""
    )
    shown.go(name, f"{name}.said=skip")
    shown.page.wait_for_timeout(300)
    before = shown.page.evaluate("window.frames_asked")
    shown.page.wait_for_timeout(700)
    assert shown.page.evaluate("window.frames_asked") == before
    assert shown.page.evaluate("document.getAnimations().length") == 0


def test_colours_follow_both_switches(visit):
    shown = visit(color_scheme="dark").go("half-way", "half-way.said=skip")
    corner = """() => { const c = document.querySelector('.explorer-pair .explorer-picture');
        return c.getContext('2d').getImageData(0, 0, 1, 1).data[0]; }"""
    assert shown.page.evaluate(corner) < 40
    shown.page.evaluate("document.body.setAttribute('data-md-color-scheme', 'default')")
    shown.settle()
    assert shown.page.evaluate(corner) > 240
    shown.page.evaluate("document.body.setAttribute('data-md-color-scheme', 'slate')")
    shown.settle()
    assert shown.page.evaluate(corner) < 40
    shown.faults = [
        fault for fault in shown.faults if "getImageData" not in fault
    ]  # the test's own
