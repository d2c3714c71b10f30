"""Values of data, checked before any training time is spent."""

import numpy as np
import tensorflow as tf

_ROUNDING = 1e-5  # of values that were scaled or resized


def check(name, x, support=None, dtype=None, columns=None, holes=None):
    """Data as an array, checked before any training time is spent.

    Args:
        name: The argument's name, for the message.
        x: A numpy array of numbers, or a tensor, shape (N, ...).
        support: (low, high): the interval in which the likelihood wants x, or None.
        dtype: The precision in which the values will be computed with, or None.
        columns: The titles of a table's columns, for the message, or None.
        holes: Whether NaN is a hole, and none of the values; None where that cannot be.

    Returns:
        x.

    Raises:
        ValueError: If x is empty, holds NaN or infinite values, or leaves the interval. The first value
            that is not finite is named by its row and column.
    """
    values = np.asarray(x)
    if values.size == 0:
        raise ValueError(
            f"{name} is empty: got shape {values.shape}, expected at least one example."
        )
    if values.ndim < 2:
        hint = f" If it is one column, pass {name}[:, np.newaxis]." if values.ndim else ""
        raise ValueError(
            f"{name} must have a batch axis and at least one data axis, as (N, 28, 28, 1) or (N, 2); "
            f"got shape {values.shape}.{hint}"
        )
    if holes:
        low = float(np.fmin.reduce(values, axis=None, initial=np.inf))
        high = float(np.fmax.reduce(values, axis=None, initial=-np.inf))
        if low > high:  # holes alone
            return x
    else:
        low, high = float(values.min()), float(values.max())  # NaN if any value is
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ValueError(f"{name} must be finite; got {_first_fault(values, columns, holes)}")
    if support is not None:
        check_support(name, low, high, support)
    if dtype is not None and max(-low, high) > float(tf.as_dtype(dtype).max):
        raise ValueError(
            f"{name} must be finite in {dtype}, in which the model computes; got values from {low:g} to "
            f"{high:g}. Scale them, such as to mean 0 and standard deviation 1."
        )
    return x


def check_support(name, low, high, support):
    """Refuses data from low to high that leave the support of the likelihood.

    Raises:
        ValueError: If they do; the message says how they come into it.
    """
    if low < support[0] or high > support[1]:
        raise ValueError(
            f"{name} must lie in [{support[0]:g}, {support[1]:g}] for this likelihood; "
            f"got values from {low:.9g} to {high:.9g}.{_way_into(name, low, high, support)}"
        )


def _first_fault(values, columns, holes):
    """What the first value is that is not finite, where it is, and how many there are."""
    faults = np.isinf(values) if holes else ~np.isfinite(values)
    row, *place = (int(i) for i in np.unravel_index(np.argmax(faults), faults.shape))
    value = values[(row, *place)]
    what = "NaN" if np.isnan(value) else "infinity" if value > 0 else "-infinity"
    where = f"pixel {tuple(place)}"
    if len(place) == 1:
        where = f"column {place[0]}"
        if columns is not None:
            where += f" ({list(columns)[place[0]]!r})"
    rest, count = "", int(faults.sum())
    if count > 1:
        rows = int(faults.reshape(len(faults), -1).any(axis=1).sum())
        rest = f", the first of {count} such values in {rows} rows"
    may_be_hole = what == "NaN" and holes is not None
    hint = " If NaN is a hole, make the likelihood with missing=True." if may_be_hole else ""
    return f"{what} in row {row}, {where}{rest}.{hint}"


def _way_into(name, low, high, support):
    """A sentence that says how values come into the support of the likelihood."""
    if low > support[0] - _ROUNDING and high < support[1] + _ROUNDING:
        return f" That is rounding: pass np.clip({name}, {support[0]:g}, {support[1]:g})."
    return " Divide pixels 0..255 by 255." if 1 < high <= 255 and low >= 0 else ""
