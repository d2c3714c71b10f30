"""Any function of y as a mapping."""

import warnings

import keras
from keras import ops

from intelvae_keras.mappings.base import Mapping


@keras.saving.register_keras_serializable(package="intelvae_keras")
class Function(Mapping):
    """g(y) = fn(y), for any function of tensors.

    The function may be non-differentiable: then decoder and KL alone are trained through it, or,
    with `straight_through`, the gradient passes as if g were the identity.

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
        TypeError: If `fn` is not callable.
        ValueError: On building, if z is not (batch, D), or if D differs from M with
            `straight_through`.
    """

    def __init__(self, fn, straight_through=False, **kwargs):
        super().__init__(**kwargs)
        if not callable(fn):
            raise TypeError(f"fn must be a function of y; got {fn!r}.")
        self.fn = fn
        self.straight_through = bool(straight_through)

    def build(self, input_shape):
        """Checks what the function makes of y."""
        super().build(input_shape)
        y = keras.KerasTensor(input_shape, dtype=self.compute_dtype)
        output_shape = tuple(self.compute_output_spec(y).shape)
        if len(output_shape) != 2:
            raise ValueError(f"fn must return z of shape (batch, D); got shape {output_shape}.")
        if self.straight_through and output_shape[-1] != input_shape[-1]:
            raise ValueError(
                f"straight_through needs D = M; fn maps M={input_shape[-1]} latents "
                f"to D={output_shape[-1]}."
            )

    def call(self, y):
        """Maps y, shape (batch, M), to fn(y)."""
        z = ops.convert_to_tensor(self.fn(y))
        if self.straight_through:
            return y + ops.stop_gradient(z - y)
        return z

    def get_config(self):
        """The constructor's arguments, the function by its registered name."""
        if not _reloads_by_name(self.fn):
            warnings.warn(
                f"The function {getattr(self.fn, '__name__', self.fn)!r} of mappings.Function is not "
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
    def from_config(cls, config):
        """Restores the function from its registered name."""
        fn = keras.saving.deserialize_keras_object(config["fn"])
        return cls(**(config | {"fn": fn}))


def _reloads_by_name(fn):
    if getattr(fn, "__name__", "") == "<lambda>":
        return True  # Keras has a warning of its own for lambdas
    registered = keras.saving.get_registered_name(fn)
    if keras.saving.get_registered_object(registered) is fn:
        return True
    return getattr(fn, "__module__", "").startswith("keras.")
