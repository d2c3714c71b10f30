"""Checks of arguments: each returns the value, or says what came and what is expected."""

import difflib
import math
import numbers
import os
from pathlib import Path

import numpy as np


def integer(argument, value, minimum):
    """Returns `value` as an int that is at least `minimum`."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{argument} must be an integer >= {minimum}, got {value!r}")
    if value < minimum:
        raise ValueError(f"{argument} must be an integer >= {minimum}, got {value}")
    return int(value)


def noise_level(value):
    """Returns `noise` as a finite float >= 0."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"noise must be a number >= 0, got {value!r}")
    if not 0 <= value < math.inf:
        raise ValueError(f"noise must be a finite number >= 0, got {value}")
    return float(value)


def one_of(argument, value, choices):
    """Returns `value` if `choices` has it; otherwise the error suggests the closest."""
    if not isinstance(value, str):
        raise TypeError(f"{argument} must be a string, got {value!r}")
    if value not in choices:
        close = difflib.get_close_matches(value.lower(), choices, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise ValueError(f"{argument} must be one of {', '.join(choices)}, got {value!r}{hint}")
    return value


def random_generator(seed):
    """Returns a NumPy generator seeded by an integer >= 0; a generator passes through."""
    if isinstance(seed, np.random.Generator):
        return seed
    return np.random.default_rng(integer("seed", seed, minimum=0))


def folder(argument, value):
    """Returns `value` as the absolute path of an existing folder."""
    if not isinstance(value, str | os.PathLike):
        raise TypeError(f"{argument} must be the path of a folder, got {value!r}")
    path = Path(value).expanduser().resolve()
    if not path.is_dir():
        raise ValueError(f"{argument} must be the path of a folder, got {str(value)!r}: none there")
    return path
