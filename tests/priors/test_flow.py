"""The flow: its spline, its inverse, its determinant, and the identity that it starts as."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.linear_gaussian import central_difference
from helpers.priors import SEED, bent
from scipy import stats

from intelvae_keras import priors
from intelvae_keras.priors.spline import spline


def test_spline_is_a_bijection_of_its_interval_and_its_slope_is_the_derivative():
    bound, num_bins = 3.0, 5
    raw = np.random.default_rng(0).normal(size=(200, 3 * num_bins - 1), scale=1.5)
    bijector = spline(tf.constant(raw), bound)
    x = np.linspace(-1.2 * bound, 1.2 * bound, 200)
    value = bijector.forward(tf.constant(x)).numpy()
    outside = np.abs(x) >= bound
    np.testing.assert_allclose(value[outside], x[outside], rtol=1e-12)
    assert (np.abs(value[~outside]) <= bound).all()
    np.testing.assert_allclose(bijector.inverse(tf.constant(value)), x, atol=1e-9)
    slope = central_difference(lambda at: bijector.forward(tf.constant(at)).numpy(), x, 1.0)
    log_slope = bijector.forward_log_det_jacobian(tf.constant(x), event_ndims=0)
    np.testing.assert_allclose(np.exp(log_slope), slope, rtol=1e-5)


def test_a_spline_without_parameters_is_the_identity_with_finite_gradients_everywhere():
    raw = tf.Variable(tf.zeros((7, 11)))
    x = tf.constant([-1e4, -2.0, -1.0, 0.0, 1.0, 2.0, 1e4])  # knots and beyond
    with tf.GradientTape() as tape:
        bijector = spline(raw, 2.0)
        value = bijector.forward(x)
        log_slope = bijector.forward_log_det_jacobian(x, event_ndims=0)
        loss = tf.reduce_sum(value + log_slope)
    np.testing.assert_allclose(value, x, atol=1e-6)
    np.testing.assert_allclose(log_slope, 0, atol=1e-5)
    assert np.isfinite(tape.gradient(loss, raw)).all()


def test_an_untrained_flow_is_the_standard_normal():
    prior = priors.Flow()
    prior.build((None, 3))
    y = 2 * tf.random.stateless_normal((50, 3), SEED)
    np.testing.assert_allclose(prior.log_prob(y), stats.norm.logpdf(y).sum(-1), rtol=1e-3)


@pytest.mark.parametrize("latent_dim", [pytest.param(1, marks=pytest.mark.slow), 3])
def test_flow_has_the_inverse_and_the_determinant_of_its_map(latent_dim):
    keras.config.set_dtype_policy("float64")
    prior = bent("flow", latent_dim)
    y = 2 * tf.random.stateless_normal((20, latent_dim), SEED, dtype=tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(y)
        noise, log_det = prior.to_noise(y)
    jacobian = tape.batch_jacobian(noise, y)
    np.testing.assert_allclose(log_det, tf.linalg.slogdet(jacobian)[1], atol=1e-9)
    np.testing.assert_allclose(prior.from_noise(noise), y, atol=1e-8)
    if latent_dim > 1:
        assert np.abs(jacobian).min(axis=0).max() > 0
        # Two layers, in opposite orders: every dimension depends on every other one.
        assert np.all(np.abs(jacobian).max(axis=0) > 1e-4)
