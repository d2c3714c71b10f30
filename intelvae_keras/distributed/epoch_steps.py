"""The steps of an epoch, on all replicas of all workers, and the means over them."""

import itertools
from collections.abc import Callable

import keras
import tensorflow as tf

from intelvae_keras._engine import replicas
from intelvae_keras.distributed.worker_data import Data
from intelvae_keras.model import InteLVAE


def compiled(model: InteLVAE, step: Callable) -> Callable:
    """A function that takes a step on every replica; returns the metrics over all of them."""
    strategy = model.distribute_strategy

    def on_replica(batch):
        step(batch)
        # Each replica has its own part of a metric's variables, of which the whole is the sum.
        own = tf.stack([variable.value for variable in model.metrics_variables])
        sums = iter(tf.unstack(replicas.all_sum(own)))
        return {
            metric.name: metric.stateless_result([next(sums) for _ in metric.variables])
            for metric in model.metrics
        }

    def on_all(iterator):
        # The batch is taken in here, since a worker that traces anew for another size of batch,
        # which the others do not have, would no longer match their collective operations.
        results = strategy.run(on_replica, args=(iterator.get_next(),))
        return {
            name: strategy.experimental_local_results(value)[0] for name, value in results.items()
        }

    return tf.function(on_all, autograph=False)


def run(
    model: InteLVAE,
    step: Callable,
    data: Data,
    on_batch_begin: Callable[[int], None],
    on_batch_end: Callable[[int, dict], None],
) -> dict[str, float]:
    """Means of the loss and its terms over an epoch of steps."""
    _reset_metrics(model)
    data.begin_epoch()
    logs = {}
    for number in itertools.count() if data.steps is None else range(data.steps):
        on_batch_begin(number)
        results = data.feed(step)
        if results is None:
            break
        logs = results
        on_batch_end(number, logs)
    return {name: float(value) for name, value in logs.items()}


def validate(
    model: InteLVAE, test_step: Callable, data: Data, callbacks: keras.callbacks.CallbackList
) -> dict[str, float]:
    """Means of the loss and its terms over the data, without training."""
    callbacks.on_test_begin()
    logs = run(model, test_step, data, callbacks.on_test_batch_begin, callbacks.on_test_batch_end)
    callbacks.on_test_end(logs)
    return logs


@tf.function(autograph=False)
def _reset_metrics(model):
    # On each replica its own part: outside of them each variable would be added up over the workers.
    model.distribute_strategy.run(model.reset_metrics)
