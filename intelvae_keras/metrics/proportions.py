"""The proportions of clusters, and how far they are from the true ones."""

import numpy as np
from numpy.typing import ArrayLike

from intelvae_keras._engine import arrays, checks
from intelvae_keras.metrics import checked


def cluster_proportions(assignments: ArrayLike, num_clusters: int) -> np.ndarray:
    """The proportion of codes or samples in each cluster.

    p_k = (1/N) sum_i [ assignment_i = k ], in [0, 1] with sum 1, without unit.

    ```python
    y = vae.posterior(x).mean()
    metrics.cluster_proportions(vae.mapping.part(y), 2)                  # of the data's codes
    metrics.cluster_proportions(classifier(vae.sample(1000)), 10)        # of samples, by class
    ```

    Args:
        assignments: The cluster 0..K-1 of each, shape (N,), as from `mappings.Clusters.part`, labels,
            or k-means; or the scores or probabilities of the clusters, shape (N, K), of which the
            largest counts.
        num_clusters: K >= 1; clusters without a member get 0.

    Returns:
        A numpy array of shape (K,).

    Raises:
        TypeError: If num_clusters is not an integer.
        ValueError: If assignments has another shape, is empty, or holds other than 0..K-1.
    """
    num_clusters = checks.integer("num_clusters", num_clusters, minimum=1)
    assignments = np.asarray(arrays.plain("assignments", assignments))
    if assignments.ndim == 2:
        scores = checked.rows("assignments", assignments)
        if scores.shape[1] != num_clusters:
            raise ValueError(
                f"assignments must have a column for each of num_clusters={num_clusters}; "
                f"got shape {scores.shape}."
            )
        assignments = scores.argmax(axis=1)
    assignments = checked.classes("assignments", assignments)
    if assignments.max() >= num_clusters:
        raise ValueError(
            f"assignments must lie in 0..{num_clusters - 1} for num_clusters={num_clusters}; "
            f"got {assignments.max()}."
        )
    return np.bincount(assignments, minlength=num_clusters) / len(assignments)


def proportions_distance(
    proportions: ArrayLike, expected: ArrayLike, in_any_order: bool = False
) -> float:
    """The total variation between two lists of proportions.

    (1/2) sum_k |p_k - q_k|, in [0, 1], without unit: the fraction that would have to change cluster.

    Args:
        proportions: The proportions found, shape (K,), with sum 1.
        expected: The true proportions, shape (K,), with sum 1.
        in_any_order: Whether clusters have no names, as found without labels. The distance is then the
            smallest over all orders, which is that of the sorted proportions.

    Returns:
        A float.

    Raises:
        ValueError: If the shapes differ, a proportion is negative, or the sums are not 1.
    """
    checked = []
    for name, value in (("proportions", proportions), ("expected", expected)):
        value = np.asarray(arrays.as_array(name, value), dtype="float64")
        bad = value.ndim != 1 or value.size == 0
        if bad or not (value.min() >= 0 and abs(value.sum() - 1) <= 1e-4):  # NaN fails, too
            raise ValueError(f"{name} must be numbers >= 0 with sum 1, shape (K,); got {value}.")
        checked.append(np.sort(value) if in_any_order else value)
    if len(checked[0]) != len(checked[1]):
        raise ValueError(
            "proportions and expected must have the same length; "
            f"got {len(checked[0])} and {len(checked[1])}."
        )
    return float(np.abs(checked[0] - checked[1]).sum() / 2)
