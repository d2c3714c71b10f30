"""The models of the site's explorers in the page: as in Keras, and little changed by the rounding."""

import numpy as np
import pytest
import tensorflow as tf
from helpers.page import needs_node, round_weights, run_page

from intelvae_keras import explorer, presets
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
