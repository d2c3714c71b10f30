"""Each worker's shard of the data: its rows of global batches, or batches of its own."""

import tensorflow as tf

from intelvae_keras._engine import array_batches


def rows_of_worker(
    dataset: tf.data.Dataset, context: tf.distribute.InputContext
) -> tf.data.Dataset:
    """From global batches to the batches of this worker's replicas, one after the other."""
    count = context.num_replicas_in_sync
    per_worker = count // context.num_input_pipelines
    first = context.input_pipeline_id * per_worker

    def split(*batch):
        size = tf.shape(tf.nest.flatten(batch)[0], tf.int64)[0]

        def rows(replica):
            start, stop = replica * size // count, (replica + 1) * size // count
            return tf.nest.map_structure(lambda values: values[start:stop], batch)

        return tf.data.Dataset.range(first, first + per_worker).map(rows)

    batches = dataset.cardinality()  # which flat_map loses
    dataset = dataset.flat_map(split).prefetch(2)
    if batches >= 0:
        batches *= per_worker
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(batches))
    return array_batches.without_autotuning(dataset)


def of_any_size(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """The dataset with batches of no fixed size, as a replica without data has an empty one."""

    def forget_size(*batch):
        return tf.nest.map_structure(lambda values: values[: tf.shape(values)[0]], batch)

    return array_batches.without_autotuning(dataset.map(forget_size))
