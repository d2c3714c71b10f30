"""What cannot be exported is refused by its name; what is, says what it holds."""

import zlib

import keras
import numpy as np
import pytest
from helpers.mappings import CASES, bend, vae_with

from intelvae_keras import InteLVAE, explorer, likelihoods, mappings, networks, priors
from intelvae_keras.explorer import tensors

L = keras.layers


def _vae(decoder=None, latent_dim=2, **kwargs):
    return InteLVAE(
        latent_dim,
        encoder=networks.mlp_encoder([4]),
        decoder=decoder or networks.mlp_decoder((3,), [4]),
        **kwargs,
    )


class Doubled(mappings.Mapping):
    def call(self, y):
        return 2 * y


class DoubledDense(L.Dense):
    def call(self, inputs):
        return 2 * super().call(inputs)


class Heavy(likelihoods.Gaussian):
    pass


def _branching():
    z = keras.Input((2,))
    left = L.Dense(3)(z)
    return keras.Model(z, L.Dense(3)(L.Concatenate()([left, L.Dense(2)(left)])))


def _skipping():
    z = keras.Input((2,))
    dense = L.Dense(2)
    return keras.Model(z, dense(dense(z)))


REFUSED = {
    "function": (lambda: {"mapping": mappings.Function(bend)}, "'bend'.*keras.Sequential"),
    "own mapping": (lambda: {"mapping": Doubled()}, "Doubled, a mapping of your own"),
    "mapping layer": (lambda: {"mapping": L.UnitNormalization()}, "mapping: .*UnitNormalization"),
    "own layer": (lambda: {"decoder": keras.Sequential([DoubledDense(3)])}, "layer DoubledDense"),
    "layer": (
        lambda: {"decoder": keras.Sequential([L.Dense(3), L.UnitNormalization(name="norm")])},
        "decoder: .*UnitNormalization .'norm'",
    ),
    "not the last axis": (
        lambda: {
            "decoder": keras.Sequential(
                [L.Reshape((2, 1)), L.LayerNormalization(axis=1, name="rows")]
            )
        },
        "decoder: 'rows' must normalise the last axis",
    ),
    "activation": (
        lambda: {"decoder": keras.Sequential([L.Dense(3, activation=keras.ops.sin)])},
        "activation 'sin'",
    ),
    "branches": (lambda: {"decoder": _branching()}, "branches"),
    "shared layer": (lambda: {"decoder": _skipping()}, "branches"),
    "dilation": (
        lambda: {
            "decoder": keras.Sequential([L.Reshape((1, 2, 1)), L.Conv2D(1, 1, dilation_rate=2)])
        },
        "dilation",
    ),
    "likelihood": (lambda: {"likelihood": Heavy()}, "likelihood: .*Heavy"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_name(name):
    make, message = REFUSED[name]
    with pytest.raises(ValueError, match=f"(?s){message}"):
        explorer.export(_vae(**make()))


def test_unknown_type_of_weights():
    with pytest.raises(ValueError, match="weights must be one of .*'float64'"):
        explorer.export(_vae(), weights="float64")


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e5])
def test_weights_that_float16_cannot_hold(value):
    vae = _vae()
    vae.decoder.layers[0].bias.assign([value] * 4)
    with pytest.raises(ValueError, match="finite"):
        explorer.export(vae)


@pytest.mark.parametrize("dtype", tensors.TYPES)
def test_rounding_is_small(dtype):
    values = np.random.default_rng(0).normal(size=(50, 30))
    error = np.abs(tensors.rounded(values, dtype) - values)
    assert error.max() <= {"float32": 2e-7, "float16": 2e-3, "int8": 0.02}[dtype]


def test_rounded_weights_move_the_image_little():
    """At most 2e-3 in a pixel, of networks as wide as those that ship."""
    rng = np.random.default_rng(0)
    vae = _vae(networks.mlp_decoder((28, 28, 1), [64, 160]), 1)
    z = rng.normal(size=(64, 1)).astype("float32") * 3
    before = vae.decode(z)
    vae.decoder.set_weights([tensors.rounded(w, "float16") for w in vae.decoder.get_weights()])
    error = np.abs(vae.decode(z) - before).max()
    assert 0 < error <= 2e-3


def test_saved_files(tmp_path):
    export = explorer.export(_vae(), about={"title": "mine"})
    _, weights = export.save(tmp_path, "m")
    assert export.spec["title"] == "mine"
    assert export.spec["weights"] == {
        "bytes": weights.stat().st_size,
        "crc32": zlib.crc32(weights.read_bytes()),
    }


def test_small_enough():
    vae = _vae(networks.mlp_decoder((28, 28, 1), [64, 160]), 1)
    weights = sum(w.size for w in vae.decoder.get_weights())
    assert len(explorer.export(vae).payload) < 1.75 * weights
    assert len(explorer.export(vae, "int8").payload) < 1.05 * weights


def test_priors():
    mixture = priors.GaussianMixture(3, seed=0)
    spec = explorer.export(_vae(prior=mixture)).spec["prior"]
    assert np.shape(spec["means"]) == np.shape(spec["scales"]) == (3, 2)
    assert sum(spec["weights"]) == pytest.approx(1)
    np.testing.assert_allclose(spec["means"], mixture.locs, rtol=1e-6)
    other = explorer.export(_vae(prior=priors.Laplace())).spec["prior"]
    assert other == {"type": "other", "name": "Laplace"}
    assert explorer.export(_vae()).spec["prior"] == {"type": "standard_normal"}


def test_proportions_are_those_learned():
    vae = vae_with(CASES["clusters-learned-in-1d"])
    vae.mapping.raw_logits.assign(np.log([0.2, 0.5, 0.3]) / 5)
    (step,) = explorer.export(vae).spec["mapping"]
    np.testing.assert_allclose(step["proportions"], [0.2, 0.5, 0.3], rtol=1e-5)
