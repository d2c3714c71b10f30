"""Collective operations: what every worker must take part in, or the others wait for it."""

import numpy as np
import tensorflow as tf

from intelvae_keras._engine import replicas
from intelvae_keras.model import InteLVAE


def gather(strategy: tf.distribute.MultiWorkerMirroredStrategy, value: int) -> np.ndarray:
    """The integers of all workers, in the order of the workers: shape (replicas,)."""
    gathered = _gather_tensor(strategy, tf.constant([int(value)], tf.int64))
    return strategy.experimental_local_results(gathered)[0].numpy()


@tf.function(autograph=False)
def _gather_tensor(strategy, value):
    def on_replica():
        # Made anew in here: of a function's argument, TensorFlow does not know the device.
        return tf.distribute.get_replica_context().all_gather(tf.identity(value), axis=0)

    return strategy.run(on_replica)


def share_state(model: InteLVAE) -> None:
    """Gives every worker the chief's weights, optimizer's state and seeds."""
    strategy = model.distribute_strategy
    variables = [*model.weights, *model.optimizer.variables, *model._seed_states()]
    values = [tf.convert_to_tensor(variable.value) for variable in variables]
    for variable, value in zip(variables, _of_the_chief(strategy, values), strict=True):
        variable.assign(strategy.experimental_local_results(value)[0])


@tf.function(autograph=False)
def _of_the_chief(strategy, values):
    def all_sum_of_first(value):
        value = value if value.dtype.is_floating else tf.cast(value, tf.int64)
        is_first = tf.equal(tf.distribute.get_replica_context().replica_id_in_sync_group, 0)
        return replicas.all_sum(tf.where(is_first, value, tf.zeros_like(value)))

    return strategy.run(lambda: [all_sum_of_first(value) for value in values])
