"""Trained weights and their figures, as files beside this module."""

import hashlib
import io
import json
from pathlib import Path

import keras
import numpy as np

from intelvae_keras._engine import json_files, whole_files
from intelvae_keras._engine.damaged import DamagedFile

FOLDER = Path(__file__).resolve().parent / "trained"
_FIGURES = "figures.json"
_REMEDY = "reinstall the package, or in a checkout run: git restore intelvae_keras/presets/trained"
MANY = 1_000  # values from which on an array is stored with 16 bits


def restore(model: keras.Model, name: str, folder: Path = FOLDER) -> None:
    """Gives a model the weights of a file.

    Raises:
        OSError: If the file is missing or damaged.
        ValueError: If the file is of another model.
    """
    file, content = checked(name, folder)
    weights = _weights(model)
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        shapes = {key: arrays[key].shape for key in arrays}
        if shapes != {key: tuple(weight.shape) for key, weight in weights.items()}:
            raise ValueError(
                f"{file} does not fit the recipe {name!r}; make it anew: make presets."
            )
        for key, weight in weights.items():
            weight.assign(arrays[key].astype(weight.dtype))


def checked(name: str, folder: Path = FOLDER) -> tuple[Path, bytes]:
    """The file of a name and its content, whose sum is that of the figures.

    Raises:
        OSError: If the file is missing or damaged.
    """
    file = folder / f"{name}.npz"
    content = file.read_bytes()
    expected = figures(name, folder).get("sha256")
    if (got := hashlib.sha256(content).hexdigest()) != expected:
        raise DamagedFile(
            f"{file} is damaged: SHA-256 {got}, expected {expected}; reinstall the package."
        )
    return file, content


def keep(model: keras.Model, name: str, measured: dict, folder: Path = FOLDER) -> None:
    """Writes a model's weights, without the optimizer's, and its figures.

    `measured` should be of `rounded(model)`: that is what `restore` gives.
    """
    arrays = {key: _stored(weight) for key, weight in _weights(model).items()}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    whole_files.write(folder / f"{name}.npz", buffer.getvalue())
    table = _table(folder) if (folder / _FIGURES).exists() else {}
    digest = hashlib.sha256(buffer.getvalue()).hexdigest()
    table[name] = measured | {"sha256": digest}
    text = json.dumps(dict(sorted(table.items())), indent=1) + "\n"
    whole_files.write(folder / _FIGURES, text.encode())


def rounded(model: keras.Model) -> keras.Model:
    """The same model, its weights rounded in place as `keep` stores them."""
    for weight in _weights(model).values():
        weight.assign(_stored(weight).astype(weight.dtype))
    return model


def figures(name: str, folder: Path = FOLDER) -> dict:
    """The figures that `keep` wrote.

    Raises:
        OSError: If the file is missing or damaged.
    """
    table = _table(folder)
    if not isinstance(table.get(name), dict):
        raise DamagedFile(f"{folder / _FIGURES} is damaged: it lacks {name!r}; {_REMEDY}.")
    return table[name]


def _table(folder):
    return json_files.read(folder / _FIGURES, _REMEDY)


def _weights(model):
    """Weights by place and name; the place comes first, since paths hold names that Keras counts up."""
    return {f"{i}-{w.name}": w for i, w in enumerate(model.weights) if "seed" not in w.path}


def _stored(weight):
    values = keras.ops.convert_to_numpy(weight)
    many = values.size > MANY and values.dtype == np.float32
    return values.astype(np.float16) if many else values
