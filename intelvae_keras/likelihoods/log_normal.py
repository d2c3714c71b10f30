"""The likelihood of positive amounts: log x is Gaussian."""

import math

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from tensorflow_probability import distributions as tfd

from intelvae_keras.likelihoods.location_scale import LocationScale

_SMALLEST = float(np.finfo("float32").tiny)  # what is smaller is 0 in float32


@keras.saving.register_keras_serializable(package="intelvae_keras")
class LogNormal(LocationScale):
    """log x ~ N(centre + unit mu, (unit s)^2), the decoder gives mu: for amounts x > 0.

    log p(x|z) = log N(log x; centre + unit mu, (unit s)^2) - log x, a density of x itself.
    Incomes, concentrations, sizes and times are such amounts. Zeros are none: for "often 0, else
    positive" take two columns, 0 or 1, and an amount with holes where there is none.

    Args:
        scale: The scale s of log x, as for `Gaussian`.
        initial_scale: Where a learned scale starts, > min_scale.
        min_scale: Lower bound of a learned or predicted scale, >= 0; it keeps densities bounded.
        centre: The centre of log x: a number, or one for each column, such as
            `np.log(x_train).mean(axis=0)`.
        unit: The unit of log x: a number > 0, or one for each column, such as
            `np.log(x_train).std(axis=0)`.
        **kwargs: `missing=True` if x may have holes, which are NaN; `name` and others of a Keras layer.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is outside its range, or |centre| / unit > 1e5.
    """

    support = (_SMALLEST, math.inf)
    _expected = "numbers > 0"

    def distribution(self, parameters: tf.Tensor) -> tfd.Distribution:
        """LogNormal, with location and scale of log x."""
        return tfd.LogNormal(*self.location_and_scale(parameters))

    @property
    def filler(self):
        """The median of each column, e^centre."""
        return np.exp(self._array(self.centre))

    def _log_density(self, x, parameters):
        x = ops.cast(x, self.compute_dtype)
        return super()._log_density(x, parameters) - ops.log(x)

    def scaled(self, x: tf.Tensor) -> tf.Tensor:
        """The standardised logarithms (log x - centre) / unit."""
        return super().scaled(ops.log(ops.cast(x, self.compute_dtype)))
