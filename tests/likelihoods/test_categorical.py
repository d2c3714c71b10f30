"""Categories against SciPy: probabilities, the order of the channels, draws, codes that are none."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import special

from intelvae_keras import likelihoods, networks

RNG = np.random.default_rng(0)
K, D = 3, 4
CODES = RNG.integers(0, K, size=(6, D)).astype("float32")
LOGITS = RNG.normal(size=(6, K * D), scale=3).astype("float32")


def by_value(channels):
    """All first ones, then all second ones, to (batch, D, K)."""
    return np.stack(np.split(channels, K, axis=-1), axis=-1)


def test_log_prob_is_the_log_softmax_at_the_code():
    log_p = special.log_softmax(by_value(LOGITS.astype("float64")), axis=-1)
    expected = np.take_along_axis(log_p, CODES.astype(int)[..., None], axis=-1)[..., 0]
    likelihood = likelihoods.Categorical(K)
    np.testing.assert_allclose(likelihood.log_prob_per_value(CODES, LOGITS), expected, rtol=1e-5)
    np.testing.assert_allclose(likelihood.log_prob(CODES, LOGITS), expected.sum(-1), rtol=1e-5)


def test_several_samples_of_parameters_broadcast():
    likelihood = likelihoods.Categorical(K)
    two = np.stack([LOGITS, -LOGITS])
    np.testing.assert_allclose(
        likelihood.log_prob(CODES, two)[1], likelihood.log_prob(CODES, -LOGITS), rtol=1e-5
    )
    assert likelihood.mean(two).shape == (2, 6, D)


@pytest.mark.parametrize("size", [1.0, 1e4, 1e30])
def test_probabilities_sum_to_one_with_finite_gradients(size):
    likelihood = likelihoods.Categorical(K)
    logits = tf.constant(np.sign(LOGITS) * np.float32(size))
    total = 0.0
    for code in range(K):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            log_prob = likelihood.log_prob_per_value(np.full((6, D), code, "float32"), logits)
        assert np.isfinite(log_prob).all() and np.isfinite(tape.gradient(log_prob, logits)).all()
        total = total + np.exp(log_prob)
    np.testing.assert_allclose(total, 1, rtol=1e-5)


def test_the_mean_is_the_most_probable_code_and_probabilities_are_what_is_averaged():
    likelihood = likelihoods.Categorical(K)
    np.testing.assert_array_equal(likelihood.mean(LOGITS), by_value(LOGITS).argmax(-1))
    moments = likelihood.moments(LOGITS)
    np.testing.assert_allclose(
        by_value(moments.numpy()), special.softmax(by_value(LOGITS), axis=-1), rtol=1e-4
    )
    # Two votes for code 1 at .4 each, none a majority of its own: averaged, 1 wins.
    probabilities = np.float32([[[0.6, 0.4, 0.0]], [[0.0, 0.4, 0.6]], [[0.2, 0.6, 0.2]]])
    np.testing.assert_array_equal(likelihood.point(probabilities.mean(axis=0)), [[1]])


def test_draws_have_the_probabilities():
    likelihood = likelihoods.Categorical(K)
    draws = likelihood.sample(
        np.repeat(LOGITS[:1] / 3, 20_000, axis=0), tf.constant([1, 2])
    ).numpy()
    expected = special.softmax(by_value(LOGITS[:1] / 3)[0], axis=-1)
    found = np.stack([(draws == code).mean(axis=0) for code in range(K)], axis=-1)
    np.testing.assert_allclose(found, expected, atol=0.015)


def test_the_encoder_sees_one_hot_codes():
    features = likelihoods.Categorical(K).features(CODES).numpy()
    np.testing.assert_array_equal(by_value(features), np.eye(K)[CODES.astype(int)])


def test_images_of_categories_have_a_decoder_of_k_times_the_channels():
    likelihood = likelihoods.Categorical(4)
    assert likelihood.parameters_shape((5, 5, 2)) == (5, 5, 8)
    assert likelihood.data_shape((5, 5, 8)) == (5, 5, 2)
    decoder = networks.mlp_decoder((5, 5, 2), [3], num_parameters=4)
    parameters = decoder(np.zeros((2, 2), "float32"))
    assert likelihood.log_prob(np.zeros((2, 5, 5, 2), "float32"), parameters).shape == (2,)


@pytest.mark.parametrize("wrong", [-1.0, 3.0, 1.7])
def test_what_is_no_code_is_refused(wrong):
    x = CODES.copy()
    x[2, 3] = wrong
    with pytest.raises(
        ValueError, match=rf"whole numbers from 0 to 2.* {wrong} in row 2, column 3"
    ):
        likelihoods.Categorical(K).check_values("x", x)


@pytest.mark.parametrize("number", [0, -2])
def test_number_of_categories_is_checked(number):
    with pytest.raises(ValueError, match="num_categories must be an integer >= 1"):
        likelihoods.Categorical(number)
