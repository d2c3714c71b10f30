"""Presets: each recipe trains, each shipped file loads and gives the figures that it claims."""

import json
import os

import keras
import numpy as np
import pytest
from helpers.marks import fast_first

from benchmarks import presets as benchmark
from intelvae_keras import InteLVAE, datasets, presets
from intelvae_keras.presets import shipped

NAMES = presets.names()
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def data():
    """Train and test data of a recipe, each set loaded once."""
    loaded = {}

    def load(r):
        if r.dataset not in loaded:
            (x_train, _), (x_test, _) = datasets.load(r.dataset, **r.options)
            loaded[r.dataset] = (x_train, x_test)
        return loaded[r.dataset]

    return load


def test_names_are_those_promised():
    assert set(NAMES) >= {
        "mnist01-vae",
        "mnist01-clusters",
        "fashion-vae",
        "fashion-sparse",
        "circle-vae",
        "circle",
        "circle-mixture",
        "figure-eight",
        "star",
        "clusters5",
        "rings",
        "fashion-hierarchical",
    }


@pytest.mark.parametrize("name", fast_first(NAMES, ["circle-mixture", "fashion-hierarchical"]))
def test_recipe_fits_its_data_in_the_epochs_asked_for(name, data):
    r = presets.recipe(name, seed=0, epochs=1)
    x_train, _ = data(r)
    r.model.run_eagerly = True  # one step costs less than a graph
    history = r.model.fit(x_train[: r.fit["batch_size"]], verbose=0, **r.fit)
    assert r.fit["epochs"] == 1 and np.isfinite(history.history["loss"]).all()


@pytest.mark.parametrize(
    "name",
    fast_first(NAMES, ["mnist01-clusters", "fashion-sparse", "circle-mixture"]),
)
def test_shipped_model_has_its_terms(name, data):
    vae, expected = presets.load(name), presets.figures(name)
    assert isinstance(vae, InteLVAE) and vae.optimizer is not None
    _, x_test = data(presets.recipe(name))
    vae.run_eagerly = True
    terms = vae.evaluate(x_test, batch_size=len(x_test), verbose=0, return_dict=True)
    # A mixture's KL is an estimate; that to N(0, I) has no noise.
    noise = 0.05 if name == "circle-mixture" else 1e-3
    assert terms["kl"] == pytest.approx(expected["kl"], abs=noise)
    assert terms["elbo"] == pytest.approx(expected["elbo"], rel=0.03, abs=0.25)  # one sample


@pytest.mark.parametrize("name", fast_first(NAMES, ["circle-mixture"]))
def test_shipped_model_has_its_log_likelihood(name, data):
    vae, expected = presets.load(name), presets.figures(name)
    _, x_test = data(presets.recipe(name))
    # Of images, five samples bring the bound within the tolerance.
    num_samples = 5 if x_test.ndim > 2 else 50
    bound = np.mean(vae.log_likelihood(x_test, num_samples=num_samples))
    assert bound == pytest.approx(expected["log_likelihood"], rel=0.03, abs=0.08)
    assert expected["elbo"] < expected["log_likelihood"]


def test_a_seed_gives_the_same_first_weights_and_training():
    def trained():
        r = presets.recipe("circle", seed=3, epochs=1)
        x = np.random.default_rng(0).normal(size=(256, 2)).astype("float32")
        r.model.fit(x, verbose=0, **r.fit)
        return r.model.get_weights()

    for first, second in zip(trained(), trained(), strict=True):
        np.testing.assert_array_equal(first, second)


def test_no_seed_leaves_the_global_one_alone():
    keras.utils.set_random_seed(7)
    expected = keras.random.normal((3,)), np.random.normal()
    keras.utils.set_random_seed(7)
    presets.recipe("circle")
    assert np.random.normal() == expected[1]


def test_files_are_small_and_hold_no_optimizer():
    sizes = {file.stem: file.stat().st_size for file in shipped.FOLDER.glob("*.npz")}
    assert set(sizes) == set(NAMES)
    assert max(sizes.values()) <= MEGABYTE and sum(sizes.values()) <= 6 * MEGABYTE
    for name in NAMES:
        with np.load(shipped.FOLDER / f"{name}.npz") as arrays:
            assert not any(
                word in key for key in arrays for word in ("momentum", "velocity", "rate")
            )


@pytest.fixture
def copy(tmp_path):
    """A folder with the circle's files, and its model."""
    for file in ("circle.npz", "figures.json"):
        (tmp_path / file).write_bytes((shipped.FOLDER / file).read_bytes())
    return tmp_path


def test_what_is_kept_is_restored_as_it_was_rounded(copy):
    vae = shipped.rounded(presets.recipe("circle", seed=5).model)
    shipped.keep(vae, "circle", {"elbo": 1.0}, folder=copy)
    other = presets.recipe("circle", seed=6).model
    shipped.restore(other, "circle", folder=copy)
    y = np.random.default_rng(0).normal(size=(5, 2)).astype("float32")
    np.testing.assert_array_equal(other.decode(y), vae.decode(y))
    assert shipped.figures("circle", copy)["elbo"] == 1.0


def test_damaged_file_is_named(copy):
    content = bytearray((copy / "circle.npz").read_bytes())
    content[200] ^= 1
    (copy / "circle.npz").write_bytes(content)
    with pytest.raises(OSError, match="circle.npz is damaged"):
        shipped.restore(presets.recipe("circle").model, "circle", folder=copy)


@pytest.mark.parametrize(
    "content",
    ['{"circle": {"elbo": 1.0,', "", "[1, 2]", "{}", '{"circle": 3}', b"\xff\xfe"],
    ids=["cut off", "empty", "a list", "without it", "a number", "no text"],
)
def test_damaged_figures_are_named_with_the_remedy(copy, content):
    content = content if isinstance(content, bytes) else content.encode()
    (copy / "figures.json").write_bytes(content)
    for use in (
        lambda: shipped.figures("circle", copy),
        lambda: shipped.restore(keras.Sequential(), "circle", folder=copy),
    ):
        with pytest.raises(OSError, match="figures.json is damaged: .*; reinstall the package"):
            use()


def test_a_kill_between_weights_and_figures_leaves_the_preset_to_be_made_again(copy, monkeypatch):
    """`make presets` goes on with what has no figures; the old ones are of other weights."""
    assert benchmark.has_figures("circle", copy)
    monkeypatch.setattr(shipped.json, "dumps", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        shipped.keep(
            keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]), "circle", {}, copy
        )
    assert not benchmark.has_figures("circle", copy)
    assert not benchmark.has_figures("star", copy)  # which never had any
    assert sorted(os.listdir(copy)) == ["circle.npz", "figures.json"]


def test_missing_figures_are_named_with_the_remedy(tmp_path):
    with pytest.raises(FileNotFoundError, match="figures.json is missing; reinstall the package"):
        shipped.figures("circle", tmp_path)


def test_file_of_another_model_is_named(copy):
    table = json.loads((copy / "figures.json").read_text())
    os.rename(copy / "circle.npz", copy / "clusters5.npz")
    table["clusters5"] = table["circle"]
    (copy / "figures.json").write_text(json.dumps(table))
    with pytest.raises(ValueError, match="clusters5.npz does not fit"):
        shipped.restore(presets.recipe("clusters5").model, "clusters5", folder=copy)


@pytest.mark.parametrize("function", [presets.recipe, presets.load, presets.figures])
def test_unknown_name_is_refused_with_the_closest(function):
    with pytest.raises(ValueError, match="did you mean 'circle'"):
        function("Circle")
    with pytest.raises(TypeError, match="name"):
        function(3)


@pytest.mark.parametrize("bad", [{"seed": -1}, {"seed": 0.5}, {"epochs": 0}])
def test_bad_seed_and_epochs_are_refused(bad):
    with pytest.raises((TypeError, ValueError), match=next(iter(bad))):
        presets.recipe("circle", **bad)
