"""The models of the site's explorers in the page: as in Keras, and little changed by the rounding."""

import numpy as np
import pytest
import tensorflow as tf
from helpers.page import needs_node, round_weights, run_page
from scipy.stats import norm

from intelvae_keras import datasets, explorer, presets
from intelvae_keras.explorer.exporting import export_encoder
from scripts.docs.models import TOYS

pytestmark = [pytest.mark.slow, needs_node]
NAMES = ["mnist01-vae", "mnist01-clusters", "fashion-vae", "fashion-sparse", *TOYS]


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_draws_what_it_draws_in_keras(tmp_path, name):
    tf.config.run_functions_eagerly(True)  # what runs once is not worth compiling
    vae = presets.load(name)
    y = np.random.default_rng(0).normal(size=(64, vae.latent_dim)).astype("float32")
    z = np.asarray(vae.mapping(y))
    as_trained = vae.decode(z).reshape(64, -1)
    (result,) = run_page(tmp_path, [(explorer.export(vae), {"y": y, "z": z})])
    np.testing.assert_allclose(result["z"], z, atol=1e-5, rtol=1e-5)
    np.testing.assert_allclose(result["x"], as_trained, atol=2e-3)
    round_weights(vae.decoder)
    np.testing.assert_allclose(result["x"], vae.decode(z).reshape(64, -1), atol=1e-5)


@pytest.mark.parametrize("name", ["mnist01-vae", "mnist01-clusters"])
def test_an_encoder_alone_sees_what_it_sees_in_keras(tmp_path, name):
    """To 1e-5 with its rounded weights; and as trained, every real digit lies on the side of its own."""
    tf.config.run_functions_eagerly(True)
    vae = presets.load(name)
    _, (x, labels) = datasets.load("mnist01")
    x, labels = x[:300], labels[:300]
    (result,) = run_page(tmp_path, [(export_encoder(vae), {"x": x.reshape(300, -1)})])
    mean = np.array([q["mean"] for q in result["posterior"]])
    deviation = np.array([q["factor"] for q in result["posterior"]])[:, :, 0]
    trained = vae.posterior(x)
    np.testing.assert_allclose(mean, trained.mean(), atol=0.06)  # q is 0.03 to 0.1 wide
    left = norm.cdf(0, mean, deviation)[:, 0]
    assert np.mean((left > 0.975) == (labels == 0)) > 0.98 and {0, 1} == set(labels)
    assert np.mean((left < 0.025) == (labels == 1)) > 0.98
    for layer in (vae.encoder, vae.posterior_layer):
        round_weights(layer, "int8")
    q = vae.posterior(x)
    np.testing.assert_allclose(mean, q.mean(), atol=1e-5)
    np.testing.assert_allclose(deviation, q.stddev(), atol=1e-5)
