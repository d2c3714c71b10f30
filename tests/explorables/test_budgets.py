"""What the explorers weigh, and how long they compute and draw, in Chromium slowed down four times."""

import numpy as np
import pytest
from helpers.explorables import DRAWING, NAMES

pytestmark = pytest.mark.site
# The range that is dragged, and over which values.
DRAGGED = {
    "half-way": ("latent y", np.linspace(-3, 3, 120)),
    "tear-the-plane": ("y₁", np.linspace(-3, 3, 120)),
    "who-pays": ("scale c of g(y) = c y", np.linspace(0.2, 5, 120)),
    "which-gates": ("latents to close", np.arange(120) % 51),
}
MOVE = """(input, value) => {
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  return new Promise((done) => requestAnimationFrame(() => setTimeout(done)));  // behind the drawing
}"""


@pytest.mark.parametrize("name", NAMES)
def test_weight(visit, name):
    shown = visit().go(name)
    shown.page.wait_for_timeout(500)
    assert sum(shown.bytes.values()) <= 300e3, shown.bytes  # nothing has been asked for yet
    shown.page.get_by_role("button", name="Skip").click()
    shown.page.wait_for_selector("[data-state=open]")
    shown.page.wait_for_timeout(500)
    assert sum(shown.bytes.values()) <= 1.0e6, shown.bytes  # leaves 200 kB to the site around it


@pytest.mark.parametrize("name", NAMES)
def test_compute_and_draw(visit, name):
    """Within 8 ms on a machine four times as slow: by the main thread's own time, whatever else runs here."""
    shown = visit().go(name, f"{name}.said=skip")
    label, values = DRAGGED[name]
    client = shown.page.context.new_cdp_session(shown.page)
    client.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent():
        metrics = client.send("Performance.getMetrics")["metrics"]
        return {metric["name"]: 1000 * metric["value"] for metric in metrics}["ScriptDuration"]

    def cost(handle, value):
        before = spent()
        handle.evaluate(MOVE, value)
        return spent() - before

    slider = shown.page.get_by_role("slider", name=label, exact=True)
    slider.scroll_into_view_if_needed()
    handle = slider.element_handle()
    # What it costs to ask, with an input that nothing listens to.
    idle = shown.page.evaluate_handle("document.createElement('input')").as_element()
    asking = np.median([cost(idle, value) for value in range(40)])
    runs = [[4 * (cost(handle, value) - asking) for value in values.tolist()] for _ in range(4)]
    # The first run compiles the functions. Of the others the best: what else this machine does only adds.
    p95 = min(float(np.percentile(run, 95)) for run in runs[1:])
    print(f"{name}: p95 {p95:.1f} ms, median {np.median(runs[1:]):.1f} ms, as at 4x throttling")
    assert 0 < p95 <= 8


def test_compute_and_draw_while_one_draws_a_digit(visit):
    """As above, from one place of the pen to the next."""
    shown = visit().go(DRAWING, f"{DRAWING}.digit=0", state="open")
    shown.page.get_by_text("InteL-VAE: q(y|x)").first.wait_for()
    shown.page.locator(".explorer-drawing").scroll_into_view_if_needed()
    client = shown.page.context.new_cdp_session(shown.page)
    client.send("Performance.enable", {"timeDomain": "threadTicks"})
    box = shown.page.locator(".explorer-drawing").bounding_box()

    def spent():
        metrics = client.send("Performance.getMetrics")["metrics"]
        return {metric["name"]: 1000 * metric["value"] for metric in metrics}["ScriptDuration"]

    def cost(x, y):
        before = spent()
        shown.page.mouse.move(x, y)
        shown.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        return spent() - before

    asking = np.median([cost(5, 5 + k) for k in range(20)])
    runs = []
    for _ in range(3):
        turns = np.linspace(0, 2 * np.pi, 60)
        places = [(0.5 + 0.24 * np.cos(t), 0.5 - 0.33 * np.sin(t)) for t in turns]
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
        shown.page.mouse.move(*places[0])
        shown.page.mouse.down()
        runs.append([4 * (cost(*place) - asking) for place in places[1:]])
        shown.page.mouse.up()
    p95 = min(float(np.percentile(run, 95)) for run in runs[1:])
    print(f"{DRAWING}: p95 {p95:.1f} ms, median {np.median(runs[1:]):.1f} ms, as at 4x throttling")
    assert 0 < p95 <= 8


def test_nothing_jumps_when_it_comes(visit):
    shown = visit()
    shown.page.add_init_script(
        """window.shift = 0; new PerformanceObserver((list) => {
        for (const e of list.getEntries()) if (!e.hadRecentInput) window.shift += e.value;
        }).observe({ type: "layout-shift", buffered: true });"""
    )
    shown.go("half-way")
    shown.page.get_by_role("button", name="Skip").click()
    shown.page.wait_for_selector("[data-state=open]")
    shown.page.wait_for_timeout(500)
    assert shown.page.evaluate("window.shift") <= 0.02
