"""Threshold: t and s beside SciPy's integrals, exact zeros, and what acts inside the dead zone."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.mappings import CASES, small_data, vae_with
from scipy import integrate, stats

from intelvae_keras import InteLVAE, datasets, likelihoods, mappings, networks

ACTIVE = [1.0, 0.9, 0.3, 0.05, 1e-3, 1e-6]


def float64(active):
    return mappings.Threshold(active, dtype="float64")


@pytest.mark.parametrize("active", ACTIVE)
def test_the_prior_is_active_as_asked_and_z_has_variance_one(active):
    g = float64(active)
    t, _ = (float(value) for value in g.threshold_and_scale())

    def moment(function):
        """Twice the integral over the upper tail, where g is positive."""

        def weighted(y):
            return function(g(y[:, None]).numpy()[:, 0]) * stats.norm.pdf(y)

        return 2 * integrate.fixed_quad(weighted, t, t + 10, n=100)[0]

    assert moment(lambda z: z > 0) == pytest.approx(active, rel=1e-6)
    assert moment(lambda z: z**2) == pytest.approx(1.0, rel=1e-6)


def test_draws_of_the_prior_are_a_spike_and_a_symmetric_slab():
    y = np.random.default_rng(0).normal(size=(50_000, 2)).astype("float32")
    z = mappings.Threshold(0.3)(y).numpy()
    np.testing.assert_allclose((z != 0).mean(axis=0), 0.3, atol=0.008)
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=0.02)
    np.testing.assert_allclose(z.var(axis=0), 1, atol=0.04)
    np.testing.assert_array_equal(np.sign(z[z != 0]), np.sign(y[z != 0]))


def test_values_by_hand():
    # t = Phi^-1(0.85) = 1.0364; the second moment of the shifted tail is 0.3 (1 + t^2) - 2 t phi(t).
    t = stats.norm.ppf(0.85)
    scale = 1 / np.sqrt(0.3 * (1 + t**2) - 2 * t * stats.norm.pdf(t))
    y = [[0.0, 1.0, -1.0, 2.0, -3.0]]
    expected = [[0.0, 0.0, 0.0, scale * (2 - t), -scale * (3 - t)]]
    np.testing.assert_allclose(mappings.Threshold()(np.float32(y)), expected, rtol=1e-5)


def test_all_active_is_the_identity():
    y = np.random.default_rng(0).normal(size=(50, 3)).astype("float32")
    np.testing.assert_allclose(mappings.Threshold(1.0)(y), y, rtol=1e-6)


def test_active_acts_at_once_in_compiled_functions_too():
    g = mappings.Threshold(0.3)
    y = np.random.default_rng(0).normal(size=(2000, 1)).astype("float32")
    compiled = tf.function(g)
    assert np.mean(compiled(y) != 0) == pytest.approx(0.3, abs=0.05)
    g.active = 0.05
    np.testing.assert_array_equal(compiled(y), mappings.Threshold(0.05)(y))
    assert g.get_config()["active"] == 0.05


def test_inside_the_dead_zone_only_the_kl_acts_on_the_encoder():
    vae, x = vae_with(CASES["threshold"]), small_data()
    vae.build(x.shape)
    linear, latents = vae.posterior_layer.linear, vae.latent_dim
    kernel, bias = linear.get_weights()
    kernel[:], bias[:latents], bias[latents:] = 0.0, 0.2, -6.0  # q = N(0.2, about 0.004^2)
    linear.set_weights([kernel, bias])
    with tf.GradientTape(persistent=True) as tape:
        terms = vae.elbo(x)
    by_reconstruction = tape.gradient(
        terms.reconstruction, linear.bias.value, unconnected_gradients="zero"
    )
    np.testing.assert_array_equal(by_reconstruction, 0)
    by_kl = tape.gradient(terms.kl, linear.bias.value).numpy() / len(x)
    np.testing.assert_allclose(by_kl[:latents], 0.2, rtol=1e-4)  # d/dm of m^2 / 2: to the mean 0
    assert (by_kl[latents:] < 0).all()  # and to a wider scale
    np.testing.assert_array_equal(vae.mapping(vae.q(x).mean()), 0)


def test_a_vae_trains_through_it_on_sums_of_patterns():
    x, _ = datasets.patterns(128)
    vae = InteLVAE(
        40,
        encoder=networks.mlp_encoder([64]),
        mapping=mappings.Threshold(0.3),
        decoder=networks.mlp_decoder((64,), [32]),
        likelihood=likelihoods.Gaussian(scale=0.1),
        seed=0,
    )
    vae.compile(keras.optimizers.Adam(0.02), run_eagerly=True)
    with tf.GradientTape() as tape:
        reconstruction = vae.elbo(x[:8]).reconstruction
    by_encoder = tape.gradient(reconstruction, [w.value for w in vae.encoder.trainable_weights])
    assert any(np.any(gradient != 0) for gradient in by_encoder)  # through g, outside the dead zone
    losses = vae.fit(x, batch_size=64, epochs=6, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 2
    z = vae.mapping(vae.q(x).sample(seed=0))
    assert 0.1 < np.mean(z != 0) < 0.6


@pytest.mark.parametrize("active", [0, -0.1, 1.5, np.nan])
def test_a_proportion_outside_its_range_is_refused(active):
    with pytest.raises(ValueError, match=r"active must be a finite number in \[1e-06, 1\]; got"):
        mappings.Threshold(active)
    with pytest.raises(ValueError, match="active must be"):
        mappings.Threshold().active = active


def test_a_word_is_refused():
    with pytest.raises(TypeError, match="active must be a number in"):
        mappings.Threshold("few")
