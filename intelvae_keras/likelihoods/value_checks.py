"""Values that a likelihood cannot have drawn, refused by row and column."""

import numpy as np

from intelvae_keras._engine import checks, values


def check_holes(name, x, may_be_missing, columns):
    """Refuses NaN, unless it is a hole.

    Raises:
        ValueError: If x has holes that may not be.
    """
    if may_be_missing or not np.isnan(np.min(x)):  # NaN if any value is; without a copy of x
        return
    raise ValueError(
        f"{name} must not be NaN for a likelihood without missing=True; got NaN in "
        f"{_first(np.isnan(x), columns)}. If NaN is a hole, make the likelihood with missing=True."
    )


def check_each(name, x, support, whole_numbers, expected, columns):
    """Refuses what a likelihood cannot have drawn; holes are no matter of this check.

    Args:
        name: The argument's name, for the message.
        x: Data, shape (N, ..., D).
        support: (low, high), the interval in which x must lie.
        whole_numbers: Whether it must hold whole numbers.
        expected: What is right, in words, such as "whole numbers >= 0"; or None.
        columns: D names, or None for indices.

    Raises:
        ValueError: If a value is wrong.
    """
    x = np.asarray(x)
    low, high = np.fmin.reduce(x, axis=None), np.fmax.reduce(x, axis=None)  # holes left out
    inside = not (low < support[0] or high > support[1])
    if inside and not whole_numbers:
        return
    if expected is None and columns is None:
        values.check_support(name, low, high, support)
    wrong = (x < support[0]) | (x > support[1])
    if whole_numbers:
        wrong |= (x != np.floor(x)) & ~np.isnan(x)
    if wrong.any():
        value = x[tuple(np.argwhere(wrong)[0])]
        more = np.count_nonzero(wrong) - 1
        expected = expected or f"values in [{support[0]:g}, {support[1]:g}]"
        raise ValueError(
            f"{name} must hold {expected}; got {value!s} in {_first(wrong, columns)}"
            f"{f', and {more} more that are not' if more else ''}."
        )


def _first(wrong, columns):
    row, *between, column = np.argwhere(wrong)[0].tolist()
    column = f"column {column if columns is None else columns[column]!r}"
    return f"row {row}, {f'position {tuple(between)}, ' if between else ''}{column}"


def per_column(argument, value, positive=False):
    """A finite number, or a list of them for the entries of the last axis of x.

    Raises:
        TypeError: If the value holds other things than numbers.
        ValueError: If it has more than one axis, or a number is not finite, or <= 0 where it must not be.
    """
    expected = (
        "a finite number" + (" > 0" if positive else "") + ", or a list with one for each column"
    )
    if value is None:  # NumPy makes NaN of it
        raise TypeError(f"{argument} must be {expected}; got None.")
    try:
        array = np.asarray(value, "float64")
    except (TypeError, ValueError) as error:
        raise TypeError(f"{argument} must be {expected}; got {value!r}.") from error
    if array.ndim == 0:
        return (checks.positive if positive else checks.finite)(argument, array.item())
    if (
        array.ndim != 1
        or not array.size
        or not np.isfinite(array).all()
        or (positive and array.min() <= 0)
    ):
        raise ValueError(f"{argument} must be {expected}; got {value!r}.")
    return array.tolist()


def check_length(argument, value, num_columns):
    """Refuses a list of numbers that has not one for each column.

    Raises:
        ValueError: If it has more or fewer.
    """
    if isinstance(value, list) and len(value) != num_columns:
        raise ValueError(
            f"{argument} must be a number, or a list with one for each of the {num_columns} columns "
            f"(channels) of x; got {len(value)} numbers."
        )
