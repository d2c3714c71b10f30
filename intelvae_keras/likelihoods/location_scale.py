"""Likelihoods of real numbers: Gaussian and Laplace, in units of the data's own."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from numpy.typing import ArrayLike
from tensorflow_probability import distributions as tfd

from intelvae_keras._engine import checks, settings
from intelvae_keras._engine.precision import inverse_softplus, positive
from intelvae_keras.likelihoods import value_checks
from intelvae_keras.likelihoods.likelihood import Likelihood

# In units, of a value: with a scale of 1e-3, the squares of a million of them are finite.
_LARGEST = 1e12
_FARTHEST = 1e5  # units from 0: there, float32 loses 0.01 nats a value, and 8 nats at 1e8


def _check_scale(argument, scale):
    if isinstance(scale, str):
        if scale not in ("learned", "per_column", "predicted"):
            raise ValueError(
                f'{argument} must be a number > 0, "learned", "per_column" or "predicted"; '
                f"got {scale!r}."
            )
        return scale
    return checks.positive(argument, scale)


class LocationScale(Likelihood):
    """Base class: a location from the decoder, and a scale that is fixed, learned, or predicted.

    A predicted scale is softplus(raw + 0.5413) + min_scale, so that raw = 0 means about 1.
    """

    family = tfd.Normal  # of the standardised values
    scale = settings.Setting(_check_scale)
    min_scale = settings.Setting(checks.number)
    initial_scale = settings.Fixed[float]()
    centre = settings.Fixed[float | list[float]]()
    unit = settings.Fixed[float | list[float]]()

    def __init__(
        self,
        scale: float | str = "learned",
        initial_scale: float = 1.0,
        min_scale: float = 1e-3,
        centre: ArrayLike = 0.0,
        unit: ArrayLike = 1.0,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.scale = scale
        self.min_scale = min_scale
        if checks.positive("initial_scale", initial_scale) <= min_scale:
            raise ValueError(
                f"initial_scale must exceed min_scale={min_scale}; got {initial_scale}."
            )
        self.initial_scale = initial_scale
        self.centre = value_checks.per_column("centre", centre)
        self.unit = value_checks.per_column("unit", unit, positive=True)
        self._check_distance()
        self.num_parameters = 2 if scale == "predicted" else 1
        self.unbounded_parameters = (1,) if scale == "predicted" else ()

    def _check_distance(self):
        if self.compute_dtype != "float32":
            return
        centre, unit = np.broadcast_arrays(self.centre, self.unit)
        far = np.atleast_1d(np.abs(centre) / unit)
        if far.max() > _FARTHEST:
            column = int(far.argmax())
            raise ValueError(
                f"centre must lie within {_FARTHEST:g} units of 0 in float32; got centre "
                f"{np.atleast_1d(centre)[column]:g} with unit {np.atleast_1d(unit)[column]:g} for "
                f"column {column}. Subtract a constant from the column first, in float64: this does "
                "not change log p(x)."
            )

    def check_values(self, name: str, x: np.ndarray, columns: Sequence[Any] | None = None) -> None:
        """Checks that float32 can hold the squares of the values, in units; see `Likelihood.check_values`."""
        super().check_values(name, x, columns)
        rows = tuple(range(np.ndim(x) - 1))
        ends = [np.fmin.reduce(x, axis=rows), np.fmax.reduce(x, axis=rows)]  # of each column
        scaled = np.asarray(self.scaled(np.asarray(ends, self.compute_dtype)))
        low, high = np.fmin.reduce(scaled, axis=None), np.fmax.reduce(scaled, axis=None)
        if max(-low, high) > _LARGEST:
            raise ValueError(
                f"{name} must lie within {_LARGEST:g} units of the centre, whose squares float32 can "
                f"hold; got values from {low:g} to {high:g} units. Give the likelihood centre and unit, or "
                "scale the data, such as to mean 0 and standard deviation 1."
            )

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Creates the learned scale: one number, or one for each column."""
        super().build(input_shape)
        channels = self.data_shape(input_shape)[-1]
        value_checks.check_length("centre", self.centre, channels)
        value_checks.check_length("unit", self.unit, channels)
        if self.scale in ("learned", "per_column"):
            raw = inverse_softplus(self.initial_scale - self.min_scale)
            self.raw_scale = self.add_weight(
                shape=() if self.scale == "learned" else (channels,),
                initializer=keras.initializers.Constant(raw),
                name="raw_scale",
            )

    def location_and_scale(self, parameters: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Location and scale of the distribution, in units of x, from the decoder's output.

        Args:
            parameters: The decoder's output, as for `log_prob`.

        Returns:
            The location, of the shape of x, and the scale, which broadcasts against it.
        """
        location, scale = self._standard(parameters)
        if not self._standardises:
            return location, scale
        return self._array(self.centre) + self._array(self.unit) * location, (
            self._array(self.unit) * scale
        )

    def _standard(self, parameters):
        """Location and scale of the standardised values (x - centre) / unit."""
        parameters = ops.convert_to_tensor(parameters, self.compute_dtype)
        if self.scale == "predicted":
            location, raw = ops.split(parameters, 2, axis=-1)
            smallest = ops.cast(settings.in_force(self, "min_scale"), raw.dtype)
            return location, positive(raw, smallest)
        if isinstance(self.scale, str):
            scale = ops.softplus(ops.cast(self.raw_scale, parameters.dtype))
            scale += ops.cast(settings.in_force(self, "min_scale"), parameters.dtype)
        else:
            scale = settings.in_force(self, "scale")
        return parameters, ops.cast(scale, parameters.dtype)

    @property
    def _standardises(self):
        return not (self.centre == 0 and self.unit == 1)

    def _array(self, numbers):
        return np.asarray(numbers, self.compute_dtype)

    @property
    def filler(self):
        """The centre of each column."""
        return self._array(self.centre)

    def distribution(self, parameters: tf.Tensor) -> tfd.Distribution:
        """p(x|z) of each value of x, in its own units, from the decoder's output."""
        return type(self).family(*self.location_and_scale(parameters))

    def _log_density(self, x, parameters):
        # Of the standardised values, which lose fewer digits; log(unit) leads back to x.
        standardised = type(self).family(*self._standard(parameters)).log_prob(self.scaled(x))
        return standardised - np.log(self._array(self.unit)) if self._standardises else standardised

    def scaled(self, x: tf.Tensor) -> tf.Tensor:
        """The standardised values (x - centre) / unit."""
        if not self._standardises:
            return x
        return (ops.cast(x, self.compute_dtype) - self._array(self.centre)) / self._array(self.unit)

    def get_config(self) -> dict:
        """The constructor's arguments."""
        return super().get_config() | {
            "scale": self.scale,
            "initial_scale": self.initial_scale,
            "min_scale": self.min_scale,
            "centre": self.centre,
            "unit": self.unit,
        }


@keras.saving.register_keras_serializable(package="intelvae_keras")
class Gaussian(LocationScale):
    """p(x|z) = N(centre + unit mu, (unit s)^2), the decoder gives mu.

    Centre and unit bring columns of other sizes to the networks as numbers about 1. The log-density
    stays that of x in its own units, so that models with different scaling compare:

    ```python
    likelihoods.Gaussian(centre=x_train.mean(axis=0), unit=x_train.std(axis=0))
    ```

    Args:
        scale: The scale s. A number > 0: fixed. "learned": one number for all values. "per_column": one
            learned number for each column (entry of the last axis). "predicted": by the decoder,
            which then gives two parameters per value (`mlp_decoder(..., num_parameters=2)`).
        initial_scale: Where a learned scale starts, > min_scale.
        min_scale: Lower bound of a learned or predicted scale, >= 0; it keeps densities bounded.
        centre: A number, or one for each column, such as the means of the training part.
        unit: A number > 0, or one for each column, such as the standard deviations.
        **kwargs: `missing=True` if x may have holes, which are NaN; `name` and others of a Keras layer.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is outside its range; or if a centre is so far from 0 that float32
            would lose the digits that matter: |centre| / unit > 1e5.
    """


@keras.saving.register_keras_serializable(package="intelvae_keras")
class Laplace(LocationScale):
    """p(x|z) = exp(-|x - m| / b) / (2 b), m = centre + unit mu, b = unit s; the decoder gives mu.

    Args:
        scale: The scale s. A number > 0: fixed. "learned": one number for all values. "per_column": one
            learned number for each column (entry of the last axis). "predicted": by the decoder,
            which then gives two parameters per value (`mlp_decoder(..., num_parameters=2)`).
        initial_scale: Where a learned scale starts, > min_scale.
        min_scale: Lower bound of a learned or predicted scale, >= 0; it keeps densities bounded.
        centre: A number, or one for each column; see `Gaussian`.
        unit: A number > 0, or one for each column; see `Gaussian`.
        **kwargs: `missing=True` if x may have holes, which are NaN; `name` and others of a Keras layer.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is outside its range, or |centre| / unit > 1e5.
    """

    family = tfd.Laplace
