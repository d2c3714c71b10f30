"""The truth about the patterns: the code that made the data, and the density that they have."""

import itertools
import math
from typing import NamedTuple

import keras
import numpy as np
from scipy import special

from intelvae_keras import InteLVAE, datasets, likelihoods

NOISE, TERMS = 0.1, 3
SMALLEST, LARGEST = 0.5, 1.5  # magnitudes of the amplitudes
_NEAREST = (
    3  # choices of patterns that are looked at: from the second on they weigh next to nothing
)
_DRAWS = 4_000


class _Fits(NamedTuple):
    """Each choice of 3 patterns, fitted to each example by least squares.

    choices (C, 3); solution (N, C, 3), its amplitudes; inverse (C, 3, 3), of the patterns' products; log_mass
    (N, C), log of the integral over all amplitudes of N(x; a B, noise^2 I) / 8.
    """

    choices: np.ndarray
    solution: np.ndarray
    inverse: np.ndarray
    log_mass: np.ndarray


def _fits(x):
    b, x = datasets.true_patterns().astype("float64"), np.asarray(x, "float64")
    choices = np.array(list(itertools.combinations(range(len(b)), TERMS)))
    chosen = b[choices]  # (C, 3, 64)
    inverse = np.linalg.inv(chosen @ chosen.transpose(0, 2, 1))
    projected = np.tensordot(x, chosen, axes=(1, 2))  # (N, C, 3)
    solution = np.einsum("cij,ncj->nci", inverse, projected)
    rest = np.sum(x**2, axis=1)[:, np.newaxis] - np.sum(solution * projected, axis=2)
    log_mass = (
        -rest / (2 * NOISE**2)
        - (x.shape[1] - TERMS) / 2 * math.log(2 * math.pi * NOISE**2)
        + 0.5 * np.linalg.slogdet(inverse)[1]
        - TERMS * math.log(2)
    )
    return _Fits(choices, solution, inverse, log_mass)


def amplitudes(x):
    """The true code, (N, 20): least squares with the 3 patterns that suit best, all others exactly 0."""
    fits, rows = _fits(x), np.arange(len(x))[:, np.newaxis]
    best = fits.log_mass.argmax(axis=1)
    code = np.zeros((len(x), len(datasets.true_patterns())), np.float32)
    code[rows, fits.choices[best]] = fits.solution[rows[:, 0], best]
    return code


class _TrueCode(InteLVAE):
    """The decoder that made the data, p(x|z) = N(z B, noise^2 I), and the true code as `encode`."""

    def encode(self, x, sample=False, seed=None):
        return amplitudes(x)


def model():
    """The VAE whose code is the true one."""
    b = datasets.true_patterns()
    vae = _TrueCode(
        len(b),
        encoder=keras.layers.Identity(),
        decoder=keras.layers.Dense(b.shape[1], use_bias=False),
        likelihood=likelihoods.Gaussian(scale=NOISE),
    )
    vae.build((None, b.shape[1]))
    vae.decoder.set_weights([b])
    return vae


def log_p(x, seed=0):
    """Log p(x) of the patterns' data, nats, shape (N,).

    p(x) is the mean, over the choices of 3 of 20 patterns, of the integral over their amplitudes. In
    these, the integrand is a Gaussian around the least squares solution. Its mass within the range of the
    magnitudes, one of 8 boxes of unit size and weight 1/8, is estimated from draws.
    """
    fits = _fits(x)
    root = NOISE * np.linalg.cholesky(fits.inverse)
    noise = np.random.default_rng(seed).standard_normal((_DRAWS, TERMS))
    found = np.empty((len(x), _NEAREST))
    for row, nearest in enumerate(np.argsort(-fits.log_mass, axis=1)[:, :_NEAREST]):
        for place, choice in enumerate(nearest):
            a = np.abs(fits.solution[row, choice] + noise @ root[choice].T)
            inside = ((a >= SMALLEST) & (a < LARGEST)).all(axis=1).mean()
            found[row, place] = fits.log_mass[row, choice] + math.log(max(inside, 0.5 / _DRAWS))
    return special.logsumexp(found, axis=1) - math.log(len(fits.choices))
