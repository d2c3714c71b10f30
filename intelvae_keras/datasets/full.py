"""The full MNIST and Fashion-MNIST: from a folder of yours, else from `keras.datasets`."""

import gzip
import os
import re
import socket
import zipfile
import zlib
from pathlib import Path

import numpy as np

from intelvae_keras.datasets import archives, load_options

VARIABLE = "INTELVAE_DATA_DIR"
TIMEOUT = 10  # seconds that a silent network is waited for
IMAGE = (28, 28)
NUM_CLASSES = 10
_DAMAGED = (  # what NumPy, zip and gzip raise of a file that is not whole
    ValueError,
    KeyError,
    EOFError,
    NotImplementedError,  # zip: a method or a version that there is not
    RuntimeError,  # zip: as if it were encrypted
    TypeError,  # one array in place of an archive
    zipfile.BadZipFile,
    zlib.error,
    gzip.BadGzipFile,
)


def load(name: str) -> archives.Raw:
    """Full set of 60,000 training and 10,000 test images.

    If the environment variable INTELVAE_DATA_DIR names a folder, the set is read from there. It may be
    Keras' npz (`mnist.npz`; `fashion_mnist.npz` or `fashion-mnist.npz`) or the four IDX files, gzipped or
    unpacked. Either may lie in a subfolder named after the set (`mnist`, `MNIST/raw`, `fashion-mnist`,
    `FashionMNIST/raw`, ...). IDX files do not say which set they are: they are only taken from a folder
    that is named after it. If the set is not there, or the variable is not set, `keras.datasets` reads
    its cache or downloads.

    Args:
        name: "mnist" or "fashion_mnist".

    Returns:
        `(x_train, y_train), (x_test, y_test)`: float32 in [0, 1], (N, 28, 28, 1); int64 labels.

    Raises:
        ValueError: If INTELVAE_DATA_DIR is no folder; a file of the set there, or in Keras' cache,
            is damaged or holds something else.
        FileNotFoundError: If the set is not there, and Keras can neither find nor download it; or
            a folder of it lacks one of the IDX files.
    """
    return archives.scale(read(name))


def read(name: str) -> archives.Raw:
    """Raw full set, as in `load`: uint8 images (N, 28, 28) and labels (N,)."""
    found = on_disk(name)
    source = f"Keras' copy of {name}" if found is None else found
    raw = _from_keras(name) if found is None else archives.read(found)
    for part, (x, labels) in zip(("train", "test"), raw, strict=True):
        if x.shape[1:] != IMAGE or np.min(labels) < 0 or np.max(labels) >= NUM_CLASSES:
            raise ValueError(
                f"{source}: the {part} part must have images of 28 x 28 and labels 0 to 9, got "
                f"{x.shape[1:]} and labels {np.min(labels)} to {np.max(labels)}"
            )
    return raw


def on_disk(name: str) -> Path | None:
    """The path of a set in the folder INTELVAE_DATA_DIR, or None if it is not there."""
    if not os.environ.get(VARIABLE):
        return None
    return _find(load_options.folder(VARIABLE, os.environ[VARIABLE]), name)


def _find(root, name):
    """The npz file, or the folder with the IDX files, of a set below `root`, or None.

    A folder with some of the IDX files is the last resort: reading it says what is missing.
    """
    children = sorted(path for path in root.iterdir() if path.is_dir())
    folders = [root, *children, *(child / "raw" for child in children)]
    named = [f for f in folders if _is_named(f.parent if f.name == "raw" else f, name)]
    for folder in (root, *named):
        for file in sorted(folder.glob("*.npz")):
            if _is_named(file, name):
                return file
    for enough in (all, any):
        for folder in named:
            if enough(archives.idx_file(folder, file) for file in archives.IDX_FILES):
                return folder
    return None


def _is_named(path, name):
    # "Fashion-MNIST", "FashionMNIST" and "fashion_mnist" are one name.
    return re.sub("[^a-z0-9]", "", path.stem.lower()) == name.replace("_", "")


def _from_keras(name):
    import keras  # here, not above: it loads TensorFlow

    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT)
    try:
        (x_train, y_train), (x_test, y_test) = getattr(keras.datasets, name).load_data()
    except _DAMAGED as e:
        raise ValueError(
            f"Keras' copy of {name} is damaged ({type(e).__name__}: {e}). Remove it from Keras' cache "
            "(by default ~/.keras/datasets), so that Keras downloads it anew"
        ) from e
    except Exception as e:  # Keras raises a bare Exception when a download fails
        raise FileNotFoundError(
            f"{name} is neither in the folder {VARIABLE}={os.environ.get(VARIABLE)}, nor in Keras' "
            f"cache, nor could it be downloaded ({e}). Any of these "
            f"helps: set {VARIABLE} to a folder with {name}.npz; set {VARIABLE} to a folder with "
            f"a subfolder {name} that has {', '.join(archives.IDX_FILES)}; or be online once, so "
            "that Keras can download and cache it"
        ) from e
    finally:
        socket.setdefaulttimeout(before)
    four = tuple(map(np.asarray, (x_train, y_train, x_test, y_test)))
    return archives.checked(four, f"Keras' copy of {name}")
