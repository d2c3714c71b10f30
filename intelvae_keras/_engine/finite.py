"""A training that turns NaN is stopped before the step that would spoil the weights, and says what did."""

import contextlib
import re

import keras
import numpy as np
import tensorflow as tf

_MARK = "intelvae_keras: sums of the terms and of each gradient"
_TERMS = ("kl", "mapping", "reconstruction", "added losses")  # where a NaN arises first, first
_WAYS_OUT = {
    "kl": "The encoder gives q(y|x) no finite mean or scale. Perhaps x is not finite: of a tf.data.Dataset, "
    "the first batch alone is checked.",
    "mapping": "The mapping makes no finite z of a finite y: try it with mappings.check.",
    "reconstruction": "The decoder, or the likelihood of its output, overflows.",
    "added losses": "They are the mapping's own loss, or a regulariser of a network.",
    "gradient": "Its term is finite, but has no finite slope there, such as a root or a norm at 0.",
}


def required(model, terms, gradients):
    """A context whose operations run if all terms of the loss and the gradients are finite.

    A NaN or an infinity shows in the sum of its tensor. So the cost is a sum for each weight, and one
    comparison. Where `LossScaleOptimizer` looks after gradients, which may overflow there, it is the terms
    alone. XLA leaves the check out.

    Args:
        model: The model, compiled.
        terms: What `elbo` returned.
        gradients: Tensors, one for each of the model's trainable weights.

    Raises:
        FloatingPointError: Line by line, at once; of what is compiled, by `named`.
    """
    if model.jit_compile:
        return contextlib.nullcontext()
    parts = [terms.kl, terms.z, terms.reconstruction, terms.added_losses]
    if not isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer):
        parts += map(_dense, gradients)
    sums = tf.stack([tf.cast(tf.reduce_sum(part), terms.kl.dtype) for part in parts])
    finite = tf.reduce_all(tf.math.is_finite(sums))
    if tf.executing_eagerly():
        if not finite:
            raise FloatingPointError(_message(model, sums.numpy().tolist()))
        return contextlib.nullcontext()
    if not model.optimizer.built:  # in a loop of your own: no variable may begin under a condition
        model.optimizer.build(model.trainable_variables)
    # The bare operation: `tf.debugging.Assert` makes a branch, whose graphs TensorFlow never lets go.
    check = tf.raw_ops.Assert(condition=finite, data=[_MARK, sums], summarize=len(parts))
    return tf.control_dependencies([check])


@contextlib.contextmanager
def named(model):
    """Raises a FloatingPointError that names term and step, in place of TensorFlow's report."""
    try:
        yield
    except tf.errors.InvalidArgumentError as report:
        found = re.search(re.escape(_MARK) + r"\] \[([^\]]*)\]", str(report))
        if found is None:
            raise
        raise FloatingPointError(_message(model, [*map(float, found[1].split())])) from None


def _dense(gradient):
    if gradient is None:  # of a weight that has no part in the loss
        return 0.0
    return gradient.values if isinstance(gradient, tf.IndexedSlices) else gradient


def _message(model, sums):
    step = int(keras.ops.convert_to_numpy(model.optimizer.iterations))
    index = next(i for i, value in enumerate(sums) if not np.isfinite(value))
    term = _TERMS[index] if index < len(_TERMS) else "gradient"
    of = "" if index < len(_TERMS) else f" of {model.trainable_weights[index - len(_TERMS)].path}"
    spoilt = any(
        not np.isfinite(keras.ops.convert_to_numpy(weight)).all()
        for weight in model.trainable_weights
    )
    weights = f"The weights are those after step {step}, the last finite ones."
    if spoilt:
        weights = f"The weights after step {step} hold NaN or infinity already."
    return (
        f"Training stopped in step {step + 1}: {term}{of} is {sums[index]:g}. {_WAYS_OUT[term]} {weights} "
        "A smaller learning rate or clipping helps most often: "
        "compile(keras.optimizers.Adam(1e-4, clipnorm=1.0)); see docs/how-to/troubleshooting.md."
    )
