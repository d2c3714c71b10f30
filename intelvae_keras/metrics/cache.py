"""A folder of the user for what takes long to compute and is always the same."""

import hashlib
import json
import os
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from intelvae_keras._engine.damaged import refuse_bombs

VARIABLE = "INTELVAE_CACHE_DIR"


def folder() -> Path:
    """The folder in the environment variable INTELVAE_CACHE_DIR, else ~/.cache/intelvae_keras."""
    chosen = os.environ.get(VARIABLE)
    return Path(chosen).expanduser() if chosen else Path.home() / ".cache" / "intelvae_keras"


def path(name: str, settings: dict) -> Path:
    """The file for these settings, a dict of what JSON can hold."""
    text = json.dumps(settings, sort_keys=True)
    return folder() / f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.npz"


def read(file: Path) -> list[np.ndarray] | None:
    """The arrays in a file, a list; None if it is not there or damaged."""
    try:
        # Opened here, because np.load leaves a damaged file open.
        with open(file, "rb") as handle, np.load(handle, allow_pickle=False) as content:
            refuse_bombs(content.zip)
            return [content[f"arr_{index}"] for index in range(len(content.files))]
    except Exception:  # damaged zip files and arrays raise nearly everything
        return None


def write(file: Path, arrays: Sequence[np.ndarray]) -> None:
    """Writes a list of arrays, whole or not at all; a folder that cannot be written only warns."""
    temporary = None
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # Renamed when complete, so that another process never reads half of it.
        with tempfile.NamedTemporaryFile(
            dir=file.parent, prefix=file.stem, suffix=".tmp", delete=False
        ) as handle:
            temporary = handle.name
            np.savez(handle, *arrays)
        os.replace(temporary, file)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        warnings.warn(
            f"{file} could not be written ({error}), so it will be computed anew next time. Set "
            f"{VARIABLE} to a folder that can.",
            stacklevel=3,
        )
