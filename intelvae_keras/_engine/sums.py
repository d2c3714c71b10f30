"""A sum in each file of weights, which loading compares: HDF5 does not notice a number that has changed."""

import contextlib
import hashlib
import io
import pathlib
import zipfile
from typing import Any

import h5py

from intelvae_keras._engine.damaged import DamagedFile, refuse_bombs

_SUM = "intelvae_keras_sha256"
_WEIGHTS = "model.weights.h5"  # Keras' name of the weights in a .keras file


def seal(weights: io.BytesIO) -> None:
    """Puts the sum into the content of a .weights.h5 file."""
    with h5py.File(weights, "r+") as file:
        file.attrs[_SUM] = _sum(file)


def write_sealed(path: pathlib.Path, model: io.BytesIO) -> None:
    """Writes the content of a .keras file, the weights in it with their sum."""
    with zipfile.ZipFile(model) as old, zipfile.ZipFile(path, "w") as new:
        for member in old.infolist():
            content = io.BytesIO(old.read(member))
            if member.filename == _WEIGHTS:
                seal(content)
            # Not `getbuffer()`: Python 3.12.1 crashes where its garbage collector finds such a view.
            new.writestr(member, content.getvalue())


def check_file(path: pathlib.Path) -> None:
    """Refuses a damaged .weights.h5 or .keras file, before a model has taken half of its weights.

    Raises:
        DamagedFile: If it is damaged. Files without a sum, of earlier versions or of Keras alone, pass.
    """
    try:
        with contextlib.ExitStack() as stack:
            weights = path
            if zipfile.is_zipfile(path):
                archive = stack.enter_context(zipfile.ZipFile(path))
                refuse_bombs(archive)
                weights = io.BytesIO(archive.read(_WEIGHTS))  # which compares the zip file's sum
            _check(stack.enter_context(h5py.File(weights)))
    except (FileNotFoundError, PermissionError):
        raise
    except Exception as error:  # HDF5 raises nearly everything
        raise DamagedFile(f"{path} is damaged: {error}. Take another copy of it.") from error


def check_store(store: Any) -> None:
    """Refuses damaged weights, given what Keras reads them from.

    Raises:
        DamagedFile: As `check_file`.
    """
    if isinstance(getattr(store, "h5_file", None), h5py.File):
        _check(store.h5_file)


def _check(file):
    if _SUM in file.attrs and file.attrs[_SUM] != _sum(file):
        raise DamagedFile("the sum of its weights is not that which was saved with them")


def _sum(file):
    """A sum of the names, types, shapes and values of all arrays."""
    arrays = {}
    file.visititems(lambda name, item: arrays.update({name: item}))
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        if isinstance(array, h5py.Dataset):
            # An array of another kind may be immense, or lie in another file.
            if array.is_virtual or array.external or array.id.get_storage_size() != array.nbytes:
                raise DamagedFile(f"{name} in it is not stored as it was saved")
            digest.update(f"{name} {array.dtype.str} {array.shape} ".encode())
            digest.update(array[()].tobytes())
    return digest.hexdigest()
