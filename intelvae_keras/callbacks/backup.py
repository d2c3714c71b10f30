"""A backup that survives being killed at any moment, also while it is being written."""

import contextlib
import hashlib
import json
import os
import pathlib
import warnings

import keras

from intelvae_keras._engine import checks, identity, json_files, locks, whole_files
from intelvae_keras._engine.damaged import DamagedFile

_KEYS = {"epoch", "stopped", "model", "files"}


class BackupAndRestore(keras.callbacks.BackupAndRestore):
    """`keras.callbacks.BackupAndRestore`, written so that a kill at any moment does no harm.

    A run that is killed and started again, by the same script, ends with the bits of a run that never was
    (without XLA). To that end, a backup holds the weights, the optimizer's state, the seeds, and the
    memory of the other callbacks: `EarlyStopping`, `ReduceLROnPlateau`, `ModelCheckpoint`, the schedules,
    the `History`, which has all epochs in the end, and your own. The resumed run goes on in the data where
    the killed one stood.

    ```python
    vae.fit(x, epochs=30, callbacks=[callbacks.BackupAndRestore("runs/backup")])
    ```

    The data: of arrays, the order follows from the seed. Of a `tf.data.Dataset` that is made of slices,
    `shuffle` with a seed, `batch`, `map` and the like, the earlier epochs are passed over. Any other
    stream, and any with `steps_per_epoch`, is read from its beginning to that place, without training: it
    takes the time of reading. Of a `PyDataset`, the hooks of the earlier epochs are called, no batch is
    read.

    Outside the promise, since no file holds it: the order of a stream without a seed, or of one that is not
    made anew; random numbers of Python code, such as in a `PyDataset`; a `PyDataset` whose hooks change its
    order, with `steps_per_epoch` (Keras reads ahead meanwhile); what a callback of yours keeps elsewhere
    than in attributes that are numbers, strings, arrays, or lists and dicts of them, or changes in place
    in an array of a megabyte; log files, which may repeat the epoch that the kill cut off.
    `distributed.fit` keeps less, see there.

    `fit` calls this callback after the others, wherever it stands in the list, so that the backup holds
    what they did; pictures come after it.

    Args:
        backup_dir: Local folder for the backup; removed when training has ended, as in Keras.
        delete_checkpoint: Whether it is removed then.

    Raises:
        TypeError: If `backup_dir` is no path.
        ValueError: If `backup_dir` is on another machine; when training begins, if it holds the backup of
            another model.
        OSError: When training begins, if the backup is damaged, or another process uses the folder. While
            training, if the disk is full: the backup of the epoch before is kept.
    """

    backs_up = True  # `fit` calls it after those whose state it keeps

    def __init__(self, backup_dir: str | os.PathLike, delete_checkpoint: bool = True):
        if "://" in checks.path("backup_dir", backup_dir):
            raise ValueError(
                "backup_dir must be a local folder, where files can be renamed at once; got "
                f"{backup_dir!r}. For another, use keras.callbacks.BackupAndRestore."
            )
        super().__init__(backup_dir, save_freq="epoch", delete_checkpoint=delete_checkpoint)
        self._folder = pathlib.Path(backup_dir)
        self._pointer = self._folder / "latest.json"
        self._lock: locks.HeldFile | None = None

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Resumes from the backup, if there is one."""
        self._hold_folder()
        self._identity = identity.of(self.model)
        run = getattr(self.model, "_run", None)
        if run is not None:
            run.begin()
        if self._pointer.exists():
            self._resume(run)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Writes a backup, and only then lets go of the one before."""
        run = getattr(self.model, "_run", None)
        contents = {f"epoch-{epoch + 1}.weights.h5": whole_files.weights_of(self.model)}
        if run is not None:
            contents[f"epoch-{epoch + 1}.callbacks.npz"] = run.memory()
        self._folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            whole_files.write(self._folder / name, content)
        pointer = {
            "epoch": epoch + 1,
            "stopped": bool(self.model.stop_training),
            "model": self._identity,
            "files": {name: _sum(content) for name, content in contents.items()},
        }
        pointer["sum"] = _sum_of_pointer(pointer)
        whole_files.write(self._pointer, json.dumps(pointer).encode())
        for old in self._folder.glob("epoch-*"):
            if old.name not in contents:
                old.unlink()

    def on_train_end(self, logs: dict | None = None) -> None:
        """Removes the backup, the pointer first, so that a kill in between leaves no half of one."""
        if self.delete_checkpoint:
            self._pointer.unlink(missing_ok=True)
            if os.name == "nt":  # which removes no open file
                self._release()
            super().on_train_end(logs)
        self._release()

    def _resume(self, run):
        remedy = f"delete {self._folder} to train from the start"
        backup = json_files.read(self._pointer, remedy)
        if backup.keys() == {"epoch", "weights"}:
            warnings.warn(
                f"backup_dir {str(self._folder)!r} was written by an earlier version: it does not say which "
                "model it is of, and the callbacks begin anew.",
                stacklevel=2,
            )
            files = {backup["weights"]: None}
            backup = {"epoch": backup["epoch"], "stopped": False, "model": {}, "files": files}
        elif not backup.keys() >= _KEYS or backup.get("sum") not in (None, _sum_of_pointer(backup)):
            raise DamagedFile(
                f"{self._pointer} is damaged: its sum is another, or it lacks some of "
                f"{sorted(_KEYS)}; {remedy}."
            )
        other = identity.difference(backup["model"], self._identity)
        if other:
            raise ValueError(
                f"backup_dir {str(self._folder)!r} holds the backup of another model, which differs in "
                f"{', '.join(other)}. Take another folder for this model, or {remedy}."
            )
        contents = {
            name: self._checked(name, sum_, remedy) for name, sum_ in backup["files"].items()
        }
        self.model.optimizer.build(self.model.trainable_variables)
        for name, content in contents.items():
            if name.endswith(".weights.h5"):
                whole_files.load_weights(self.model, content)
            elif run is not None:
                run.restore(content)
        epoch, epochs = backup["epoch"], self.params["epochs"]
        if backup["stopped"]:  # by a callback: there is nothing left to train
            epoch = max(epoch, epochs)
        elif run is not None and epoch < epochs:
            run.go_on(self.model, epoch)
        self.model._initial_epoch = epoch

    def _checked(self, name, expected, remedy):
        """The content of a file of the backup."""
        path = self._folder / pathlib.PurePath(name).name  # never outside of the folder
        try:
            content = path.read_bytes()
        except FileNotFoundError as error:
            raise FileNotFoundError(f"{path} is missing; {remedy}.") from error
        if expected is not None and _sum(content) != expected:
            raise DamagedFile(f"{path} is damaged: its sum is not that of latest.json; {remedy}.")
        return content

    def _hold_folder(self):
        self._release()
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lock = locks.HeldFile(self._folder / "in-use")
        except BlockingIOError as error:
            raise OSError(
                f"backup_dir {str(self._folder)!r} is in use by another process that trains. Wait until it "
                "has ended, or take another folder."
            ) from error
        if hasattr(self.model, "_held"):
            self.model._held += (self._release,)

    def _release(self):
        if self._lock is not None:
            self._lock.release()
            self._lock = None
            with contextlib.suppress(OSError):
                self._folder.rmdir()  # if it holds no backup


def _sum(content):
    return hashlib.sha256(content).hexdigest()


def _sum_of_pointer(pointer):
    rest = {key: value for key, value in pointer.items() if key != "sum"}
    return _sum(json.dumps(rest, sort_keys=True).encode())
