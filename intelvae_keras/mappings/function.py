"""Any function of y as a mapping."""

import warnings
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from intelvae_keras._engine import checks, settings
from intelvae_keras.mappings.mapping import Mapping


@keras.saving.register_keras_serializable(package="intelvae_keras")
class Function(Mapping):
    """g(y) = fn(y), for any function of tensors.

    The function may be non-differentiable. Then the encoder hears the KL alone, which tells it to say
    nothing. With `straight_through`, the gradient passes as if g were the identity.

    To be saved and reloaded, the function must be known by name to Keras:

    ```python
    @keras.saving.register_keras_serializable(package="my_project")
    def ring(y):
        return keras.ops.tanh(4 * y)

    mappings.Function(ring)
    ```

    Shapes: (batch, M) to (batch, D), as `fn` does it.

    Args:
        fn: Function from y, shape (batch, M), to z, shape (batch, D).
        straight_through: Whether the gradient of the identity takes the place of that of `fn`;
            needs D = M.

    Raises:
        TypeError: If `fn` is no function, or `straight_through` no bool.
        ValueError: When called, if z is not (batch, D), or if D differs from M with
            `straight_through`.
    """

    fn = settings.Fixed[Callable]()
    straight_through = settings.Fixed[bool]()

    def __init__(self, fn: Callable, straight_through: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        checks.function("fn", fn, "of y")
        if not hasattr(fn, "__name__"):  # functools.partial, an object with __call__
            warnings.warn(
                f"{_nameless(fn)} Until then, do not save or copy the model.", stacklevel=2
            )
        self.fn = fn
        self.straight_through = checks.boolean("straight_through", straight_through)

    def call(self, y: tf.Tensor) -> tf.Tensor:
        """Latents fn(y), shape (batch, D), for y of shape (batch, M).

        Raises:
            ValueError: If fn returns no tensor of shape (batch, D), or D differs from M with
                `straight_through`.
        """
        z = self.fn(y)
        if isinstance(z, list | tuple | dict):
            raise ValueError(f"fn must return one tensor z; got a {type(z).__name__}.")
        z = ops.convert_to_tensor(z)
        if len(z.shape) != 2:
            raise ValueError(f"fn must return z of shape (batch, D); got shape {tuple(z.shape)}.")
        if not self.straight_through:
            return z
        if z.shape[-1] != y.shape[-1]:
            raise ValueError(
                f"straight_through needs D = M; fn maps M={y.shape[-1]} latents to D={z.shape[-1]}."
            )
        return y + ops.stop_gradient(z - y)

    def get_config(self) -> dict:
        """The constructor's arguments, the function by its registered name.

        Raises:
            ValueError: If the function has no name.
        """
        if not hasattr(self.fn, "__name__"):
            raise ValueError(_nameless(self.fn))
        if not _reloads_by_name(self.fn):
            warnings.warn(
                f"The function {self.fn.__name__!r} of mappings.Function is not "
                "known to Keras by name: loading the saved model will fail. Define it with "
                "`def` and decorate it with "
                '`@keras.saving.register_keras_serializable(package="my_project")`.',
                stacklevel=2,
            )
        return super().get_config() | {
            "fn": keras.saving.serialize_keras_object(self.fn),
            "straight_through": self.straight_through,
        }

    @classmethod
    def from_config(cls, config: dict) -> "Function":
        """A mapping with the function of the registered name."""
        fn = keras.saving.deserialize_keras_object(config["fn"])
        return cls(**(config | {"fn": fn}))


def _nameless(fn):
    return (
        f"fn of mappings.Function has no name by which it could be saved; got a {type(fn).__name__}. Write "
        "it with `def`, or its numbers as arguments of a subclass of mappings.Mapping."
    )


def _reloads_by_name(fn):
    if fn.__name__ == "<lambda>":
        return True  # Keras has a warning of its own for lambdas
    registered = keras.saving.get_registered_name(fn)
    known = keras.saving.get_registered_object(registered)
    # With a package in its name, fn has been registered; a notebook's cell that ran again has
    # registered another of that name since, which a saved model would get.
    if known is fn or (known is not None and ">" in registered):
        return True
    return getattr(fn, "__module__", "").startswith("keras.")
