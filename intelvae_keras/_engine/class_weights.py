"""Class weights of a `tf.data.Dataset`: 1 for a class that they leave out, as for arrays."""

import tensorflow as tf


def into_stream(data, class_weight):
    """The stream and the class weights that are left for Keras.

    Keras looks a class up in a list, and TensorFlow fails at one beyond its end. So the weights of the
    examples are put into the stream here.

    Args:
        data: A stream in standard form; of a `tf.data.Dataset` its batches are (x, y).
        class_weight: A dict from class to weight, or None.
    """
    if class_weight is None or not isinstance(data, tf.data.Dataset) or len(data.element_spec) != 2:
        return data, class_weight  # Keras refuses sample weights beside them
    keys = tf.constant(list(class_weight), tf.int64)
    weights = tf.constant([float(weight) for weight in class_weight.values()], tf.float32)

    def weigh(x, y):
        if y.shape.rank == 2 and y.shape[1] != 1:
            y = tf.argmax(y, axis=-1)
        y = tf.reshape(tf.cast(tf.round(y) if y.dtype.is_floating else y, tf.int64), (-1, 1))
        of_class = tf.cast(y == keys, tf.float32)  # (batch, K), at most one 1 in a row
        return x, y[:, 0], 1 + tf.reduce_sum(of_class * (weights - 1), axis=-1)

    return data.map(weigh), None
