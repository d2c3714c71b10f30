"""The Frechet distance: how far generated samples are from real ones, in a space of features."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from intelvae_keras._engine import checks
from intelvae_keras.metrics import checked


def frechet_distance(
    real: ArrayLike, generated: ArrayLike, features: Callable | None = None
) -> float:
    r"""The squared Frechet distance between two Gaussians that are fitted to features.

    |m_1 - m_2|^2 + tr S_1 + tr S_2 - 2 tr (S_1^(1/2) S_2 S_1^(1/2))^(1/2),

    with m the mean and S the covariance (divided by N - 1) of the features. It is >= 0, in squared
    units of the features: 0 for equal Gaussians, smaller is better. Distances compare only with
    the same features, data set and N. With `inception_features` it is known as FID.

    It is biased: too large by an amount that falls like 1/N, and is larger for more features. Take two
    samples of one N(0, I) with 128 dimensions: they are 8.4 apart at N = 1,000, and 0.86 at N = 10,000,
    not 0. So compare models at the same N, 10,000 or more, and state it.

    Source: Heusel et al. (2017), "GANs trained by a two time-scale update rule converge to a local
    Nash equilibrium"; on the bias, Chong and Forsyth (2020), "Effectively unbiased FID".

    Args:
        real: Features of real data, shape (N, F); with `features`, the data, shape (N, ...).
        generated: The same of generated data; their number may differ.
        features: A function from data to features, shape (batch, F), which is called on batches:
            from `load_features`, `train_features` or `inception_features`, or any Keras model.

    Returns:
        A float.

    Raises:
        TypeError: If an array does not hold numbers.
        ValueError: If an array has another shape, fewer than 2 rows, or values that are not finite.
    """
    if features is not None:
        checks.function("features", features, "from data to features")
        real = checked.in_batches("real", real, features)
        generated = checked.in_batches("generated", generated, features)
    hint = "" if features is not None else " For images, pass features=."
    real, generated = checked.pair("real", real, "generated", generated, 2, hint)
    between_means = np.sum((real.mean(axis=0) - generated.mean(axis=0)) ** 2)
    first, second = _root(real), _root(generated)
    # With S_1 = A^T A and S_2 = B^T B, the last trace is the sum of the singular values of A B^T.
    # It is exact for singular covariances too, where the eigenvalues of S_1^(1/2) S_2 S_1^(1/2),
    # their squares, would be lost in rounding.
    overlap = np.linalg.svd(first @ second.T, compute_uv=False).sum()
    distance = between_means + np.sum(first**2) + np.sum(second**2) - 2 * overlap
    return float(max(distance, 0.0))  # rounding may pass 0


def _root(features):
    """A with A^T A the covariance, shape (min(N, F), F), without forming the covariance."""
    centred = features - features.mean(axis=0)
    return np.linalg.qr(centred, mode="r") / np.sqrt(len(features) - 1)
