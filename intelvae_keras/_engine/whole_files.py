"""Files that appear at once: a kill or a full disk leaves the one that was there before."""

import contextlib
import errno
import io
import os
import pathlib
import secrets
from collections.abc import Iterator

import keras

from intelvae_keras._engine import locks, sums

_PREFIX = ".saving-"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Memory(io.BytesIO):
    """A file in memory, which Keras takes for one on the disk: HDF5 ends Python where the disk is full.

    Args:
        name: A file's name, whose ending Keras looks at.
        content: What it holds.
    """

    def __init__(self, name: str = "memory.weights.h5", content: bytes = b""):
        super().__init__(content)
        self._name = name

    def __str__(self) -> str:
        return self._name


def weights_of(model: keras.Model) -> bytes:
    """The content of the model's .weights.h5 file, with its sum."""
    memory = Memory()
    keras.Model.save_weights(model, memory)
    sums.seal(memory)
    return memory.getvalue()


def load_weights(model: keras.Model, content: bytes) -> None:
    """Loads what `weights_of` returned."""
    keras.Model.load_weights(model, Memory(content=content))


@contextlib.contextmanager
def replacing(path: str | os.PathLike) -> Iterator[pathlib.Path]:
    """The path of a new file to write, which then takes the place of the old one.

    What earlier saves into the folder have left behind when they were killed is removed.

    Raises:
        OSError: If the disk is full. The old file is as it was.
    """
    name = pathlib.Path(path).name
    path = pathlib.Path(os.path.realpath(path))  # a link stays one
    with locks.used_by_many(path.parent, first=_remove_left):
        new = path.with_name(f"{_PREFIX}{secrets.token_hex(4)}-{name}")
        try:
            yield new
            os.replace(new, path)
        except OSError as error:
            if error.errno not in _FULL:
                raise
            kept = "The file that was there is as it was. " if path.exists() else ""
            raise OSError(
                error.errno,
                f"{os.strerror(error.errno)} while {path} was written. {kept}Free some space, or take a "
                "folder on another disk, and save again.",
            ) from error
        finally:
            new.unlink(missing_ok=True)


def write(path: str | os.PathLike, content: bytes) -> None:
    """Writes the file, whole or not at all.

    Raises:
        OSError: As `replacing`.
    """
    with replacing(path) as new:
        new.write_bytes(content)


def _remove_left(folder):
    for left in folder.glob(f"{_PREFIX}*-*"):
        with contextlib.suppress(OSError):
            left.unlink()
