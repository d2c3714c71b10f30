"""Two-dimensional toy sets whose shape one can see.

Before the noise, each lies in the unit disc (the swiss roll: of its own centre) with mean zero;
then isotropic Gaussian noise of standard deviation `noise` is added. Every function returns
`(x, labels)`: x float32, shape (num_samples, 2); labels int64, shape (num_samples,), the part of
the shape that a point is from (0 where there is only one part). Parts are equally frequent.
The same seed, an integer >= 0 or a NumPy `Generator`, gives the same bits.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from intelvae_keras._engine import checks
from intelvae_keras.datasets import archives, load_options


def circle(
    num_samples: int, noise: float = 0.05, seed: int | np.random.Generator = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Unit circle: x = (cos t, sin t), t uniform on [0, 2 pi).

    Args:
        num_samples: Number of points.
        noise: Standard deviation of the Gaussian noise in each coordinate.
        seed: Integer, or a NumPy `Generator`.

    Returns:
        `(x, labels)`, shapes (num_samples, 2) and (num_samples,); labels are 0.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If `num_samples` < 1, `noise` < 0, or `seed` < 0.
    """
    rng = load_options.random_generator(seed)
    t = rng.uniform(0, 2 * np.pi, checks.integer("num_samples", num_samples, minimum=1))
    return _noisy(_polar(1.0, t), np.zeros_like(t), noise, rng)


def figure_eight(
    num_samples: int, noise: float = 0.05, seed: int | np.random.Generator = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Gerono's figure eight: x = (cos t, sin t cos t), t uniform on [-pi / 2, 3 pi / 2).

    Its equation is x_2^2 = x_1^2 (1 - x_1^2).

    Args:
        num_samples: Number of points.
        noise: Standard deviation of the Gaussian noise in each coordinate.
        seed: Integer, or a NumPy `Generator`.

    Returns:
        `(x, labels)`, shapes (num_samples, 2) and (num_samples,); label 0 right loop, 1 left.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If `num_samples` < 1, `noise` < 0, or `seed` < 0.
    """
    rng = load_options.random_generator(seed)
    loop = _parts(num_samples, 2, rng)
    t = np.pi * loop + rng.uniform(-np.pi / 2, np.pi / 2, loop.shape)
    points = np.stack([np.cos(t), np.sin(t) * np.cos(t)], axis=-1)
    return _noisy(points, loop, noise, rng)


def star(
    num_samples: int, arms: int = 5, noise: float = 0.03, seed: int | np.random.Generator = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Straight arms from the origin: x = r (cos a_j, sin a_j), a_j = 2 pi j / arms + pi / 2.

    The radius r is uniform on [0, 1).

    Args:
        num_samples: Number of points.
        arms: Number of arms, at least 2.
        noise: Standard deviation of the Gaussian noise in each coordinate.
        seed: Integer, or a NumPy `Generator`.

    Returns:
        `(x, labels)`, shapes (num_samples, 2) and (num_samples,); labels are the arm j.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If `num_samples` < 1, `arms` < 2, `noise` < 0, or `seed` < 0.
    """
    rng = load_options.random_generator(seed)
    arm = _parts(num_samples, checks.integer("arms", arms, minimum=2), rng)
    radius = rng.uniform(0, 1, arm.shape)
    return _noisy(_polar(radius, 2 * np.pi * arm / arms + np.pi / 2), arm, noise, rng)


def clusters(
    num_samples: int, k: int = 5, noise: float = 0.1, seed: int | np.random.Generator = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Gaussian clusters with centres (cos a_j, sin a_j) on the unit circle, a_j = 2 pi j / k.

    Args:
        num_samples: Number of points.
        k: Number of clusters, at least 2.
        noise: Standard deviation of each cluster in each coordinate.
        seed: Integer, or a NumPy `Generator`.

    Returns:
        `(x, labels)`, shapes (num_samples, 2) and (num_samples,); labels are the cluster j.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If `num_samples` < 1, `k` < 2, `noise` < 0, or `seed` < 0.
    """
    rng = load_options.random_generator(seed)
    cluster = _parts(num_samples, checks.integer("k", k, minimum=2), rng)
    return _noisy(_polar(1.0, 2 * np.pi * cluster / k), cluster, noise, rng)


def two_rings(
    num_samples: int, noise: float = 0.03, seed: int | np.random.Generator = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Two circles around the origin: x = r (cos t, sin t), r = 1/2 or 1, t uniform on [0, 2 pi).

    Args:
        num_samples: Number of points.
        noise: Standard deviation of the Gaussian noise in each coordinate.
        seed: Integer, or a NumPy `Generator`.

    Returns:
        `(x, labels)`, shapes (num_samples, 2) and (num_samples,); label 0 inner ring, 1 outer.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If `num_samples` < 1, `noise` < 0, or `seed` < 0.
    """
    rng = load_options.random_generator(seed)
    ring = _parts(num_samples, 2, rng)
    t = rng.uniform(0, 2 * np.pi, ring.shape)
    return _noisy(_polar((1 + ring) / 2, t), ring, noise, rng)


def swiss_roll(
    num_samples: int, noise: float = 0.03, seed: int | np.random.Generator = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Spiral of one and a half turns: x = s (cos t, sin t) - m, s = t / (4.5 pi).

    The angle t is uniform on [1.5 pi, 4.5 pi); m = (6 pi, 2) / (13.5 pi^2) is the mean of
    s (cos t, sin t).

    Args:
        num_samples: Number of points.
        noise: Standard deviation of the Gaussian noise in each coordinate.
        seed: Integer, or a NumPy `Generator`.

    Returns:
        `(x, labels)`, shapes (num_samples, 2) and (num_samples,); labels are 0.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If `num_samples` < 1, `noise` < 0, or `seed` < 0.
    """
    rng = load_options.random_generator(seed)
    num_samples = checks.integer("num_samples", num_samples, minimum=1)
    t = rng.uniform(1.5 * np.pi, 4.5 * np.pi, num_samples)
    mean = np.array([6 * np.pi, 2]) / (13.5 * np.pi**2)
    return _noisy(_polar(t / (4.5 * np.pi), t) - mean, np.zeros_like(t), noise, rng)


def train_and_test(
    toy: Callable,
    *,
    num_train: int = 10_000,
    num_test: int = 2_000,
    seed: int | np.random.Generator = 0,
    **options: Any,
) -> archives.Raw:
    """Training and test part of a toy, drawn from one stream of random numbers, so that they differ."""
    rng = load_options.random_generator(seed)
    num_train = checks.integer("num_train", num_train, minimum=1)
    num_test = checks.integer("num_test", num_test, minimum=1)
    return toy(num_train, seed=rng, **options), toy(num_test, seed=rng, **options)


def _polar(radius, angle):
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)


def _parts(num_samples, num_parts, rng):
    # Shuffled, not drawn: the parts are then equally frequent for every seed.
    return rng.permutation(checks.integer("num_samples", num_samples, minimum=1)) % num_parts


def _noisy(points, labels, noise, rng):
    x = points + checks.number("noise", noise) * rng.standard_normal(points.shape)
    return x.astype(np.float32), labels.astype(np.int64)
