"""A changed number in a file of weights is refused; files without a sum are read as before."""

import io
import zipfile

import h5py
import keras
import numpy as np
import pytest
from helpers.models import assert_same_bits, small_vae, weights_of

from intelvae_keras import mappings
from intelvae_keras._engine import sums, whole_files

WEIGHTS = "model.weights.h5"


def _model():
    vae = small_vae(mapping=mappings.Clusters(2))
    vae.build((None, 6))
    vae.optimizer.build(vae.trainable_variables)
    return vae


@pytest.fixture(scope="module")
def vae():
    return _model()


@pytest.fixture(scope="module")
def content(vae):
    """The content of a .weights.h5 file."""
    return whole_files.weights_of(vae)


def _names(content):
    found = []
    with h5py.File(io.BytesIO(content)) as file:
        file.visititems(
            lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) else None
        )
    return found


def _changed(content, name):
    """The file with one bit of one array flipped, the last of its first value."""
    memory = io.BytesIO(content)
    with h5py.File(memory, "r+") as file:
        array = file[name][()]
        flat = np.atleast_1d(array).view(np.uint8).reshape(-1)
        flat[0] ^= 1
        file[name][...] = flat.view(array.dtype).reshape(array.shape)
    return memory.getvalue()


def test_each_array_counts(content, tmp_path):
    """Weights, the optimizer's state, and those of the random numbers."""
    names = _names(content)
    assert {name.split("/")[0] for name in names} >= {"encoder", "decoder", "optimizer", "vars"}
    assert any("seed_0" in name for name in names)
    path = tmp_path / "a.weights.h5"
    for name in names:
        path.write_bytes(_changed(content, name))
        with pytest.raises(ValueError, match="a.weights.h5 is damaged: the sum of its weights"):
            sums.check_file(path)
    path.write_bytes(content)
    sums.check_file(path)


def test_an_array_that_was_added_or_moved_counts(content, tmp_path):
    path = tmp_path / "a.weights.h5"
    for change in (lambda f: f.move("encoder", "other"), lambda f: f.create_dataset("x", data=1.0)):
        path.write_bytes(content)
        with h5py.File(path, "r+") as file:
            change(file)
        with pytest.raises(ValueError, match="the sum of its weights"):
            sums.check_file(path)


DAMAGES = {
    "one number": lambda content: _changed(content, "decoder/layers/dense/vars/0"),
    "cut off": lambda content: content[: len(content) // 2],
    "of another kind": lambda content: b"no HDF5 at all",
    "empty": lambda content: b"",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_weights_are_refused_by_name_and_the_model_stays(damage, vae, content, tmp_path):
    path, before = tmp_path / "a.weights.h5", weights_of(vae)
    path.write_bytes(DAMAGES[damage](content))
    with pytest.raises(
        ValueError, match=r"a.weights.h5 is damaged: .*\. Take another copy of it\."
    ):
        vae.load_weights(str(path))
    with pytest.raises(OSError, match="is damaged"):  # it is one of both kinds
        vae.load_weights(path)
    assert_same_bits(weights_of(vae), before)


@pytest.mark.parametrize("ending", ["weights.h5", "keras"])
def test_the_file_of_another_model_is_refused_by_name_and_the_model_stays(ending, vae, tmp_path):
    path, before = tmp_path / f"b.{ending}", weights_of(vae)
    other = small_vae(3)
    (other.save if ending == "keras" else other.save_weights)(path)
    with pytest.raises(ValueError, match=rf"b.{ending} does not fit the model: "):
        vae.load_weights(path)
    assert_same_bits(weights_of(vae), before)


def test_an_immense_array_is_refused_before_it_takes_memory(content, tmp_path):
    path = tmp_path / "a.weights.h5"
    path.write_bytes(content)
    with h5py.File(path, "r+") as file:
        del file["decoder/layers/dense/vars/0"]
        options = {"chunks": (2**20,), "compression": "gzip", "dtype": "float32"}
        file.create_dataset("decoder/layers/dense/vars/0", (2**40,), **options)
    with pytest.raises(
        ValueError, match="decoder/layers/dense/vars/0 in it is not stored as it was"
    ):
        sums.check_file(path)


# ---------------------------------------------------------------------------- .keras files


@pytest.fixture(scope="module")
def model_file(vae, tmp_path_factory):
    """The content of a .keras file."""
    path = tmp_path_factory.mktemp("model") / "a.keras"
    vae.save(path)
    return path.read_bytes()


def _with_weights(model_file, change):
    """The .keras file with other weights, whose sums by the zip format fit."""
    new = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(model_file)) as old, zipfile.ZipFile(new, "w") as archive:
        for member in old.infolist():
            part = old.read(member)
            archive.writestr(member, change(part) if member.filename == WEIGHTS else part)
    return new.getvalue()


def test_a_model_with_one_changed_number_is_refused(model_file, tmp_path):
    path = tmp_path / "b.keras"
    path.write_bytes(_with_weights(model_file, DAMAGES["one number"]))
    with pytest.raises(ValueError, match="the sum of its weights is not that which was saved"):
        keras.saving.load_model(path)


def test_a_model_with_a_flipped_bit_is_refused(vae, model_file, tmp_path):
    """By the zip format's own sum."""
    kernel = np.asarray(vae.decoder.layers[0].kernel).tobytes()
    at = model_file.index(kernel)
    path = tmp_path / "b.keras"
    path.write_bytes(model_file[:at] + bytes([model_file[at] ^ 1]) + model_file[at + 1 :])
    with pytest.raises((ValueError, zipfile.BadZipFile)):
        keras.saving.load_model(path)
    with pytest.raises(
        ValueError, match=r"b.keras is damaged: Bad CRC-32 for file 'model.weights.h5'"
    ):
        vae.load_weights(path)


def test_files_without_a_sum_are_read_as_before(vae, tmp_path):
    """Those of earlier versions, and those that Keras' own functions wrote."""
    keras.Model.save_weights(vae, tmp_path / "a.weights.h5")
    keras.saving.save_model(vae, tmp_path / "a.keras")
    other = _model()
    other.load_weights(tmp_path / "a.weights.h5")
    assert_same_bits(weights_of(other), weights_of(vae))
    loaded = keras.saving.load_model(tmp_path / "a.keras")
    assert_same_bits(weights_of(loaded), weights_of(vae))


def test_keras_alone_reads_a_file_with_a_sum(vae, content, tmp_path):
    path = tmp_path / "a.weights.h5"
    path.write_bytes(content)
    other = _model()
    keras.Model.load_weights(other, path)
    assert_same_bits(weights_of(other), weights_of(vae))
