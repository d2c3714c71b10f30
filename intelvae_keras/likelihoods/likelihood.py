"""What every likelihood p(x|z) has: from the decoder's output to a distribution over data, in nats."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from tensorflow_probability import distributions as tfd

from intelvae_keras._engine import settings
from intelvae_keras._engine.precision import full_precision
from intelvae_keras.likelihoods import value_checks


class Likelihood(keras.layers.Layer):
    """Base class: independent distributions over the values of x, given the decoder's output.

    The decoder's output has the shape of x, with `num_parameters` times as many channels (entries
    of the last axis): all first parameters, then all second ones. Every log-probability carries
    its normalising constant, is in the units of the data, and is summed over the data dimensions.

    With `missing=True`, NaN in x is a hole. Holes count nothing: the sum is over the observed values.
    The encoder sees 0 in their place, and a mask beside the values, as further channels.

    Attributes:
        num_parameters: Parameters per value of x that the decoder gives.
        num_moments: Numbers per value of x that `moments` gives.
        support: The interval in which x must lie.
        whole_numbers: Whether x must hold whole numbers.
        filler: A value inside the support, or one for each column: it stands in for holes.
        unbounded_parameters: Which of the parameters, by index, may be any real number because the
            likelihood itself squashes them: a decoder must not end in a sigmoid there.

    Args:
        missing: Whether x may have holes, which are NaN.
        **kwargs: `name`, `trainable` and `dtype`, as of any Keras layer.
    """

    num_parameters = 1
    num_moments = 1
    support = (-math.inf, math.inf)
    whole_numbers = False
    filler: float | np.ndarray = 0.0
    unbounded_parameters: tuple[int, ...] = ()
    missing = settings.Fixed[bool]()
    _expected: str | None = None  # what is right, in words, such as "whole numbers >= 0"

    def __init__(self, missing: bool = False, **kwargs: Any):
        kwargs.setdefault("dtype", full_precision())
        super().__init__(**kwargs)
        if not isinstance(missing, bool | np.bool_):
            raise TypeError(f"missing must be True or False; got {missing!r}.")
        self.missing = bool(missing)

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Creates the likelihood's own weights, if it has any."""
        self.built = True

    def call(self, parameters: tf.Tensor) -> tf.Tensor:
        """E[x|z] from the decoder's output, as a layer: the same as `mean`."""
        return self.mean(parameters)

    # ------------------------------------------------------------------ shapes

    def parameters_shape(self, data_shape: Sequence[int]) -> tuple[int, ...]:
        """The shape that the decoder's output must have, without the batch axis.

        Args:
            data_shape: The shape of one example.
        """
        return (*data_shape[:-1], data_shape[-1] * self.num_parameters)

    def data_shape(self, parameters_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """The shape of x, from that of the decoder's output: the way back from `parameters_shape`."""
        return (*parameters_shape[:-1], parameters_shape[-1] // self.num_parameters)

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """The shape of x from that of the decoder's output."""
        return self.data_shape(input_shape)

    # ------------------------------------------------------------------ the density

    def distribution(self, parameters: tf.Tensor) -> tfd.Distribution:
        """p(x|z) for one value of x each: a tfd distribution with batch shape (..., *shape of x).

        Args:
            parameters: The decoder's output, as for `log_prob`.
        """
        raise NotImplementedError

    def log_prob(self, x: tf.Tensor, parameters: tf.Tensor) -> tf.Tensor:
        """Log p(x|z) in nats, summed over the data dimensions.

        Args:
            x: Data, shape (batch, *shape).
            parameters: The decoder's output, shape (..., batch, *shape with num_parameters times
                the channels).

        Returns:
            Shape (..., batch).
        """
        data_axes = list(range(-(len(x.shape) - 1), 0))
        return ops.sum(self.log_prob_per_value(x, parameters), axis=data_axes)

    def log_prob_per_value(self, x: tf.Tensor, parameters: tf.Tensor) -> tf.Tensor:
        """Log p of each value of x, in nats, 0 for a hole; broadcasts like `log_prob`, without its sum.

        Args:
            x: Data, shape (batch, *shape).
            parameters: The decoder's output, as for `log_prob`.

        Returns:
            Shape (..., batch, *shape).
        """
        if not self.missing:
            return self._log_density(x, parameters)
        x, observed = self._filled(x)
        # Filled first, masked after: the density at NaN would have the gradient NaN, masked or not.
        return ops.where(observed, self._log_density(x, parameters), 0.0)

    def _log_density(self, x, parameters):
        """Log p of each value of x, which has no holes: what a subclass gives, or its distribution."""
        return self.distribution(parameters).log_prob(x)

    def _filled(self, x):
        """(x without holes, whether each value was observed)."""
        x = ops.cast(x, self.compute_dtype)
        observed = ops.logical_not(ops.isnan(x))
        filler = np.asarray(self.filler, self.compute_dtype)
        return ops.where(observed, x, filler), observed

    # ------------------------------------------------------------------ values for x

    def mean(self, parameters: tf.Tensor) -> tf.Tensor:
        """E[x|z], the shape of x; for categories, which have no mean, the most probable code.

        Args:
            parameters: The decoder's output, as for `log_prob`.
        """
        return self.point(self.moments(parameters))

    def moments(self, parameters: tf.Tensor) -> tf.Tensor:
        """What is averaged over several z before `point`: E[x|z], or the probabilities of categories.

        Args:
            parameters: The decoder's output, as for `log_prob`.

        Returns:
            Shape (..., *shape of x with num_moments times the channels).
        """
        return self.distribution(parameters).mean()

    def point(self, moments: tf.Tensor) -> tf.Tensor:
        """The values of x that stand for (averages of) moments: a mean, or the most probable code."""
        return moments

    def sample(self, parameters: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """A draw x ~ p(x|z), the shape of x.

        Args:
            parameters: The decoder's output, as for `log_prob`.
            seed: A stateless seed, int32 of shape (2,).
        """
        return ops.cast(self.distribution(parameters).sample(seed=seed), self.compute_dtype)

    # ------------------------------------------------------------------ what comes in

    def array(self, x: Any) -> Any:
        """Data in the form that a user has them, such as a DataFrame, as numbers; others as they are."""
        return x

    def in_form_of(self, x: Any, values: np.ndarray) -> Any:
        """Values of x's shape, (N, *shape) or (draws, N, *shape), in the form that a user gave x in."""
        return values

    def features(self, x: tf.Tensor) -> tf.Tensor:
        """What the encoder sees of x, shape (batch, *shape) with perhaps more channels.

        That is `scaled(x)`; if x may have holes, 0 in their place, and then the mask, 1 for each value
        that was observed, as the last channels.
        """
        if not self.missing:
            return self.scaled(x)
        x, observed = self._filled(x)
        scaled, observed = self.scaled(x), ops.cast(observed, self.compute_dtype)
        times = scaled.shape[-1] // x.shape[-1]
        return ops.concatenate([scaled * ops.concatenate([observed] * times, -1), observed], -1)

    def scaled(self, x: tf.Tensor) -> tf.Tensor:
        """Data x without holes as a network likes them: standardised, logarithms, one-hot codes."""
        return x

    def check_values(self, name: str, x: np.ndarray, columns: Sequence[Any] | None = None) -> None:
        """Checks that each value of x is one that this likelihood can have drawn.

        Args:
            name: The argument's name, for the message.
            x: Data, shape (N, *shape).
            columns: Names of the entries of x's last axis, for the message; None for their indices.

        Raises:
            ValueError: If one is not; or if there are holes without `missing=True`.
        """
        value_checks.check_holes(name, x, self.missing, columns)
        value_checks.check_each(name, x, self.support, self.whole_numbers, self._expected, columns)

    def get_config(self) -> dict:
        """The constructor's arguments."""
        return super().get_config() | {"missing": self.missing}
