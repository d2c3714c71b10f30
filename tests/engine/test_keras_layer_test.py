"""Keras' own test of layers, on each of ours, under full, mixed and half precision.

It checks building, symbolic and eager calls, the config, a step of training, and mixed precision.
"""

import keras
import pytest
from helpers.mappings import by_class
from keras.src.testing import TestCase
from test_layer_configs import MAKE

from intelvae_keras import likelihoods, mappings, networks, posteriors, priors

OTHERS = ["mixed_float16", "mixed_bfloat16", "float16", "bfloat16"]
POLICIES = ["float32", *(pytest.param(policy, marks=pytest.mark.slow) for policy in OTHERS)]
DIMENSIONS = {mapping: case.latent_dim for mapping, case in by_class().items()}
DIMENSIONS[likelihoods.Categorical] = 3  # a logit for each category
# What a layer of these returns does not depend on its weights: nothing is to be trained.
WITHOUT_GRADIENT = {  # E[x|z], and the scale or the dispersion
    likelihoods.Gaussian,
    likelihoods.Laplace,
    likelihoods.NegativeBinomial,
}
# A VampPrior is called inside of a model alone, whose encoder it needs; Columns holds likelihoods that are
# made before it, with dtypes of their own.
LAYERS = [kind for kind in MAKE if kind not in (priors.VampPrior, likelihoods.Columns)]
# One that has weights, one that adds a loss, one that is a function; a prior, a posterior, a likelihood.
FAST = (
    mappings.Clusters,
    mappings.Sparse,
    mappings.Function,
    priors.GaussianMixture,
    posteriors.GaussianPosterior,
    likelihoods.Gaussian,
)
EACH = [pytest.param(kind, marks=[] if kind in FAST else pytest.mark.slow) for kind in LAYERS]


def arguments(kind):
    """What Keras, which makes the layer itself, is to give to the constructor."""
    layer = MAKE[kind]()
    config = {
        name: value
        for name, value in layer.get_config().items()
        if name not in ("name", "dtype", "trainable", "triangle")
    }
    if kind is mappings.Function:
        config["fn"] = layer.fn
    if kind is networks.DepthToSpace:
        config["keep"] = None
    return config


@pytest.mark.filterwarnings("ignore:The model does not have any trainable weights")
@pytest.mark.filterwarnings("ignore:`shuffle=True` was passed")  # by Keras to itself
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("kind", EACH, ids=lambda kind: kind.__name__)
def test_keras_finds_nothing_wrong(kind, policy):
    keras.config.set_dtype_policy(policy)
    shape = (5, DIMENSIONS.get(kind, 2))
    test = TestCase()
    test.setUp()
    test.run_layer_test(
        kind,
        arguments(kind),
        input_shape=(3, 2, 2, 8) if kind is networks.DepthToSpace else shape,
        run_training_check=policy in ("float32", "bfloat16") and kind not in WITHOUT_GRADIENT,
    )
