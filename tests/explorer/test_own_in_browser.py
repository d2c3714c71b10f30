"""Pages of `vae.explore` in Chromium, opened from the disk and in a notebook's frame."""

import numpy as np
import pytest

from intelvae_keras import InteLVAE, likelihoods, mappings, networks

pytestmark = pytest.mark.site
RNG = np.random.default_rng(0)


def _make(latent_dim, shape, mapping=None, **kwargs):
    decoder = networks.mlp_decoder(shape, [8]) if len(shape) < 3 else networks.conv_decoder(shape)
    return InteLVAE(
        latent_dim, encoder=networks.mlp_encoder([8]), decoder=decoder, mapping=mapping, **kwargs
    )


GAUSSIAN = {"likelihood": likelihoods.Gaussian(scale=1.0)}
MODELS = {
    "one latent": lambda: _make(1, (12, 9, 1), mappings.Clusters(3)),
    "two latents, points": lambda: _make(2, (2,), mappings.Star(4), **GAUSSIAN),
    "two latents, colours": lambda: _make(2, (10, 10, 3)),
    "two latents to one": lambda: _make(2, (10, 10), mappings.Linear([[1.0, 2.0]])),
    "many latents, a table": lambda: _make(7, (5,), mappings.Sparse(), **GAUSSIAN),
    "many latents, a series": lambda: _make(3, (70,), mappings.Sphere(), **GAUSSIAN),
}


@pytest.mark.parametrize("examples", [False, True])
@pytest.mark.parametrize("name", MODELS)
def test_from_the_disk(visit, tmp_path, name, examples):
    vae = MODELS[name]()
    x = RNG.uniform(size=(5, *vae.data_shape)).astype("float32") if examples else None
    page = vae.explore(tmp_path, x)
    shown = visit()
    shown.page.goto(page.index.as_uri())
    shown.page.wait_for_selector("[data-state=open]")
    shown.settle()
    if examples and vae.latent_dim == 1:  # it starts from the first example
        mean = float(np.asarray(vae.posterior(x[:1]).mean())[0, 0])
        y = shown.page.get_by_role("slider", name="y", exact=True)
        assert float(y.input_value()) == pytest.approx(mean, abs=0.006)
    for slider in shown.page.get_by_role("slider").all():
        slider.press("End")
        slider.press("ArrowLeft")
    for text in ("y = 0", "Draw y ~ N(0, I)"):
        shown.page.get_by_role("button", name=text).click()
        shown.settle()
    assert shown.page.get_by_role("slider", name="your example").count() == int(examples)
    shown.page.wait_for_url("**own.y=*")
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= 1000


def test_decoded_values_are_those_of_keras(visit, tmp_path):
    vae = MODELS["many latents, a table"]()
    names = [f"column {index}" for index in range(5)]
    y = RNG.normal(size=(1, 7)).astype("float32").round(2)
    page = vae.explore(tmp_path, names=names)
    shown = visit()
    shown.page.goto(f"{page.index.as_uri()}?own.y={'_'.join(str(value) for value in y[0])}")
    shown.page.wait_for_selector("[data-state=open]")
    shown.settle()
    cells = shown.page.locator("td.explorer-value").all_inner_texts()
    values = [float(cell.replace("−", "-")) for cell in cells]
    np.testing.assert_allclose(values, vae.decode(np.asarray(vae.mapping(y)))[0], atol=0.0151)
    assert shown.page.get_by_role("rowheader").all_inner_texts() == names


def test_one_file_with_an_example_beside_its_reconstruction_and_a_strip_for_each_latent(
    visit, tmp_path
):
    vae = _make(3, (12, 9, 1))
    x = RNG.uniform(size=(4, 12, 9, 1)).astype("float32")
    page = vae.explore(tmp_path / "model.html", x)
    kl = np.array(page.model.spec["latents"]["kl"])
    shown = visit()
    shown.page.goto(page.index.as_uri())
    shown.page.wait_for_selector("[data-state=open]")
    shown.settle()
    assert shown.page.locator(".explorer-figure:visible").count() == 2
    names = shown.page.locator(".explorer-sweep button").all_inner_texts()
    assert names == [f"latent {j + 1}, {kl[j]:.2f} nats" for j in np.argsort(-kl)]
    assert shown.page.locator(".explorer-sweep canvas").count() == 21
    # The last latent's strip, at 3: y is there, and what is large is what the strip shows.
    last = shown.page.locator(".explorer-sweep").last
    last.locator("canvas").last.click()
    shown.page.wait_for_url("**3.00*")
    y = [float(v) for v in shown.page.url.split("own.y=")[1].split("_")]
    assert y[int(np.argmin(kl))] == 3
    pixels = "(c) => Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data)"
    large = shown.page.locator(".explorer-large").first.evaluate(pixels)
    shown.settle()
    assert last.locator("canvas").last.evaluate(pixels) == large
    assert shown.page.locator(".explorer-figure:visible").count() == 2  # what it started from
    shown.page.get_by_role("button", name="y = 0").click()
    shown.settle()
    assert shown.page.locator(".explorer-figure:visible").count() == 1
    shown.page.get_by_role("slider", name="your example").press("ArrowRight")
    shown.settle()
    assert shown.page.locator(".explorer-figure:visible").count() == 2


def test_a_tables_latents_say_which_columns_they_move(visit, tmp_path):
    vae = _make(3, (4,), **GAUSSIAN)
    vae.build((None, 4))
    kernel, bias = vae.decoder.weights[-2:]
    kernel.assign(np.zeros(kernel.shape))
    bias.assign(np.zeros(4))
    page = vae.explore(tmp_path, RNG.normal(size=(9, 4)).astype("float32"), names=list("abcd"))
    shown = visit()
    shown.page.goto(page.index.as_uri())
    shown.page.wait_for_selector("[data-state=open]")
    shown.settle()
    said = shown.page.locator(".explorer-sweep > span").all_inner_texts()
    assert said == ["moves nothing"] * 3
    head = shown.page.locator(".explorer-table thead").inner_text().split()
    assert head == ["decoded", "your", "example"]


def test_bars_of_a_table_are_of_their_columns(visit, tmp_path):
    vae = _make(2, (3,), **GAUSSIAN)
    x = np.array([[0, 0, 5], [1, 1000, 5]], "float32")  # the last column never changes
    vae.build((None, 3))
    *_, kernel, bias = vae.decoder.weights
    kernel.assign(np.zeros(kernel.shape))
    bias.assign([0.25, 250.0, 5.0])
    page = vae.explore(tmp_path, x, names=["a", "b", "c"])
    shown = visit()
    shown.page.goto(page.index.as_uri())
    shown.page.wait_for_selector("[data-state=open]")
    shown.settle()
    widths = [
        bar.get_attribute("style") for bar in shown.page.locator(".explorer-cell > div").all()
    ]
    assert widths == ["width: 25%;", "width: 25%;", "width: 50%;"]


def test_in_the_frame_of_a_notebook(visit, tmp_path):
    page = MODELS["two latents, points"]().explore(x=RNG.normal(size=(5, 2)).astype("float32"))
    (tmp_path / "notebook.html").write_text(f"<!doctype html>{page._repr_html_()}", "utf-8")
    shown = visit()
    shown.page.goto((tmp_path / "notebook.html").as_uri())
    frame = shown.page.frame_locator("iframe")
    frame.locator("[data-state=open]").wait_for()
    frame.get_by_role("slider", name="y₁").press("End")
    assert frame.get_by_role("slider", name="y₁").input_value() == "3"


def test_a_damaged_model_is_named(visit, tmp_path):
    page = MODELS["one latent"]().explore(tmp_path)
    model = tmp_path / "model.js"
    model.write_text(model.read_text("utf-8").replace('"base64":"', '"base64":"AAAA'), "utf-8")
    shown = visit()
    shown.page.goto(page.index.as_uri())
    shown.page.wait_for_selector("[data-state=failed]")
    assert "This explorer cannot start. The model's weights are" in shown.text()
    model.unlink()
    shown.page.reload()
    shown.page.wait_for_selector("[data-state=failed]")
    assert "model.js is missing" in shown.text()
    shown.faults.clear()
