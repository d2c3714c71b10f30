"""Densities and draws of every prior but N(0, I), against integrals, moments and SciPy."""

import math

import numpy as np
import pytest
import tensorflow as tf
from helpers.marks import fast_first
from helpers.priors import ALL, MAKE, SEED, bent, model_with
from scipy import integrate, special, stats


@ALL
def test_density_on_the_line_integrates_to_one_and_draws_follow_it(name):
    prior = bent(name)
    grid = np.linspace(-25, 25, 100_001, dtype="float32")
    density = np.exp(prior.log_prob(tf.constant(grid[:, None])).numpy())
    mass = integrate.cumulative_trapezoid(density, grid.astype("float64"), initial=0)
    assert mass[-1] == pytest.approx(1, abs=1e-4)
    draws = prior.sample(4000, 1, seed=SEED).numpy()
    assert draws.shape == (4000, 1)
    assert stats.kstest(draws[:, 0], lambda y: np.interp(y, grid, mass)).pvalue > 1e-3
    np.testing.assert_array_equal(prior.sample(4000, 1, seed=SEED), draws)


@ALL
def test_density_in_the_plane_integrates_to_one_and_draws_have_its_moments(name):
    prior = bent(name, 2, posterior="full")
    axis = np.linspace(-12, 12, 401, dtype="float32")
    points = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    mass = np.exp(prior.log_prob(tf.constant(points)).numpy().astype("float64"))
    mass *= (axis[1] - axis[0]) ** 2
    assert mass.sum() == pytest.approx(1, abs=2e-3)
    draws = prior.sample(20_000, 2, seed=SEED).numpy()
    for function in (lambda y: y, lambda y: y**2, lambda y: y[:, :1] * y[:, 1:], np.tanh):
        values = function(draws)
        error = values.std(0) / math.sqrt(len(draws))
        assert np.all(np.abs(values.mean(0) - mass @ function(points)) < 5 * error + 2e-3)


@ALL
def test_log_prob_is_that_of_the_distribution_with_any_leading_axes(name):
    prior = bent(name, 3, posterior="full")
    y = tf.random.stateless_normal((2, 5, 3), SEED)
    expected = prior.distribution(3).log_prob(y)
    assert expected.shape == (2, 5)
    np.testing.assert_allclose(prior.log_prob(y), expected, rtol=1e-4, atol=1e-4)
    assert prior.log_prob(y[:, :0]).shape == (2, 0)  # a replica's empty batch


@pytest.mark.parametrize("name", fast_first(MAKE, ["mixture", "vamp", "laplace"]))
def test_fifty_latents_give_finite_densities_and_draws(name):
    prior = bent(name, 50, posterior="full")
    draws = prior.sample(7, 50, seed=SEED)
    assert draws.shape == (7, 50)
    assert np.isfinite(prior.log_prob(draws)).all()
    assert np.isfinite(prior.log_prob(100 * draws)).all()


@pytest.mark.parametrize("name", fast_first(["vamp", "flow"], ["vamp"]))
def test_xla_gives_the_same_density(name):
    prior = bent(name, 2)
    y = tf.random.stateless_normal((9, 2), SEED)
    compiled = tf.function(prior.log_prob, jit_compile=True)
    np.testing.assert_allclose(compiled(y), prior.log_prob(y), rtol=1e-4, atol=1e-5)


def gaussian_mixture_log_prob(y, weights, means, covariances):
    """log sum_k w_k N(y; m_k, C_k), for y of shape (N, M)."""
    parts = [
        stats.multivariate_normal(mean, covariance).logpdf(y)
        for mean, covariance in zip(means, covariances, strict=True)
    ]
    return special.logsumexp(np.log(weights)[:, None] + parts, axis=0)


def test_mixture_is_that_of_scipy():
    prior = bent("mixture", 3)
    y = np.random.default_rng(0).normal(size=(7, 3)).astype("float32")
    scales = np.logaddexp(0, np.array(prior.raw_scales) + math.log(math.e - 1)) + 1e-5
    covariances = [np.diag(scale**2) for scale in scales]
    weights = special.softmax(np.array(prior.logits))
    expected = gaussian_mixture_log_prob(y, weights, np.array(prior.locs), covariances)
    np.testing.assert_allclose(prior.log_prob(y), expected, rtol=1e-4)


@pytest.mark.parametrize("posterior", ["diagonal", "full"])
def test_vamp_prior_is_the_mean_of_the_posteriors_at_the_pseudo_inputs(posterior):
    vae = model_with("vamp", 3, posterior=posterior)
    y = np.random.default_rng(0).normal(size=(7, 3)).astype("float32")
    q = vae.posterior(vae.prior.pseudo_inputs.numpy())
    expected = gaussian_mixture_log_prob(
        y, np.full(5, 0.2), q.mean().numpy(), q.covariance().numpy()
    )
    np.testing.assert_allclose(vae.prior.log_prob(y), expected, rtol=1e-4)
