"""Every prior but N(0, I) within a model: log p(x), training, saving, exporting."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.marks import fast_first
from helpers.models import assert_same_bits, binary, small_vae, weights_of
from helpers.priors import ALL, MAKE, model_with
from scipy import special, stats

from intelvae_keras import likelihoods, priors

X = binary(24)


@pytest.mark.parametrize("name", fast_first(MAKE, ["mixture", "vamp"]))
def test_estimate_of_log_p_is_the_integral(name):
    vae = model_with(name, likelihood=likelihoods.Gaussian(0.8))
    linear, x = vae.posterior_layer.linear, X[:4]
    linear.kernel.assign(linear.kernel * [1.0, 0.0])
    linear.bias.assign([0.0, 3.0])  # q is wider than p(y|x), so that the weights are bounded
    y = np.linspace(-20, 20, 40_001, dtype="float32")[:, None]
    log_joint = vae.prior.log_prob(tf.constant(y)).numpy() + stats.norm.logpdf(
        x[:, None], vae.decoder(y).numpy(), 0.8
    ).sum(-1)
    log_p = special.logsumexp(log_joint.astype("float64"), axis=-1) + math.log(y[1, 0] - y[0, 0])
    np.testing.assert_allclose(vae.log_likelihood(x, 100_000), log_p, atol=0.03)


@pytest.mark.parametrize("name", fast_first(MAKE, ["mixture", "vamp"]))
def test_a_fit_lowers_the_loss_and_a_saved_model_is_the_same(name, tmp_path):
    vae = small_vae(2, prior=MAKE[name](), posterior="full", compile=False)
    vae.build((None, 6))
    vae.compile(keras.optimizers.Adam(0.05), run_eagerly=True)
    start = [np.array(weight) for weight in vae.prior.trainable_weights]
    loss = vae.fit(X, epochs=6, batch_size=24, verbose=0).history["loss"]
    assert loss[-1] < loss[0] - 0.2
    for before, weight in zip(start, vae.prior.trainable_weights, strict=True):
        assert np.abs(before - weight).max() > 1e-3, weight.path
    assert len({id(weight) for weight in vae.weights}) == len(vae.weights)

    tf.config.run_functions_eagerly(True)  # quicker than graphs that run once
    vae.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.prior.get_config() == vae.prior.get_config()
    assert_same_bits(weights_of(loaded), weights_of(vae))
    np.testing.assert_array_equal(loaded.sample(5, seed=3), vae.sample(5, seed=3))
    y = tf.constant(loaded.encode(X))
    np.testing.assert_array_equal(loaded.prior.log_prob(y), vae.prior.log_prob(y))
    tf.config.run_functions_eagerly(False)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["vamp", "flow"])
def test_an_exported_model_draws_from_its_prior(name, tmp_path):
    vae = model_with(name, 2)
    vae.export(tmp_path / "export", verbose=False)
    served = tf.saved_model.load(tmp_path / "export")
    drawn = served.sample(num_samples=5, seed=3)
    np.testing.assert_allclose(drawn, vae.sample(5, seed=3), rtol=1e-3, atol=1e-5)


@ALL
def test_densities_are_in_full_precision_under_a_mixed_policy(name):
    keras.config.set_dtype_policy("mixed_bfloat16")
    vae = small_vae(2, prior=MAKE[name]())
    vae.build(X.shape)
    with tf.GradientTape() as tape:
        terms = vae.elbo(tf.constant(X), training=True)
        loss = tf.reduce_mean(vae.negative_elbo(terms))
    weights = [weight.value for weight in vae.trainable_weights]
    assert all(np.isfinite(gradient).all() for gradient in tape.gradient(loss, weights))
    assert terms.kl.dtype == tf.float32 and np.isfinite(loss)
    assert {weight.dtype for weight in vae.prior.weights} <= {"float32"}


def test_a_clone_has_a_prior_of_the_same_kind():
    for make in MAKE.values():
        prior = make()
        clone = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(prior))
        assert type(clone) is type(prior) and clone.get_config() == prior.get_config()


def test_a_laplace_prior_and_a_laplace_likelihood_are_told_apart(tmp_path):
    vae = small_vae(likelihood="laplace", prior=priors.Laplace(0.5), compile=False)
    vae.build((None, 6))
    vae.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert type(loaded.likelihood) is likelihoods.Laplace
    assert type(loaded.prior) is priors.Laplace and loaded.prior.scale == 0.5


@pytest.mark.parametrize(
    "make",
    [
        lambda: priors.GaussianMixture(2, seed=0),
        pytest.param(lambda: priors.Flow(seed=0), marks=pytest.mark.slow),
    ],
)
def test_a_learned_prior_finds_two_modes_on_the_line(make):
    rng = np.random.default_rng(0)
    y = rng.choice([-2.0, 2.0], size=(2000, 1)) + 0.3 * rng.normal(size=(2000, 1))
    entropy = math.log(2) + 0.5 * math.log(2 * math.pi * math.e * 0.3**2)
    prior, y = make(), tf.constant(y, "float32")
    prior.build((None, 1))
    optimizer = keras.optimizers.Adam(0.05)
    optimizer.build(prior.trainable_weights)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = -tf.reduce_mean(prior.log_prob(y))
        weights = prior.trainable_weights
        optimizer.apply(tape.gradient(loss, weights), weights)
        return loss

    for _ in range(150):
        loss = step()
    assert float(loss) == pytest.approx(entropy, abs=0.05)  # nats
