"""What claims 1 and 2 measure besides the package's own metrics: mass between modes, the structure of z."""

import functools

import numpy as np
from scipy.spatial import cKDTree
from scipy.special import logsumexp

CENTRES = np.exp(2j * np.pi * np.arange(5) / 5)  # of datasets.toys.clusters
CLUSTER_NOISE = 0.1
RING_NOISE = 0.03


def between_modes(toy, x):
    """The fraction of points that lie between the modes: 3 standard deviations of the noise off each.

    Clusters: further than 3 sigma from all centres, within the disc of radius 1 + 3 sigma that holds
    them. Two rings: 1/2 + 3 sigma < |x| < 1 - 3 sigma. None for the other toys, which have one mode.
    """
    radius = np.linalg.norm(x, axis=1)
    if toy == "clusters":
        nearest = np.abs((x[:, 0] + 1j * x[:, 1])[:, None] - CENTRES).min(axis=1)
        return float(np.mean((nearest > 3 * CLUSTER_NOISE) & (radius < 1 + 3 * CLUSTER_NOISE)))
    if toy == "two_rings":
        return float(np.mean((radius > 0.5 + 3 * RING_NOISE) & (radius < 1 - 3 * RING_NOISE)))
    return None


def true_log_density(toy, x):
    """Log p(x) of the distribution that the toy is drawn from, nats, shape (N,): what none can beat.

    A mixture of Gaussians with the toy's noise, along its noise-free shape: exact for the clusters,
    else with so many components that the steps between them are far below the noise.
    """
    centres, noise = _noise_free(toy)
    squares = ((x[:, None, :] - c) ** 2 for c in np.array_split(centres, 20))
    log_sums = [logsumexp(-s.sum(-1) / (2 * noise**2), axis=1) for s in squares]
    constant = np.log(len(centres)) + np.log(2 * np.pi * noise**2)
    return logsumexp(np.stack(log_sums), axis=0) - constant


def _noise_free(toy, size=2000):
    """Points of equal weight along the shape, and the standard deviation of the noise."""
    t = 2 * np.pi * (np.arange(size) + 0.5) / size
    ring = np.stack([np.cos(t), np.sin(t)], axis=1)
    if toy == "figure_eight":
        return ring * np.stack([np.ones_like(t), np.cos(t)], axis=1), 0.05
    if toy == "star":
        angles = 2 * np.pi * np.arange(5) / 5 + np.pi / 2
        radius = (np.arange(size // 5) + 0.5) / (size // 5)
        arms = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        return (radius[:, None, None] * arms).reshape(-1, 2), 0.03
    if toy == "clusters":
        return np.stack([CENTRES.real, CENTRES.imag], axis=1), CLUSTER_NOISE
    if toy == "two_rings":
        return np.concatenate([0.5 * ring, ring]), RING_NOISE
    return ring, 0.05


def distance_from_structure(toy, z):
    """How far codes z, shape (N, 2), are from the structure that the toy's g builds in; 0: all have it.

    A shape (circle, figure eight, five rays of the star, one of two rings): the root mean square distance
    from it, over the shape's size. Codes are first scaled, and for the star turned, as suits them best,
    since only g fixes scale and angle. Clusters: the fraction outside of five parts, see `_in_parts`.

    It is a ruler, and no threshold: data with noise are not on their shape either. Measure them beside.
    """
    if toy == "clusters":
        return 1 - _in_parts(z)
    if toy == "star":
        return _from_rays(z)
    return min(_from_shape(toy, z / scale) for scale in _scales(z))


def _scales(z):
    # 1 for a g that fixes the scale; else what puts some code on the shape.
    radius = np.linalg.norm(z, axis=1)
    return [1.0, *np.quantile(radius, np.linspace(0.05, 0.95, 37)).clip(1e-6)]


def _from_shape(toy, z):
    radius = np.linalg.norm(z, axis=1)
    if toy == "two_rings":
        distance = np.minimum(np.abs(radius - 1), np.abs(radius - 2))
    elif toy == "figure_eight":
        distance = _eight().query(z)[0]
    else:
        distance = np.abs(radius - 1)
    return float(np.sqrt(np.mean(distance**2)))


@functools.cache
def _eight():
    t = np.linspace(-np.pi, np.pi, 20_001)
    return cKDTree(np.stack([np.cos(t), np.sin(t) * np.cos(t)], axis=1))


def _from_rays(z, rays=5, rotations=360):
    """From five equally spaced rays, in root mean squares of z."""
    z = z / np.sqrt(np.mean(np.sum(z**2, axis=1)))
    radius, angle = np.linalg.norm(z, axis=1), np.arctan2(z[:, 1], z[:, 0])
    found = []
    for turn in np.arange(rotations) * 2 * np.pi / rays / rotations:
        off = np.mod(angle - turn + np.pi / rays, 2 * np.pi / rays) - np.pi / rays
        found.append(np.sqrt(np.mean((radius * np.sin(off)) ** 2)))
    return float(min(found))


def _in_parts(z, parts=5, rotations=72):
    """The fraction of codes well inside of one of five equal sectors, turned as suits best.

    Well inside: more than 0.4 times as far from the sector's boundary as a code at its middle would be,
    at the root mean square distance from the origin. (47% of N(0, I) are.)
    """
    margin = 0.4 * np.sin(np.pi / parts) * np.sqrt(np.mean(np.sum(z**2, axis=1)))
    radius, angle = np.linalg.norm(z, axis=1), np.arctan2(z[:, 1], z[:, 0])
    sector = 2 * np.pi / parts
    fractions = []
    for turn in np.arange(rotations) * sector / rotations:
        within = np.mod(angle - turn, sector)
        to_boundary = radius * np.sin(np.minimum(within, sector - within))
        fractions.append(np.mean(to_boundary > margin))
    return float(max(fractions))


def far_from_shape(toy, x, threshold=0.1):
    """Which points are more than 3 sigma + threshold from the noise-free shape, a mask of shape (N,)."""
    centres, noise = _noise_free(toy)
    return cKDTree(centres).query(x)[0] > 3 * noise + threshold
