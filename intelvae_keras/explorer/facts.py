"""What the page of `vae.explore` holds beside the model: examples, names, units, each latent's KL."""

import base64
from collections.abc import Iterable, Sequence

import keras
import numpy as np
import tensorflow_probability as tfp
from numpy.typing import ArrayLike

from intelvae_keras import likelihoods, priors
from intelvae_keras.explorer.exporting import short
from intelvae_keras.model import InteLVAE

tfd = tfp.distributions
MOST_EXAMPLES = 200
MOST_VALUES = 400_000  # of the examples themselves: half a megabyte in the page


def facts(vae: InteLVAE, x: ArrayLike | None, names: Sequence[str] | None) -> dict:
    """Entries of the page's specification: plain lists and numbers.

    Args:
        vae: The model.
        x: Examples, of which `MOST_EXAMPLES` at most are kept; None for none.
        names: Names of the values of x; None for those that the likelihood knows.

    Raises:
        TypeError: If x does not hold numbers, or names are no list.
        ValueError: If x is no data of the model, or there is not a name for each value.
    """
    x = np.zeros((0, *vae.data_shape)) if x is None else vae.check_data("x", x)
    examples = np.asarray(x)[:MOST_EXAMPLES]
    q = vae.posterior(examples) if len(examples) else None
    found = {
        "codes": [] if q is None else short(q.mean()),
        "names": _names(vae, names),
        "labels": _labels(vae),
        "range": _range(vae, examples),
        "columns": _columns(examples) if _is_table(vae, names) else [],
        "points": _points(vae, examples),
        "latents": _latents(vae, q),
    }
    return found | {"originals": _originals(vae, examples, found["range"])}


def _names(vae, names):
    if names is None:
        names = getattr(vae.likelihood, "names", None)  # those of a table's columns
    if names is None:
        return ["x₁", "x₂"] if vae.data_shape == (2,) else []
    if isinstance(names, str) or not isinstance(names, Iterable):
        raise TypeError(f"names must be a list, a name for each value of x; got {names!r}.")
    names = [str(name) for name in names]
    if len(names) != np.prod(vae.data_shape):
        raise ValueError(
            f"names must hold {np.prod(vae.data_shape)} names, one for each value of x; got {len(names)}."
        )
    return names


def _labels(vae):
    """What the codes of each column stand for, where the likelihood knows its table; [] for numbers."""
    table = getattr(vae.likelihood, "table", None)
    if table is None:
        return []
    # Of a binary column, the page shows the probability of the second label.
    of_categories = {name for name, kind in table.kinds.items() if kind == "category"}
    return [
        [str(label) for label in table.labels[name]] if name in of_categories else []
        for name in table.columns
    ]


def _is_table(vae, names):
    return names is not None or isinstance(vae.likelihood, likelihoods.Columns)


def _range(vae, examples):
    """The values that are drawn as empty and as full: [0, 1] where x lies there, else those of x."""
    low, high = vae.likelihood.support
    if np.isfinite([low, high]).all():
        return [float(low), float(high)]
    observed = examples[~np.isnan(examples)]
    if len(observed) and observed.max() > observed.min():
        return [float(observed.min()), float(observed.max())]
    return [0.0, 1.0] if len(vae.data_shape) > 1 else [-3.0, 3.0]


def _columns(examples):
    """The range of each named value: the columns of a table have units of their own."""
    if not len(examples):
        return []
    values = np.asarray(examples, "float64").reshape(len(examples), -1)
    low, high = np.fmin.reduce(values), np.fmax.reduce(values)  # of the values that are no holes
    return np.nan_to_num(np.stack([low, high], axis=1)).tolist()


def _points(vae, examples):
    if vae.data_shape != (2,):
        return []
    points = np.round(np.asarray(examples, "float64"), 4)
    return points[np.isfinite(points).all(axis=1)].tolist()


def _latents(vae, q):
    """The latents in the order of what they tell of the examples, and the KL of each in nats.

    Of q(y_j|x) against N(0, 1), the mean over the examples. Under another prior, which is none of each
    latent alone, the order is that of the variance of the means, and no KL is told.
    """
    if q is None:
        return {"order": list(range(vae.latent_dim)), "kl": None}
    if type(vae.prior) is not priors.StandardNormal:
        moved = keras.ops.convert_to_numpy(q.mean()).var(axis=0)
        return {"order": np.argsort(-moved, kind="stable").tolist(), "kl": None}
    each = tfd.kl_divergence(tfd.Normal(q.mean(), q.stddev()), tfd.Normal(0.0, 1.0))
    kl = keras.ops.convert_to_numpy(each).mean(axis=0)
    return {"order": np.argsort(-kl, kind="stable").tolist(), "kl": short(kl)}


def _originals(vae, examples, value_range):
    """The examples themselves, as many as the page can carry: bytes of images, rows of other data."""
    size = int(np.prod(vae.data_shape))
    kept = np.asarray(examples, "float64")[: MOST_VALUES // size].reshape(-1, size)
    if len(vae.data_shape) > 1:
        low, high = value_range
        shades = np.rint(255 * np.clip((np.nan_to_num(kept, nan=low) - low) / (high - low), 0, 1))
        return {"base64": base64.b64encode(shades.astype(np.uint8).tobytes()).decode("ascii")}
    return {
        "rows": [[None if np.isnan(v) else float(f"{v:.6g}") for v in row] for row in kept.tolist()]
    }
