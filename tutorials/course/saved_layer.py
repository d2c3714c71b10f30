"""Exercise of notebook 10: a mapping as a layer that a saved model finds again."""

import inspect

import keras
import numpy as np
import tensorflow as tf

from course.exercise import Exercise, close, numbers, require_arguments, trains
from course.gradients import wrong_gradient
from course.mapping_faults import are_weights, fault_of, softmax, wrong_far_out
from course.registered import give_back, giving_back


@keras.saving.register_keras_serializable(package="my_project")
class MySimplex(keras.layers.Layer):
    """z = softmax(sharpness * y)."""

    def __init__(self, sharpness=2.0, **kwargs):
        super().__init__(**kwargs)
        self.sharpness = sharpness

    def call(self, y):
        """Maps y, shape (batch, K), to weights of K corners."""
        return keras.ops.softmax(self.sharpness * y, axis=-1)

    def get_config(self):
        """The constructor's arguments."""
        return super().get_config() | {"sharpness": self.sharpness}


@keras.saving.register_keras_serializable(package="my_project")
class AnotherSimplex(keras.layers.Layer):
    def __init__(self, sharpness=2.0, name=None, **kwargs):
        super().__init__(name=name, **kwargs)
        self.sharpness = sharpness

    def call(self, y):
        """Maps y, shape (batch, K), to weights of K corners."""
        weights = tf.exp(self.sharpness * (y - keras.ops.max(y, axis=-1, keepdims=True)))
        return weights / tf.reduce_sum(weights, axis=-1, keepdims=True)

    def get_config(self):
        """The constructor's arguments."""
        config = super().get_config()
        config["sharpness"] = self.sharpness
        return config


@keras.saving.register_keras_serializable(package="course_wrong")
class _InNumpy(MySimplex):
    def call(self, y):
        weights = np.exp(self.sharpness * np.asarray(y))
        return weights / weights.sum(axis=-1, keepdims=True)


@keras.saving.register_keras_serializable(package="course_wrong")
class _Overflowing(MySimplex):
    def call(self, y):
        weights = tf.exp(self.sharpness * y)
        return weights / tf.reduce_sum(weights, axis=-1, keepdims=True)


@keras.saving.register_keras_serializable(package="course_wrong")
class _OfBatch(MySimplex):
    def call(self, y):
        return keras.ops.softmax(self.sharpness * y, axis=0)


@keras.saving.register_keras_serializable(package="course_wrong")
class _ConfigOfNothing(MySimplex):
    def get_config(self):
        super().get_config()


@keras.saving.register_keras_serializable(package="course_wrong")
class _Clipped(MySimplex):
    def call(self, y):
        return keras.ops.softmax(keras.ops.clip(self.sharpness * y, -50, 50), axis=-1)


@keras.saving.register_keras_serializable(package="course_wrong")
class _AnotherDefault(MySimplex):
    def __init__(self, sharpness=3.0, **kwargs):
        super().__init__(sharpness, **kwargs)


@keras.saving.register_keras_serializable(package="course_wrong")
class _AlwaysTheDefault(MySimplex):
    def get_config(self):
        return super().get_config() | {"sharpness": 2.0}


@keras.saving.register_keras_serializable(package="course_wrong")
class _KeepsKwargs(MySimplex):
    def __init__(self, sharpness=2.0, **kwargs):
        super().__init__(sharpness)


@keras.saving.register_keras_serializable(package="course_wrong")
class _Divided(MySimplex):
    def call(self, y):
        return keras.ops.softmax(y / self.sharpness, axis=-1)


@keras.saving.register_keras_serializable(package="course_wrong")
class _TimesAfter(MySimplex):
    def call(self, y):
        return self.sharpness * keras.ops.softmax(y, axis=-1)


@keras.saving.register_keras_serializable(package="course_wrong")
class _HeldBack(MySimplex):
    def call(self, y):
        return tf.stop_gradient(super().call(y)) + 0 * y


class _Unregistered(MySimplex):
    pass


@keras.saving.register_keras_serializable(package="course_wrong")
class _Forgetful(MySimplex):
    def get_config(self):
        return keras.layers.Layer.get_config(self)


@keras.saving.register_keras_serializable(package="course_wrong")
class _Closed(keras.layers.Layer):
    def __init__(self, sharpness=2.0):
        super().__init__()
        self.sharpness = sharpness

    call = MySimplex.call

    def get_config(self):
        return super().get_config() | {"sharpness": self.sharpness}


@keras.saving.register_keras_serializable(package="course_wrong")
class _Deaf(MySimplex):
    def call(self, y):
        return keras.ops.softmax(y, axis=-1)


def _layer_fits(answer):
    """Whether a model trains through it."""
    layer = answer(2.0)
    if trains(lambda y: layer(y)[:, 0], np.ones((3, 3), "float32")):
        return True
    give_back(MySimplex)
    return False


def _named(answer):
    """The layer with a name of its own; None if the constructor takes none, which `saves` will say."""
    try:
        return answer(5.0, name="mine")
    except TypeError:
        return None


# A get_config without super()'s reloads too, under another name of the layer: right as well.


def _what_is_wrong_with_layer(answer):
    if not (isinstance(answer, type) and issubclass(answer, keras.layers.Layer)):
        return "It must be a class, a subclass of keras.layers.Layer."
    require_arguments(answer, 5.0)
    layer = answer(5.0)
    y = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
    z = numbers(layer(y), (4, 3))
    known = {
        "Your columns sum to 1. Each row is one example: softmax over the last axis.": (
            keras.ops.softmax(5.0 * y, axis=0)
        ),
        "The sharpness does nothing: z = softmax(sharpness * y).": keras.ops.softmax(y, axis=-1),
        "Multiply y by the sharpness. You divide.": keras.ops.softmax(y / 5.0, axis=-1),
        "Multiply y by the sharpness, before the softmax.": 5.0 * keras.ops.softmax(y, axis=-1),
    }
    for message, mistake in known.items():
        if close(z, mistake, 3e-3):
            return message
    if not close(z, keras.ops.softmax(5.0 * y, axis=-1), 3e-3):  # float16 is near enough
        return "For sharpness 5 it should give softmax(5 * y)."
    if getattr(_named(answer), "name", "mine") != "mine":
        return "Pass **kwargs on to super().__init__: they hold the layer's name and its dtype."
    default = [p.default for p in inspect.signature(answer).parameters.values()][:1]
    if default not in ([2.0], [inspect.Parameter.empty]):
        return f"Leave the default of the constructor at 2.0; yours is {default[0]}."
    fault = fault_of(layer, 3, holds=are_weights) or wrong_far_out(layer, sharpness=5.0)
    if fault and "kwargs" not in inspect.signature(answer.__init__).parameters:
        fault += " Does the constructor take **kwargs, and pass them on to super().__init__?"
    if not fault and wrong_gradient(layer, MySimplex(5.0), y):
        return "The values are right, and the gradient is not: does a stop_gradient hold it back?"
    return fault


layer = Exercise(
    name="layer",
    judge=giving_back(_what_is_wrong_with_layer, MySimplex),
    reference=MySimplex,
    second=AnotherSimplex,
    wrong={
        "not registered": (_Unregistered, "not registered"),
        "get_config without it": (_Forgetful, "get_config does not hold 'sharpness'"),
        "no **kwargs": (_Closed, "pass them on"),
        "sharpness unused": (_Deaf, "sharpness does nothing"),
        "a function": (softmax, "must be a class"),
        "overflow": (_Overflowing, "exp(89) is already infinite"),
        "over the batch": (_OfBatch, "columns sum to 1"),
        "get_config without return": (_ConfigOfNothing, "get_config must return a dict"),
        "clipped": (_Clipped, "Do not clip y"),
        "another default": (_AnotherDefault, "Leave the default"),
        "the default in get_config": (_AlwaysTheDefault, "mappings.check, saves"),
        "kwargs not passed on": (_KeepsKwargs, "Pass **kwargs on"),
        "divided": (_Divided, "You divide"),
        "multiplied after": (_TimesAfter, "before the softmax"),
        "no gradient": (_HeldBack, "the gradient is not"),
    },
    fits=_layer_fits,
    hints=(
        "A layer reloads from its class, found by name, and from what `get_config` returns.",
        "`return super().get_config() | {...}` with each argument of the constructor.",
        'Above the class: @keras.saving.register_keras_serializable(package="my_project").',
    ),
    why="A file holds a name and numbers. The name leads to the class, since you registered it. "
    "`get_config` gives back what the constructor needs, and **kwargs takes what Keras adds, such as "
    "the layer's own name.",
)
