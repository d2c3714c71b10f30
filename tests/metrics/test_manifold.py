"""off_manifold: distances by hand, against all pairs, and on a toy whose fraction is known."""

import numpy as np
import pytest
from scipy import stats
from scipy.spatial import distance

from intelvae_keras import datasets, metrics


def test_by_hand():
    data = [[0.0, 0.0], [1.0, 0.0]]
    samples = [[0.05, 0.0], [0.5, 0.0], [1.0, 0.25], [1.0, -0.2]]
    assert metrics.off_manifold(samples, data, threshold=0.25) == 0.25  # 0.5 alone; not the equal
    assert metrics.off_manifold(samples, data) == 0.75
    assert metrics.off_manifold(data, data) == 0.0


@pytest.mark.parametrize("dim", [1, 2, 5])
def test_agrees_with_all_pairs(dim):
    rng = np.random.default_rng(dim)
    samples, data = rng.normal(size=(300, dim)), rng.normal(size=(200, dim))
    threshold = {1: 0.01, 2: 0.1, 5: 1.0}[dim]
    expected = np.mean(distance.cdist(samples, data).min(axis=1) > threshold)
    assert 0 < expected < 1
    assert metrics.off_manifold(samples, data, threshold) == expected


def test_of_samples_around_a_circle():
    circle, _ = datasets.circle(50_000, noise=0.0)
    samples, _ = datasets.circle(20_000, noise=0.05, seed=1)
    # Further than 0.1 from the circle: two standard deviations of the noise across it.
    expected = 2 * stats.norm.sf(2)
    assert metrics.off_manifold(samples, circle) == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"samples": np.ones(3)}, ValueError, "samples must have shape"),
        ({"data": np.ones((0, 2))}, ValueError, "data must have shape"),
        ({"data": np.ones((3, 3))}, ValueError, "same number of columns"),
        ({"samples": [[np.nan, 0]]}, ValueError, "samples must be finite"),
        ({"threshold": 0}, ValueError, "threshold"),
        ({"threshold": "0.1"}, TypeError, "threshold"),
    ],
)
def test_refuses(change, error, message):
    with pytest.raises(error, match=message):
        metrics.off_manifold(**({"samples": np.ones((3, 2)), "data": np.ones((4, 2))} | change))
