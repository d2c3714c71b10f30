"""A run that is killed at any moment and started again ends with the bits of one that was not."""

import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

import keras
import kill_server
import numpy as np
import pytest
import resume_run
from helpers.marks import fast_first
from helpers.models import assert_same_bits
from helpers.processes import ENVIRONMENT

from intelvae_keras import callbacks

EPOCHS = 3


class Killed(BaseException):
    """Stands for a signal: nothing catches it."""


class KillAt(keras.callbacks.Callback):
    """Ends the run in the middle of an epoch."""

    def __init__(self, epoch, batch=1):
        super().__init__()
        self.moment = epoch, batch

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if (self.epoch, batch) == self.moment:
            raise Killed


class Run:
    """A model that can be put back to its first state, as a new process would make it."""

    def __init__(self):
        self.vae = resume_run.make()
        self.vae.optimizer.build(self.vae.trainable_variables)
        self.variables = [
            *self.vae.weights,
            *self.vae.optimizer.variables,
            *self.vae._seed_states(),
        ]
        self.start = [np.array(variable) for variable in self.variables]

    def train(self, backup, *more_callbacks, epochs=EPOCHS):
        for variable, value in zip(self.variables, self.start, strict=True):
            variable.assign(value)
        self.vae._initial_epoch = None
        return resume_run.train(self.vae, backup, epochs, *more_callbacks)


@pytest.fixture(scope="module")
def run():
    return Run()


@pytest.fixture(scope="module")
def straight(run, tmp_path_factory):
    """What a run ends with that is never killed."""
    return run.train(callbacks.BackupAndRestore(tmp_path_factory.mktemp("straight") / "backup"))


KINDS = {"ours": callbacks.BackupAndRestore, "of Keras": keras.callbacks.BackupAndRestore}


def test_training_is_random_and_starts_anew(run, straight, tmp_path):
    """Else the tests below could not fail."""
    again = run.train(callbacks.BackupAndRestore(tmp_path / "b"))
    assert_same_bits(again, straight)
    half = run.train(callbacks.BackupAndRestore(tmp_path / "b"), epochs=2)
    assert any((one != other).any() for one, other in zip(half, straight, strict=True))


@pytest.mark.parametrize("kind", fast_first(KINDS, ["ours"]))
def test_runs_killed_in_the_middle_of_an_epoch_end_alike(kind, run, straight, tmp_path):
    kind = KINDS[kind]
    for moment in ((1, 0), (1, 1), (2, 2)):
        with pytest.raises(Killed):
            run.train(kind(tmp_path / "b"), KillAt(*moment))
    assert_same_bits(run.train(kind(tmp_path / "b")), straight)
    assert not (tmp_path / "b").exists()


def _die(*args, **kwargs):
    raise Killed


def _kill_at(function, call, after):
    """The function, which is killed before or after its so-many-th call."""
    calls = []

    def patched(*args, **kwargs):
        calls.append(args)
        if len(calls) == call and not after:
            raise Killed
        function(*args, **kwargs)
        if len(calls) == call:
            raise Killed

    return patched


MOVED, REMOVED = (os, "replace"), (pathlib.Path, "unlink")
WRITES = {  # the steps of a backup, in order
    "before the weights are in place": (*MOVED, 1, False),
    "between the weights and the callbacks": (*MOVED, 2, False),
    "before the pointer is in place": (*MOVED, 3, False),
    "before the old files are removed": (*MOVED, 3, True),
    "while the old files are removed": (*REMOVED, 4, True),  # three were those of the writing
}


@pytest.mark.parametrize("moment", fast_first(WRITES, [list(WRITES)[1], list(WRITES)[-1]]))
def test_a_run_killed_while_the_backup_is_written_ends_alike(
    moment, run, straight, tmp_path, monkeypatch
):
    class KilledWhileWriting(callbacks.BackupAndRestore):
        def on_epoch_end(self, epoch, logs=None):
            with monkeypatch.context() as patch:
                if epoch == 1:
                    where, name, call, after = WRITES[moment]
                    patch.setattr(where, name, _kill_at(getattr(where, name), call, after))
                super().on_epoch_end(epoch, logs)

    with pytest.raises(Killed):
        run.train(KilledWhileWriting(tmp_path / "b"))
    assert (tmp_path / "b" / "latest.json").exists()
    assert_same_bits(run.train(callbacks.BackupAndRestore(tmp_path / "b")), straight)


def test_a_run_killed_while_the_backup_is_removed_ends_alike(run, straight, tmp_path, monkeypatch):
    """Nothing half removed is taken for a backup: the run then starts anew."""
    with monkeypatch.context() as patch:
        patch.setattr("keras.src.utils.file_utils.rmtree", _die)
        with pytest.raises(Killed):
            run.train(callbacks.BackupAndRestore(tmp_path / "b"))
    assert (tmp_path / "b").exists()
    assert_same_bits(run.train(callbacks.BackupAndRestore(tmp_path / "b")), straight)


def test_a_backup_resumes_at_its_epoch_and_the_next_fit_at_the_first(run, tmp_path):
    epochs = []
    note = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: epochs.append(epoch))
    with pytest.raises(Killed):
        run.train(callbacks.BackupAndRestore(tmp_path / "b"), note, KillAt(2))
    run.train(callbacks.BackupAndRestore(tmp_path / "b"), note)
    resume_run.train(run.vae, callbacks.BackupAndRestore(tmp_path / "b"), 1, note)
    assert epochs == [0, 1, 2] + [2] + [0]


def test_a_backup_may_be_kept(run, tmp_path):
    backup = callbacks.BackupAndRestore(tmp_path / "b", delete_checkpoint=False)
    final = run.train(backup)
    names = sorted(path.name for path in (tmp_path / "b").iterdir())
    assert names == [f"epoch-{EPOCHS}.callbacks.npz", f"epoch-{EPOCHS}.weights.h5", "latest.json"]
    assert json.loads((tmp_path / "b" / "latest.json").read_text())["epoch"] == EPOCHS
    nothing_left_to_do = run.train(callbacks.BackupAndRestore(tmp_path / "b"))
    assert_same_bits(nothing_left_to_do, final)


# ---------------------------------------------------------------------------- real kills


class Server:
    """The process that forks the runs, see kill_server.py."""

    def __init__(self, log):
        self.log = log
        with log.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, kill_server.__file__],
                env=ENVIRONMENT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def run(self, folder, kind, die=None, seconds=None):
        """Runs until it ends; kills it so many seconds after its first epoch began. How it ended."""
        order = {"folder": str(folder), "kind": kind, "epochs": 45, "die": die}
        print(json.dumps(order), file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline().strip()
        if seconds is not None and answer.isdigit():
            time.sleep(seconds)
            os.kill(int(answer), signal.SIGKILL)
        while answer and not answer.startswith("ended"):
            answer = self.process.stdout.readline().strip()
        assert answer in ("ended 0", "ended -9"), self.log.read_text()[-4000:]
        return int(answer.split()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("server") / "log")
    yield server
    server.process.communicate()  # the end of its input is its end


def _moments(rng):
    """Ten kills: five in the middle of what a run does at some time, five at any time."""
    for where in ("write", "replace", "unlink", "step", "epoch"):
        yield {"die": [where, rng.randint(1, 6), rng.random()]}
        yield {"seconds": rng.uniform(0.0, 0.1)}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["arrays", "stream"])
def test_a_run_killed_by_ten_signals_ends_with_the_same_bits(kind, server, tmp_path):
    """Weights, the best model's, and the history, with every callback that a backup keeps."""
    for moment in _moments(random.Random(kind)):
        assert server.run(tmp_path / "killed", kind, **moment) == -signal.SIGKILL
    assert (tmp_path / "killed/backup/latest.json").exists()
    assert server.run(tmp_path / "killed", kind) == 0
    assert server.run(tmp_path / "whole", kind) == 0
    with (
        np.load(tmp_path / "whole/final.npz") as one,
        np.load(tmp_path / "killed/final.npz") as two,
    ):
        assert_same_bits(list(one.values()), list(two.values()))
    assert sorted(os.listdir(tmp_path / "killed")) == ["best.keras", "final.npz"]
