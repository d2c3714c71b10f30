"""The maximum mean discrepancy between two samples, by kernels."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from intelvae_keras._engine import checks
from intelvae_keras.metrics import checked

_BLOCK = 500  # rows at a time: 2 MB of kernel values, whatever the number of samples
_MEDIAN = 2000  # rows that the median distance is taken over


def mmd(
    x: ArrayLike,
    y: ArrayLike,
    kernel: str = "rbf",
    bandwidth: float | None = None,
    scales: Sequence[float] = (0.25, 0.5, 1.0, 2.0, 4.0),
    unbiased: bool = True,
    seed: int = 0,
) -> float:
    """The squared maximum mean discrepancy of two samples: 0 if they have one distribution.

    MMD^2 = E k(x, x') + E k(y, y') - 2 E k(x, y),

    with k(a, b) the mean over s in `scales` of exp(-|a - b|^2 / (2 h^2)) for "rbf", or of
    h^2 / (h^2 + |a - b|^2) for "imq", the inverse multiquadric, where h = s * bandwidth. It has no
    unit. Both kernels lie in (0, 1], so that MMD^2 lies in [0, 2].

    The unbiased estimate leaves out the pairs of a point with itself. For equal distributions it scatters
    around 0, below it too. The biased estimate is >= 0, and too large by at most 1/N + 1/N'.

    Source: Gretton et al. (2012), "A kernel two-sample test", lemma 6; the kernels of several
    widths, Li, Swersky and Zemel (2015), "Generative moment matching networks"; the inverse
    multiquadric, Tolstikhin et al. (2018), "Wasserstein auto-encoders".

    Args:
        x: Samples, shape (N, D), N >= 2.
        y: Samples, shape (N', D), N' >= 2.
        kernel: "rbf" or "imq".
        bandwidth: > 0, in units of x; None for the median distance between (at most 2,000) points
            of both samples. Give it explicitly to compare several models by one kernel.
        scales: Widths of the kernels, > 0, in bandwidths.
        unbiased: Whether to leave out the pairs of a point with itself.
        seed: Integer seed of the points that the median is taken over.

    Returns:
        A float.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is outside its range or shape, or not finite.
    """
    x, y = checked.pair("x", x, "y", y, minimum=2)
    if kernel not in ("rbf", "imq"):
        raise ValueError(f'kernel must be "rbf" or "imq"; got {kernel!r}.')
    if not isinstance(scales, Sequence | np.ndarray) or isinstance(scales, str):
        raise TypeError(f"scales must be a list of numbers > 0; got {scales!r}.")
    seed = checks.integer("seed", seed, minimum=0)
    scales = [checks.positive("scales", scale) for scale in scales]
    if not scales:
        raise ValueError("scales must hold at least one number > 0; got none.")
    mean = (x.mean(axis=0) + y.mean(axis=0)) / 2
    x, y = x - mean, y - mean  # far from 0, |a|^2 + |b|^2 - 2 a b would cancel
    if bandwidth is None:
        bandwidth = _median_distance(x, y, seed)
    squares = np.sort(np.square(scales))[::-1] * checks.positive("bandwidth", bandwidth) ** 2

    def mean_within(z):
        total, count = _sum_within(z, kernel, squares), len(z)
        return (total - count) / (count * (count - 1)) if unbiased else total / count**2

    between = _sum_between(x, y, kernel, squares) / (len(x) * len(y))
    return float(mean_within(x) + mean_within(y) - 2 * between)


def _sum_within(z, kernel, squares):
    """The sum of k over all pairs of z, those of a point with itself included (k = 1 each)."""
    total = 0.0
    for start in range(0, len(z), _BLOCK):
        block = z[start : start + _BLOCK]
        values = _kernel(_squared_distances(block, block), kernel, squares)
        total += values.sum() - np.trace(values) + len(block)  # 1 exactly on the diagonal
        total += 2 * _sum_between(block, z[start + _BLOCK :], kernel, squares)  # k is symmetric
    return total


def _sum_between(x, y, kernel, squares):
    blocks = [
        (x[i : i + _BLOCK], y[j : j + _BLOCK])
        for i in range(0, len(x), _BLOCK)
        for j in range(0, len(y), _BLOCK)
    ]
    return sum(_kernel(_squared_distances(a, b), kernel, squares).sum() for a, b in blocks)


def _kernel(squared_distances, kernel, squares):
    """The mean kernel over the squared widths, in decreasing order; changes its argument."""
    total = np.zeros_like(squared_distances)
    for square in squares:
        if kernel == "imq":
            total += square / (square + squared_distances)
        else:
            total += np.exp(squared_distances * (-0.5 / square))
    return total / len(squares)


def _squared_distances(x, y):
    """|x_i - y_j|^2, shape (N, N')."""
    squares = np.sum(x**2, axis=1)[:, None] + np.sum(y**2, axis=1) - 2 * (x @ y.T)
    return np.maximum(squares, 0.0, out=squares)


def _median_distance(x, y, seed):
    pooled = np.concatenate([x, y])
    if len(pooled) > _MEDIAN:
        rng = np.random.default_rng(seed)
        pooled = rng.choice(pooled, _MEDIAN, replace=False)
    pairs = _squared_distances(pooled, pooled)[np.triu_indices(len(pooled), k=1)]
    # Where most points coincide the median is 0; where all do, any width gives the same.
    return float(np.sqrt(np.median(pairs) or np.mean(pairs) or 1.0))
