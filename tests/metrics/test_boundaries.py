"""Where the decoded example changes most, for decoders whose change is known."""

import keras
import numpy as np
import pytest
from helpers.models import small_vae
from scipy import stats

from intelvae_keras import mappings, metrics

# A decoder of steps, on purpose: its logits lie in [-1, 1].
pytestmark = pytest.mark.filterwarnings("ignore:decoder gives numbers in")


class Steps(keras.layers.Layer):
    """Logits of six pixels that jump at places of y: all by `height` times their number."""

    def __init__(self, places, heights):
        super().__init__()
        self.places, self.heights = places, heights

    def call(self, z):
        pairs = zip(self.places, self.heights, strict=True)
        jumps = [h * keras.ops.sigmoid(2000 * (z - p)) for p, h in pairs]
        return sum(jumps) * keras.ops.ones((1, 6)) - 1.0


def stepped(places, heights, clusters=None):
    mapping = clusters or mappings.Clusters(2)
    vae = small_vae(1, mapping=mapping, decoder=Steps(places, heights), compile=False)
    vae.build((None, 6))
    vae.mapping.current_strength.assign(0.0)
    return vae


def uniform(num_rows=400):
    """Rows that differ, so that their codes do."""
    return np.random.default_rng(0).uniform(size=(num_rows, 6)).astype("float32")


def sigmoid(logit):
    return 1 / (1 + np.exp(-logit))


def test_change_is_the_norm_of_the_jump_at_its_quantile_and_nothing_elsewhere():
    vae = stepped([0.4], [2.0])
    codes = np.random.default_rng(0).normal(size=20_000)
    at = stats.norm.cdf(0.4)
    change = metrics.decoded_change(vae, codes, np.array([0.1, at, 0.9]))
    jump = np.sqrt(6) * (sigmoid(1.0) - sigmoid(-1.0))
    assert change[1] == pytest.approx(jump, rel=1e-3)
    np.testing.assert_allclose(change[[0, 2]], 0, atol=1e-5)


def test_sharpness_is_that_of_the_weakest_boundary():
    x = uniform(400)
    clusters = mappings.Clusters(3)
    vae = stepped([-0.5, 0.5], [2.0, 1.0], clusters)
    codes = vae.posterior(x).mean().numpy()
    shares = np.cumsum(np.bincount(np.asarray(clusters.part(codes)), minlength=3))[:2] / 400
    expected = metrics.decoded_change(vae, codes, shares).min()
    assert metrics.boundary_sharpness(vae, x) == pytest.approx(expected)


def test_a_boundary_between_the_clusters_is_sharper_than_one_inside():
    x = uniform(400)
    sharpness = []
    for inside in (False, True):
        vae = stepped([0.0], [2.0])
        codes = vae.posterior(x).mean().numpy()
        below = np.mean(codes < 0)
        assert 0.02 < below < 0.98
        if inside:
            boundary = float(np.quantile(codes, below / 3))
            share = stats.norm.cdf(boundary)
            vae.mapping.proportions = [share, 1 - share]
        sharpness.append(metrics.boundary_sharpness(vae, x))
    assert sharpness[0] > 10 * sharpness[1]


def test_other_models_are_refused():
    with pytest.raises(ValueError, match="must be a mappings.Clusters; got"):
        metrics.boundary_sharpness(small_vae(1), uniform(4))
    with pytest.raises(ValueError, match="one latent; got latent_dim=2"):
        metrics.boundary_sharpness(small_vae(2, mapping=mappings.Clusters(2)), uniform(4))
