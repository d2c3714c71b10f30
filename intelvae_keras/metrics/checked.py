"""Checks of samples, codes and labels, and a function applied to them in batches."""

from collections.abc import Callable
from typing import Any

import numpy as np

from intelvae_keras._engine import array_batches, arrays, values


def rows(argument: str, value: Any, minimum: int = 1, hint: str = "") -> np.ndarray:
    """The value as a finite float64 array of shape (N, D), N >= minimum, D >= 1."""
    array = np.asarray(arrays.as_array(argument, value))
    if array.ndim != 2 or len(array) < minimum or array.shape[1] < 1:
        raise ValueError(
            f"{argument} must have shape (N, D) with N >= {minimum} and D >= 1; "
            f"got {array.shape}.{hint}"
        )
    array = array.astype("float64")
    if not np.isfinite(array).all():
        raise ValueError(f"{argument} must be finite; got NaN or infinite values.")
    return array


def pair(
    first_name: str, first: Any, second_name: str, second: Any, minimum: int = 1, hint: str = ""
) -> tuple[np.ndarray, np.ndarray]:
    """Two such arrays with the same number of columns."""
    first = rows(first_name, first, minimum, hint)
    second = rows(second_name, second, minimum, hint)
    if first.shape[1] != second.shape[1]:
        raise ValueError(
            f"{first_name} and {second_name} must have the same number of columns; "
            f"got shapes {first.shape} and {second.shape}."
        )
    return first, second


def classes(argument: str, value: Any, num_rows: int | None = None) -> np.ndarray:
    """The value as int64 classes >= 0, shape (N,), N = num_rows >= 1."""
    array = np.asarray(arrays.plain(argument, value))
    expected = "N >= 1" if num_rows is None else f"N = {num_rows}, one for each row"
    wrong_length = num_rows is not None and len(array.reshape(-1)) != num_rows
    if array.ndim != 1 or array.size == 0 or wrong_length or array.dtype.kind not in "iu":
        raise ValueError(
            f"{argument} must be whole numbers of shape (N,), {expected}; "
            f"got shape {array.shape}, dtype {array.dtype}."
        )
    if array.min() < 0:
        raise ValueError(f"{argument} must be >= 0; got {array.min()}.")
    return array.astype("int64")


def in_batches(
    argument: str, x: Any, function: Callable, batch_size: int | None = None
) -> np.ndarray:
    """Outputs of a function of x, shape (N, ...), some rows at a time: a numpy array of N rows."""
    x = np.asarray(values.check(argument, arrays.as_array(argument, x)))

    def by_row(piece):
        output = np.asarray(function(piece))
        if output.shape[:1] != (len(piece),):
            raise ValueError(
                f"The function must return one row for each of {argument}; got shape {output.shape} for "
                f"{len(piece)} of the {len(x)}."
            )
        return output

    return array_batches.in_batches(x, by_row, batch_size)
