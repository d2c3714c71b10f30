"""The sparsity penalty: the entropy formula on |z|, as a measure and as a mapping's loss."""

import math

import numpy as np
import pytest
import tensorflow as tf
from helpers.models import binary, small_vae, without_noise
from scipy import stats

from intelvae_keras import mappings, metrics


def in_numpy(z):
    """L_sp = mean_i H(|z_i|) - H(mean_i |z_i|)."""
    z = np.abs(z)
    return stats.entropy(z, axis=-1).mean() - stats.entropy(z.mean(axis=0))


def codes(num=200, dim=10, seed=0):
    return np.random.default_rng(seed).normal(size=(num, dim))


def test_one_hot_codes_of_either_sign_have_minus_log_d():
    z = np.concatenate([np.eye(8), -3 * np.eye(8)])
    assert metrics.sparsity_penalty(z) == pytest.approx(-math.log(8), abs=1e-4)


def test_codes_of_equal_magnitudes_have_zero():
    z = np.random.default_rng(0).choice([-2.0, 2.0], size=(50, 6))
    assert metrics.sparsity_penalty(z) == pytest.approx(0, abs=1e-6)
    assert metrics.sparsity_penalty(np.zeros((5, 3))) == pytest.approx(0, abs=1e-6)


def test_is_the_formula_whatever_the_signs_and_the_scale():
    z = codes()
    value = metrics.sparsity_penalty(z)
    assert isinstance(value, float)
    assert value == pytest.approx(in_numpy(z), abs=1e-5)
    assert metrics.sparsity_penalty(-7 * np.abs(z)) == pytest.approx(value, abs=1e-5)
    assert metrics.sparsity_penalty(z.astype("float32")) == pytest.approx(value, abs=1e-5)
    assert metrics.sparsity_penalty(z[::-1, ::-1]) == pytest.approx(value)


def test_of_a_tensor_is_a_tensor_with_its_gradient():
    z = tf.constant(codes(), "float64")
    with tf.GradientTape() as tape:
        tape.watch(z)
        value = metrics.sparsity_penalty(z)
    gradient = tape.gradient(value, z).numpy()
    direction = codes(seed=1)
    step = 1e-6
    ends = [in_numpy(z.numpy() + sign * step * direction) for sign in (1, -1)]
    assert value.numpy() == pytest.approx(in_numpy(z.numpy()), abs=1e-5)
    slope = (ends[0] - ends[1]) / (2 * step)
    assert np.sum(gradient * direction) == pytest.approx(slope, rel=1e-3)


@pytest.mark.parametrize("gamma", [0.0, 1.0, 3.0])
def test_the_mapping_is_the_identity_and_adds_gamma_times_the_penalty(gamma):
    y = codes().astype("float32")
    mapping = mappings.SparsityPenalty(gamma)
    np.testing.assert_array_equal(mapping(y), y)
    (loss,) = mapping.losses
    assert float(loss) == pytest.approx(gamma * in_numpy(y.astype("float64")), abs=1e-4)
    assert mapping.weights == []


def test_the_model_adds_it_to_its_loss():
    x = binary(50)
    vae = without_noise(small_vae(4, mapping=mappings.SparsityPenalty(2.0)))  # codes are y's means
    terms = vae.evaluate(x, batch_size=50, return_dict=True, verbose=0)
    penalty = metrics.sparsity_penalty(vae.encode(x))
    assert penalty < -0.01
    assert terms["mapping_loss"] == pytest.approx(2 * penalty, rel=1e-4)
    loss = terms["reconstruction"] + terms["kl"] + terms["mapping_loss"]
    assert terms["loss"] == pytest.approx(loss, rel=1e-5)


@pytest.mark.parametrize(
    "z", [np.ones(3), np.ones((3, 1)), np.ones((0, 3)), [[1.0, np.nan]], tf.ones((3, 1))]
)
def test_refuses(z):
    with pytest.raises(ValueError, match="z must"):
        metrics.sparsity_penalty(z)
