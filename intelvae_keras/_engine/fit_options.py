"""Arguments that Keras would use unchecked, some after an epoch only: examined before the first step."""

import difflib
import numbers
from collections.abc import Mapping

import keras
import tensorflow as tf

from intelvae_keras._engine import checks, fused_adam, old_keras

_COUNTS = {  # the smallest value of each
    "initial_epoch": 0,
    "steps_per_epoch": 1,
    "validation_steps": 1,
    "batch_size": 1,
    "validation_batch_size": 1,
    "steps": 1,
}


_KEYWORDS = {  # what each takes by name, beside its signature
    "fit": ("initial_epoch", "steps_per_epoch", "validation_steps", "validation_freq"),
    "evaluate": ("steps", "callbacks", "return_dict"),
    "predict": ("verbose", "steps", "callbacks"),
}


def check_keywords(method, given):
    """Refuses arguments that a method does not have.

    Raises:
        TypeError: If there is one, such as a misspelt name.
    """
    for name in given:
        if name not in _KEYWORDS[method]:
            close = difflib.get_close_matches(
                name, [*_COUNTS, *_KEYWORDS[method], "callbacks"], n=1
            )
            hint = f"; did you mean {close[0]!r}?" if close else "."
            raise TypeError(f"{method} has no argument {name!r}{hint}")


def check(
    callbacks=None,
    class_weight=None,
    validation_split=0.0,
    validation_freq=1,
    epochs=1,
    shuffle=True,
    **counts,
):
    """Checks arguments of `fit`, `evaluate` and `predict`; others that are given are left to Keras.

    Raises:
        TypeError: If one has the wrong type.
        ValueError: If one is outside its range.
    """
    checks.integer("epochs", epochs, minimum=0)
    if shuffle is not None:
        checks.boolean("shuffle", shuffle)
    for name, minimum in _COUNTS.items():
        if counts.get(name) is not None:
            checks.integer(name, counts[name], minimum)
    if not isinstance(validation_split, numbers.Real):
        raise TypeError(f"validation_split must be a number in (0, 1); got {validation_split!r}.")
    _check_validation_freq(validation_freq)
    _check_callbacks(callbacks)
    if class_weight is not None:
        _check_class_weight(class_weight)


def require_end(name, data, argument, given):
    """Refuses a stream that is known to have no end, unless the steps to take of it are given.

    Args:
        name: The argument's name, for the message.
        data: A stream, or another thing, which is let through.
        argument: The argument that says how many steps to take.
        given: A dict of the arguments given.

    Raises:
        ValueError: If an epoch would never end.
    """
    if given.get(argument) is None and _is_endless(data):
        raise ValueError(
            f"{name} has no end, and so no epoch would: leave .repeat() out, or say with {argument} how "
            "many batches to take."
        )


def _is_endless(data):
    if isinstance(data, tf.data.Dataset):
        return int(data.cardinality()) == tf.data.INFINITE_CARDINALITY
    return isinstance(data, keras.utils.PyDataset) and data.num_batches is None


def _check_validation_freq(value):
    if isinstance(value, list | tuple | set):
        for epoch in value:
            checks.integer("validation_freq", epoch, minimum=1)
    else:
        checks.integer("validation_freq", value, minimum=1)


def _check_callbacks(callbacks):
    for callback in [] if callbacks is None else keras.tree.flatten(callbacks):
        old_keras.refuse("callbacks", callback)
        if isinstance(callback, type):
            raise TypeError(
                f"callbacks must hold objects; got the class {callback.__name__}. Make one: "
                f"{callback.__name__}(...)."
            )
        if not hasattr(callback, "set_model"):
            hint = ""
            if callable(callback):
                hint = " Of a function, make one: keras.callbacks.LambdaCallback(on_epoch_end=...)."
            raise TypeError(
                f"callbacks must hold keras.callbacks.Callback; got {callback!r}.{hint}"
            )


def _check_class_weight(class_weight):
    expected = "class_weight must be a dict from class 0..K-1 to a finite weight >= 0"
    if not isinstance(class_weight, Mapping):
        raise TypeError(f"{expected}; got {class_weight!r:.60}. Pass dict(enumerate(weights)).")
    for key, weight in class_weight.items():
        if not isinstance(key, numbers.Integral):
            raise TypeError(f"{expected}; got the class {key!r}.")
        checks.number(f"class_weight[{key!r}]", weight)


def check_compile(optimizer, jit_compile, steps_per_execution, run_eagerly=False, **_):
    """Checks arguments of `compile` that Keras would take, and fail or train wrongly with.

    Raises:
        TypeError: If one has the wrong type.
        ValueError: If one is outside its range.
    """
    old_keras.refuse("optimizer", optimizer)
    if isinstance(optimizer, type):
        raise TypeError(
            f"optimizer must be an object or a name; got the class {optimizer.__name__}. Make one: "
            f"keras.optimizers.{optimizer.__name__}(...)."
        )
    if isinstance(optimizer, numbers.Real):
        raise TypeError(
            "optimizer must be a Keras optimizer or its name; got a number. With this learning rate: "
            f"keras.optimizers.Adam({optimizer})."
        )
    if not isinstance(optimizer, str | dict | keras.optimizers.Optimizer):
        raise TypeError(f"optimizer must be a Keras optimizer or its name; got {optimizer!r:.100}.")
    if isinstance(optimizer, keras.optimizers.Optimizer):
        rate = keras.ops.convert_to_numpy(fused_adam.innermost(optimizer).learning_rate)
        checks.number("optimizer.learning_rate", float(rate))
    if jit_compile != "auto":
        checks.boolean("jit_compile", jit_compile)
    if run_eagerly is not None:
        checks.boolean("run_eagerly", run_eagerly)
    if steps_per_execution != "auto":
        checks.integer("steps_per_execution", steps_per_execution, minimum=1)
