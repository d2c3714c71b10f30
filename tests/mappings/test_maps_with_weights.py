"""Linear, Hierarchical and Function: what they compute, against numpy."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from intelvae_keras import InteLVAE, mappings, networks

RNG = np.random.default_rng(0)
Y = RNG.normal(size=(20, 3)).astype("float32")


@pytest.mark.parametrize("shape", [(3, 3), (2, 3), (5, 3)])
def test_linear_multiplies_by_its_matrix(shape):
    matrix = RNG.normal(size=shape)
    np.testing.assert_allclose(mappings.Linear(matrix)(Y), Y @ matrix.T, rtol=1e-4, atol=1e-6)


def test_linear_gives_the_prior_the_covariance_of_its_cholesky_factor():
    covariance = np.array([[2.0, 0.6], [0.6, 0.5]])
    y = RNG.normal(size=(50_000, 2)).astype("float32")
    z = keras.ops.convert_to_numpy(mappings.Linear(np.linalg.cholesky(covariance))(y))
    np.testing.assert_allclose(np.cov(z.T), covariance, atol=0.05)


@pytest.mark.parametrize("trainable", [True, False])
def test_linear_is_learned_only_if_asked(trainable):
    linear = mappings.Linear(np.eye(3), trainable=trainable)
    linear(Y)
    assert len(linear.trainable_weights) == trainable
    assert len(linear.weights) == 1


def test_hierarchical_is_a_chain_of_its_networks():
    hierarchical = mappings.Hierarchical([1, 1, 1], hidden=(4,))
    z = keras.ops.convert_to_numpy(hierarchical(Y))
    first, second = hierarchical.refine
    np.testing.assert_array_equal(z[:, :1], Y[:, :1])
    np.testing.assert_allclose(z[:, 1:2], first(np.stack([z[:, 0], Y[:, 1]], -1)), rtol=1e-5)
    np.testing.assert_allclose(z[:, 2:], second(np.stack([z[:, 1], Y[:, 2]], -1)), rtol=1e-5)


def test_later_groups_do_not_change_earlier_ones():
    hierarchical = mappings.Hierarchical([1, 1, 1])
    changed = Y + np.array([0, 0, 1], "float32")
    np.testing.assert_array_equal(hierarchical(changed)[:, :2], hierarchical(Y)[:, :2])
    assert np.abs(hierarchical(changed) - hierarchical(Y))[:, 2].max() > 0.01


def test_function_is_applied_as_it_is():
    np.testing.assert_array_equal(mappings.Function(tf.cos)(Y), np.asarray(tf.cos(Y)))


@pytest.mark.parametrize(("straight_through", "slope"), [(True, 1.0), (False, None)])
def test_gradient_of_a_step_is_that_of_the_identity_only_if_straight_through(
    straight_through, slope
):
    step = mappings.Function(lambda y: tf.cast(y > 0, y.dtype), straight_through=straight_through)
    y = tf.constant(Y)
    with tf.GradientTape() as tape:
        tape.watch(y)
        z = step(y)
    np.testing.assert_allclose(z, Y > 0, atol=1e-6)
    gradient = tape.gradient(z, y)
    if slope is None:
        assert gradient is None
    else:
        np.testing.assert_array_equal(gradient, np.full_like(Y, slope))


def test_model_trains_decoder_and_kl_through_a_function_without_gradient():
    vae = InteLVAE(
        3,
        encoder=networks.mlp_encoder([4]),
        mapping=lambda y: tf.cast(y > 0, y.dtype),
        decoder=networks.mlp_decoder((2,), [4]),
        seed=0,
    )
    vae.build((None, 2))
    x = RNG.uniform(size=(16, 2)).astype("float32")
    with tf.GradientTape() as tape:
        terms = vae.elbo(x)
        loss = tf.reduce_mean(terms.reconstruction + terms.kl)
    for gradient in tape.gradient(loss, vae.trainable_weights):
        assert np.isfinite(gradient).all() and np.any(gradient != 0)


@pytest.mark.parametrize("fn", [lambda y: tf.reduce_sum(y, -1), lambda y: y[:, None]])
def test_function_of_another_rank_is_refused(fn):
    with pytest.raises(ValueError, match=r"fn must return z of shape \(batch, D\); got shape"):
        mappings.Function(fn)(Y)


@pytest.mark.parametrize("dim", [1, 2])  # one output would broadcast
def test_straight_through_needs_as_many_outputs_as_inputs(dim):
    mapping = mappings.Function(lambda y: y[:, :dim], straight_through=True)
    message = f"straight_through needs D = M; fn maps M=3 latents to D={dim}"
    with pytest.raises(ValueError, match=message):
        mapping(Y)
    with pytest.raises(ValueError, match=message):
        InteLVAE(
            3,
            encoder=networks.mlp_encoder([4]),
            mapping=mapping,
            decoder=networks.mlp_decoder((2,), [4]),
        )


def test_function_unknown_by_name_warns_when_it_is_saved():
    def unregistered(y):
        return y

    with pytest.warns(UserWarning, match="'unregistered' of mappings.Function is not known"):
        mappings.Function(unregistered).get_config()
