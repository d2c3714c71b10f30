"""Weights that a model's functions read, and Keras cannot see: nothing would ever train them."""

import functools
import gc

import keras
import tensorflow as tf

_SHOWN = 3


def refuse(model, tape):
    """Refuses trainable variables that were read under a tape, and are none of the model's.

    A lambda that calls a layer has such, and so has a layer that holds a `tf.Variable`. What the user has
    frozen may be read from anywhere.

    Args:
        model: A Keras model, which knows its variables.
        tape: A `tf.GradientTape`, under which the model's functions were called.

    Raises:
        ValueError: If there are some. It names them.
    """
    known = {id(part) for variable in model.variables for part in _parts(variable.value)}
    unseen = [v for v in tape.watched_variables() if not known & set(map(id, _parts(v)))]
    if unseen:
        frozen = _frozen()
        unseen = [variable for variable in unseen if id(variable) not in frozen]
    if unseen:
        names = ", ".join(variable.name.split(":")[0] for variable in unseen[:_SHOWN])
        raise ValueError(
            "Every trainable weight that the model reads must be one of its own; it reads "
            f"{names}{', ...' if len(unseen) > _SHOWN else ''}, which Keras cannot see, and so would never "
            "train or save. A function hides the layers that it calls: pass the layer itself "
            "(mapping=dense), or write a subclass of mappings.Mapping or keras.layers.Layer that has the "
            "layer as an attribute, and numbers of its own from self.add_weight(...). If a weight is to "
            "stay as it is, set trainable=False."
        )


def refused(function):
    """A decorator of a function whose first argument is the model: what it reads is looked at."""

    @functools.wraps(function)
    def watched(model, *args, **kwargs):
        with tf.GradientTape() as tape:
            result = function(model, *args, **kwargs)
        refuse(model, tape)
        return result

    return watched


def _parts(variable):
    """A variable and, under a `tf.distribute` strategy, its copies."""
    return [variable, *getattr(variable, "values", ())]


def _frozen():
    """The TensorFlow variables of frozen Keras variables, by id: TensorFlow takes them for trainable."""
    return {
        id(part)
        for thing in gc.get_objects()
        if issubclass(type(thing), keras.Variable) and not thing.trainable
        for part in _parts(thing.value)
    }
