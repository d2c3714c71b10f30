"""A process that has imported everything, and forks a training run for each line of its input.

A line holds JSON: "folder", "kind" of data, "epochs", and "die": where the run kills itself, or None. The
answers are lines, too: the run's process id when its first epoch has begun, and how it ended. A fork costs
no import; it works since TensorFlow has not begun its threads.
"""

import json
import os
import pathlib
import signal
import sys

import keras
import numpy as np
import resume_run
import tensorflow as tf
from helpers.models import binary, weights_of

from intelvae_keras import callbacks

X = binary(40)
DATA = {
    "arrays": lambda: {"x": X, "batch_size": 16},
    "stream": lambda: {
        "x": tf.data.Dataset.from_tensor_slices(X).shuffle(40, seed=3).batch(16).prefetch(1)
    },
}


def train(folder, kind, epochs):
    """A run with everything that a backup keeps; writes its end to final.npz."""
    vae = resume_run.make()
    best = folder / "best.keras"
    watch = {"monitor": "val_elbo", "mode": "max"}
    history = vae.fit(
        **DATA[kind](),
        validation_data=(X, None),
        epochs=epochs,
        verbose=0,
        callbacks=[
            callbacks.BackupAndRestore(folder / "backup"),
            callbacks.KLWarmup(epochs=0.7 * epochs),
            callbacks.WidthAnnealing(steps=2 * epochs, start=0.6),
            keras.callbacks.ReduceLROnPlateau(**watch, patience=3, min_delta=0.02),
            keras.callbacks.EarlyStopping(**watch, patience=epochs, restore_best_weights=True),
            keras.callbacks.ModelCheckpoint(best, **watch, save_best_only=True),
            keras.callbacks.LambdaCallback(on_epoch_begin=_announce),
        ],
    )
    weights = weights_of(vae) + weights_of(keras.saving.load_model(best))
    values = [np.array(history.history[name]) for name in sorted(history.history)]
    np.savez(folder / "unfinished.npz", *weights, *values)
    os.replace(folder / "unfinished.npz", folder / "final.npz")


def _announce(epoch, logs):
    if not _announced:
        _announced.append(epoch)
        print(os.getpid(), flush=True)


_announced = []


def _die():
    os.kill(os.getpid(), signal.SIGKILL)


def _arm(where, call, fraction):
    """Makes the so-many-th call of a function end the process, in its middle where it writes."""
    calls = []
    owner, name = {
        "write": (pathlib.Path, "write_bytes"),
        "replace": (os, "replace"),
        "unlink": (pathlib.Path, "unlink"),
        "step": (keras.callbacks.CallbackList, "on_train_batch_end"),
        "epoch": (keras.callbacks.CallbackList, "on_epoch_begin"),
    }[where]
    function = getattr(owner, name)

    def armed(*args, **kwargs):
        calls.append(where)
        if len(calls) == call:
            if where == "write":
                path, content = args
                function(path, content[: int(fraction * len(content))])
            _die()
        return function(*args, **kwargs)

    setattr(owner, name, armed)


def serve():
    """Forks the runs, one after the other."""
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            try:
                if order["die"]:
                    _arm(*order["die"])
                folder = pathlib.Path(order["folder"])
                folder.mkdir(exist_ok=True)
                train(folder, order["kind"], order["epochs"])
            except BaseException:
                sys.excepthook(*sys.exc_info())
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(f"ended {os.waitstatus_to_exitcode(status)}", flush=True)


if __name__ == "__main__":
    serve()
