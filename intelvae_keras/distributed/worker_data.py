"""From what a user gives to `fit` to batches that every worker feeds to its replicas in step."""

import zlib
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from intelvae_keras._engine import array_batches, arrays, checks, streams
from intelvae_keras.distributed import collectives, shards
from intelvae_keras.model import InteLVAE


class Data:
    """A distributed data set, with the number of its steps.

    Every worker makes it at the same time: it compares their data, and the lengths of their shards.

    Args:
        model: An `InteLVAE` under the strategy's scope; it is built for the data.
        name: The argument's name, for the messages.
        data: What `fit` takes.
        batch_size: Of arrays, the global batch; None for 32.
        steps_per_epoch: Steps an epoch, as the data go round; None for all of the data.
        shuffle: Whether to shuffle arrays.

    Attributes:
        steps: Steps an epoch, the same on every worker; None if that is not known.
        reshuffle: The callback that shuffles arrays, or None.
    """

    def __init__(
        self,
        model: InteLVAE,
        name: str,
        data: Any,
        batch_size: int | None,
        steps_per_epoch: int | None = None,
        shuffle: bool = False,
    ):
        strategy = model.distribute_strategy
        self.goes_round = steps_per_epoch is not None
        self.reshuffle = None
        self.iterator = None
        if callable(data) and not arrays.is_array(data):

            def shard(context):
                return shards.of_any_size(_checked(model, name, data(context))[0])
        else:
            dataset, sample = self._global_batches(model, name, data, batch_size, shuffle)
            _check_same_everywhere(strategy, name, sample)

            def shard(context):
                return shards.rows_of_worker(dataset, context)

        lengths = []

        def measured_shard(context):
            own = shard(context)
            lengths.append(int(own.cardinality()))
            return own

        self.batches = strategy.distribute_datasets_from_function(measured_shard)
        lengths = collectives.gather(strategy, lengths[0])
        self.steps = steps_per_epoch
        if not self.goes_round:
            self.steps = _count_steps(name, lengths, len(strategy.extended.worker_devices))

    def _global_batches(self, model, name, data, batch_size, shuffle):
        """From arrays or a data set to (a data set, what must be the same on all workers)."""
        replicas = model.distribute_strategy.num_replicas_in_sync
        if isinstance(data, tf.data.Dataset):
            dataset, batch = _checked(model, name, data)
            rows = len(tf.nest.flatten(batch)[0])
            if rows < replicas:
                raise ValueError(
                    f"{name} must yield global batches of at least one example for each of the "
                    f"{replicas} replicas; got a first batch of {rows}."
                )
            return dataset, batch
        if not isinstance(data, tuple | list) and not arrays.is_array(data):
            raise TypeError(
                f"{name} must be an array, a tuple (x, y, sample_weight), a tf.data.Dataset of "
                "global batches, or a function from a tf.distribute.InputContext to a "
                f"tf.data.Dataset; got {type(data).__name__}."
            )
        if batch_size is not None:
            argument = f"batch_size, split among the {replicas} replicas,"
            checks.integer(argument, batch_size, minimum=replicas)
        parts = keras.utils.unpack_x_y_sample_weight(data)
        batches = array_batches.ArrayBatches(model._columns(name, *parts), batch_size, shuffle)
        if shuffle:
            self.reshuffle = array_batches.Reshuffle(batches)
        return batches.dataset, parts

    def begin_epoch(self) -> None:
        """Starts the data anew, unless they go round."""
        if self.iterator is None or not self.goes_round:
            self.iterator = iter(self.batches)

    def feed(self, step: Callable) -> dict[str, tf.Tensor] | None:
        """The step's result for the next batch, or None at the end."""
        try:
            return step(self.iterator)
        except tf.errors.OutOfRangeError:
            if not self.goes_round:
                return None
            self.iterator = iter(self.batches)
            return step(self.iterator)


def _checked(model, name, dataset):
    """The data set with autotuning off, and its first batch, at which it has looked but once.

    (Each look makes a data set that shuffles go on to its next order.)
    """
    if not isinstance(dataset, tf.data.Dataset):
        raise TypeError(
            f"{name}, if a function, must return a tf.data.Dataset; got {type(dataset).__name__}."
        )
    batch, dataset = streams.first_batch(dataset)
    if batch is None:
        raise ValueError(f"{name} is empty: the stream yields no batch.")
    model.check_batch(name, batch)
    return array_batches.without_autotuning(dataset), batch


def _count_steps(name, lengths, replicas_per_worker):
    """Steps an epoch from the numbers of batches on each worker; None if one is not known."""
    if (lengths == tf.data.INFINITE_CARDINALITY).any():
        raise ValueError(
            f"{name} must be finite, or steps_per_epoch be given (on training data); got an endless "
            "data set."
        )
    if (lengths == tf.data.UNKNOWN_CARDINALITY).any():
        return None
    return int(-(-lengths.max() // replicas_per_worker))


def _check_same_everywhere(strategy, name, sample):
    """Raises a ValueError if the workers were given different data."""
    checksum = 0
    for values in tf.nest.flatten(sample):
        if values is not None:
            checksum = zlib.crc32(np.ascontiguousarray(values), checksum)
    if len(set(collectives.gather(strategy, checksum))) > 1:
        raise ValueError(
            f"{name} must be the same on every worker; it differs. Give the shuffling of a "
            "tf.data.Dataset a seed, or let each worker read its own shard: pass a function from a "
            "tf.distribute.InputContext to a tf.data.Dataset."
        )
