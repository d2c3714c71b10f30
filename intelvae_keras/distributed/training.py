"""`fit` and `evaluate`: what Keras does in one process, on all workers at once."""

import os
from collections.abc import Sequence
from typing import Any

import keras

from intelvae_keras._engine import arrays, checks, finite
from intelvae_keras.distributed import cluster, collectives, epoch_steps, scope
from intelvae_keras.distributed.worker_callbacks import of_this_worker
from intelvae_keras.distributed.worker_data import Data
from intelvae_keras.model import InteLVAE


def fit(
    model: InteLVAE,
    data: Any,
    epochs: int = 1,
    validation_data: Any = None,
    callbacks: Sequence[keras.callbacks.Callback] | None = None,
    backup_dir: str | os.PathLike | None = None,
    initial_epoch: int = 0,
    steps_per_epoch: int | None = None,
    batch_size: int | None = None,
    verbose: str | int = "auto",
) -> keras.callbacks.History:
    """Training on all workers at once, to the weights that one process would find.

    Every worker calls it with the same arguments. It starts from the chief's weights.

    Callbacks run on every worker, with the same logs, hence with the same effect. Those that write files
    run on the chief alone: Keras' own, `SampleGrid`, `LatentSnapshots`, and any with an attribute
    `chief_only = True`. These must not train or evaluate, which takes all workers. The logs are, after
    each batch, the exact means so far over all workers. A callback that sets `stop_training`, on any
    worker, ends training for all after the epoch.

    Args:
        model: A compiled `InteLVAE`, made and compiled under the strategy's scope.
        data: The training data, as one of:
            an array x, shape (N, *shape), or a tuple (x, y) or (x, y, sample_weight): every worker
            holds them all, and takes its rows of each batch, shuffled as by `model.fit`;
            a `tf.data.Dataset` of global batches: every worker goes through all of it, and takes its
            rows of each batch, so its order must be the same on all (give `shuffle` a seed);
            a function from a `tf.distribute.InputContext` to the worker's own `tf.data.Dataset`, of
            batches for one replica (`context.get_per_replica_batch_size(global_batch)` examples): it
            reads only this worker's shard. Shards may be of different lengths.
        epochs: The epoch to end with, as in `model.fit`.
        validation_data: The same, for the validation after each epoch; not shuffled.
        callbacks: A list of Keras callbacks.
        backup_dir: Folder for a `callbacks.BackupAndRestore`, on a disk that the chief finds again.
            It is read and written by the chief alone, which passes the state on. When the program
            is started again, training goes on after the last epoch that was completed.
        initial_epoch: The epoch to start with, if there is no backup.
        steps_per_epoch: Steps an epoch; the data go round. None for all of the data.
        batch_size: Of arrays, the GLOBAL batch, split among the replicas; None for 32.
        verbose: As in `model.fit`; only the chief has a progress bar.

    Returns:
        Keras' History, the same on every worker: `loss`, `reconstruction`, `kl`, `elbo`, `mapping_loss`,
        with `val_` in front for the validation, per epoch, in nats.

    Raises:
        TypeError: If the data are none of the above, or a number of steps or examples is no integer.
        ValueError: If the model does not belong to a `MultiWorkerMirroredStrategy`, the global batch
            is smaller than the number of replicas, or the data are bad or differ between the workers.
        RuntimeError: If another worker was lost. Start all of them again.
    """
    strategy = scope.checked_strategy(model)
    model._assert_compile_called("fit")
    if steps_per_epoch is not None:
        steps_per_epoch = checks.integer("steps_per_epoch", steps_per_epoch, minimum=1)
    with cluster.clear_error_if_a_worker_is_lost(), model._leaving_nothing():
        training = Data(model, "data", data, batch_size, steps_per_epoch, shuffle=True)
        validation = None
        if validation_data is not None:
            validation = Data(model, "validation_data", validation_data, batch_size)
        scope.check_created_in_scope(model)
        model._prepare_training(callbacks, epochs, _readable(data))
        chief = cluster.is_chief(strategy)
        callbacks = keras.callbacks.CallbackList(
            of_this_worker(callbacks, training.reshuffle, backup_dir, chief),
            add_history=True,
            add_progbar=chief and verbose != 0,
            verbose=verbose,
            epochs=epochs,
            steps=training.steps,
            model=model,
        )
        model.stop_training = False
        callbacks.on_train_begin()  # restores the chief's backup
        collectives.share_state(model)
        initial_epoch = int(collectives.gather(strategy, model._initial_epoch or initial_epoch)[0])
        train_step = epoch_steps.compiled(model, model.train_step)
        test_step = epoch_steps.compiled(model, model.test_step)
        logs = None
        for epoch in range(initial_epoch, epochs):
            callbacks.on_epoch_begin(epoch)
            with finite.named(model):
                logs = epoch_steps.run(
                    model,
                    train_step,
                    training,
                    callbacks.on_train_batch_begin,
                    callbacks.on_train_batch_end,
                )
            if validation is not None:
                terms = epoch_steps.validate(model, test_step, validation, callbacks)
                logs |= {f"val_{name}": value for name, value in terms.items()}
            callbacks.on_epoch_end(epoch, logs)
            if collectives.gather(strategy, model.stop_training).any():
                break
        model.optimizer.finalize_variable_values(model.trainable_weights)
        callbacks.on_train_end(logs)
        collectives.gather(strategy, 0)  # nobody leaves before the chief has written its files
    return model.history


def _readable(data):
    """What a callback may look at; None for a function, whose data differ between workers."""
    data = data[0] if isinstance(data, tuple) else data
    return None if callable(data) and not arrays.is_array(data) else data


def evaluate(model: InteLVAE, data: Any, batch_size: int | None = None) -> dict[str, float]:
    """The means of the loss and its terms over data, on all workers at once.

    Args:
        model: As for `fit`.
        data: As for `fit`.
        batch_size: Of arrays, the GLOBAL batch; None for 32.

    Returns:
        A dict, the same on every worker: `loss`, `reconstruction`, `kl`, `elbo`, `mapping_loss`, in nats.

    Raises:
        TypeError: As `fit`.
        ValueError: As `fit`.
        RuntimeError: If another worker was lost.
    """
    scope.checked_strategy(model)
    model._assert_compile_called("evaluate")
    with cluster.clear_error_if_a_worker_is_lost():
        data = Data(model, "data", data, batch_size)
        scope.check_created_in_scope(model)
        no_callbacks = keras.callbacks.CallbackList(model=model)
        return epoch_steps.validate(
            model, epoch_steps.compiled(model, model.test_step), data, no_callbacks
        )
