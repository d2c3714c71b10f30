"""The contract of a mapping z = g(y), the place where an inductive bias lives."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from intelvae_keras._engine import checks, settings
from intelvae_keras._engine.precision import full_precision
from intelvae_keras.mappings.growth import Step


class Number(settings.Setting[float]):
    """A number of your own mapping that you may change, and that then acts at once.

    TensorFlow compiles what a model does, and keeps plain Python numbers as they were. So `call` takes
    the number with `self.in_force(name)`:

    ```python
    class Simplex(mappings.Mapping):
        sharpness = mappings.Number(minimum=0.0)

        def __init__(self, sharpness=1.0, **kwargs):
            super().__init__(**kwargs)
            self.sharpness = sharpness

        def call(self, y):
            return ops.softmax(self.in_force("sharpness") * y, axis=-1)

        def get_config(self):
            return super().get_config() | {"sharpness": self.sharpness}
    ```

    After `vae.mapping.sharpness = 9`, `fit`, `encode`, `sample`, `log_likelihood` and a saved file have 9.

    Args:
        minimum: The smallest value; None for any finite number.
        maximum: The largest value; None for any finite number.

    Raises:
        TypeError: If the attribute is set to something that is no number.
        ValueError: If it is set to a number outside the range.
    """

    def __init__(self, minimum: float | None = None, maximum: float | None = None):
        low = -math.inf if minimum is None else checks.finite("minimum", minimum)
        high = math.inf if maximum is None else checks.finite("maximum", maximum)
        if low > high:
            raise ValueError(f"minimum must not exceed maximum; got {minimum} and {maximum}.")
        super().__init__(lambda name, value: checks.between(name, value, low, high))


class Mapping(keras.layers.Layer):
    """Base class of the mappings z = g(y).

    A mapping is a Keras layer from intermediary latents y, shape (batch, M), to latents z, shape
    (batch, D). It may be fixed or learned. It needs no inverse, no Jacobian and no density, since the
    KL divergence is taken in y. A loss of its own, in nats per example, goes into `self.add_loss`.

    To write a new one, override `call`, and `get_config` if the constructor takes arguments:

    ```python
    @keras.saving.register_keras_serializable(package="my_project")
    class Cube(mappings.Mapping):
        def call(self, y):
            return y**3
    ```

    A number that you want to change later, such as a strength, is a `Number`: it acts at once, in
    compiled functions too. After any other change that is no number, string or small array, call
    `vae.compile()`.

    Mappings compose with `keras.Sequential([first, second])`. Where `stop_gradient` stands behind a
    learned weight, read the weight once (`value = 1.0 * self.weight`), and use that value everywhere:
    TensorFlow may run a second read after the optimizer's update.

    Attributes:
        min_latents: The smallest M that the mapping takes.
        scheduled: The weights that a callback moves while the model trains, by name, and for each the
            attribute (or the number) that it stands at without one.
        kl_warmup: Proportion of the epochs over which `callbacks.Warmup()` lets the weight of the KL grow.

    A mapping that should change while the model trains says so in `schedule`, and `callbacks.Warmup` does it.
    """

    min_latents: int = 1
    scheduled: dict[str, str | float] = {}
    kl_warmup: float = 0.4

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("dtype", full_precision())
        super().__init__(**kwargs)

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Checks that y is (batch, M) with M large enough.

        Raises:
            ValueError: If y has another rank, or fewer than `min_latents` dimensions.
        """
        if len(input_shape) != 2 or input_shape[-1] is None:
            raise ValueError(
                f"{type(self).__name__} maps latents y of shape (batch, M); got shape {tuple(input_shape)}."
            )
        self.check_latents(input_shape[-1])
        self.built = True

    def in_force(self, name: str) -> tf.Tensor:
        """The value of a `Number` of this mapping, a scalar tensor, for use in `call`.

        Args:
            name: The attribute's name.
        """
        return settings.in_force(self, name)

    def check_latents(self, latent_dim: int) -> None:
        """Raises a ValueError if the mapping cannot take `latent_dim` latents."""
        if latent_dim < self.min_latents:
            raise ValueError(
                f"{type(self).__name__} needs latent_dim >= {self.min_latents}; got latent_dim={latent_dim}."
            )

    def schedule(self, epochs: int) -> list[Step]:
        """What should change in the mapping over so many epochs of training; nothing by default.

        `callbacks.Warmup` reads it from every mapping of a model. A list of `mappings.Growth`, such as
        `[Growth("current_sharpness", first=0.0, last=0.7 * epochs)]` for a weight of that name.

        Args:
            epochs: Epochs of `fit`, >= 1.
        """
        return []
