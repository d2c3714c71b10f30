"""What a long run, and many models in one process, leave: memory, open files, figures, traced functions.

    python -m benchmarks.long_runs                              # 50,000 steps, 100 models
    python -m benchmarks.long_runs --steps 5000 --models 20     # the same, shorter

The long run has validation, checkpoints, a backup and pictures after every epoch of 500 steps. Its growth is
counted from a tenth of its steps on: before, TensorFlow and Matplotlib load what they need.
"""

import argparse
import gc
import json
import os
import pathlib
import tempfile

import keras
import numpy as np
import tensorflow as tf

from intelvae_keras import InteLVAE, callbacks, mappings, networks

EPOCH = 500  # steps
BATCH = 8


def memory():
    """Megabytes that the process holds."""
    gc.collect()
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def open_files():
    """How many files and sockets are open."""
    return len(os.listdir("/proc/self/fd"))


def figures():
    """How many of Matplotlib's figures are alive."""
    from matplotlib.figure import Figure

    gc.collect()
    return sum(isinstance(thing, Figure) for thing in gc.get_objects())


def model(seed=0):
    """A tiny model of points of the plane, compiled; it counts how often its step is traced."""

    class Counting(InteLVAE):
        traces = 0

        def train_step(self, data):
            type(self).traces += 1
            return super().train_step(data)

    vae = Counting(
        2,
        encoder=networks.mlp_encoder([8]),
        mapping=mappings.Circle(),
        decoder=networks.mlp_decoder((2,), [8]),
        likelihood="gaussian",
        seed=seed,
    )
    vae.compile("adam")
    return vae


class Watch(keras.callbacks.Callback):
    """Writes down after each epoch what the process holds."""

    every_batch = False

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_epoch_end(self, epoch, logs=None):
        """Looks."""
        self.seen.append((memory(), open_files(), figures(), type(self.model).traces))


def long_run(steps, epoch=EPOCH):
    """What a training of so many steps leaves, as a dict."""
    x = np.random.default_rng(0).normal(size=(epoch * BATCH, 2)).astype("float32")
    vae, watch = model(), Watch()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        vae.fit(
            x,
            batch_size=BATCH,
            epochs=steps // epoch,
            validation_data=x[:64],
            verbose=0,
            callbacks=[
                watch,
                keras.callbacks.ModelCheckpoint(folder / "best.keras", "val_loss"),
                callbacks.BackupAndRestore(folder / "backup"),
                callbacks.SampleGrid(folder / "samples", num_samples=50),
                callbacks.LatentSnapshots(x[:50], folder=folder / "codes"),
            ],
        )
    start = max(1, len(watch.seen) // 10) - 1  # the state after a tenth of the steps
    held, files, drawn, traces = zip(*watch.seen, strict=True)
    return {
        "steps": steps,
        "megabytes after a tenth": round(held[start], 1),
        "growth in megabytes": round(held[-1] - held[start], 1),
        "open files": [files[start], max(files[start:])],
        "figures": max(drawn),
        "traces after the first epoch": traces[-1] - traces[0],
    }


def many_models(count, before=10):
    """What so many models, each trained for some steps and dropped, leave per model, as a dict."""
    x = np.random.default_rng(0).normal(size=(64, 2)).astype("float32")
    held = []
    for seed in range(before + count):
        vae = model(seed)
        vae.fit(x, batch_size=BATCH, verbose=0)
        vae.sample(4, seed=0)
        vae.encode(x)
        del vae
        held.append(memory())
        if seed % 10 == 9:
            print(f"{seed + 1} models: {held[-1]:.1f} MB", flush=True)
    return {
        "models": count,
        "megabytes a model": round((held[-1] - held[before - 1]) / count, 3),
        "open files": open_files(),
    }


def main(arguments=None):
    """Prints both as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--steps", type=int, default=50_000)
    parser.add_argument("--models", type=int, default=100)
    given = parser.parse_args(arguments)
    if given.steps:
        print(json.dumps(long_run(given.steps)), flush=True)
    if given.models:
        print(json.dumps(many_models(given.models)), flush=True)


if __name__ == "__main__":
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    main()
