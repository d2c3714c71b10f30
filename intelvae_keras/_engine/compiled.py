"""The one owner of the functions that TensorFlow has compiled for a model."""

import types
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from intelvae_keras._engine.settings import Setting

_MOST_VALUES = 1000  # of an array or a container, whose change is looked for
_NUMBERS = (bool, int, float, complex, str, np.generic)
# Attributes that move without a change of what is computed: Keras' own, and those of training.
_MOVED = {
    *vars(keras.Model()),
    *("stop_training", "stop_evaluating", "stop_predicting"),
    *("_initial_epoch", "_eval_epoch_iterator", "_schedule_left", "_knows_warmup", "_run", "_held"),
}
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType)


class Compiled:
    """Every function that was compiled for a model, and when each is out of date.

    A compiled function goes on with the layers, and with the Python values in them, that it was traced
    with. So each is kept with the version of the model that it belongs to. The version changes when
    the model is compiled anew, when one of its layers is exchanged, frozen, unfrozen or quantized, and
    when a plain attribute of a layer changes (a number, a string, a function, a small array, a container
    of these).
    """

    def __init__(self) -> None:
        self._version = 0
        self._layers: list = []  # (layer, its state) of this version
        self._functions: dict = {}  # key to (version, function)

    def __deepcopy__(self, memo):
        return Compiled()  # a copied model compiles functions of its own

    def __reduce__(self):
        return Compiled, ()

    def invalidate(self) -> None:
        """Puts every function out of date."""
        self._version += 1

    def version(self, model: keras.Model) -> int:
        """The number of the model's present version."""
        now = [(layer, _state(layer)) for layer in model._flatten_layers()]
        before = self._layers
        same = len(now) == len(before) and all(
            new is old and state == state_before
            for (new, state), (old, state_before) in zip(now, before, strict=True)
        )
        if not same:
            self._layers = now
            self._version += 1
        return self._version

    def graph(self, model: keras.Model, key: Any, make: Callable) -> Callable:
        """The compiled function of this name; `make()` gives (function, signature) to compile."""

        def compiled():
            function, signature = make()
            return tf.function(_in_a_scope(function), signature)

        return self._up_to_date(model, key, compiled)

    def step(self, model: keras.Model, name: str, make: Callable, force: bool) -> None:
        """Gives the model Keras' function of this name, made for the model as it is now.

        There is one for each number of steps that run in one call, since Keras compiles the number in.

        Args:
            model: The model, of whose attributes `name` is one.
            name: "train_function", "test_function" or "predict_function".
            make: Keras' method that makes the function and sets the attribute.
            force: Whether to make it anew, as Keras' argument.
        """
        if force or getattr(model, name) is None:  # which is how Keras' users ask for a new one
            self._functions = {
                key: kept for key, kept in self._functions.items() if name not in key
            }

        def made():
            make(force=True)
            return getattr(model, name)

        key = (name, model.steps_per_execution, model.run_eagerly, model.jit_compile)
        setattr(model, name, self._up_to_date(model, key, made))

    def _up_to_date(self, model, key, make):
        version = self.version(model)
        if self._functions.get(key, (None,))[0] != version:
            self._functions[key] = version, make()
        return self._functions[key][1]


def _state(layer):
    """What of a layer a compiled function cannot follow: quantizing changes the dtype policy."""
    plain = [
        (name, _frozen(value))
        for name, value in vars(layer).items()
        if name not in _MOVED and _is_plain(value)
        if not isinstance(getattr(type(layer), name, None), Setting)  # which acts by itself
    ]
    return layer.trainable, layer.dtype_policy.name, plain


def _is_plain(value):
    """Whether a value is a number, a string, a function, a small array, or a small container of these."""
    if value is None or isinstance(value, _NUMBERS) or isinstance(value, _FUNCTIONS):
        return True
    if isinstance(value, np.ndarray):
        return value.dtype != object and value.size <= _MOST_VALUES
    if isinstance(value, dict):
        return len(value) <= _MOST_VALUES and all(map(_is_plain, value.values()))
    return isinstance(value, list | tuple) and (
        len(value) <= _MOST_VALUES and all(map(_is_plain, value))
    )


def _frozen(value):
    """A copy of a plain value that no later change reaches, and that compares by value."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_frozen(item) for item in value]
    return type(value), repr(value) if isinstance(value, float) else value  # NaN equals itself


def _in_a_scope(function):
    """The function, with the names of its operations below "vae".

    At the root of a graph TensorFlow refuses names that begin with "_", as those of a user's layer of a
    class `_Private` do.
    """

    # Without functools.wraps: AutoGraph would follow it past this function.
    def scoped(*args):
        with tf.name_scope("vae"):
            return function(*args)

    return scoped
