"""Gradients of an answer, for judges: right values do not make a right gradient."""

from collections.abc import Callable

import numpy as np


def slopes(function: Callable, *arguments: np.ndarray) -> np.ndarray | None:
    """The gradients of a weighted sum of a function's values, by its arguments, side by side.

    The weights differ from value to value, so that no two errors cancel.

    Returns:
        An array of one axis; None if no gradient passes, as through NumPy.
    """
    import tensorflow as tf

    tensors = [tf.constant(array) for array in arguments]
    try:
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            value = tf.cast(tf.convert_to_tensor(function(*tensors)), "float32")
            weights = 1.0 + tf.range(tf.size(value), dtype="float32")
            total = tf.reduce_sum(tf.reshape(value, [-1]) * weights)
        found = tape.gradient(total, tensors)
    except Exception:  # a right answer in NumPy, or in loops
        return None
    if any(gradient is None for gradient in found):
        return None
    return np.concatenate([np.ravel(gradient) for gradient in found]).astype("float64")
