"""A first look at data before any model: two principal components, beside a Gaussian's."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from intelvae_keras._engine import arrays, checks
from intelvae_keras.plots import drawable, style

_MOST_POINTS = 2000  # more of them are one blot, and take their time


def structure(
    x: ArrayLike,
    labels: ArrayLike | None = None,
    scale: bool | None = None,
    seed: int = 0,
) -> Figure:
    """First two principal components of data, beside those of a Gaussian of the same covariance.

    The title says what percentage of the variance they hold. Clusters, a circle, rings or a star in the
    data show on the left, and never on the right.

    It is a look, not a test. It cannot show what needs a third direction, what is small against the
    variance, or a shape that folds onto itself when laid flat. So a blot on the left does not say that
    there is no structure, least of all where the percentage is low. And lumps on the left need not be the
    groups that you have in mind. The figure chooses no mapping.

    A hole is filled with its column's mean, for the picture alone: many holes draw a line or a lump of
    their own. Of a DataFrame, columns of numbers and of yes and no count; those of labels are left out.

    Args:
        x: Data, shape (N, *shape), N >= 3: an array, images, or a DataFrame. NaN is a hole.
        labels: Classes, shape (N,), at most ten, as colours; None for a single one.
        scale: Whether each column is divided by its standard deviation. None: for a DataFrame, whose
            columns have units of their own, but for no array.
        seed: Integer seed of the Gaussian, and of the 2,000 rows that are taken if there are more.

    Returns:
        The figure: the data on the left, the Gaussian on the right.

    Raises:
        TypeError: If x does not hold numbers.
        ValueError: If x has fewer than three rows or two columns, an infinite value, a column of holes
            alone, or no variance; or the labels do not fit.
    """
    is_frame = hasattr(x, "select_dtypes")
    array = arrays.as_array("x", x.select_dtypes(["number", "bool", "boolean"]) if is_frame else x)
    array = np.asarray(array)
    if array.ndim < 2 or len(array) < 3 or array[0].size < 2:
        raise ValueError(
            f"x must have at least three rows and two columns of numbers; got shape {array.shape}."
        )
    if scale is not None:
        checks.boolean("scale", scale)
    groups = drawable.classes(labels, len(array))
    random = np.random.default_rng(checks.integer("seed", seed, minimum=0))
    shown = np.sort(random.permutation(len(array))[:_MOST_POINTS])
    rows = _filled(array[shown].reshape(len(shown), -1).astype("float64"))
    rows = rows - rows.mean(axis=0)
    if is_frame if scale is None else scale:
        deviation = rows.std(axis=0)
        rows = rows / np.where(deviation > 0, deviation, 1)
    points, percent = _components(rows)
    gaussian = random.standard_normal(points.shape) * points.std(axis=0)

    figure = style.Picture((style.WIDTH, 3.9))
    left, right = figure.subplots(1, 2)
    size = float(np.clip(6000 / len(points), 3, 20))
    for name, colour, mask in groups:
        of_class = points[mask[shown]]
        left.scatter(*of_class.T, s=size, color=colour, linewidths=0, label=name)
    right.scatter(*gaussian.T, s=size, color=style.PALETTE[8], linewidths=0)
    reach = 1.05 * max(np.abs(points).max(), np.abs(gaussian).max())
    for ax, title in (
        (left, f"Data: {percent:.0f}% of the variance"),
        (right, "A Gaussian of the same covariance"),
    ):
        ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
        style.tidy(ax, title, "component 1", "component 2" if ax is left else None)
    if labels is not None:
        style.legend(figure, title="class", loc="outside right upper", handletextpad=0.2)
    return figure


def _filled(rows):
    """Rows, shape (N, D), with each hole filled with its column's mean."""
    if np.isinf(rows).any():
        raise ValueError("x must be finite, but for NaN in holes; got an infinite value.")
    holes = np.isnan(rows)
    if holes.all(axis=0).any():
        column = int(np.flatnonzero(holes.all(axis=0))[0])
        raise ValueError(f"x must have a value in each column; column {column} has holes alone.")
    if np.nanmax(rows, axis=0).tolist() == np.nanmin(rows, axis=0).tolist():
        raise ValueError("x must have rows that differ; got one row again and again.")
    return np.where(holes, np.nanmean(rows, axis=0), rows)


def _components(rows):
    """The first two components of centred rows, shape (N, 2), and the percentage of variance they hold."""
    if rows.shape[1] <= len(rows):
        variances, directions = np.linalg.eigh(rows.T @ rows)
        points = rows @ directions[:, :-3:-1]
    else:  # the same from the smaller matrix
        variances, directions = np.linalg.eigh(rows @ rows.T)
        points = directions[:, :-3:-1] * np.sqrt(np.maximum(variances[:-3:-1], 0))
    return points, 100 * variances[-2:].sum() / variances.sum()
