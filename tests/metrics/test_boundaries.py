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
    """A model whose code of x is 4 x_0 - 2, uniform in [-2, 2] for the data below."""
    vae = small_vae(
        1,
        encoder=keras.layers.Identity(),
        mapping=clusters or mappings.Clusters(2),
        decoder=Steps(places, heights),
        compile=False,
    )
    vae.build((None, 6))
    vae.mapping.current_strength.assign(0.0)
    kernel = np.zeros((6, 2))
    kernel[0, 0] = 4.0
    vae.posterior_layer.linear.set_weights([kernel, np.array([-2.0, 0.0])])
    return vae


def uniform(num_rows=400):
    """Rows whose first value, and so whose code, is spread evenly."""
    x = np.random.default_rng(0).uniform(size=(num_rows, 6)).astype("float32")
    x[:, 0] = np.linspace(0, 1, num_rows)
    return x


def sigmoid(logit):
    return 1 / (1 + np.exp(-logit))


def test_change_is_the_norm_of_the_jump_at_its_quantile_and_nothing_elsewhere():
    vae = stepped([0.4], [2.0])
    codes = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    at = stats.norm.cdf(0.4)
    change = metrics.decoded_change(vae, codes, np.array([0.1, at, 0.9]))
    jump = np.sqrt(6) * (sigmoid(1.0) - sigmoid(-1.0))
    assert change[1] == pytest.approx(jump, rel=1e-3)
    np.testing.assert_allclose(change[[0, 2]], 0, atol=1e-5)


def test_sharpness_is_that_of_the_weakest_boundary():
    boundaries = stats.norm.ppf([1 / 3, 2 / 3])
    vae = stepped(list(boundaries), [1.5, 0.5], mappings.Clusters(3))
    weaker = np.sqrt(6) * (sigmoid(1.0) - sigmoid(0.5))
    stronger = np.sqrt(6) * (sigmoid(0.5) - sigmoid(-1.0))
    assert metrics.boundary_sharpness(vae, uniform(4000)) == pytest.approx(weaker, rel=1e-2)
    assert stronger > 2 * weaker


def test_a_boundary_between_the_clusters_is_sharper_than_one_inside():
    sharpness = []
    for proportion in (0.5, 0.2):  # of the prior below the boundary: at the step, and inside a part
        clusters = mappings.Clusters(2, proportions=[proportion, 1 - proportion])
        sharpness.append(metrics.boundary_sharpness(stepped([0.0], [2.0], clusters), uniform(4000)))
    assert sharpness[0] == pytest.approx(np.sqrt(6) * (sigmoid(1.0) - sigmoid(-1.0)), rel=1e-2)
    assert sharpness[1] < 1e-3 * sharpness[0]


def test_other_models_are_refused():
    with pytest.raises(ValueError, match="must be a mappings.Clusters; got"):
        metrics.boundary_sharpness(small_vae(1), uniform(4))
    with pytest.raises(ValueError, match="one latent; got latent_dim=2"):
        metrics.boundary_sharpness(small_vae(2, mapping=mappings.Clusters(2)), uniform(4))
