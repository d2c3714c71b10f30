"""A y of the shape of x: labels or x itself are ignored, another x is refused."""

import keras
import numpy as np
import pytest
from helpers.models import binary, small_vae

from intelvae_keras import likelihoods, networks

X = binary(8)
FINE = np.random.default_rng(0).uniform(size=(8, 6))  # in double precision


@pytest.fixture(scope="module")
def vae():
    model = small_vae(likelihood="gaussian", compile=False)
    model.compile("adam", run_eagerly=True)
    return model


def test_another_x_is_refused_on_batches_too(vae):
    for use in (vae.fit, vae.evaluate, vae.train_on_batch, vae.test_on_batch):
        with pytest.raises(ValueError, match="For a denoising VAE"):
            use(X, 1 - X)
    with pytest.raises(ValueError, match="For a denoising VAE"):
        vae.train_on_batch(X, y=1 - X)


def test_x_itself_may_be_y_in_another_precision(vae):
    for x, y in ((FINE.astype("float32"), FINE), (FINE, FINE.astype("float32")), (X, X[:])):
        vae.fit(x, y, verbose=0)
        vae.train_on_batch(x, y)


def test_x_itself_may_be_y_with_holes():
    x = X.copy()
    x[0, 0] = np.nan
    vae = small_vae(likelihood=likelihoods.Bernoulli(missing=True), compile=False)
    vae.compile("adam", run_eagerly=True)
    vae.fit(x, x, verbose=0)
    vae.fit(x, x.copy(), verbose=0)


def test_classes_in_a_column_are_labels_of_a_table_of_one_column():
    vae = small_vae(
        likelihood="gaussian",
        encoder=keras.layers.Dense(3),
        decoder=networks.mlp_decoder((1,), [3]),
        compile=False,
    )
    vae.compile("adam", run_eagerly=True)
    vae.fit(FINE[:, :1], np.arange(8)[:, None], verbose=0)
