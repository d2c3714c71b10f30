"""The pseudo-inputs of the VampPrior: where they start, where they stay, whose they are."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.models import binary, small_vae
from scipy import stats

from intelvae_keras import networks, priors

X = binary(24)


def test_pseudo_inputs_start_as_examples_and_stay_in_the_support():
    examples = np.random.default_rng(0).uniform(size=(24, 6)).astype("float32")
    vae = small_vae(2, prior=priors.VampPrior(5, examples), compile=False)
    vae.compile(keras.optimizers.Adam(0.4), run_eagerly=True)
    vae.build((None, 6))
    start = vae.prior.pseudo_inputs.numpy()
    assert all(np.any(np.all(examples == u, axis=1)) for u in start)
    vae.fit(examples, epochs=3, batch_size=24, verbose=0)
    moved = vae.prior.pseudo_inputs.numpy()
    assert np.all(moved != start)
    assert moved.min() == 0 and moved.max() == 1  # some would have left


@pytest.mark.parametrize(
    ("support", "low", "high"),
    [((0, 1), 0.05, 0.95), ((0, 255), 10, 245), ((0, math.inf), 0.1, 1.5)],
)
def test_random_pseudo_inputs_lie_in_the_support(support, low, high):
    prior = priors.VampPrior(50, seed=0)
    prior.connect((4,), lambda x: None, support)
    values = prior.pseudo_inputs.numpy()
    assert values.min() >= support[0] and values.max() <= support[1]
    assert values.min() < low and values.max() > high


def test_random_pseudo_inputs_are_normal_where_there_is_no_support():
    prior = priors.VampPrior(100, seed=0)
    prior.connect((10,), lambda x: None, (-math.inf, math.inf))
    assert stats.kstest(prior.pseudo_inputs.numpy().ravel(), stats.norm.cdf).pvalue > 1e-3


def test_the_encoder_is_not_a_part_of_the_vamp_prior():
    vae = small_vae(2, prior=priors.VampPrior(5))
    vae.build((None, 6))
    assert [weight.shape for weight in vae.prior.weights] == [(5, 6)]


def test_the_regularisers_of_the_encoder_see_the_data_and_not_the_pseudo_inputs():
    penalties = []
    for prior in (None, priors.VampPrior(5, X)):
        keras.utils.set_random_seed(0)
        layer = keras.layers.Dense(4, activity_regularizer=keras.regularizers.L2(0.1))
        vae = small_vae(2, encoder=keras.Sequential([layer]), prior=prior)
        vae.build((None, 6))
        penalties.append(float(vae.elbo(tf.constant(X)).added_losses))
    assert penalties[0] > 0
    assert penalties[1] == pytest.approx(penalties[0], rel=1e-5)


def test_an_unconnected_vamp_prior_says_what_is_missing():
    with pytest.raises(ValueError, match="VampPrior needs the encoder of a built model"):
        priors.VampPrior(3).log_prob(tf.zeros((2, 2)))
    with pytest.raises(ValueError, match="call fit, or build"):
        small_vae(prior=priors.VampPrior(3)).sample(2)


def test_a_vamp_prior_serves_one_model_alone():
    prior = priors.VampPrior(3)
    vae = small_vae(prior=prior)
    vae.build((None, 6))
    vae.build((None, 6))  # of the same model, may be repeated
    with pytest.raises(ValueError, match="prior is in use by another model"):
        small_vae(prior=prior).build((None, 6))


@pytest.mark.parametrize(
    ("pseudo_inputs", "message"),
    [
        (255 * X, r"pseudo_inputs must lie in \[0, 1\].*got values from 0 to 255"),
        (X[:, :5], r"pseudo_inputs must have shape \(N, 6\).*got \(N, 5\)"),
    ],
)
def test_pseudo_inputs_that_do_not_suit_the_model_are_refused(pseudo_inputs, message):
    vae = small_vae(prior=priors.VampPrior(3, pseudo_inputs))
    with pytest.raises(ValueError, match=message):
        vae.build((None, 6))


def test_an_encoder_for_images_takes_pseudo_inputs():
    images = binary(8, (4, 4, 1))
    vae = small_vae(
        encoder=networks.conv_encoder([4], 8, patch=2),
        decoder=networks.mlp_decoder((4, 4, 1), [8]),
        prior=priors.VampPrior(3, images),
    )
    vae.run_eagerly = True
    vae.fit(images, batch_size=8, verbose=0)
    assert vae.prior.pseudo_inputs.shape == (3, 4, 4, 1)
    assert vae.sample(2, seed=0).shape == (2, 4, 4, 1)
