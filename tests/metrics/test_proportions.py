"""Proportions of clusters: counts, parts of the Clusters mapping, distances to the true ones."""

import itertools

import numpy as np
import pytest

from intelvae_keras import mappings, metrics


def test_counts():
    proportions = metrics.cluster_proportions([0, 2, 2, 0, 2], 4)
    np.testing.assert_allclose(proportions, [0.4, 0, 0.6, 0])


def test_the_largest_of_scores_counts():
    proportions = metrics.cluster_proportions([[0.2, 0.5, 0.3], [0.9, 0.1, 0.0]], 3)
    np.testing.assert_allclose(proportions, [0.5, 0.5, 0])


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_of_the_prior_are_those_of_the_mapping(dim):
    clusters = mappings.Clusters(3, proportions=[0.6, 0.1, 0.3])
    y = np.random.default_rng(0).normal(size=(20_000, dim)).astype("float32")
    clusters(y)
    proportions = metrics.cluster_proportions(clusters.part(y), 3)
    np.testing.assert_allclose(proportions, [0.6, 0.1, 0.3], atol=0.01)
    assert metrics.proportions_distance(proportions, clusters.proportions) < 0.01


@pytest.mark.parametrize(
    ("assignments", "num_clusters", "error", "message"),
    [
        ([0, 1, 3], 3, ValueError, r"lie in 0..2 for num_clusters=3; got 3"),
        ([0, -1], 3, ValueError, "assignments must be >= 0; got -1"),
        ([0.0, 1.0], 2, ValueError, "whole numbers"),
        ([], 2, ValueError, "whole numbers"),
        (np.ones((4, 3)), 2, ValueError, "a column for each of num_clusters=2"),
        ([0, 1], 0, ValueError, "num_clusters"),
        ([0, 1], "2", TypeError, "num_clusters"),
    ],
)
def test_refuses(assignments, num_clusters, error, message):
    with pytest.raises(error, match=message):
        metrics.cluster_proportions(assignments, num_clusters)


def test_distance_by_hand():
    assert metrics.proportions_distance([0.8, 0.2], [0.5, 0.5]) == pytest.approx(0.3)
    assert metrics.proportions_distance([1, 0], [0, 1]) == 1.0
    assert metrics.proportions_distance([1, 0], [0, 1], in_any_order=True) == 0.0


def test_distance_in_any_order_is_the_smallest_over_all_orders():
    rng = np.random.default_rng(0)
    for _ in range(20):
        found, true = rng.dirichlet(np.ones(5), size=2)
        smallest = min(
            metrics.proportions_distance(order, true) for order in itertools.permutations(found)
        )
        distance = metrics.proportions_distance(found, true, in_any_order=True)
        assert distance == pytest.approx(smallest)


@pytest.mark.parametrize(
    ("found", "expected", "message"),
    [
        ([0.5, 0.6], [0.5, 0.5], "proportions must be numbers"),
        ([0.5, 0.5], [1.5, -0.5], "expected must be numbers"),
        ([0.5, np.nan], [0.5, 0.5], "proportions must be numbers"),
        ([[1.0]], [1.0], "proportions must be numbers"),
        ([1.0], [0.5, 0.5], "same length; got 1 and 2"),
    ],
)
def test_distance_refuses(found, expected, message):
    with pytest.raises(ValueError, match=message):
        metrics.proportions_distance(found, expected)
