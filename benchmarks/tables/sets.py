"""The four tables: penguins, wine, breast cancer, and cells that are simulated."""

import numpy as np
import pandas
from sklearn.datasets import load_breast_cancer, load_wine

from intelvae_keras import datasets, tables

SETS = ("penguins", "wine", "breast cancer", "cells")
_TEST = 0.25  # of the rows
_HOLES = 0.2  # of the values that are there
GENES, TYPES, CELLS, R = 40, 3, 1200, 2.0


def load(name, seed):
    """Training and test rows of a table, shuffled by the seed: frames, and the classes of the test rows.

    Classes are no column, but for the penguins, whose species is one.
    """
    if name == "penguins":
        frame = datasets.load("penguins")
        classes = frame["species"].cat.codes.to_numpy()
    elif name == "cells":
        frame, classes, _ = cells(seed)
    else:
        found = (load_wine if name == "wine" else load_breast_cancer)(as_frame=True)
        frame, classes = found.data, found.target.to_numpy()
    rows = np.random.default_rng([seed, 0]).permutation(len(frame))
    held_out = round(_TEST * len(frame))
    train, test = rows[:-held_out], rows[-held_out:]
    return frame.iloc[train], frame.iloc[test], classes[train], classes[test]


def table_of(train):
    """The table of the training rows, its kinds as inferred."""
    return tables.Table(train)


def with_holes(array, seed):
    """A copy of an array in which a fifth of the values are holes too, and where these are."""
    random = np.random.default_rng([seed, 1])
    made = (random.random(array.shape) < _HOLES) & ~np.isnan(array)
    return np.where(made, np.nan, array).astype("float32"), made


def cells(seed):
    """Counts of 40 genes in 1,200 cells of three types, the types, and log p of each cell in nats.

    log of a cell's size ~ N(0, 0.3^2); count ~ NB(mean = size * profile of the type, r = 2).
    """
    random = np.random.default_rng([seed, 2])
    profiles = np.exp(random.normal(1.0, 1.0, GENES) + random.normal(0, 0.8, (TYPES, GENES)))
    types = random.integers(TYPES, size=CELLS)
    size = np.exp(random.normal(0, 0.3, CELLS))
    mean = size[:, None] * profiles[types]
    counts = random.poisson(random.gamma(R, mean / R))
    names = [f"gene {i + 1}" for i in range(GENES)]
    return pandas.DataFrame(counts, columns=names), types, profiles


def log_p_cells(counts, profiles, nodes=60):
    """The true log p of cells in nats, shape (N,): the sum over types, the integral over the size."""
    from scipy import special, stats

    points, weights = np.polynomial.hermite_e.hermegauss(nodes)
    mean = np.exp(0.3 * points)[:, None, None] * profiles  # (nodes, types, genes)
    x = np.asarray(counts)[:, None, None]
    log_p = stats.nbinom.logpmf(x, R, R / (R + mean)).sum(axis=-1)  # (N, nodes, types)
    log_weights = np.log(weights / weights.sum())[:, None] - np.log(TYPES)
    return special.logsumexp(log_p + log_weights, axis=(1, 2))
