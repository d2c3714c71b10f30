"""Lengths of vectors whose squares would overflow: in float32 they do from 1.8e19 on."""

import tensorflow as tf
from keras import ops


def scale_of(y: tf.Tensor) -> tf.Tensor:
    """The number, shape (..., 1), by which y is divided before it is squared: max(1, |y_1|, ..., |y_D|).

    It counts as a constant. What is computed with it must not depend on it.
    """
    return ops.stop_gradient(ops.maximum(ops.max(ops.abs(y), axis=-1, keepdims=True), 1.0))


def length(y: tf.Tensor) -> tf.Tensor:
    """The length |y|, shape (..., 1), of vectors, shape (..., D); its slope is finite at the origin."""
    scale = scale_of(y)
    squared = ops.sum(ops.square(y / scale), axis=-1, keepdims=True)
    return scale * ops.sqrt(squared + 1e-12)  # the offset keeps the slope finite
