"""Files that hold a whole image data set: Keras' npz, and MNIST's gzipped IDX.

A raw data set is `(x_train, y_train), (x_test, y_test)`: uint8 images (N, H, W), labels (N,).
"""

import gzip
import io
import math
import zipfile
import zlib
from pathlib import Path

import numpy as np

NPZ_KEYS = ("x_train", "y_train", "x_test", "y_test")
IDX_FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
UNSIGNED_BYTE = 8  # IDX's code for uint8


def read(path):
    """Reads a raw data set.

    Args:
        path: An npz file with the arrays `NPZ_KEYS`, or a folder with the four `IDX_FILES`.

    Returns:
        The raw data set `(x_train, y_train), (x_test, y_test)`.

    Raises:
        FileNotFoundError: If there is no such file, or a folder lacks one of the four.
        ValueError: If a file is damaged, or holds something else.
    """
    path = Path(path)
    return _from_idx(path) if path.is_dir() else read_npz(path.read_bytes(), path)


def read_npz(content, source):
    """Reads a raw data set from the bytes of an npz file, called `source` in errors."""
    try:
        with np.load(io.BytesIO(content)) as npz:
            arrays = [npz[key] for key in NPZ_KEYS]
    except (ValueError, KeyError, AttributeError, EOFError, zipfile.BadZipFile, zlib.error) as e:
        raise ValueError(
            f"{source} must be an npz file with the arrays {', '.join(NPZ_KEYS)}: {e}"
        ) from e
    return _raw_dataset(arrays, source)


def scale(raw):
    """Turns a raw data set into what models take.

    Args:
        raw: `(x_train, y_train), (x_test, y_test)`, uint8 images (N, H, W) and labels (N,).

    Returns:
        The same with float32 images in [0, 1], shape (N, H, W, 1), and int64 labels.
    """
    train, test = (
        (np.divide(x[..., None], 255, dtype=np.float32), y.astype(np.int64)) for x, y in raw
    )
    return train, test


def _from_idx(folder):
    missing = [name for name in IDX_FILES if not (folder / name).is_file()]
    if missing:
        raise FileNotFoundError(f"{folder} must have {', '.join(IDX_FILES)}; missing: {missing}")
    return _raw_dataset([_read_idx(folder / name) for name in IDX_FILES], folder)


def _read_idx(file):
    # IDX: two zero bytes, the type, the rank, each dimension as big-endian uint32, the values.
    try:
        content = gzip.decompress(file.read_bytes())
    except (gzip.BadGzipFile, EOFError, zlib.error) as e:
        raise ValueError(f"{file} must be a gzipped IDX file: {e}") from e
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != UNSIGNED_BYTE:
        raise ValueError(f"{file} must be an IDX file of bytes, got the header {content[:4]!r}")
    start = 4 + 4 * content[3]
    shape = [int.from_bytes(content[i : i + 4], "big") for i in range(4, start, 4)]
    if len(content) != start + math.prod(shape):
        raise ValueError(f"{file} must hold {shape} bytes, got {len(content) - start} of them")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _raw_dataset(arrays, source):
    x_train, y_train, x_test, y_test = arrays
    for part, x, y in (("train", x_train, y_train), ("test", x_test, y_test)):
        if x.ndim != 3 or x.dtype != np.uint8 or y.shape != x.shape[:1]:
            raise ValueError(
                f"{source}: the {part} part must have uint8 images (N, H, W) and labels (N,), "
                f"got {x.dtype} {x.shape} and {y.shape}"
            )
    return (x_train, y_train), (x_test, y_test)
