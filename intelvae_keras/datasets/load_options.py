"""Checks of a data set's arguments, beside the general ones of `intelvae_keras._engine.checks`."""

import difflib
import os
from collections.abc import Collection
from pathlib import Path

import numpy as np

from intelvae_keras._engine import checks


def one_of(argument: str, value: object, choices: Collection[str]) -> str:
    """The value, if `choices` has it; otherwise the error suggests the closest."""
    if not isinstance(value, str):
        raise TypeError(f"{argument} must be a string, got {value!r}")
    if value not in choices:
        close = difflib.get_close_matches(value.lower(), choices, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise ValueError(f"{argument} must be one of {', '.join(choices)}, got {value!r}{hint}")
    return value


def random_generator(seed: int | np.random.Generator) -> np.random.Generator:
    """A NumPy generator seeded by an integer >= 0; a generator passes through."""
    if isinstance(seed, np.random.Generator):
        return seed
    return np.random.default_rng(checks.integer("seed", seed, minimum=0))


def folder(argument: str, value: object) -> Path:
    """The absolute path of an existing folder."""
    if not isinstance(value, str | os.PathLike):
        raise TypeError(f"{argument} must be the path of a folder, got {value!r}")
    if not os.fspath(value):
        # As of a variable that is not set. Path makes the working folder of it.
        raise ValueError(f"{argument} must be the path of a folder, got an empty one")
    try:
        path = Path(value).expanduser().resolve()
    except (ValueError, RuntimeError, OSError) as e:  # a null byte, a loop of links, no home
        raise ValueError(f"{argument} must be the path of a folder, got {str(value)!r}: {e}") from e
    if not path.is_dir():
        raise ValueError(f"{argument} must be the path of a folder, got {str(value)!r}: none there")
    return path
