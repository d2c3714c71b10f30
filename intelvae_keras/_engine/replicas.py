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


def own_losses(losses):
    """Those of a layer's losses that this replica has added: Keras keeps all of them in one list.

    A replica waits at each `all_sum` for the others, which then add theirs before it reads its own.
    """
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return losses
    # Not context.devices, which fails on every worker but the first.
    local = context.strategy.extended.worker_devices
    own = local[tf.get_static_value(context.replica_id_in_sync_group) % len(local)]
    return [loss for loss in losses if loss.device not in set(local) - {own}]


def own_seed(seed):
    """A seed, int32 of shape (2,), that differs between replicas."""
    seed = tf.cast(seed, tf.int32)
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return seed
    return tf.random.fold_in(seed, context.replica_id_in_sync_group)
