"""The kinds of files that `fuzz_files.py` damages: how to write one, and how to read it."""

import functools
import gzip
import hashlib
import json
import os
import pathlib
from collections.abc import Callable
from typing import NamedTuple

import keras
import numpy as np
from PIL import Image

from intelvae_keras import InteLVAE, callbacks, datasets, mappings, networks, presets
from intelvae_keras.metrics import cache
from intelvae_keras.presets import shipped

X = (np.random.default_rng(0).random((8, 6)) < 0.5).astype("float32")
IMAGES = np.random.default_rng(1).integers(0, 256, (12, 28, 28), dtype=np.uint8)
LABELS = np.arange(12, dtype=np.uint8) % 10


class Kind(NamedTuple):
    """A kind of files.

    Attributes:
        write: Writes them into a folder.
        read: Reads them; a sum of what they hold, or None where they count as missing.
        sum: What notices other content: "own", a sum that the package keeps; "format", one of the zip or
            gzip format, which fits where a member was changed and packed again; "" for none.
        may_write: What reading writes beside them.
    """

    write: Callable[[pathlib.Path], None]
    read: Callable[[pathlib.Path], str | None]
    sum: str = "own"
    may_write: tuple[str, ...] = ()


def _state(*parts):
    """A sum of arrays and of what JSON can hold."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, dict):
            digest.update(json.dumps(part, sort_keys=True, default=str).encode())
        else:
            array = np.asarray(part)
            digest.update(f"{array.dtype} {array.shape}".encode() + array.tobytes())
    return digest.hexdigest()


def _model(seed=0):
    keras.utils.set_random_seed(seed)
    vae = InteLVAE(
        2,
        encoder=networks.mlp_encoder([8]),
        mapping=mappings.Clusters(2),
        decoder=networks.mlp_decoder((6,), [8]),
        seed=seed,
    )
    vae.compile("adam", run_eagerly=True)
    vae.build((None, 6))
    return vae


@functools.cache
def _once():
    """One model for many mutants, and its first state."""
    vae = _model(seed=1)
    vae.optimizer.build(vae.trainable_variables)
    return vae, [np.array(variable) for variable in _numbers(vae)]


def _first_state():
    vae, start = _once()
    for variable, value in zip(_numbers(vae), start, strict=True):
        variable.assign(value)
    vae._initial_epoch = None
    return vae


def _numbers(vae):
    return [*vae.weights, *vae.optimizer.variables, *vae._seed_states()]


def _fit(vae, folder=None):
    backup = [callbacks.BackupAndRestore(folder, delete_checkpoint=False)] if folder else []
    vae.fit(X, epochs=1, verbose=0, callbacks=backup)
    return vae


def _read_model(folder):
    vae = keras.saving.load_model(folder / "vae.keras")
    return _state(vae.get_config(), *_numbers(vae))


def _read_weights(folder):
    vae = _first_state()
    vae.load_weights(folder / "a.weights.h5")
    return _state(*_numbers(vae))


def _write_preset(folder):
    for name in ("circle.npz", "figures.json"):
        (folder / name).write_bytes((shipped.FOLDER / name).read_bytes())


def _read_preset(folder):
    vae = presets.recipe("circle").model
    vae.build((None, *vae.data_shape))
    shipped.restore(vae, "circle", folder)
    return _state(*vae.get_weights())


def _read_cache(folder):
    arrays = cache.read(folder / "features.npz")
    return None if arrays is None else _state(*arrays)


def _write_npz(folder):
    arrays = {
        "x_train": IMAGES[:8],
        "y_train": LABELS[:8],
        "x_test": IMAGES[8:],
        "y_test": LABELS[8:],
    }
    np.savez_compressed(folder / "mnist.npz", **arrays)


def _write_idx(folder):
    (folder / "mnist").mkdir()
    parts = {"train": slice(0, 8), "t10k": slice(8, 12)}
    for part, rows in parts.items():
        for what, array in (("images-idx3", IMAGES[rows]), ("labels-idx1", LABELS[rows])):
            sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
            content = bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()
            path = folder / "mnist" / f"{part}-{what}-ubyte.gz"
            path.write_bytes(gzip.compress(content))


def _read_full(folder):
    os.environ["INTELVAE_DATA_DIR"] = str(folder)
    (x_train, y_train), (x_test, y_test) = datasets.load("mnist")
    return _state(x_train, y_train, x_test, y_test)


def _write_images(folder):
    for index, ending in enumerate(("png", "jpg", "bmp", "gif", "tif", "webp")):
        Image.fromarray(IMAGES[index]).save(folder / f"{index}.{ending}")


def _read_images(folder):
    stream = datasets.image_folder(folder, size=28, channels=1, batch_size=2, shuffle=False)
    return _state(*stream)


KINDS = {
    "model": Kind(lambda folder: _fit(_model()).save(folder / "vae.keras"), _read_model),
    "weights": Kind(
        lambda folder: _fit(_model()).save_weights(folder / "a.weights.h5"), _read_weights
    ),
    "backup": Kind(
        lambda folder: _fit(_model(seed=1), folder),
        lambda folder: _state(*_numbers(_fit(_first_state(), folder))),
        may_write=("in-use",),
    ),
    "preset": Kind(_write_preset, _read_preset),
    "cache": Kind(
        lambda folder: cache.write(folder / "features.npz", [X, LABELS]),
        _read_cache,
        sum="format",
    ),
    "npz": Kind(_write_npz, _read_full, sum="format"),
    "idx": Kind(_write_idx, _read_full, sum="format"),
    "images": Kind(_write_images, _read_images, sum=""),
}
