"""One worker of a run on several, which TF_CONFIG names: `distributed_run.py SCENARIO FOLDER`.

It writes FOLDER/worker-0.npz, worker-0.json and so on. The tests import the run in one process.
"""

import contextlib
import json
import pathlib
import sys
import time

import keras
import numpy as np
import tensorflow as tf

from intelvae_keras import callbacks, distributed, mappings
from intelvae_keras._engine import replicas

if __name__ == "__main__":
    STRATEGY = distributed.strategy()  # before anything else of TensorFlow

from helpers.models import binary, small_vae, weights_of

X = binary(37)
WEIGHT = np.linspace(0, 2, 37).astype("float32")
BATCH = 9  # the last batch has one example, so that the other replicas get none
EPOCHS = 3
MAPPINGS = {
    "clusters": lambda: mappings.Clusters(3, learn_proportions=True, width=0.5),
    "sparse": lambda: mappings.Sparse(),
}


def make(mapping="clusters", scope=None, seed=1):
    """A compiled model, under the scope of a strategy if one is given."""
    keras.utils.set_random_seed(0)
    with scope or contextlib.nullcontext():
        vae = small_vae(4, mapping=MAPPINGS[mapping](), compile=False, seed=seed)
        vae.compile(keras.optimizers.SGD(0.05, momentum=0.5))  # Adam would magnify rounding errors
    return vae


@contextlib.contextmanager
def no_noise():
    """So that any number of replicas compute the same."""
    stateless_normal = tf.random.stateless_normal
    tf.random.stateless_normal = lambda shape, seed, dtype: tf.zeros(shape, dtype)
    try:
        yield
    finally:
        tf.random.stateless_normal = stateless_normal


def one_process(mapping):
    """The run that the workers must equal: (weights, history)."""
    vae = make(mapping)
    history = vae.fit(
        X,
        sample_weight=WEIGHT,
        batch_size=BATCH,
        epochs=EPOCHS,
        validation_data=(X, None, WEIGHT),
        callbacks=[callbacks.KLWarmup(epochs=2)],
        verbose=0,
    ).history
    return weights_of(vae), history


def streams():
    """Data in fixed batches, for one process and for `distributed`: (global, one worker's)."""
    batches = tf.data.Dataset.from_tensor_slices(X)
    batches = batches.shuffle(37, seed=3, reshuffle_each_iteration=False).batch(BATCH)

    def own(context):
        # Worker 0 reads 19 examples and worker 1 reads 18: batches of 4 until one has none.
        mine = tf.data.Dataset.from_tensor_slices(X)
        mine = mine.shard(context.num_input_pipelines, context.input_pipeline_id)
        return mine.batch(context.get_per_replica_batch_size(8))

    return batches, own


def batches_of_shards(workers=2):
    """What the workers' own shards of `streams` add up to, batch by batch."""
    shards = [[X[worker::workers][i : i + 4] for i in range(0, 19, 4)] for worker in range(workers)]
    return [np.concatenate(batch) for batch in zip(*shards, strict=True)]


class KillMe(keras.callbacks.Callback):
    """In the epoch that FOLDER/kill-in names, if any, writes FOLDER/ready and pauses, to be killed."""

    chief_only = True

    def __init__(self, folder):
        super().__init__()
        self.folder = folder
        order = folder / "kill-in"
        self.last = int(order.read_text()) if order.exists() else None

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch == self.last

    def on_train_batch_begin(self, batch, logs=None):
        if self.now and batch == 2:
            (self.folder / "ready").touch()
            time.sleep(2)


def message(function, *arguments, **keywords):
    """The text of the error that the call raises."""
    try:
        function(*arguments, **keywords)
    except (ValueError, TypeError) as error:
        return f"{type(error).__name__}: {error}"
    return "no error"


def equal(folder, worker):
    """Every form of the data and of the mapping, without noise."""
    weights, result = {}, {}

    def keep(name, vae, history):
        weights.update({f"{name}_{i}": value for i, value in enumerate(weights_of(vae))})
        result[name] = history.history

    with no_noise():
        for mapping in MAPPINGS:
            vae = make(mapping, STRATEGY.scope())
            history = distributed.fit(
                vae,
                (X, None, WEIGHT),
                batch_size=BATCH,
                epochs=EPOCHS,
                validation_data=(X, None, WEIGHT),
                callbacks=[callbacks.KLWarmup(epochs=2)],
                verbose=0,
            )
            keep(mapping, vae, history)
        result["evaluate"] = distributed.evaluate(vae, X, batch_size=BATCH)
        if STRATEGY.num_replicas_in_sync == 2:
            batches, own = streams()
            for name, data in (("stream", batches), ("shards", own)):
                vae = make("sparse", STRATEGY.scope())
                keep(name, vae, distributed.fit(vae, data, epochs=2, verbose=0))
    return weights, result


def two(folder, worker):
    """What is tested with two workers only."""
    weights, result = equal(folder, worker)
    seed = tf.constant([1, 2])
    seeds = STRATEGY.run(tf.function(lambda: replicas.own_seed(seed)))
    result["seed"] = STRATEGY.experimental_local_results(seeds)[0].numpy().tolist()

    # Callbacks: the chief's writing, the others' decisions, one worker's wish to stop.
    class Stops(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = worker == 1 and epoch == 1

    vae = make(scope=STRATEGY.scope(), seed=None)
    seen = []
    history = distributed.fit(
        vae,
        streams()[0].filter(lambda x: True).repeat(),
        epochs=4,
        steps_per_epoch=7,
        callbacks=[
            keras.callbacks.CSVLogger(folder / f"log-{worker}.csv"),
            keras.callbacks.ModelCheckpoint(folder / f"model-{worker}-{{epoch}}.keras"),
            callbacks.LatentSnapshots(X, folder=folder / f"pictures-{worker}"),
            keras.callbacks.LambdaCallback(
                on_train_batch_end=lambda batch, logs: seen.append(float(logs["loss"]))
            ),
            Stops(),
        ],
        verbose=2,
    )
    result |= {"stopped": history.history, "batches": seen, "chief": distributed.is_chief(STRATEGY)}
    result["steps"] = np.array(vae.optimizer.iterations.value).item()
    if result["chief"]:
        vae.save(folder / "final.keras")
    weights |= {f"saved_{i}": np.array(value) for i, value in enumerate(vae.weights)}

    different = X if worker == 0 else X[::-1]
    shuffled = tf.data.Dataset.from_tensor_slices(X).shuffle(37, seed=worker).batch(BATCH)
    outside = make()
    optimizer = keras.optimizers.Adam()
    with STRATEGY.scope():
        half = small_vae(compile=False)
        half.compile(optimizer)
    result["errors"] = {
        "different": message(distributed.fit, vae, different, batch_size=BATCH),
        "shuffled": message(distributed.fit, vae, shuffled),
        "batch_size": message(distributed.fit, vae, X, batch_size=1),
        "steps_per_epoch": message(distributed.fit, vae, X, steps_per_epoch=0),
        "small batches": message(distributed.fit, vae, shuffled.unbatch().batch(1)),
        "endless": message(distributed.fit, vae, streams()[0].repeat()),
        "function": message(distributed.fit, vae, lambda context: X),
        "type": message(distributed.fit, vae, {"x": X}),
        "outside": message(distributed.fit, outside, X),
        "optimizer": message(distributed.fit, half, X),
        "jit_compile": message(vae.compile, "adam", jit_compile=True),
    }
    return weights, result


def long(folder, worker):
    """A run of six epochs with noise and a backup, that may be killed."""
    vae = make(scope=STRATEGY.scope())
    distributed.fit(
        vae,
        X,
        batch_size=BATCH,
        epochs=6,
        validation_data=X,
        callbacks=[callbacks.WidthAnnealing(epochs=5), KillMe(folder)],
        backup_dir=folder / "backup",
        verbose=0,
    )
    return {f"long_{i}": value for i, value in enumerate(weights_of(vae))}, {}


if __name__ == "__main__":
    scenario, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    worker = STRATEGY.cluster_resolver.task_id
    weights, result = {"equal": equal, "two": two, "long": long}[scenario](folder, worker)
    np.savez(folder / f"worker-{worker}.npz", **weights)
    (folder / f"worker-{worker}.json").write_text(json.dumps(result))
