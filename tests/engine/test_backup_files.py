"""Files of a backup: damaged ones are refused, and so are those of another model or process."""

import errno
import json
import os
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest
from helpers.marks import fast_first
from helpers.models import binary, small_vae
from helpers.processes import ENVIRONMENT

from intelvae_keras import callbacks, mappings, networks
from intelvae_keras._engine import identity, locks, whole_files

X = binary(8)


def _model(compile_with=None, **options):
    vae = small_vae(**{"mapping": mappings.Clusters(2)} | options, compile=False)
    vae.compile(compile_with or "adam", run_eagerly=True)
    return vae


def _fit(vae, folder, epochs=1, **options):
    backup = callbacks.BackupAndRestore(folder, delete_checkpoint=False)
    return vae.fit(X, epochs=epochs, callbacks=[backup], verbose=0, **options)


@pytest.fixture(scope="module")
def vae():
    return _model()


@pytest.fixture(scope="module")
def written(vae, tmp_path_factory):
    folder = tmp_path_factory.mktemp("written") / "backup"
    _fit(vae, folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def folder(written, tmp_path):
    for name, content in written.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def _flipped(content):
    at = len(content) // 2
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


DAMAGES = {
    "half a pointer": ("latest.json", lambda content: content[:20]),
    "a pointer without its sums": ("latest.json", lambda content: b'{"epoch": 1}'),
    "a pointer to another epoch": (
        "latest.json",
        lambda content: content.replace(b'"epoch": 1', b'"epoch": 3'),
    ),
    "a pointer to no text": ("latest.json", lambda content: b"\xff" + content),
    "a flipped bit in the weights": ("epoch-1.weights.h5", _flipped),
    "half the weights": ("epoch-1.weights.h5", lambda content: content[:100]),
    "a flipped bit in the callbacks": ("epoch-1.callbacks.npz", _flipped),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_named_with_the_way_out(damage, vae, folder):
    name, spoil = DAMAGES[damage]
    (folder / name).write_bytes(spoil((folder / name).read_bytes()))
    before = vae.get_weights()
    with pytest.raises(OSError, match=rf"{name} is damaged: .*; delete .* to train from the start"):
        _fit(vae, folder, epochs=2)
    for one, other in zip(vae.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_missing_file_is_named(vae, folder):
    (folder / "epoch-1.weights.h5").unlink()
    with pytest.raises(FileNotFoundError, match=r"epoch-1.weights.h5 is missing; delete"):
        _fit(vae, folder, epochs=2)


def test_a_backup_of_an_earlier_version_goes_on_and_says_what_it_lacks(vae, folder):
    pointer = {"epoch": 1, "weights": "epoch-1.weights.h5"}
    (folder / "latest.json").write_text(json.dumps(pointer))
    (folder / "epoch-1.callbacks.npz").unlink()
    with pytest.warns(
        UserWarning, match="written by an earlier version: it does not say which model"
    ):
        assert _fit(vae, folder, epochs=2).epoch == [1]


def test_nothing_outside_of_the_folder_is_read(vae, folder):
    (folder / "epoch-1.weights.h5").rename(folder.parent / "epoch-1.weights.h5")
    pointer = {"epoch": 1, "weights": "../epoch-1.weights.h5"}
    (folder / "latest.json").write_text(json.dumps(pointer))
    with (
        pytest.warns(UserWarning, match="earlier version"),
        pytest.raises(FileNotFoundError, match="epoch-1.weights.h5 is missing"),
    ):
        _fit(vae, folder, epochs=2)


# ---------------------------------------------------------------------------- another model

OTHERS = {
    "beta": {"beta": 2.0},
    "mapping": {"mapping": mappings.Star(2)},
    "mapping, another width": {"mapping": mappings.Clusters(2, width=0.1)},
    "likelihood": {"likelihood": "continuous_bernoulli"},
    "decoder": {"decoder": networks.mlp_decoder((6,), [8], activation="tanh")},
    "optimizer": {"compile_with": "rmsprop"},
    "optimizer, another rate": {"compile_with": keras.optimizers.Adam(0.1)},
}


@pytest.mark.parametrize(
    "what", fast_first(OTHERS, ["beta", "mapping, another width", "optimizer"])
)
def test_a_backup_of_another_model_is_refused(what, folder):
    name = what.split(",")[0]
    with pytest.raises(ValueError, match=rf"another model, which differs in {name}\. Take another"):
        _fit(_model(**OTHERS[what]), folder, epochs=2)


def test_the_same_model_made_anew_goes_on(folder):
    """Keras has counted up the names of its layers, and training has changed the learning rate."""
    vae = _model()
    vae.optimizer.learning_rate = 1e-5
    assert _fit(vae, folder, epochs=2).epoch == [0, 1]


def test_sums_tell_layers_apart_by_their_place_not_their_names():
    def config(first, second, joined):
        return {"layers": [{"name": first}, {"name": second}], "output": [joined, 0]}

    assert identity.sum_of(config("a", "b", "a")) == identity.sum_of(config("c", "d", "c"))
    assert identity.sum_of(config("a", "b", "a")) != identity.sum_of(config("a", "b", "b"))


# ---------------------------------------------------------------------------- two processes

HOLD = """
import pathlib, sys, time
from intelvae_keras._engine import locks
lock = locks.HeldFile(pathlib.Path(sys.argv[1]) / "in-use")
print("held", flush=True)
time.sleep(60)
"""


@pytest.mark.slow
def test_the_second_process_on_a_folder_is_refused_until_the_first_is_killed(vae, folder):
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, folder], env=ENVIRONMENT, stdout=subprocess.PIPE
    )
    try:
        assert other.stdout.readline().strip() == b"held"
        with pytest.raises(OSError, match="is in use by another process that trains. Wait"):
            _fit(vae, folder, epochs=2)
    finally:
        other.kill()
        other.communicate()
    assert (folder / "in-use").exists()  # which nobody holds any more
    assert _fit(vae, folder, epochs=2).epoch == [0, 1]
    assert not (folder / "in-use").exists()


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_a_fit_that_ends_by_an_exception_lets_go_of_the_folder(error, vae, tmp_path):
    def stop(epoch):
        raise error

    stopper = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: stop(epoch))
    with pytest.raises(error):
        backup = callbacks.BackupAndRestore(tmp_path / "b")
        vae.fit(X, callbacks=[backup, stopper], verbose=0)
    assert not (tmp_path / "b").exists()
    _fit(vae, tmp_path / "b")


# ---------------------------------------------------------------------------- what kills leave


def test_what_killed_saves_have_left_is_removed_by_the_next(vae, tmp_path):
    left = tmp_path / ".saving-01234567-a.weights.h5"
    left.write_bytes(b"half")
    vae.save_weights(tmp_path / "b.weights.h5")
    assert os.listdir(tmp_path) == ["b.weights.h5"]


def test_what_another_process_is_writing_is_left_alone(tmp_path):
    with whole_files.replacing(tmp_path / "a") as first:
        first.write_bytes(b"a")
        whole_files.write(tmp_path / "b", b"b")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"a", "b": b"b"}


# ---------------------------------------------------------------------------- a full disk

_TMPFS = "a disk of its own needs root on Linux"


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 64 kB, less than the model needs twice."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]
    if (
        not sys.platform.startswith("linux")
        or subprocess.run(command, capture_output=True).returncode
    ):
        pytest.skip(_TMPFS)
    yield disk
    subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize(("save", "name"), [("save_weights", "a.weights.h5"), ("save", "a.keras")])
def test_a_full_disk_leaves_the_last_file(save, name, vae, small_disk):
    path = small_disk / name
    path.write_bytes(b"the last good file")
    (small_disk / "filler").write_bytes(bytes(40_000))
    with pytest.raises(
        OSError, match=rf"No space left .*{name} was written. The file that was"
    ) as e:
        getattr(vae, save)(path)
    assert e.value.errno == errno.ENOSPC
    assert path.read_bytes() == b"the last good file"
    assert sorted(os.listdir(small_disk)) == [name, "filler"]


def test_a_full_disk_leaves_the_last_backup(vae, folder, monkeypatch):
    written = []

    def full(path, content):
        written.append(path)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(pathlib.Path, "write_bytes", full)
        with pytest.raises(
            OSError, match="No space left .*epoch-2.weights.h5 was written. Free some"
        ):
            _fit(vae, folder, epochs=2)
    assert len(written) == 1
    assert json.loads((folder / "latest.json").read_text())["epoch"] == 1
    assert _fit(vae, folder, epochs=2).epoch == [0, 1]


def test_a_folder_counts_as_unused_when_the_last_of_its_users_has_gone(tmp_path):
    firsts = []
    one, two, three, four = (locks.used_by_many(tmp_path, firsts.append) for _ in range(4))
    one.__enter__(), two.__enter__()
    one.__exit__(None, None, None)
    with three:  # `two` is still there
        assert firsts == [tmp_path]
    two.__exit__(None, None, None)
    with four:
        assert firsts == [tmp_path] * 2
