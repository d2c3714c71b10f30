"""Files that hold a whole image data set: Keras' npz, and MNIST's IDX, gzipped or not.

A raw data set is `(x_train, y_train), (x_test, y_test)`: uint8 images (N, H, W), labels (N,).
"""

import gzip
import io
import math
import os
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from intelvae_keras._engine.damaged import largest, refuse_bombs

Raw = tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
NPZ_KEYS = ("x_train", "y_train", "x_test", "y_test")
IDX_FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
UNSIGNED_BYTE = 8  # IDX's code for uint8
GZIP_MAGIC = b"\x1f\x8b"


def read(path: str | os.PathLike) -> Raw:
    """Raw data set of a path.

    Args:
        path: An npz file with the arrays `NPZ_KEYS`, or a folder with the four `IDX_FILES`, each
            gzipped or unpacked.

    Returns:
        The raw data set `(x_train, y_train), (x_test, y_test)`.

    Raises:
        FileNotFoundError: If there is no such file, or a folder lacks one of the four.
        ValueError: If a file is damaged, or holds something else.
    """
    path = Path(path)
    return _from_idx(path) if path.is_dir() else read_npz(path.read_bytes(), path)


def read_npz(content: bytes, source: object) -> Raw:
    """Raw data set of the bytes of an npz file, called `source` in errors."""
    try:
        npz = np.load(io.BytesIO(content))
        if isinstance(npz, np.ndarray):
            raise ValueError(f"it holds one array of the shape {npz.shape}, as an npy file")
        with npz:
            refuse_bombs(npz.zip)
            arrays = [npz[key] for key in NPZ_KEYS]
    except Exception as e:  # damaged zip files, arrays and pickles raise nearly everything
        raise ValueError(
            f"{source} must be an npz file with the arrays {', '.join(NPZ_KEYS)}: {e}"
        ) from e
    return checked(arrays, source)


def checked(arrays: Sequence[np.ndarray], source: object) -> Raw:
    """Raw data set of the four arrays `NPZ_KEYS`; errors call it `source`."""
    x_train, y_train, x_test, y_test = arrays
    for part, x, y in (("train", x_train, y_train), ("test", x_test, y_test)):
        if x.ndim != 3 or x.dtype != np.uint8 or y.shape != x.shape[:1] or 0 in x.shape:
            raise ValueError(
                f"{source}: the {part} part must have uint8 images (N, H, W) and labels (N,), "
                f"got {x.dtype} {x.shape} and {y.shape}"
            )
        if not np.issubdtype(y.dtype, np.integer):
            raise ValueError(f"{source}: the {part} labels must be integers, got {y.dtype}")
    if x_train.shape[1:] != x_test.shape[1:]:
        raise ValueError(
            f"{source}: training and test images must have one size, got {x_train.shape[1:]} and "
            f"{x_test.shape[1:]}"
        )
    if len(x_train) < len(x_test):
        raise ValueError(
            f"{source}: the training part has {len(x_train)} images and the test part "
            f"{len(x_test)}; are they swapped?"
        )
    return (x_train, y_train), (x_test, y_test)


def scale(raw: Raw) -> Raw:
    """Raw data set as models take it.

    Args:
        raw: `(x_train, y_train), (x_test, y_test)`, uint8 images (N, H, W) and labels (N,).

    Returns:
        The same with float32 images in [0, 1], shape (N, H, W, 1), and int64 labels.
    """
    train, test = (
        (np.divide(x[..., None], 255, dtype=np.float32), y.astype(np.int64)) for x, y in raw
    )
    return train, test


def idx_file(folder: Path, name: str) -> Path | None:
    """The file of one of `IDX_FILES`, gzipped or unpacked, or None if a folder has neither."""
    unpacked = name.removesuffix(".gz")
    # Unpacking programs write the last as "train-images.idx3-ubyte".
    names = (name, unpacked, unpacked.replace("-idx", ".idx"))
    return next((folder / n for n in names if (folder / n).is_file()), None)


def _from_idx(folder):
    files = [idx_file(folder, name) for name in IDX_FILES]
    missing = [name for name, file in zip(IDX_FILES, files, strict=True) if file is None]
    if missing:
        raise FileNotFoundError(f"{folder} must have {', '.join(IDX_FILES)}; missing: {missing}")
    ranks = (3, 1, 3, 1)
    arrays = [_read_idx(file, rank) for file, rank in zip(files, ranks, strict=True)]
    return checked(arrays, folder)


def _read_idx(file, rank):
    # IDX: two zero bytes, the type, the rank, each dimension as big-endian uint32, the values.
    content = file.read_bytes()
    if content[:2] == GZIP_MAGIC or file.suffix == ".gz":
        try:
            limit = largest(len(content))
            with gzip.open(io.BytesIO(content)) as packed:
                content = packed.read(limit + 1)
            if len(content) > limit:
                raise OSError(f"it would take more than {limit:,} bytes")
        except (OSError, EOFError, zlib.error) as e:
            raise ValueError(f"{file} must be a gzipped IDX file: {e}") from e
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != UNSIGNED_BYTE:
        raise ValueError(f"{file} must be an IDX file of bytes, got the header {content[:4]!r}")
    if content[3] != rank:
        what = "images (N, H, W)" if rank == 3 else "labels (N,)"
        raise ValueError(f"{file} must hold {what}, got an array of {content[3]} dimensions")
    start = 4 + 4 * rank
    shape = [int.from_bytes(content[i : i + 4], "big") for i in range(4, start, 4)]
    if len(content) != start + math.prod(shape):
        raise ValueError(f"{file} must hold {shape} bytes, got {len(content) - start} of them")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
