"""A backup that survives being killed at any moment, also while it is being written."""

import json
import os
import pathlib

import keras

from intelvae_keras._engine import json_files


class BackupAndRestore(keras.callbacks.BackupAndRestore):
    """`keras.callbacks.BackupAndRestore`, written so that a kill at any moment does no harm.

    Keras writes the weights and, after them, the number of the epoch: a process killed between the
    two resumes at the wrong epoch. Here both appear at once, by the renaming of one small file.
    With it, a run that is killed and restarted ends with the bits of a run that never was.

    ```python
    vae.fit(x, epochs=30, callbacks=[callbacks.BackupAndRestore("runs/backup")])
    ```

    Args:
        backup_dir: Local folder for the backup; removed when training has ended, as in Keras.
        delete_checkpoint: Whether it is removed then.

    Raises:
        ValueError: If `backup_dir` is on another machine.
        OSError: When training begins, if the backup is damaged.
    """

    def __init__(self, backup_dir: str | os.PathLike, delete_checkpoint: bool = True):
        if "://" in str(backup_dir):
            raise ValueError(
                "backup_dir must be a local folder, where files can be renamed at once; got "
                f"{backup_dir!r}. For another, use keras.callbacks.BackupAndRestore."
            )
        super().__init__(backup_dir, save_freq="epoch", delete_checkpoint=delete_checkpoint)
        self._folder = pathlib.Path(backup_dir)
        self._pointer = self._folder / "latest.json"

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Resumes from the backup, if there is one."""
        if self._pointer.exists():
            backup = json_files.read(
                self._pointer, f"delete {self._folder} to train from the start"
            )
            self.model.optimizer.build(self.model.trainable_variables)
            self.model.load_weights(self._folder / backup["weights"])
            self.model._initial_epoch = backup["epoch"]

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Writes a backup, and only then lets go of the one before."""
        self._folder.mkdir(parents=True, exist_ok=True)
        weights = f"epoch-{epoch + 1}.weights.h5"
        self.model.save_weights(self._folder / weights)
        new_pointer = self._pointer.with_suffix(".new")
        new_pointer.write_text(json.dumps({"epoch": epoch + 1, "weights": weights}))
        os.replace(new_pointer, self._pointer)
        for old in self._folder.glob("epoch-*.weights.h5"):
            if old.name != weights:
                old.unlink()

    def on_train_end(self, logs: dict | None = None) -> None:
        """Removes the backup, the pointer first, so that a kill in between leaves no half of one."""
        if self.delete_checkpoint:
            self._pointer.unlink(missing_ok=True)
        super().on_train_end(logs)
