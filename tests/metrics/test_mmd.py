"""The MMD: sums over pairs, closed forms for Gaussians, unbiasedness, invariances, refusals."""

import numpy as np
import pytest
from scipy.spatial import distance

from intelvae_keras import metrics


def rng():
    return np.random.default_rng(0)


def over_pairs(x, y, kernel, widths, unbiased):
    """The definition: means over all pairs, one width at a time."""

    def k(a, b):
        squares = distance.cdist(a, b, "sqeuclidean")
        if kernel == "rbf":
            return np.mean([np.exp(-squares / (2 * h**2)) for h in widths], axis=0)
        return np.mean([h**2 / (h**2 + squares) for h in widths], axis=0)

    def within(a):
        values = k(a, a)
        return values[~np.eye(len(a), dtype=bool)].mean() if unbiased else values.mean()

    return within(x) + within(y) - 2 * k(x, y).mean()


@pytest.mark.parametrize("kernel", ["rbf", "imq"])
@pytest.mark.parametrize("unbiased", [True, False])
@pytest.mark.parametrize("sizes", [(2, 3), (300, 120), (1203, 700)])  # one block, and several
def test_is_the_mean_over_all_pairs(kernel, unbiased, sizes):
    x, y = rng().normal(size=(sizes[0], 3)) + 50, rng().normal(size=(sizes[1], 3)) * 1.5 + 50.2
    got = metrics.mmd(x, y, kernel, bandwidth=2.0, scales=(1, 0.5), unbiased=unbiased)
    assert got == pytest.approx(over_pairs(x, y, kernel, (2, 1), unbiased), abs=1e-12)


def test_closed_form_for_gaussians():
    # x - x' ~ N(0, 2 I): E exp(-|d|^2 / (2 h^2)) = (1 + 2 / h^2)^(-D/2) exp(-|m|^2 / (2 (h^2 + 2)))
    dim, shift, h = 3, 1.0, 1.5
    x, y = rng().normal(size=(2, 4000, dim))
    y[:, 0] += shift
    size = (1 + 2 / h**2) ** (-dim / 2)
    expected = 2 * size * (1 - np.exp(-(shift**2) / (2 * (h**2 + 2))))
    assert metrics.mmd(x, y, bandwidth=h, scales=[1]) == pytest.approx(expected, abs=0.006)


def test_is_unbiased_where_it_says_so():
    values = {True: [], False: []}
    generator = rng()
    for _ in range(60):
        x, y = generator.normal(size=(2, 30, 2))
        for unbiased in values:
            values[unbiased].append(metrics.mmd(x, y, bandwidth=1.0, unbiased=unbiased))
    error = np.std(values[True]) / np.sqrt(60)
    assert abs(np.mean(values[True])) < 3 * error
    assert min(values[True]) < 0 < min(values[False])
    assert np.mean(values[False]) > 10 * error
    assert np.max(np.subtract(values[False], values[True])) <= 2 / 30 + 1e-12


@pytest.mark.parametrize("kernel", ["rbf", "imq"])
def test_bounds(kernel):
    x = rng().normal(size=(20, 2))
    assert metrics.mmd(x, x, kernel, unbiased=False) == pytest.approx(0, abs=1e-12)
    far = metrics.mmd(np.zeros((20, 2)), np.full((20, 2), 1e6), kernel, bandwidth=1.0)
    assert far == pytest.approx(2, abs=1e-6)


def test_does_not_depend_on_order_or_with_the_median_on_scale_and_place():
    x, y = rng().normal(size=(200, 2)), rng().normal(size=(150, 2)) + 0.5
    value = metrics.mmd(x, y)
    assert metrics.mmd(y, x) == pytest.approx(value)
    assert metrics.mmd(x[::-1], y) == pytest.approx(value)
    assert metrics.mmd(1e3 * x + 1e5, 1e3 * y + 1e5) == pytest.approx(value, rel=1e-6)


@pytest.mark.slow
def test_the_median_of_many_points_is_reproducible():
    x, y = rng().normal(size=(2, 1500, 2))
    assert metrics.mmd(x, y) == metrics.mmd(x, y)
    assert metrics.mmd(x, y) == pytest.approx(metrics.mmd(x, y, seed=1), abs=1e-4)


def test_equal_points_have_no_discrepancy():
    assert metrics.mmd(np.ones((5, 2)), np.ones((4, 2))) == pytest.approx(0, abs=1e-12)
    mostly = np.zeros((50, 1))
    mostly[0] = 3.0
    assert np.isfinite(metrics.mmd(mostly, np.zeros((50, 1))))  # the median distance is 0


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"x": np.ones((1, 2))}, ValueError, "x must have shape .* N >= 2"),
        ({"y": np.ones((3, 3))}, ValueError, "same number of columns"),
        ({"y": [[np.inf, 0], [0, 0]]}, ValueError, "y must be finite"),
        ({"kernel": "linear"}, ValueError, "kernel"),
        ({"bandwidth": 0.0}, ValueError, "bandwidth"),
        ({"bandwidth": "median"}, TypeError, "bandwidth"),
        ({"scales": ()}, ValueError, "scales"),
        ({"scales": (1, -1)}, ValueError, "scales"),
    ],
)
def test_refuses(change, error, message):
    with pytest.raises(error, match=message):
        metrics.mmd(**({"x": np.ones((3, 2)), "y": np.ones((3, 2))} | change))
