"""Arguments that a user may change later: numbers that act at once, and structure that refuses."""

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

import keras
import tensorflow as tf

from intelvae_keras._engine.precision import at_least_float32

Value = TypeVar("Value")


class Setting(Generic[Value]):
    """A number of a layer that acts at once when it is set, also in functions compiled before.

    TensorFlow's compiled functions keep the Python numbers that they were traced with. So the layer
    computes with `in_force(layer, name)`, a variable that follows the attribute.

    ```python
    class Sparse(Mapping):
        gamma = Setting(checks.number)

        def call(self, y):
            ... settings.in_force(self, "gamma") ...
    ```

    Args:
        check: A function (name, value) that returns the checked value, or raises. A value that is no
            number (such as "learned") is a matter of structure, and is fixed once the layer is built.
        weight: The name of a weight that holds the value in force, where a schedule moves it while
            the model trains; None for a variable that only this module knows.
        default: A function of the layer: the value that None stands for, or None again as long as the
            layer is not built and does not know it.
    """

    def __init__(
        self,
        check: Callable[[str, Any], Value],
        weight: str | None = None,
        default: Callable[[Any], Value | None] | None = None,
    ):
        self.check = check
        self.weight = weight
        self.default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, layer: None, owner: type) -> Self: ...

    @overload
    def __get__(self, layer: object, owner: type | None = None) -> Value: ...

    def __get__(self, layer, owner=None):
        return self if layer is None else _value(layer, self.name)

    def __set__(self, layer: keras.layers.Layer, value: Value) -> None:
        if value is None and self.default is not None:
            value = self.default(layer)
        if value is not None or self.default is None:
            value = self.check(self.name, value)
        before = vars(layer).get(self.name, value)
        if isinstance(value, str) != isinstance(before, str) or (
            isinstance(value, str) and value != before
        ):
            _refuse(layer, self.name, before, value)
        vars(layer)[self.name] = value
        variable = vars(layer).get(self.weight or _variable_name(self.name))
        if variable is not None:
            variable.assign(value)


class Fixed(Generic[Value]):
    """An argument that is a matter of structure: set once, when the layer is made."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, layer: None, owner: type) -> Self: ...

    @overload
    def __get__(self, layer: object, owner: type | None = None) -> Value: ...

    def __get__(self, layer, owner=None):
        return self if layer is None else _value(layer, self.name)

    def __set__(self, layer: keras.layers.Layer, value: Value) -> None:
        if self.name in vars(layer):
            _refuse(layer, self.name, vars(layer)[self.name], value)
        vars(layer)[self.name] = value


def in_force(layer, name):
    """The value of a `Setting` as a tensor that compiled functions read anew at each call."""
    weight = getattr(type(layer), name).weight
    if weight is not None:
        return tf.convert_to_tensor(getattr(layer, weight))
    key = _variable_name(name)
    if key not in vars(layer):
        with tf.init_scope():  # the variable outlives the function that is being traced
            # Not one of Keras' weights: the config holds the number, and a file must not hold two.
            setattr(
                layer,
                key,
                tf.Variable(
                    getattr(layer, name), False, dtype=at_least_float32(layer.variable_dtype)
                ),
            )
    return tf.convert_to_tensor(vars(layer)[key])


def prepare(layer):
    """Makes the variables of a layer's settings now, before several replicas would at once."""
    for owner in type(layer).__mro__:
        for name, attribute in vars(owner).items():
            if isinstance(attribute, Setting) and attribute.weight is None:
                if not isinstance(getattr(layer, name), str):
                    in_force(layer, name)


def _value(layer, name):
    try:
        return vars(layer)[name]
    except KeyError:
        raise AttributeError(f"{type(layer).__name__!r} object has no attribute {name!r}") from None


def _variable_name(name):
    return f"_{name}_in_force"


def _refuse(layer, name, before, value):
    raise AttributeError(
        f"{name} of {type(layer).__name__} is fixed when the object is made; it is {before!r}, and was "
        f"to become {value!r}. Make a new {type(layer).__name__} with {name}={value!r}."
    )
