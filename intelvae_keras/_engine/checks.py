"""Checks of arguments: each returns the value, or says what came and what is expected."""

import math
import numbers
import os
import sys
from collections.abc import Callable
from typing import Any


def integer(argument: str, value: Any, minimum: int) -> int:
    """The value as an int that is at least `minimum`."""
    _require_integer(argument, value, f" >= {minimum}")
    if value < minimum:
        raise ValueError(f"{argument} must be an integer >= {minimum}; got {value}.")
    return int(value)


def seed(argument: str, value: Any) -> int:
    """Any integer as one of TensorFlow's seeds, of 32 bits with a sign."""
    _require_integer(argument, value)
    return (int(value) + 2**31) % 2**32 - 2**31


def number(argument: str, value: Any, minimum: float = 0.0) -> float:
    """The value as a finite float that is at least `minimum`."""
    above = f">= {minimum:g}" if minimum > -sys.float_info.max else ""
    _require_number(argument, value, above)
    if not minimum <= value < math.inf:
        raise ValueError(
            f"{argument} must be a finite number{' ' * bool(above)}{above}; got {value}."
        )
    return float(value)


def finite(argument: str, value: Any) -> float:
    """The value as a finite float."""
    return number(argument, value, minimum=-sys.float_info.max)


def positive(argument: str, value: Any) -> float:
    """The value as a finite float > 0."""
    _require_number(argument, value, "> 0")
    if not 0 < value < math.inf:
        raise ValueError(f"{argument} must be a finite number > 0; got {value}.")
    return float(value)


def between(argument: str, value: Any, low: float, high: float) -> float:
    """The value as a finite float in [low, high]."""
    expected = f"in [{low:g}, {high:g}]"
    _require_number(argument, value, expected)
    if not (math.isfinite(value) and low <= value <= high):
        raise ValueError(f"{argument} must be a finite number {expected}; got {value}.")
    return float(value)


def widths(argument: str, value: Any, may_be_empty: bool = False) -> tuple[int, ...]:
    """A list of whole numbers >= 1, such as layer widths, as a tuple."""
    message = f"{argument} must hold whole numbers >= 1, as a list; got {value!r}."
    if not isinstance(value, list | tuple):
        raise TypeError(message)
    if any(isinstance(w, bool) or not isinstance(w, numbers.Integral) for w in value):
        raise TypeError(message)
    if (len(value) == 0 and not may_be_empty) or any(width < 1 for width in value):
        raise ValueError(message)
    return tuple(int(width) for width in value)


def boolean(argument: str, value: Any) -> bool:
    """The value as a bool; a word such as "no" would count as yes."""
    if not isinstance(value, bool) and type(value).__name__ != "bool":  # NumPy's own, too
        raise TypeError(f"{argument} must be True or False; got {value!r}.")
    return bool(value)


def function(argument: str, value: Any, of: str) -> Callable:
    """The value, if it can be called; `of` says what it takes and returns."""
    if isinstance(value, type):
        raise TypeError(
            f"{argument} must be a function {of}; got the class {value.__name__}. Make one: "
            f"{value.__name__}(...)."
        )
    if not callable(value):
        raise TypeError(f"{argument} must be a function {of}; got {value!r}.")
    return value


def path(argument: str, value: Any) -> str:
    """The path of a file or a folder, as a string."""
    if not isinstance(value, str | os.PathLike):
        raise TypeError(f"{argument} must be a path, such as a string; got {value!r}.")
    if not os.fspath(value):
        raise ValueError(f"{argument} must be a path; got an empty one.")
    return os.fspath(value)


def model(argument: str, value: Any) -> Any:
    """The value, if it is an `InteLVAE`."""
    if isinstance(value, type) or not hasattr(value, "check_data"):
        raise TypeError(f"{argument} must be an InteLVAE; got {value!r:.100}.")
    return value


def _require_integer(argument, value, range_=""):
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{argument} must be an integer{range_}; got {value!r}.")


def _require_number(argument, value, expected):
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(
            f"{argument} must be a number{' ' * bool(expected)}{expected}; got {value!r}."
        )
