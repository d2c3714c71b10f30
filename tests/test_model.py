"""The ELBO against the closed forms of the linear Gaussian VAE, in value and gradient."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp
from helpers.linear_gaussian import LinearGaussian, central_difference
from helpers.mappings import CASES, small_data, vae_with
from scipy import stats

from intelvae_keras import InteLVAE, likelihoods, mappings, networks

COPIES = 4000  # of each example: one sample of y each
WRONG = LinearGaussian.random()
EXACT = WRONG.with_exact_posterior()
X = WRONG.sample(3)
TILED = np.repeat(X, COPIES, axis=0)
# z = G y, square and with more latents z than y.
LINEAR_MAPPINGS = {"none": None, "square": [[2.0, 1.0], [0.5, -1.0]], "tall": np.eye(4, 2) + 0.3}
each_mapping = pytest.mark.parametrize("matrix", LINEAR_MAPPINGS.values(), ids=LINEAR_MAPPINGS)


def mapping_of(matrix):
    return None if matrix is None else mappings.Linear(matrix)


def per_copy(values):
    return keras.ops.convert_to_numpy(values).astype("float64").reshape(3, COPIES)


def assert_mean_is(samples, expected):
    """That the mean over the last axis is as expected, within four standard errors."""
    error = samples.std(axis=-1) / math.sqrt(samples.shape[-1])
    np.testing.assert_array_less(np.abs(samples.mean(axis=-1) - expected), 4 * error + 1e-5)


def test_the_closed_forms_agree_with_each_other():
    for model in (WRONG, EXACT):
        elbo = -model.reconstruction(X) - model.kl(X)
        np.testing.assert_allclose(elbo, model.log_prob(X) - model.kl_to_the_truth(X), rtol=1e-10)
    np.testing.assert_allclose(EXACT.kl_to_the_truth(X), 0, atol=1e-10)
    assert WRONG.kl_to_the_truth(X).min() > 0.1


@each_mapping
@pytest.mark.parametrize("model", [WRONG, EXACT], ids=["wrong", "exact"])
def test_each_term_is_its_closed_form(model, matrix):
    terms = model.vae(mapping_of(matrix)).elbo(TILED)
    np.testing.assert_allclose(per_copy(terms.kl)[:, 0], model.kl(X), rtol=1e-4)
    assert_mean_is(per_copy(terms.reconstruction), model.reconstruction(X))
    elbo = per_copy(-terms.reconstruction - terms.kl)
    assert_mean_is(elbo, model.log_prob(X) - model.kl_to_the_truth(X))
    assert float(terms.mapping_loss) == float(terms.added_losses) == 0


@pytest.mark.parametrize("covariance", ["diagonal", "full"])
def test_a_diagonal_posterior_has_the_closed_form_too(covariance):
    model = LinearGaussian.random(seed=1)
    model.L = np.diag([0.4, 1.3])
    vae = model.vae()
    full = vae.posterior_layer.linear.get_weights()
    if covariance == "diagonal":
        vae = model_with_diagonal_posterior(model, full)
    terms = vae.elbo(TILED)
    np.testing.assert_allclose(per_copy(terms.kl)[:, 0], model.kl(X), rtol=1e-4)
    assert_mean_is(per_copy(terms.reconstruction), model.reconstruction(X))


def model_with_diagonal_posterior(model, full_weights):
    """The VAE of `model` with posterior="diagonal"; a full triangle holds L22, L21, L11."""
    vae = InteLVAE(
        2,
        encoder=keras.layers.Identity(),
        decoder=keras.layers.Dense(4),
        likelihood=likelihoods.Gaussian(scale=model.s),
        seed=0,
    )
    vae.build((None, 4))
    vae.decoder.set_weights([model.A.T, model.b])
    kept = [0, 1, 4, 2]
    vae.posterior_layer.linear.set_weights([weight[..., kept] for weight in full_weights])
    return vae


def test_evaluate_reports_the_closed_forms():
    vae = WRONG.vae(beta=3.0)
    vae.compile()
    report = vae.evaluate(TILED, batch_size=len(TILED), verbose=0, return_dict=True)
    reconstruction, kl = WRONG.reconstruction(X).mean(), WRONG.kl(X).mean()
    # The standard deviation of a one-sample reconstruction is about 4 nats here.
    tolerance = 4 * 4 / math.sqrt(len(TILED))
    assert report["kl"] == pytest.approx(kl, rel=1e-4)
    assert report["reconstruction"] == pytest.approx(reconstruction, abs=tolerance)
    assert report["elbo"] == pytest.approx(-reconstruction - kl, abs=tolerance)
    assert report["loss"] == pytest.approx(reconstruction + 3 * kl, abs=tolerance)
    assert report["mapping_loss"] == 0


def test_gradients_are_those_of_the_closed_form():
    names = ("A", "b", "F", "f", "L")
    start = {name: getattr(WRONG, name) for name in names}
    rng = np.random.default_rng(5)

    def expected_slope(name):
        """Along a direction in one parameter; L moves on its lower triangle."""
        direction = rng.normal(size=start[name].shape)
        direction = np.tril(direction) if name == "L" else direction

        def loss(value):
            model = LinearGaussian(**start | {"s": WRONG.s, name: value})
            return (model.reconstruction(X) + model.kl(X)).mean()

        return direction, central_difference(loss, start[name], direction, step=1e-5)

    blocks = {name: [] for name in names}
    directions, slopes = {}, {}
    for name in names:
        directions[name], slopes[name] = expected_slope(name)
    vae = WRONG.vae()
    to_raw = np.where(np.eye(2) == 1, 1 / (1 - np.exp(-(WRONG.L - 1e-5))), 1)  # d raw / d L
    for _ in range(12):
        with tf.GradientTape() as tape:
            terms = vae.elbo(TILED[:: COPIES // 400])
            loss = tf.reduce_mean(terms.reconstruction + terms.kl)
        weights = [*vae.decoder.weights, *vae.posterior_layer.linear.weights]
        kernel, bias, posterior_kernel, posterior_bias = tape.gradient(loss, weights)
        gradient = {"A": kernel.numpy().T, "b": bias.numpy()}
        gradient |= {"F": posterior_kernel.numpy()[:, :2].T, "f": posterior_bias.numpy()[:2]}
        gradient["L"] = tfp.math.fill_triangular(posterior_bias[2:]).numpy()
        gradient["L"] *= to_raw
        for name in names:
            blocks[name].append(np.sum(gradient[name] * directions[name]))
    for name in names:
        assert_mean_is(np.array(blocks[name]), slopes[name])


# ---------------------------------------------------------------------- how the terms add up


@pytest.mark.parametrize("beta", [0.0, 1.0, 4.0])
@pytest.mark.parametrize("kl_weight", [1.0, 0.25])  # a matter of training, not of evaluation
def test_loss_is_reconstruction_plus_weighted_kl_plus_mapping(beta, kl_weight):
    vae = vae_with(CASES["sparse"], beta=beta)
    vae.compile(run_eagerly=True)
    vae.kl_weight.assign(kl_weight)
    report = vae.evaluate(small_data(), batch_size=16, verbose=0, return_dict=True)
    total = report["reconstruction"] + beta * report["kl"] + report["mapping_loss"]
    assert report["mapping_loss"] != 0
    assert report["loss"] == pytest.approx(total, rel=1e-5)
    assert report["elbo"] == pytest.approx(-report["reconstruction"] - report["kl"], rel=1e-5)


def test_mapping_term_is_the_loss_that_the_mapping_adds():
    vae = vae_with(CASES["sparse"])
    terms = vae.elbo(small_data())
    assert float(terms.mapping_loss) == pytest.approx(float(sum(vae.mapping.losses)))
    assert float(terms.mapping_loss) == float(terms.added_losses) != 0


def test_regularisers_of_the_networks_are_penalties_beside_the_mapping_term():
    encoder = keras.layers.Dense(4, kernel_regularizer=keras.regularizers.L2(0.1))
    vae = InteLVAE(2, encoder=encoder, decoder=networks.mlp_decoder((3,), [4]))
    vae.build((None, 3))
    terms = vae.elbo(small_data())
    assert float(terms.mapping_loss) == 0
    assert float(terms.added_losses) == pytest.approx(0.1 * np.sum(encoder.get_weights()[0] ** 2))


@pytest.mark.parametrize("shape", [(2,), (4, 5, 3)])
def test_reconstruction_is_a_sum_over_the_data_dimensions(shape):
    vae = InteLVAE(2, encoder=networks.mlp_encoder([4]), decoder=networks.mlp_decoder(shape, [4]))
    vae.build((None, *shape))
    vae.decoder.set_weights([0 * weight for weight in vae.decoder.get_weights()])
    terms = vae.elbo(np.random.default_rng(0).uniform(size=(6, *shape)))
    np.testing.assert_allclose(terms.reconstruction, math.prod(shape) * math.log(2), rtol=1e-5)


def test_doubling_the_values_of_x_doubles_the_reconstruction():
    doubled = LinearGaussian(
        np.tile(WRONG.A, (2, 1)),
        np.tile(WRONG.b, 2),
        WRONG.s,
        np.concatenate([WRONG.F, 0 * WRONG.F], axis=-1),
        WRONG.f,
        WRONG.L,
    )
    once, twice = WRONG.vae(seed=3).elbo(X), doubled.vae(seed=3).elbo(np.tile(X, 2))
    np.testing.assert_allclose(twice.kl, once.kl, rtol=1e-5)
    np.testing.assert_allclose(twice.reconstruction, 2 * once.reconstruction, rtol=1e-5)


@pytest.mark.parametrize("beta", [1.0, 2.5])
def test_a_training_step_follows_the_mean_over_the_batch(beta):
    # With a decoder that ignores z the gradients are exact: those of beta KL alone for the
    # posterior, and of the mean squared residual for the bias b.
    model = LinearGaussian(0 * WRONG.A, WRONG.b, WRONG.s, WRONG.F, WRONG.f, WRONG.L)
    vae = model.vae(beta=beta)
    vae.compile(keras.optimizers.SGD(0.1), run_eagerly=True)
    x = WRONG.sample(8)
    kernel, bias = vae.posterior_layer.linear.get_weights()
    vae.fit(x, batch_size=8, verbose=0)
    new_kernel, new_bias = vae.posterior_layer.linear.get_weights()
    mean = x @ WRONG.F.T + WRONG.f
    np.testing.assert_allclose(new_bias[:2], bias[:2] - 0.1 * beta * mean.mean(0), atol=1e-6)
    expected_kernel = kernel[:, :2] - 0.1 * beta * x.T @ mean / 8
    np.testing.assert_allclose(new_kernel[:, :2], expected_kernel, atol=1e-5)
    residual = (x - WRONG.b).mean(0) / WRONG.s**2
    np.testing.assert_allclose(vae.decoder.get_weights()[1], WRONG.b + 0.1 * residual, atol=1e-5)


def test_a_training_step_follows_the_regularisers_of_the_networks():
    # The decoder's kernel is 0 and beta is 0: nothing but the regulariser moves the encoder.
    encoder = keras.layers.Dense(4, kernel_regularizer=keras.regularizers.L2(0.3))
    decoder = keras.layers.Dense(3, kernel_initializer="zeros")
    vae = InteLVAE(2, encoder=encoder, decoder=decoder, beta=0.0)
    vae.compile(keras.optimizers.SGD(0.1), run_eagerly=True)
    vae.build((None, 3))
    kernel = encoder.get_weights()[0]
    vae.fit(small_data(), batch_size=16, verbose=0)
    np.testing.assert_allclose(encoder.get_weights()[0], kernel * (1 - 0.1 * 2 * 0.3), rtol=1e-5)


def test_training_finds_the_maximum_likelihood():
    # Probabilistic PCA: no linear model reaches a higher likelihood than this spectrum allows.
    x = WRONG.sample(2000, seed=7)
    eigenvalues = np.sort(np.linalg.eigvalsh(np.cov(x.T, bias=True)))[::-1]
    variances = np.concatenate([np.maximum(eigenvalues[:2], 0.49), [0.49, 0.49]])
    optimum = -0.5 * np.sum(np.log(2 * np.pi * variances) + eigenvalues / variances)
    vae = LinearGaussian.random(seed=3).vae()
    vae.compile(keras.optimizers.Adam(0.03))
    vae.fit(x, epochs=10, batch_size=100, verbose=0)
    vae.optimizer.learning_rate = 0.003
    history = vae.fit(x, epochs=4, batch_size=100, verbose=0).history
    assert optimum - 0.15 < history["elbo"][-1] < optimum + 0.15


# ---------------------------------------------------------------------- what is asked of a model


@each_mapping
def test_reconstructions_and_codes_are_linear(matrix):
    vae = WRONG.vae(mapping_of(matrix))
    y = X @ WRONG.F.T + WRONG.f
    expected = y @ WRONG.A.T + WRONG.b
    np.testing.assert_allclose(vae.predict(X, verbose=0), expected, rtol=1e-4, atol=1e-5)
    z = y if matrix is None else y @ np.transpose(matrix)
    np.testing.assert_allclose(vae.encode(X), z, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(vae.decode(vae.encode(X)), expected, rtol=1e-4, atol=1e-5)


def test_sampled_codes_follow_the_posterior():
    codes = WRONG.vae().encode(TILED[:COPIES], sample=True, seed=1)
    np.testing.assert_allclose(codes.mean(0), X[0] @ WRONG.F.T + WRONG.f, atol=0.1)
    np.testing.assert_allclose(np.cov(codes.T), WRONG.L @ WRONG.L.T, atol=0.12)


def test_samples_follow_the_model_without_its_noise():
    samples = WRONG.vae().sample(4000, seed=0)
    np.testing.assert_allclose(samples.mean(0), WRONG.b, atol=0.15)
    np.testing.assert_allclose(np.cov(samples.T), WRONG.A @ WRONG.A.T, atol=0.25)
    direction = np.linalg.pinv(WRONG.A) @ (samples - WRONG.b).T
    assert stats.kstest(direction[0], stats.norm.cdf).pvalue > 1e-3
