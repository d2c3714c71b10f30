"""How soon a page stands, and how soon an explorer answers, in the built site."""

import numpy as np
import pytest

pytestmark = pytest.mark.site
DESKTOP = {"width": 1280, "height": 900}
# Page, explorer, and the name of the slider that is moved.
EXPLORERS = [
    ("/", "half-way", "latent y"),
    ("/explanation/priors/", "tear-the-plane", "y₁"),
    ("/explanation/intelvae/", "who-pays", "scale c of g(y) = c y"),
    ("/explanation/sparsity/", "which-gates", "latents to close"),
]
LARGEST = """() => new Promise((done) => {
  let last = 0;
  new PerformanceObserver((list) => { for (const e of list.getEntries()) last = e.startTime; })
    .observe({ type: "largest-contentful-paint", buffered: true });
  setTimeout(() => done(last), 500);
})"""
# From the key to the next frame on the screen, as the browser itself measures it, in steps of 8 ms.
WATCH = """() => { window.answers = [];
  new PerformanceObserver((list) => {
    for (const e of list.getEntries()) if (e.name === "keydown") window.answers.push(e.duration);
  }).observe({ type: "event", durationThreshold: 16 });
}"""


@pytest.mark.parametrize("path", ["/", "/explanation/priors/", "/tutorials/05/", "/playground/"])
def test_the_largest_content_stands_within_2500_ms_on_a_slow_machine(visit, path):
    times = []  # three visits at most: what else the machine does only adds to a time
    while len(times) < 3 and min(times, default=np.inf) > 2500:
        one = visit(viewport=DESKTOP)
        client = one.page.context.new_cdp_session(one.page)
        client.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        times.append(one.open(path).evaluate(LARGEST))
    print(f"{path}: largest contentful paint after {times} ms, at 4x throttling")
    assert 0 < min(times) <= 2500


@pytest.mark.parametrize(("path", "name", "label"), EXPLORERS, ids=lambda value: value)
def test_an_explorer_answers_within_50_ms(visit, path, name, label):
    page = visit(viewport=DESKTOP).open(f"{path}?{name}.said=skip")
    page.locator(f"[data-explorer={name}]").scroll_into_view_if_needed()
    page.wait_for_selector("[data-state=open]", timeout=30_000)
    slider = page.get_by_role("slider", name=label, exact=True)
    slider.scroll_into_view_if_needed()
    slider.focus()
    page.keyboard.press("ArrowRight")  # compiles what answers
    page.wait_for_timeout(300)
    page.evaluate(WATCH)
    presses = 40
    for number in range(presses):
        page.keyboard.press("ArrowLeft" if number % 2 else "ArrowRight")
        page.wait_for_timeout(40)
    slow = page.evaluate("window.answers")  # those of 16 ms and more
    times = np.sort(slow + [8.0] * (presses - len(slow)))
    p75 = float(np.percentile(times, 75))
    print(f"{name}: event to paint p75 {p75:.0f} ms, longest {times[-1]:.0f} ms")
    assert p75 <= 50
