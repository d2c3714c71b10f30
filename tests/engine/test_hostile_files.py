"""Files that were written to do harm: nothing in them is run, or written outside, or takes much memory."""

import gzip
import io
import json
import os
import stat
import sys
import zipfile

import h5py
import keras
import numpy as np
import pytest
from helpers.models import small_vae

from intelvae_keras import datasets, mappings
from intelvae_keras._engine import damaged, plain_state
from intelvae_keras.datasets import archives
from intelvae_keras.metrics import cache

SIGN = "INTELVAE_SIGN"  # the environment variable that code in a file sets, if it is run


@pytest.fixture(autouse=True)
def nothing_is_run(monkeypatch):
    monkeypatch.delenv(SIGN, raising=False)
    yield
    assert SIGN not in os.environ


@pytest.fixture(scope="module")
def model_file(tmp_path_factory):
    """The content of a .keras file."""
    path = tmp_path_factory.mktemp("model") / "a.keras"
    vae = small_vae(mapping=mappings.Function(keras.ops.tanh), compile=False)
    vae.build((None, 6))
    vae.save(path)
    return path.read_bytes()


def _changed(model_file, path, changes, more=()):
    """Writes the file with some members changed, and more members."""
    with zipfile.ZipFile(io.BytesIO(model_file)) as old, zipfile.ZipFile(path, "w") as new:
        for member in old.infolist():
            change = changes.get(member.filename, bytes)
            new.writestr(member, change(old.read(member)))
        for member in more:
            new.writestr(member, "harm")


# ---------------------------------------------------------------------------- code


def test_code_of_a_lambda_layer_is_not_run(tmp_path):
    layer = keras.layers.Lambda(
        lambda x: (__import__("os").environ.update(INTELVAE_SIGN="run"), x)[1]
    )
    encoder = keras.Sequential([layer])
    vae = small_vae(encoder=encoder, compile=False)
    vae.build((None, 6))
    vae.save(tmp_path / "a.keras")
    assert os.environ.pop(SIGN) == "run"  # by building it, as loading would
    with pytest.raises(ValueError, match="[Ll]ambda"):
        keras.saving.load_model(tmp_path / "a.keras")


@pytest.mark.parametrize(
    ("module", "name"), [("os", "system"), ("builtins", "eval"), ("harm", "f")]
)
def test_a_function_of_another_module_is_not_taken(module, name, model_file, tmp_path, monkeypatch):
    (tmp_path / "harm.py").write_text(f"import os\nos.environ['{SIGN}'] = 'run'\nf = abs\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    def change(content):
        config = json.loads(content)
        function = {"module": module, "class_name": "function", "config": name}
        config["config"]["mapping"]["config"]["fn"] = function | {"registered_name": name}
        return json.dumps(config).encode()

    _changed(model_file, tmp_path / "a.keras", {"config.json": change})
    with pytest.raises((ValueError, TypeError)):
        keras.saving.load_model(tmp_path / "a.keras")
    assert "harm" not in sys.modules


class Harm:
    """An object whose pickle sets the sign when it is read."""

    def __reduce__(self):
        return exec, (f"import os; os.environ[{SIGN!r}] = 'run'",)


PICKLE_READERS = {
    "a full set": lambda content: archives.read_npz(content, "mnist.npz"),
    "a backup's memory": plain_state.from_bytes,
}


@pytest.mark.parametrize("reader", PICKLE_READERS)
def test_pickled_objects_are_refused(reader):
    memory = io.BytesIO()
    harm = np.array([Harm()], dtype=object)
    names = dict.fromkeys([*archives.NPZ_KEYS, "trees"], harm)
    np.savez(memory, **names)
    with pytest.raises(ValueError, match="allow_pickle"):
        PICKLE_READERS[reader](memory.getvalue())


def test_a_cache_with_pickled_objects_counts_as_none(tmp_path):
    np.savez(tmp_path / "a.npz", arr_0=np.array([Harm()], dtype=object))
    assert cache.read(tmp_path / "a.npz") is None


# ---------------------------------------------------------------------------- places


def _link(name):
    member = zipfile.ZipInfo(name)
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    return member


@pytest.mark.parametrize(
    "more",
    [["../../harm"], ["/tmp/intelvae-harm"], ["assets/../../../harm"], [_link("assets/x")]],
    ids=["above", "absolute", "from the assets", "a link"],
)
def test_nothing_is_written_outside(more, model_file, tmp_path, monkeypatch):
    inner = tmp_path / "a" / "b" / "temporary"
    inner.mkdir(parents=True)
    monkeypatch.setattr("tempfile.tempdir", str(inner))
    monkeypatch.chdir(inner)
    _changed(model_file, inner / "a.keras", {}, more)
    try:
        keras.saving.load_model(inner / "a.keras")
    except Exception as error:  # it may be refused
        assert "harm" in str(error) or "assets" in str(error)
    outside = [path for path in tmp_path.rglob("*") if inner not in path.parents]
    assert outside == [tmp_path / "a", tmp_path / "a" / "b", inner]
    assert not os.path.exists("/tmp/intelvae-harm")


@pytest.mark.parametrize("kind", [h5py.ExternalLink, h5py.SoftLink])
def test_weights_that_are_links_are_refused(kind, model_file, tmp_path):
    (tmp_path / "secret.h5").write_bytes(b"")

    def change(content):
        memory = io.BytesIO(content)
        with h5py.File(memory, "r+") as file:
            name = "decoder/layers/dense/vars/0"
            del file[name]
            file[name] = kind("secret.h5", "/x") if kind is h5py.ExternalLink else kind("/vars/0")
        return memory.getvalue()

    _changed(model_file, tmp_path / "a.keras", {"model.weights.h5": change})
    with pytest.raises(ValueError, match="could not be loaded"):
        keras.saving.load_model(tmp_path / "a.keras")


# ---------------------------------------------------------------------------- sizes


@pytest.fixture
def small_memory(monkeypatch):
    """What is refused at gigabytes is refused at kilobytes."""
    for module in (damaged, archives):
        monkeypatch.setattr(module, "largest", lambda stored: 10_000 + stored)


def test_archives_that_would_fill_the_memory_are_refused(small_memory, tmp_path):
    zeros = np.zeros(100_000, "uint8")
    path = tmp_path / "mnist.npz"
    np.savez_compressed(path, **dict.fromkeys(archives.NPZ_KEYS, zeros))
    with pytest.raises(
        ValueError, match=r"mnist.npz must be .*: x_train.npy in it would take 100,\d+ b"
    ):
        archives.read(path)
    np.savez_compressed(tmp_path / "cache.npz", zeros)
    assert cache.read(tmp_path / "cache.npz") is None


def test_a_gzipped_file_that_would_fill_the_memory_is_refused(small_memory, tmp_path):
    for name in archives.IDX_FILES:
        (tmp_path / name).write_bytes(gzip.compress(bytes(100_000)))
    with pytest.raises(
        ValueError, match=r"idx3-ubyte.gz must be .*: it would take more than 10,\d+ b"
    ):
        archives.read(tmp_path)


def test_genuine_archives_are_far_from_it():
    with zipfile.ZipFile(datasets.embedded.FOLDERS[1] / "mnist01.npz") as archive:
        damaged.refuse_bombs(archive)
        ratios = [member.file_size / member.compress_size for member in archive.infolist()]
    assert max(ratios) < 70


def test_links_that_lead_in_a_circle_are_named(tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(ValueError, match="path must be the path of a folder"):
        datasets.image_folder(tmp_path / "a", size=8)
    (tmp_path / "c.png").symlink_to(tmp_path / "c.png")
    with pytest.raises(ValueError, match="c.png"):
        datasets.image_folder(tmp_path, size=8)
