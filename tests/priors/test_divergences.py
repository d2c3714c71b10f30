"""KL(q || p): in closed form where there is one, and its gradients against finite differences."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.linear_gaussian import central_difference
from helpers.priors import SEED, model_with
from scipy import integrate, stats
from tensorflow_probability import distributions as tfd

from intelvae_keras import priors


def gaussian(covariance, batch=3, latent_dim=2, dtype="float32"):
    rng = np.random.default_rng(0)
    loc = 2 * rng.normal(size=(batch, latent_dim))
    triangle = np.tril(rng.uniform(-0.5, 0.5, (batch, latent_dim, latent_dim)))
    triangle[:, range(latent_dim), range(latent_dim)] = rng.uniform(0.2, 2, (batch, latent_dim))
    if covariance == "diagonal":
        diagonal = np.diagonal(triangle, axis1=1, axis2=2)
        return tfd.MultivariateNormalDiag(loc.astype(dtype), diagonal.astype(dtype))
    return tfd.MultivariateNormalTriL(loc.astype(dtype), triangle.astype(dtype))


@pytest.mark.parametrize("covariance", ["diagonal", "full"])
def test_divergence_from_laplace_is_exact(covariance):
    prior, q = priors.Laplace(0.6), gaussian(covariance)
    exact = prior.kl_divergence(q, q.mean()).numpy()
    for mean, scale, entropy, kl in zip(q.mean(), q.stddev(), q.entropy(), exact, strict=True):
        cross_entropy = sum(
            integrate.quad(
                lambda v, m=m, s=s: -stats.norm.pdf(v, m, s) * stats.laplace.logpdf(v, 0, 0.6),
                m - 10 * s,
                m + 10 * s,
                points=[0.0],
            )[0]
            for m, s in zip(mean.numpy(), scale.numpy(), strict=True)
        )
        assert kl == pytest.approx(cross_entropy - float(entropy), rel=1e-4)


def test_divergence_from_laplace_has_finite_gradients_at_extreme_posteriors():
    loc = tf.Variable([[0.0], [0.0], [1e4], [-1e4], [1e-20]])
    scale = tf.Variable([[1e-5], [1e4], [1e-5], [1.0], [1.0]])
    with tf.GradientTape() as tape:
        q = tfd.MultivariateNormalDiag(loc, scale)
        kl = priors.Laplace().kl_divergence(q, q.mean())
    assert np.isfinite(kl).all()
    assert all(np.isfinite(gradient).all() for gradient in tape.gradient(kl, [loc, scale]))


def test_laplace_has_unit_variance_by_default_and_estimates_what_it_does_not_know():
    prior = priors.Laplace()
    np.testing.assert_allclose(prior.distribution(2).variance(), 1, rtol=1e-6)
    q = tfd.Independent(tfd.Normal(tf.zeros((4, 2)), 1.0), 1)
    y = q.sample(seed=SEED)
    np.testing.assert_array_equal(prior.kl_divergence(q, y), q.log_prob(y) - prior.log_prob(y))


def test_a_mixture_of_one_has_the_closed_form():
    prior = priors.GaussianMixture(1)
    prior.build((None, 2))
    prior.locs.assign([[0.0, 0.0]])
    q = gaussian("full")
    expected = priors.StandardNormal().kl_divergence(q, q.mean())
    np.testing.assert_allclose(prior.kl_divergence(q, q.mean()), expected, rtol=1e-3)


@pytest.mark.parametrize(
    ("name", "covariance"),
    [
        ("mixture", "full"),
        ("vamp", "diagonal"),
        pytest.param("vamp", "full", marks=pytest.mark.slow),
        pytest.param("flow", "diagonal", marks=pytest.mark.slow),
    ],
)
def test_gradient_of_the_divergence_is_its_derivative(name, covariance):
    keras.config.set_dtype_policy("float64")
    vae = model_with(name, 2, posterior=covariance)
    q = gaussian(covariance, dtype="float64")
    y = q.sample(seed=SEED)
    weights = vae.prior.trainable_weights
    if name == "vamp":  # the prior learns through the encoder as well
        weights = [*weights, *vae.encoder.weights, *vae.posterior_layer.weights]
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(vae.prior.kl_divergence(q, y))
    gradients = tape.gradient(loss, weights)
    rng = np.random.default_rng(0)
    for weight, gradient in zip(weights, gradients, strict=True):
        start = np.array(weight)

        def divergence(value, weight=weight):
            weight.assign(value)
            return float(tf.reduce_sum(vae.prior.kl_divergence(q, y)))

        direction = rng.normal(size=start.shape)
        slope = central_difference(divergence, start, direction)
        weight.assign(start)
        assert np.sum(gradient * direction) == pytest.approx(slope, rel=1e-5, abs=1e-7), weight.path
        assert np.any(gradient != 0), weight.path
