"""Priors: N(0, I) against scipy, and the Monte Carlo divergence where there is no closed form."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import integrate, stats
from tensorflow_probability import distributions as tfd

from intelvae_keras import priors


class TwoBumps(priors.Prior):
    """A mixture on the line, for which TFP knows no divergence."""

    def distribution(self, latent_dim):
        bumps = tfd.MultivariateNormalDiag(tf.constant([[-2.0], [1.0]]), tf.fill((2, 1), 0.5))
        return tfd.MixtureSameFamily(tfd.Categorical(probs=[0.3, 0.7]), bumps)


@pytest.mark.parametrize("latent_dim", [1, 4])
def test_standard_normal_is_that_of_scipy(latent_dim):
    y = np.random.default_rng(0).normal(size=(7, latent_dim)).astype("float32")
    expected = stats.norm.logpdf(y).sum(-1)
    np.testing.assert_allclose(priors.StandardNormal().log_prob(y), expected, rtol=1e-5)


def test_standard_normal_takes_leading_sample_axes():
    y = np.random.default_rng(0).normal(size=(3, 7, 2)).astype("float32")
    expected = stats.norm.logpdf(y).sum(-1)
    np.testing.assert_allclose(priors.StandardNormal().log_prob(y), expected, rtol=1e-5)


def test_standard_normal_draws_standard_normals():
    draws = priors.StandardNormal().sample(5000, 2, seed=tf.constant([0, 1])).numpy()
    assert draws.shape == (5000, 2)
    assert stats.kstest(draws.ravel(), stats.norm.cdf).pvalue > 1e-3
    again = priors.StandardNormal().sample(5000, 2, seed=tf.constant([0, 1]))
    np.testing.assert_array_equal(again, draws)


def test_divergence_from_itself_is_zero():
    prior = priors.StandardNormal()
    y = np.zeros((3, 2), "float32")
    q = tfd.MultivariateNormalDiag(tf.zeros((3, 2)), tf.ones((3, 2)))
    np.testing.assert_allclose(prior.kl_divergence(q, y), 0, atol=1e-6)


def test_divergence_without_closed_form_is_estimated_from_the_sample():
    prior = TwoBumps()
    q = tfd.MultivariateNormalDiag(tf.fill((20_000, 1), 0.4), tf.fill((20_000, 1), 0.8))
    y = q.sample(seed=(0, 0))
    estimates = prior.kl_divergence(q, y).numpy()
    assert estimates.shape == (20_000,)

    def log_prior(value):
        return np.logaddexp(
            np.log(0.3) + stats.norm.logpdf(value, -2, 0.5),
            np.log(0.7) + stats.norm.logpdf(value, 1, 0.5),
        )

    log_ratio = stats.norm.logpdf(y[:, 0], 0.4, 0.8) - log_prior(y[:, 0])
    np.testing.assert_allclose(estimates, log_ratio, rtol=1e-3, atol=1e-4)
    exact, _ = integrate.quad(
        lambda v: stats.norm.pdf(v, 0.4, 0.8) * (stats.norm.logpdf(v, 0.4, 0.8) - log_prior(v)),
        -6,
        6,
    )
    assert abs(estimates.mean() - exact) < 4 * estimates.std() / np.sqrt(20_000)


def test_config_makes_the_same_prior():
    config = keras.saving.serialize_keras_object(priors.StandardNormal())
    assert isinstance(keras.saving.deserialize_keras_object(config), priors.StandardNormal)


def test_none_is_the_standard_normal_and_other_types_are_refused():
    assert isinstance(priors.get(None), priors.StandardNormal)
    with pytest.raises(TypeError, match="prior must be None.* got 'normal'"):
        priors.get("normal")
