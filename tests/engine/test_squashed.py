"""Decoders that squash what the likelihood squashes again are warned of."""

import keras
import pytest
from helpers.models import SHAPE, small_vae

from intelvae_keras import likelihoods, networks

ENDINGS = ["sigmoid", "softmax", "hard_sigmoid", "relu", "softplus", "tanh"]


class Squash(keras.layers.Layer):
    """An ending that no attribute tells."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def call(self, x):
        return self.function(x)


def decoder_with(activation, num_values=6):
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Dense(16, activation="relu"),
            layers.Dense(num_values),
            layers.Activation(activation),
        ]
    )


@pytest.mark.parametrize("likelihood", ["bernoulli", "continuous_bernoulli"])
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_decoder_that_squashes_is_warned_of(ending, likelihood):
    with pytest.warns(
        UserWarning, match=f"ends in the activation '{ending}'.*Remove the activation"
    ):
        small_vae(decoder=decoder_with(ending), likelihood=likelihood)


@pytest.mark.parametrize("function", [keras.ops.sigmoid, keras.ops.relu, keras.ops.tanh])
def test_a_function_that_squashes_is_seen_by_its_outputs(function):
    decoder = keras.Sequential([networks.mlp_decoder(SHAPE, [8]), Squash(function)])
    with pytest.warns(UserWarning, match="decoder gives n.*Remove the activation"):
        small_vae(decoder=decoder)


def test_a_predicted_scale_that_is_squashed_is_warned_of():
    predicted = likelihoods.Gaussian("predicted")
    with pytest.warns(UserWarning, match="'sigmoid'"):
        small_vae(decoder=decoder_with("sigmoid", 12), likelihood=predicted)


def _half(index, function):
    """Squashes the location (index 0) or the raw scale (index 1) of each value, and not the other."""

    def squash(parameters):
        halves = keras.ops.split(parameters, 2, axis=-1)
        halves[index] = function(halves[index])
        return keras.ops.concatenate(halves, axis=-1)

    return keras.Sequential([networks.mlp_decoder((12,), [8]), Squash(squash)])


def test_of_a_predicted_scale_only_the_scale_must_not_be_squashed():
    small_vae(decoder=_half(0, keras.ops.sigmoid), likelihood=likelihoods.Gaussian("predicted"))
    with pytest.warns(UserWarning, match="decoder gives no negative number"):
        small_vae(decoder=_half(1, keras.ops.sigmoid), likelihood=likelihoods.Laplace("predicted"))


@pytest.mark.parametrize(
    ("activation", "seed"), [("relu", 0), ("tanh", 1), ("sigmoid", 2), ("gelu", 3), ("relu", 4)]
)
def test_a_decoder_that_ends_in_real_numbers_is_not_warned_of(activation, seed):
    keras.utils.set_random_seed(seed)
    for shape in ((1,), (6,), (4, 4, 1)):
        small_vae(
            shape=shape,
            encoder=networks.mlp_encoder([4]),
            decoder=networks.mlp_decoder(shape, [8], activation),
        )


def test_a_gaussians_mean_may_be_squashed():
    small_vae(decoder=decoder_with("sigmoid"), likelihood="gaussian")
