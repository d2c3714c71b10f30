"""What a computation must know of the replicas of a `tf.distribute` strategy; without one, nothing.

Keras' optimizers SUM the gradients over the replicas, and random seeds are the same on each. Sums
over the batch are therefore taken over all replicas, and seeds made different by the replica's id.
"""

import tensorflow as tf


def count():
    """The number of replicas that train in step, 1 without a strategy."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def all_sum(value):
    """The sum of a tensor over all replicas, differentiable."""
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return value
    return context.all_reduce(tf.distribute.ReduceOp.SUM, value)


def mean(value):
    """The mean of a tensor over all replicas."""
    return all_sum(value) / count()


def clear_losses(layer):
    """Clears the losses of the batch before, once, by the first of the replicas to run a step.

    Keras clears them when a model is called. A step calls the parts one by one, and a part may add a
    loss outside of its own call, such as a likelihood in `log_prob`.
    """
    if _index_on_worker() == 0:
        layer._clear_losses()


def own_losses(losses):
    """Those of a layer's losses that this replica has added: Keras keeps all of them in one list.

    A replica waits at each `all_sum` for the others, which then add theirs before it reads its own.
    """
    if count() == 1:
        return losses
    local = tf.distribute.get_strategy().extended.worker_devices
    own = local[_index_on_worker()]
    return [loss for loss in losses if loss.device not in set(local) - {own}]


def _index_on_worker():
    """The number of this replica among those of its worker."""
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return 0
    # Not context.devices, which fails on every worker but the first.
    local = context.strategy.extended.worker_devices
    return tf.get_static_value(context.replica_id_in_sync_group) % len(local)


def own_seed(seed):
    """A seed, int32 of shape (2,), that differs between replicas."""
    seed = tf.cast(seed, tf.int32)
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return seed
    return tf.random.fold_in(seed, context.replica_id_in_sync_group)


def draw(q, seed_generator):
    """A sample y ~ q, as `q.sample()`, that is another on each replica, and may be of an empty batch."""
    seed = own_seed(seed_generator.next())
    noise = tf.random.stateless_normal(tf.shape(q.loc), seed, dtype=q.dtype)
    return q.loc + q.scale.matvec(noise)


def sum_of_losses(layer, dtype):
    """The sum of the losses that a layer has added on this replica, a scalar."""
    return tf.cast(sum(own_losses(layer.losses)), dtype)


def sum_of_added(layer, dtype):
    """The same without the regularisers of its weights, which do not change within a step."""
    added = [loss for inner in layer._flatten_layers() for loss in inner._get_own_losses()]
    return tf.cast(sum(own_losses(added)), dtype)


def weighting(sample_weight):
    """A function that multiplies values per example, shape (batch,), by the examples' weights."""

    def weighted(values):
        if sample_weight is None:
            return values
        return values * tf.reshape(tf.cast(sample_weight, values.dtype), tf.shape(values))

    return weighted


def mean_over_batch(values, sample_weight=None):
    """(1/N) sum_i w_i value_i, with N the examples of all replicas: this replica's part of it.

    The parts are summed by Keras' optimizers, which sum the gradients over the replicas. N counts the
    examples, not their weights: else the optimum would depend on which examples share a batch.
    """
    count = all_sum(tf.cast(tf.size(values), values.dtype))
    return tf.reduce_sum(weighting(sample_weight)(values)) / tf.maximum(count, 1)
