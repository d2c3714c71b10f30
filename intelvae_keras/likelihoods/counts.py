"""Likelihoods of counts 0, 1, 2, ...: negative binomial, and Poisson."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from numpy.typing import ArrayLike
from tensorflow_probability import distributions as tfd
from tensorflow_probability import math as tfm

from intelvae_keras._engine import checks, settings
from intelvae_keras._engine.precision import inverse_softplus, positive
from intelvae_keras.likelihoods import value_checks
from intelvae_keras.likelihoods.likelihood import Likelihood

RAW_OF_ONE = math.log(math.expm1(1.0))  # softplus of it is 1
_FEW = 10.0  # below, lgamma in float32 is exact enough; above, it cancels
_SMALLEST_R = 1e-4


class Counts(Likelihood):
    """Base class: the mean is unit softplus(raw + 0.5413), so that raw = 0 means a count of `unit`."""

    support = (0.0, math.inf)
    whole_numbers = True
    _expected = "whole numbers >= 0, which are counts"
    unbounded_parameters = (0,)
    unit = settings.Fixed[float | list[float]]()

    def __init__(self, unit: ArrayLike = 1.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.unit = value_checks.per_column("unit", unit, positive=True)

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Checks the length of `unit`."""
        super().build(input_shape)
        value_checks.check_length("unit", self.unit, self.data_shape(input_shape)[-1])

    def moments(self, parameters: tf.Tensor) -> tf.Tensor:
        """E[x|z] = unit softplus(raw + 0.5413), the shape of x."""
        return self._mean_and_log(parameters)[0]

    def _mean_and_log(self, parameters):
        """The mean and its logarithm, finite for any raw output but where the mean leaves float32."""
        raw = ops.convert_to_tensor(parameters, self.compute_dtype) + RAW_OF_ONE
        unit = np.asarray(self.unit, self.compute_dtype)
        mean = ops.softplus(raw)
        # softplus(raw) tends to e^raw, and comes to 0 there; both branches have finite gradients.
        log_mean = ops.where(raw < -15, raw, ops.log(ops.softplus(ops.maximum(raw, -15.0))))
        return unit * mean, np.log(unit) + log_mean

    def scaled(self, x: tf.Tensor) -> tf.Tensor:
        """The log counts log(1 + x) - log(1 + unit)."""
        x = ops.maximum(ops.cast(x, self.compute_dtype), 0)  # a prior's pseudo-inputs are no counts
        return ops.log1p(x) - np.log1p(np.asarray(self.unit, self.compute_dtype))

    def get_config(self) -> dict:
        """The constructor's arguments."""
        return super().get_config() | {"unit": self.unit}


@keras.saving.register_keras_serializable(package="intelvae_keras")
class Poisson(Counts):
    """p(x|z) = m^x e^-m / x!, m = unit softplus(raw + 0.5413), the decoder gives raw.

    Mean and variance are both m. Most counts scatter more than that: take `NegativeBinomial` first.

    Args:
        unit: A number > 0, or one for each column (entry of the last axis), such as the mean counts of
            the training part: where the means start.
        **kwargs: `missing=True` if x may have holes, which are NaN; `name` and others of a Keras layer.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If `unit` is not > 0, or has another length than the data have columns.
    """

    def distribution(self, parameters: tf.Tensor) -> tfd.Distribution:
        """Poisson, of the mean that the parameters give."""
        return tfd.Poisson(rate=self.moments(parameters))

    def _log_density(self, x, parameters):
        """Log p without TFP, whose gradient is NaN from log m = 100 on.

        With lgamma(x + 1) = (x + 1/2) log x - x + log(2 pi) / 2 + correction(x), large terms cancel:
        log p = -x (t - log(1 + t)) - log(2 pi x) / 2 - correction(x), t = m / x - 1.
        Source: Loader (2000), "Fast and accurate computation of binomial probabilities".
        """
        x = ops.cast(x, self.compute_dtype)
        mean, log_mean = self._mean_and_log(parameters)
        few = ops.minimum(x, _FEW)
        log_few = few * log_mean - mean - tf.math.lgamma(few + 1)
        many = ops.maximum(x, _FEW)
        ratio = mean / many - 1
        near = ops.abs(ratio) < 0.5
        near_ratio = ops.where(near, ratio, 0.0)
        deviance = ops.where(
            near,
            many * (near_ratio - ops.log1p(near_ratio)),
            mean - many + many * (ops.log(many) - log_mean),
        )
        log_many = -deviance - ops.log(2 * math.pi * many) / 2 - tfm.log_gamma_correction(many)
        return ops.where(x < _FEW, log_few, log_many)


@keras.saving.register_keras_serializable(package="intelvae_keras")
class NegativeBinomial(Counts):
    """Counts with mean m = unit softplus(raw + 0.5413) and variance m + m^2 / r; the decoder gives raw.

    p(x|z) = Gamma(x + r) / (Gamma(r) x!) (r / (r + m))^r (m / (r + m))^x.

    It is a Poisson whose own mean scatters. r > 0 is learned, one number for each column: as r grows,
    it tends to the Poisson. This is the first choice for counts.

    Args:
        unit: A number > 0, or one for each column (entry of the last axis), such as the mean counts of
            the training part: where the means start.
        initial_r: Where r starts, > 0.
        **kwargs: `missing=True` if x may have holes, which are NaN; `name` and others of a Keras layer.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is not > 0, or `unit` has another length than the data have columns.
    """

    initial_r = settings.Fixed[float]()

    def __init__(self, unit: ArrayLike = 1.0, initial_r: float = 1.0, **kwargs: Any):
        super().__init__(unit, **kwargs)
        self.initial_r = checks.positive("initial_r", initial_r)
        if initial_r <= _SMALLEST_R:
            raise ValueError(f"initial_r must exceed {_SMALLEST_R:g}; got {initial_r}.")

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Creates the weights that give r, one for each column."""
        super().build(input_shape)
        raw = inverse_softplus(self.initial_r - _SMALLEST_R) - RAW_OF_ONE
        self.raw_r = self.add_weight(
            shape=(self.data_shape(input_shape)[-1],),
            initializer=keras.initializers.Constant(raw),
            name="raw_r",
        )

    @property
    def r(self) -> tf.Tensor:
        """R of each column, shape (D,)."""
        return positive(ops.cast(self.raw_r, self.compute_dtype), _SMALLEST_R)

    def distribution(self, parameters: tf.Tensor) -> tfd.Distribution:
        """NegativeBinomial(r, logits), logits = log m - log r."""
        log_mean = self._mean_and_log(parameters)[1]
        return tfd.NegativeBinomial(self.r, logits=log_mean - ops.log(self.r))

    def get_config(self) -> dict:
        """The constructor's arguments."""
        return super().get_config() | {"initial_r": self.initial_r}
