"""Gradients of an answer: whether they pass, and whether they are right."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from course.exercise import Mistake, call, close


def gradients(function: Callable, *arguments: np.ndarray) -> list[np.ndarray | None]:
    """Gradients of an answer's numbers, each weighed differently, for each argument that is an array.

    Args:
        function: The answer. What it returns may be a tensor, or a tuple or list of tensors.
        *arguments: Arrays, and whatever else the exercise gives, such as a model.

    Returns:
        One gradient for each array; None where none passes, as behind NumPy.
    """
    tensors = [tf.constant(a) if isinstance(a, np.ndarray) else a for a in arguments]
    watched = [tensor for tensor in tensors if tf.is_tensor(tensor)]
    with tf.GradientTape() as tape:
        tape.watch(watched)
        result = call(function, *tensors)
        parts = result if isinstance(result, tuple | list) else [result]
        total = tf.constant(0.0)
        for part in filter(tf.is_tensor, parts):
            weights = 1.0 + tf.range(tf.size(part), dtype="float32") % 7  # a sum would hide an axis
            total += tf.reduce_sum(weights * tf.reshape(tf.cast(part, "float32"), [-1]))
    found = tape.gradient(total, watched)
    return [None if gradient is None else gradient.numpy() for gradient in found]


def wrong_gradient(function: Callable, reference: Callable, *arguments: np.ndarray) -> bool:
    """Whether an answer in TensorFlow has another gradient than the reference: a part of it is stopped.

    An answer in NumPy has none at all. It is right, and `Exercise.fits` sees that it cannot train.
    """
    try:
        found = gradients(function, *arguments)
    except Mistake:  # it takes no tensors
        return False
    right = gradients(reference, *arguments)
    if all(gradient is None for gradient in found):
        return "stop_gradient" in getattr(getattr(function, "__code__", None), "co_names", ())
    return not all(
        one is not None and np.all(np.isfinite(one)) and close(one, other, 0.02)  # half precision
        for one, other in zip(found, right, strict=True)
    )
