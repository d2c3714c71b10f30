"""Which callbacks run on which worker: those that write files run on the chief alone."""

import os
from collections.abc import Sequence

import keras
import tensorflow as tf

from intelvae_keras.callbacks import BackupAndRestore

_WRITERS = (
    keras.callbacks.BackupAndRestore,
    keras.callbacks.CSVLogger,
    keras.callbacks.ModelCheckpoint,
    keras.callbacks.ProgbarLogger,
    keras.callbacks.RemoteMonitor,
    keras.callbacks.TensorBoard,
)


def of_this_worker(
    callbacks: Sequence[keras.callbacks.Callback] | keras.callbacks.CallbackList | None,
    reshuffle: keras.callbacks.Callback | None,
    backup_dir: str | os.PathLike | None,
    chief: bool,
) -> list[keras.callbacks.Callback]:
    """First those of all workers, so that the backup holds what they did; then those that write."""
    if isinstance(callbacks, keras.callbacks.CallbackList):
        callbacks = callbacks.callbacks
    everywhere, writers = [], []
    for callback in tf.nest.flatten(callbacks or []):
        writes = getattr(callback, "chief_only", isinstance(callback, _WRITERS))
        (writers if writes else everywhere).append(callback)
    if reshuffle is not None:
        everywhere.append(reshuffle)
    if backup_dir is not None:
        writers.insert(0, BackupAndRestore(backup_dir))
    return everywhere + writers if chief else everywhere
