"""The arguments of the priors: bad ones are refused, and a seed decides where a prior starts."""

import keras
import numpy as np
import pytest
from helpers.models import assert_same_bits, binary, small_vae
from helpers.priors import MAKE

from intelvae_keras import priors

X = binary(24)


def test_weights_of_a_mixture_may_be_fixed():
    prior = priors.GaussianMixture(3, learn_weights=False)
    prior.build((None, 2))
    assert len(prior.trainable_weights) == 2
    np.testing.assert_allclose(prior.distribution(2).mixture_distribution.probs_parameter(), 1 / 3)


@pytest.mark.parametrize("name", ["mixture", "vamp", "flow"])
def test_the_seed_of_a_prior_alone_decides_where_it_starts(name):
    starts = []
    for global_seed in (1, 2):
        keras.utils.set_random_seed(global_seed)
        prior = MAKE[name]()
        vae = small_vae(2, prior=prior, compile=False)
        vae.build((None, 6))
        starts.append([keras.ops.convert_to_numpy(weight) for weight in prior.weights])
    assert_same_bits(*starts)
    assert any(np.ptp(values) > 0 for values in starts[0])


def test_without_a_seed_the_global_one_decides():
    starts = []
    for global_seed in (1, 2, 1):
        keras.utils.set_random_seed(global_seed)
        prior = priors.GaussianMixture(4)
        prior.build((None, 2))
        starts.append(keras.ops.convert_to_numpy(prior.locs))
    assert (starts[0] != starts[1]).any()
    np.testing.assert_array_equal(starts[0], starts[2])
