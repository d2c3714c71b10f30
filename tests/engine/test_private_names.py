"""Layers of classes whose names begin with "_": TensorFlow refuses their names at the root of a graph."""

import keras
import numpy as np
import pytest
from helpers.marks import fast_first

from intelvae_keras import InteLVAE, mappings, networks

X = np.random.default_rng(0).uniform(size=(20, 4)).astype("float32")


class _Twice(mappings.Mapping):
    def call(self, y):
        return 2 * y


class _Encoder(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(8)

    def call(self, x):
        return self.dense(x)


@pytest.fixture
def vae():
    decoder = networks.mlp_decoder((4,), [8])
    vae = InteLVAE(2, encoder=_Encoder(), mapping=_Twice(), decoder=decoder, seed=0)
    vae.compile("adam")
    return vae


WAYS = {
    "fit": lambda vae: vae.fit(X, verbose=0).history["loss"],
    "evaluate": lambda vae: vae.evaluate(X, verbose=0),
    "train_on_batch": lambda vae: vae.train_on_batch(X),
    "encode": lambda vae: vae.encode(X),
    "sample": lambda vae: vae.sample(3, seed=0),
    "log_likelihood": lambda vae: vae.log_likelihood(X, num_samples=5),
}


@pytest.mark.parametrize("way", fast_first(WAYS, ["fit", "encode", "sample"]))
def test_they_are_traced_as_others_are(vae, way):
    assert np.isfinite(WAYS[way](vae)).all()
