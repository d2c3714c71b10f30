"""The two-sample AUC: 1/2 for equal distributions, the closed form for Gaussians, 1 apart."""

import numpy as np
import pytest
from scipy import stats

from intelvae_keras import mappings, metrics


def normal(num, dim, seed, shift=0.0):
    x = np.random.default_rng(seed).normal(size=(num, dim))
    x[:, 0] += shift
    return x


def test_is_one_half_for_equal_distributions():
    values = [
        metrics.two_sample_auc(normal(2000, 2, 2 * s), normal(2000, 2, 2 * s + 1)) for s in range(4)
    ]
    assert np.mean(values) == pytest.approx(0.5, abs=0.015)


@pytest.mark.parametrize("shift", [0.5, 1.0, 2.0])
def test_is_near_the_best_possible_for_shifted_gaussians(shift):
    # P(y - x > 0) for y - x ~ N(shift, 2)
    best = stats.norm.cdf(shift / np.sqrt(2))
    value = metrics.two_sample_auc(normal(3000, 2, 0), normal(3000, 2, 1, shift))
    assert best - 0.02 < value < best + 0.015


def test_sees_a_hole_that_leaves_mean_and_covariance_alone():
    x = normal(3000, 2, 0)
    ring = normal(3000, 2, 1)
    ring *= np.sqrt(2) / np.linalg.norm(ring, axis=1, keepdims=True)
    assert metrics.two_sample_auc(x, ring) > 0.95


def test_is_one_for_samples_apart_and_the_same_either_way():
    x, y = normal(100, 3, 0), normal(100, 3, 1, shift=20)
    assert metrics.two_sample_auc(x, y) == pytest.approx(1.0)
    assert metrics.two_sample_auc(y, x) == pytest.approx(1.0)


def test_does_not_depend_on_unequal_sizes_or_units():
    x, y = normal(500, 2, 0), normal(4000, 2, 1, shift=1)
    value = metrics.two_sample_auc(x, y)
    assert value == pytest.approx(stats.norm.cdf(1 / np.sqrt(2)), abs=0.03)
    assert metrics.two_sample_auc(1e-3 * x + 5, 1e-3 * y + 5) == pytest.approx(value, abs=0.02)


def test_the_seed_decides():
    x, y = normal(200, 2, 0), normal(200, 2, 1)
    values = [metrics.two_sample_auc(x, y, seed=seed) for seed in (0, 0, 1)]
    assert values[0] == values[1] != values[2]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"x": np.ones((29, 2))}, ValueError, "x must have shape .* N >= 30"),
        ({"y": np.ones((40, 3))}, ValueError, "same number of columns"),
        ({"folds": 1}, ValueError, "folds"),
        ({"seed": -1}, ValueError, "seed"),
        ({"seed": 0.5}, TypeError, "seed"),
    ],
)
def test_refuses(change, error, message):
    with pytest.raises(error, match=message):
        metrics.two_sample_auc(**({"x": np.ones((40, 2)), "y": np.ones((40, 2))} | change))


def test_a_dropped_coordinate_counts_in_y_and_not_in_z():
    """Codes on a narrow ring, a circle's g: q(y) is not the prior, and z is as the prior's z."""
    g = mappings.Circle()
    drawn = normal(1500, 2, 0)
    codes = normal(1500, 2, 1)
    codes *= np.random.default_rng(2).normal(1.0, 0.1, (1500, 1)) / np.linalg.norm(
        codes, axis=1, keepdims=True
    )
    assert metrics.two_sample_auc(drawn, codes) > 0.7
    in_z = metrics.two_sample_auc(np.asarray(g(drawn)), np.asarray(g(codes)))
    assert in_z == pytest.approx(0.5, abs=0.03)
