"""Objects of the old `tf_keras`, which comes along with TensorFlow Probability and looks like Keras."""

import keras

_OLD = "tf_keras"


def refuse(name, *things):
    """Refuses objects and classes of tf_keras, and the user's own that inherit from them.

    Keras 3 takes some of them for functions, and runs others half: the best epoch is then the worst.

    Args:
        name: The argument's name, for the message.
        *things: What was given; of an optimizer, its learning rate is looked at too.

    Raises:
        TypeError: If one is of tf_keras.
    """
    for thing in things:
        if _is_old(thing):
            kind = thing if isinstance(thing, type) else type(thing)
            what = getattr(thing, "__name__", None) or kind.__name__
            raise TypeError(
                f"{name} must be an object of Keras 3; got {what} of the old tf_keras. Write `import keras` "
                "in place of `import tf_keras` (or of tf.keras with TF_USE_LEGACY_KERAS)."
            )
        if isinstance(thing, keras.optimizers.Optimizer):
            refuse(f"the learning rate of {name}", vars(thing).get("_learning_rate"))


def refuse_inside(name, layer):
    """Refuses a layer that is of tf_keras, or has an initializer, activation or the like that is."""
    refuse(name, layer)
    if isinstance(layer, keras.layers.Layer):
        for inner in layer._flatten_layers():
            for attribute, value in vars(inner).items():
                refuse(f"{attribute.strip('_')} of {inner.name!r} in {name}", value)


def _is_old(thing):
    modules = [
        cls.__module__ for cls in (thing if isinstance(thing, type) else type(thing)).__mro__
    ]
    if callable(thing):  # a function
        modules.append(getattr(thing, "__module__", None))
    return any(str(module).split(".")[0] == _OLD for module in modules)
