"""Posteriors: the Gaussian they should be, with its divergence from N(0, I) in closed form."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.mappings import small_data
from scipy import stats

from intelvae_keras import InteLVAE, networks, posteriors, priors
from intelvae_keras.posteriors import GaussianPosterior

M = 3
COVARIANCES = ["diagonal", "full"]
each_covariance = pytest.mark.parametrize("covariance", COVARIANCES)


def kl_in_closed_form(mean, covariance):
    """KL(N(mean, covariance) || N(0, I)) = (tr C + |mean|^2 - M - log det C) / 2."""
    trace = np.trace(covariance, axis1=-2, axis2=-1)
    logdet = np.linalg.slogdet(covariance)[1]
    return (trace + (mean**2).sum(-1) - mean.shape[-1] - logdet) / 2


@pytest.fixture(params=COVARIANCES)
def q(request):
    """A posterior for five examples, with its mean and covariance from TFP's own parameters."""
    features = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    layer = GaussianPosterior(M, request.param)
    layer(features)
    rng = np.random.default_rng(1)
    layer.set_weights([rng.normal(size=w.shape, scale=0.7) for w in layer.get_weights()])
    return layer.distribution(features)


def moments(q):
    factor = q.scale.to_dense().numpy().astype("float64")  # L
    return q.mean().numpy().astype("float64"), factor @ np.swapaxes(factor, -1, -2)


def test_kl_to_the_prior_is_the_closed_form(q):
    kl = priors.StandardNormal().kl_divergence(q, q.sample(seed=(0, 0)))
    np.testing.assert_allclose(kl, kl_in_closed_form(*moments(q)), rtol=1e-4)


def test_kl_to_the_prior_is_the_mean_log_ratio(q):
    y = q.sample(20_000, seed=(0, 1))
    log_ratio = (q.log_prob(y) - priors.StandardNormal().log_prob(y)).numpy()
    error = log_ratio.std(axis=0) / np.sqrt(len(log_ratio))
    z_scores = (log_ratio.mean(axis=0) - kl_in_closed_form(*moments(q))) / error
    assert np.abs(z_scores).max() < 4


def test_log_prob_is_that_of_scipy(q):
    y = q.sample(seed=(0, 2)).numpy()
    rows = zip(y, *moments(q), strict=True)
    expected = [stats.multivariate_normal(mean, cov).logpdf(row) for row, mean, cov in rows]
    np.testing.assert_allclose(q.log_prob(y), expected, rtol=1e-4, atol=1e-4)


def test_samples_have_the_mean_and_covariance(q):
    y = q.sample(40_000, seed=(0, 3)).numpy()
    for index, (mean, covariance) in enumerate(zip(*moments(q), strict=True)):
        spread = np.sqrt(np.diag(covariance))
        np.testing.assert_allclose(y[:, index].mean(0), mean, atol=0.03 * spread.max())
        sampled = np.cov(y[:, index].T)
        np.testing.assert_allclose(sampled, covariance, atol=0.04 * np.outer(spread, spread).max())


@each_covariance
def test_training_starts_at_the_scale_of_the_prior(covariance):
    layer = GaussianPosterior(M, covariance)
    scale = layer.distribution(np.zeros((2, 4), "float32")).scale.to_dense()
    np.testing.assert_allclose(scale, np.tile(np.eye(M), (2, 1, 1)), atol=2e-5)


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_the_diagonal_is_positive_and_what_is_above_it_is_0(size):
    layer = GaussianPosterior(size, "full")
    features = np.random.default_rng(0).normal(size=(20, 4), scale=9.0).astype("float32")
    factor = layer.distribution(features).scale.to_dense().numpy()
    np.testing.assert_array_equal(np.triu(factor, 1), 0)
    assert (np.diagonal(factor, axis1=1, axis2=2) > 0).all()
    if size > 1:
        assert (factor[:, *np.tril_indices(size, -1)] < 0).any()


def test_full_covariance_is_its_lower_triangle_with_a_positive_diagonal():
    layer = GaussianPosterior(2, "full")
    layer(np.zeros((1, 1), "float32"))
    layer.set_weights([np.zeros((1, 5)), np.array([0.1, 0.2, -2.0, -0.7, 0.3])])
    q = layer.distribution(np.zeros((1, 1), "float32"))
    np.testing.assert_allclose(q.mean(), [[0.1, 0.2]], rtol=1e-6)

    def diagonal(raw):
        return np.log1p(np.exp(raw + np.log(np.e - 1))) + 1e-5

    expected = [[diagonal(0.3), 0], [-0.7, diagonal(-2.0)]]
    np.testing.assert_allclose(q.scale.to_dense()[0], expected, rtol=1e-5)


@each_covariance
def test_xla_computes_the_same_gradient_for_a_batch_of_any_size(covariance):
    layer = GaussianPosterior(M, covariance)
    features = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    layer(features)

    def gradient(features):
        with tf.GradientTape() as tape:
            q = layer.distribution(features)
            y = features[:, :M]  # not drawn: XLA has random numbers of its own
            loss = tf.reduce_mean(priors.StandardNormal().kl_divergence(q, y) + q.log_prob(y))
        return tape.gradient(loss, layer.trainable_weights)

    any_size = [tf.TensorSpec((None, 4))]
    plain, compiled = (
        tf.function(gradient, any_size, jit_compile=jit)(features) for jit in (False, True)
    )
    for got, want in zip(compiled, plain, strict=True):
        np.testing.assert_allclose(got, want, rtol=2e-4, atol=2e-5)


@each_covariance
def test_extreme_features_leave_log_q_finite(covariance):
    layer = GaussianPosterior(2, covariance)
    layer(np.zeros((1, 1), "float32"))
    kernel, bias = layer.get_weights()
    for raw in (-1e4, -100.0, 100.0):
        layer.set_weights([kernel * 0, np.full_like(bias, raw)])
        q = layer.distribution(np.ones((1, 1), "float32"))
        y = q.sample(seed=(0, 0))
        assert np.isfinite(q.log_prob(y)).all()
        assert np.isfinite(priors.StandardNormal().kl_divergence(q, y)).all()


@each_covariance
def test_config_makes_the_same_posterior(covariance):
    layer = GaussianPosterior(M, covariance)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert (again.latent_dim, again.covariance) == (M, covariance)


def test_dtype_name_and_trainable_are_in_the_config():
    layer = GaussianPosterior(M, dtype="float64", name="mine", trainable=False)
    again = GaussianPosterior.from_config(layer.get_config())
    assert (again.name, again.trainable, again.compute_dtype) == ("mine", False, "float64")
    assert again.distribution(np.zeros((1, 4))).dtype == tf.float64
    assert not again.trainable_weights


@each_covariance
def test_model_gives_the_posterior_of_its_encoder(covariance):
    vae = InteLVAE(
        2,
        encoder=networks.mlp_encoder([4]),
        decoder=networks.mlp_decoder((3,), [4]),
        posterior=covariance,
    )
    x = small_data(5)
    q = vae.posterior(x)
    assert q.batch_shape == (5,) and q.event_shape == (2,)
    expected = vae.posterior_layer.distribution(vae.encoder(x))
    np.testing.assert_allclose(q.mean(), expected.mean(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(q.covariance(), expected.covariance(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: GaussianPosterior(2, "half"), ValueError, "posterior must be .* got 'half'"),
        (lambda: posteriors.get(None, 2), TypeError, "posterior must be .* got None"),
        (
            lambda: posteriors.get(GaussianPosterior(3), 2),
            ValueError,
            "posterior must have latent_dim=2; got 3",
        ),
    ],
)
def test_bad_argument_is_named(make, error, message):
    with pytest.raises(error, match=message):
        make()


@each_covariance
@pytest.mark.parametrize("scale", [0.1, 1.0, 7.0])
def test_initial_scale_is_that_of_the_first_posterior(covariance, scale):
    layer = GaussianPosterior(M, covariance, initial_scale=scale)
    q = layer.distribution(np.zeros((2, 4), "float32"))  # features of 0: the biases alone
    np.testing.assert_allclose(q.scale.to_dense()[0], scale * np.eye(M), rtol=1e-4, atol=1e-7)
    again = GaussianPosterior.from_config(layer.get_config())
    assert again.initial_scale == scale


@pytest.mark.parametrize("scale", [0, -1.0, "narrow"])
def test_initial_scale_must_be_positive(scale):
    with pytest.raises((TypeError, ValueError), match="initial_scale"):
        GaussianPosterior(M, initial_scale=scale)
