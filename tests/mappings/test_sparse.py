"""Sparse: the loss is the entropy formula, and the gates multiply the latents."""

import math

import keras
import numpy as np
import pytest
from scipy import stats

from intelvae_keras import mappings
from intelvae_keras.mappings import sparsity_loss
from intelvae_keras.mappings.sparse import entropy


def in_numpy(gates):
    """L_sp = mean_i H(gates_i) - H(mean_i gates_i)."""
    return stats.entropy(gates, axis=-1).mean() - stats.entropy(gates.mean(axis=0))


def random_gates(num_samples, dim, seed):
    # A Beta distribution with little weight in the middle, as trained gates have.
    return np.random.default_rng(seed).beta(0.3, 0.5, size=(num_samples, dim)).astype("float32")


@pytest.mark.parametrize("gates", [[0.3, 0.7, 0.1], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
def test_loss_is_zero_when_all_samples_have_the_same_gates(gates):
    loss = sparsity_loss(np.tile(np.float32(gates), (8, 1)))
    assert float(loss) == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("dim", [2, 5, 50])
def test_loss_is_minus_log_d_for_one_hot_gates_used_evenly(dim):
    loss = sparsity_loss(np.tile(np.eye(dim, dtype="float32"), (3, 1)))
    assert float(loss) == pytest.approx(-math.log(dim), abs=1e-4)


@pytest.mark.parametrize("shape", [(1, 2), (7, 3), (64, 10), (200, 50)])
def test_loss_is_the_formula_and_within_its_bounds(shape):
    for seed in range(5):
        gates = random_gates(*shape, seed)
        loss = float(sparsity_loss(gates))
        assert loss == pytest.approx(in_numpy(gates.astype("float64")), abs=2e-5)
        assert -math.log(shape[1]) - 1e-5 <= loss <= math.log(shape[1]) + 1e-5


def test_loss_is_not_positive_for_gates_of_equal_sum():
    # Then the mean of the gates is the mean of the probabilities, and entropy is concave.
    for seed in range(5):
        gates = random_gates(20, 6, seed)
        assert float(sparsity_loss(gates / gates.sum(-1, keepdims=True))) < 0


def test_entropy_does_not_depend_on_the_scale_of_the_gates():
    gates = random_gates(10, 5, seed=0)
    np.testing.assert_allclose(entropy(gates), entropy(0.01 * gates), atol=1e-3)
    np.testing.assert_allclose(entropy(gates), stats.entropy(gates, axis=-1), atol=1e-5)


@pytest.mark.parametrize("gamma", [0.0, 1.0, 3.0])
def test_mapping_multiplies_by_the_gates_and_adds_gamma_times_the_loss(gamma):
    y = np.random.default_rng(0).normal(size=(30, 4)).astype("float32")
    sparse = mappings.Sparse(gamma=gamma, hidden=(8,))
    z = sparse(y)
    (loss,) = sparse.losses
    gates = keras.ops.convert_to_numpy(sparse.gates(y))
    assert np.all((gates > 0) & (gates < 1))
    np.testing.assert_allclose(z, y * gates, rtol=1e-6)
    assert float(loss) == pytest.approx(gamma * in_numpy(gates.astype("float64")), abs=1e-4)


def test_loss_is_that_of_the_last_call():
    sparse = mappings.Sparse(hidden=())
    rng = np.random.default_rng(0)
    for _ in range(3):
        y = rng.normal(size=(10, 3)).astype("float32")
        sparse(y)
        (loss,) = sparse.losses
        expected = 3.0 * sparsity_loss(sparse.gates(y))
        assert float(loss) == pytest.approx(float(expected), abs=1e-6)
