"""Poisson and negative binomial against SciPy in float64, at extreme parameters too."""

import math

import numpy as np
import pytest
import tensorflow as tf
from scipy import special, stats

from intelvae_keras import likelihoods

RAW = np.float32([-1e30, -1e4, -100, -15.6, -15.4, -5, -1, 0, 1, 5, 50, 88, 100, 1e4, 1e30])
COUNTS = np.float32([0, 1, 9, 10, 11, 100, 1e4, 1e6])


def mean_and_log(raw, unit):
    """Mean unit softplus(raw + c), c such that raw = 0 gives unit; and its logarithm."""
    shifted = raw.astype("float64") + math.log(math.e - 1)
    softplus = np.logaddexp(0, shifted)
    log_softplus = np.where(shifted < -30, shifted, np.log(np.maximum(softplus, 1e-20)))
    return unit * softplus, math.log(unit) + log_softplus


def poisson(x, raw, unit):
    x = x.astype("float64")
    mean, log_mean = mean_and_log(raw, unit)
    return x * log_mean - mean - special.gammaln(x + 1)


def negative_binomial(x, raw, unit, r):
    x = x.astype("float64")
    log_odds = mean_and_log(raw, unit)[1] - math.log(r)
    binomial = special.gammaln(x + r) - special.gammaln(r) - special.gammaln(x + 1)
    return binomial - r * np.logaddexp(0, log_odds) - x * np.logaddexp(0, -log_odds)


def built(likelihood, width=1):
    likelihood.build((None, width))
    return likelihood


def value_and_gradients(likelihood, x, raw):
    raw = tf.constant(raw)
    with tf.GradientTape() as tape:
        tape.watch(raw)
        value = likelihood.log_prob_per_value(x, raw)
    return value.numpy(), tape.gradient(value, [raw, *likelihood.trainable_weights])


@pytest.mark.parametrize("unit", [1e-3, 1.0, 1e5])
def test_poisson_is_that_of_scipy_and_finite_at_extremes(unit):
    x, raw = np.meshgrid(COUNTS, RAW)
    value, gradients = value_and_gradients(built(likelihoods.Poisson(unit), x.shape[1]), x, raw)
    np.testing.assert_allclose(value, poisson(x, raw, unit), rtol=1e-5, atol=5e-5)
    assert all(np.isfinite(gradient).all() for gradient in gradients)


@pytest.mark.parametrize("unit", [1e-3, 1.0, 1e5])
@pytest.mark.parametrize("r", [1e-3, 1.0, 100.0])
def test_negative_binomial_is_that_of_scipy_and_finite_at_extremes(unit, r):
    x, raw = np.meshgrid(COUNTS, RAW)
    likelihood = built(likelihoods.NegativeBinomial(unit, initial_r=r), x.shape[1])
    np.testing.assert_allclose(likelihood.r, np.full(len(COUNTS), r), rtol=1e-4)
    r = float(likelihood.r[0])
    value, gradients = value_and_gradients(likelihood, x, raw)
    np.testing.assert_allclose(value, negative_binomial(x, raw, unit, r), rtol=1e-5, atol=2e-4)
    assert all(np.isfinite(gradient).all() for gradient in gradients)


@pytest.mark.parametrize("raw", [-20.0, -3.0, 0.0, 4.0, 300.0])
@pytest.mark.parametrize(
    "make", [likelihoods.Poisson, lambda: likelihoods.NegativeBinomial(initial_r=2.0)]
)
def test_probabilities_sum_to_one_and_have_the_mean(make, raw):
    likelihood = built(make())
    x = np.arange(20_000, dtype="float32")[:, None]
    log_prob = likelihood.log_prob(x, np.full_like(x, raw)).numpy().astype("float64")
    assert np.exp(log_prob).sum() == pytest.approx(1, abs=1e-4)
    mean = float(likelihood.mean(np.float32([[raw]]))[0, 0])
    assert np.exp(log_prob) @ x[:, 0] == pytest.approx(mean, rel=2e-4)


def test_slopes_agree_with_finite_differences_on_either_side_of_each_branch():
    raw = np.array([[-16.0, -14.0, 0.5, 3.0, 40.0]] * 4)
    x = np.array([[0.0] * 5, [9] * 5, [10] * 5, [40] * 5])
    for make in (likelihoods.Poisson, likelihoods.NegativeBinomial):
        likelihood = built(make([0.5, 1, 2, 3, 4], dtype="float64"), 5)
        slope = value_and_gradients(likelihood, x, raw)[1][0]
        step = 1e-6
        higher, lower = (likelihood.log_prob_per_value(x, raw + d) for d in (step, -step))
        np.testing.assert_allclose(slope, (higher - lower) / (2 * step), rtol=1e-5, atol=1e-5)


def test_r_is_one_learned_number_for_each_column():
    likelihood = built(likelihoods.NegativeBinomial(), 3)
    assert [tuple(weight.shape) for weight in likelihood.trainable_weights] == [(3,)]
    likelihood.raw_r.assign([-3.0, 0.0, 30.0])
    raw = np.full((1, 3), 2.0, "float32")
    mean = mean_and_log(raw, 1.0)[0]
    r = likelihood.r.numpy().astype("float64")
    expected = stats.nbinom(r, r / (r + mean)).logpmf([[3, 3, 3]])
    np.testing.assert_allclose(
        likelihood.log_prob_per_value(np.float32([[3, 3, 3]]), raw), expected, rtol=1e-5
    )


@pytest.mark.parametrize("make", [likelihoods.Poisson, likelihoods.NegativeBinomial])
def test_draws_are_counts_of_this_mean_and_variance(make):
    likelihood = built(make(unit=[3.0, 50.0]), 2)
    raw = np.zeros((20_000, 2), "float32")
    draws = likelihood.sample(raw, tf.constant([0, 1])).numpy()
    assert (draws == np.floor(draws)).all() and draws.min() >= 0
    np.testing.assert_allclose(draws.mean(0), [3, 50], rtol=0.05)
    variance = np.array([3, 50]) + (np.array([9, 2500]) if likelihood.weights else 0)
    np.testing.assert_allclose(draws.var(0), variance, rtol=0.1)
    again = likelihood.sample(raw, tf.constant([0, 1])).numpy()
    np.testing.assert_array_equal(draws, again)


def test_the_encoder_sees_log_counts_about_zero():
    likelihood = built(likelihoods.Poisson(unit=[1.0, 99.0]), 2)
    seen = likelihood.features(np.float32([[1, 99], [0, 0], [1e6, 1e6]]))
    np.testing.assert_allclose(seen[0], [0, 0], atol=1e-6)
    np.testing.assert_allclose(seen[1:, 1], np.log1p([0, 1e6]) - np.log(100), rtol=1e-5)


@pytest.mark.parametrize("make", [likelihoods.Poisson, likelihoods.NegativeBinomial])
@pytest.mark.parametrize("wrong", [-1.0, 1.7, 0.5])
def test_what_is_no_count_is_refused_by_row_and_column(make, wrong):
    x = np.zeros((5, 3), "float32")
    x[3, 1] = wrong
    with pytest.raises(
        ValueError, match=f"x must hold whole numbers >= 0.* got {wrong} in row 3, column 1"
    ):
        make().check_values("x", x)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: likelihoods.Poisson(0.0), "unit must be a finite number > 0; got 0"),
        (
            lambda: likelihoods.Poisson([1, -1]),
            r"unit must be .* one for each column; got \[1, -1\]",
        ),
        (lambda: likelihoods.NegativeBinomial(initial_r=0), "initial_r must be .* got 0"),
        (lambda: likelihoods.NegativeBinomial(initial_r=1e-5), "initial_r must exceed"),
        (lambda: built(likelihoods.Poisson([1, 2]), 3), "unit must be .* of the 3 columns.* got 2"),
    ],
)
def test_bad_argument_of_counts_is_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
