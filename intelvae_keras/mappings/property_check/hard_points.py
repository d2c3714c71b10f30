"""Points where a careless mapping, or its gradient, breaks."""

import math
import statistics

import numpy as np

_SMALL = (0.0, -0.0, 1e-45, -1e-40, 1e-30, -1e-20, 1e-7, 9.9e-7, -1.1e-6, 1e-3)
_LARGE = (-1.0, 30.0, -100.0, 1e3, -1e4, 1e4)
HUGE = (1e10, -1e20)  # whose squares overflow
_PARTS = range(2, 10)  # equal parts of the prior, whose boundaries are hard


def draws(latent_dim: int, num_points: int = 48, seed: int = 0) -> np.ndarray:
    """Draws of the prior, shape (N, M)."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(num_points, latent_dim)).astype("float32")


def hard(latent_dim: int) -> np.ndarray:
    """The origin with both signs, denormals, large values, boundaries with their neighbours: (N, M).

    Along each axis and along the diagonal. The boundaries are those of 2 to 9 equal parts, on the line and
    in the plane.
    """
    eye = np.eye(latent_dim)
    points = _along(_SMALL + _LARGE, latent_dim)
    for quantile in np.float32(_quantiles()):
        neighbours = np.nextafter(quantile, np.float32([-9, 9]))
        points += [value * eye[0] for value in (quantile, *neighbours)]
    if latent_dim >= 2:
        turns = sorted({k / (2 * n) for n in _PARTS for k in range(2 * n)})  # rays and mid-sectors
        angles = [math.pi / 2 + 2 * math.pi * turn for turn in turns]
        plane = [[math.cos(angle), math.sin(angle)] for angle in angles]
        points += [radius * (row @ eye[:2]) for row in plane for radius in (1e-20, 1e-3, 1.0, 1e4)]
    return np.array(points, "float32")


def huge(latent_dim: int) -> np.ndarray:
    """Points whose squares overflow in float32, shape (N, M): along the axes, and off them."""
    off = [size * row for size in HUGE for row in draws(latent_dim, 4, seed=3)]
    return np.array(_along(HUGE, latent_dim) + off, "float32")


def _along(sizes, latent_dim):
    directions = [*np.eye(latent_dim), np.ones(latent_dim)]
    return [size * direction for size in sizes for direction in directions]


def _quantiles():
    normal = statistics.NormalDist()
    return sorted({normal.inv_cdf(k / n) for n in _PARTS for k in range(1, n)})
