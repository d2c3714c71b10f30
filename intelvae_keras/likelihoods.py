"""Likelihoods p(x|z): from the decoder's output to a distribution over data, in nats."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import ops
from tensorflow_probability import distributions as tfd

from intelvae_keras._engine import checks, settings
from intelvae_keras._engine.precision import full_precision, inverse_softplus, positive


class Likelihood(keras.layers.Layer):
    """Base class: independent distributions over the values of x, given the decoder's output.

    The decoder's output has the shape of x, with `num_parameters` times as many channels (entries
    of the last axis): all first parameters, then all second ones. Every log-probability carries
    its normalising constant, and is summed over the data dimensions.

    Attributes:
        num_parameters: Parameters per value of x that the decoder gives.
        support: The interval in which x must lie.
        unbounded_parameters: Which of the parameters, by index, may be any real number because the
            likelihood itself squashes them: a decoder must not end in a sigmoid there.
    """

    num_parameters = 1
    support = (-math.inf, math.inf)
    unbounded_parameters: tuple[int, ...] = ()

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("dtype", full_precision())
        super().__init__(**kwargs)

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Creates the likelihood's own weights, if it has any."""
        self.built = True

    def call(self, parameters: tf.Tensor) -> tf.Tensor:
        """E[x|z] from the decoder's output, as a layer: the same as `mean`."""
        return self.mean(parameters)

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """The shape of x from that of the decoder's output."""
        return (*input_shape[:-1], input_shape[-1] // self.num_parameters)

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
        """Log p of each value of x, in nats; broadcasts like `log_prob`, without its sum.

        Args:
            x: Data, shape (batch, *shape).
            parameters: The decoder's output, as for `log_prob`.

        Returns:
            Shape (..., batch, *shape).
        """
        return self.distribution(parameters).log_prob(x)

    def mean(self, parameters: tf.Tensor) -> tf.Tensor:
        """E[x|z], the shape of x.

        Args:
            parameters: The decoder's output, as for `log_prob`.
        """
        return self.distribution(parameters).mean()

    def parameters_shape(self, data_shape: Sequence[int]) -> tuple[int, ...]:
        """The shape that the decoder's output must have, without the batch axis.

        Args:
            data_shape: The shape of one example.
        """
        return (*data_shape[:-1], data_shape[-1] * self.num_parameters)


@keras.saving.register_keras_serializable(package="intelvae_keras")
class Bernoulli(Likelihood):
    """p(x=1|z) = sigmoid(l), the decoder gives the logits l.

    log p(x|z) = x l - log(1 + e^l). A probability for x in {0, 1}; for grey values between, the
    customary cross-entropy, which is no normalised density (`ContinuousBernoulli` is).
    """

    support = (0.0, 1.0)
    unbounded_parameters = (0,)

    def distribution(self, parameters: tf.Tensor) -> tfd.Distribution:
        """Bernoulli(logits), the logits being the parameters, of the shape of x."""
        return tfd.Bernoulli(logits=parameters)

    def log_prob_per_value(self, x: tf.Tensor, parameters: tf.Tensor) -> tf.Tensor:
        """Log p in nats, x l - log(1 + e^l), for parameters l of the shape of x.

        One softplus where TFP takes two, which is half the cost of large images.
        """
        return x * parameters - ops.softplus(parameters)


@keras.saving.register_keras_serializable(package="intelvae_keras")
class ContinuousBernoulli(Likelihood):
    """p(x|z) = C(s) s^x (1 - s)^(1 - x) on [0, 1], s = sigmoid(l), the decoder gives the logits l.

    A normalised density for grey values. Its mean is not s.
    Source: Loaiza-Ganem and Cunningham (2019), "The continuous Bernoulli", NeurIPS.
    """

    support = (0.0, 1.0)
    unbounded_parameters = (0,)

    def distribution(self, parameters: tf.Tensor) -> tfd.Distribution:
        """ContinuousBernoulli(logits), the logits being the parameters, of the shape of x."""
        return tfd.ContinuousBernoulli(logits=parameters)


def _check_scale(argument, scale):
    if isinstance(scale, str):
        if scale not in ("learned", "predicted"):
            raise ValueError(
                f'{argument} must be a number > 0, "learned" or "predicted"; got {scale!r}.'
            )
        return scale
    return checks.positive(argument, scale)


class _LocationScale(Likelihood):
    """A location from the decoder, and a scale that is fixed, one learned scalar, or predicted.

    A predicted scale is softplus(raw + 0.5413) + min_scale, so that raw = 0 means about 1.
    """

    scale = settings.Setting(_check_scale)
    min_scale = settings.Setting(checks.number)
    initial_scale = settings.Fixed[float]()

    def __init__(
        self,
        scale: float | str = "learned",
        initial_scale: float = 1.0,
        min_scale: float = 1e-3,
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
        self.num_parameters = 2 if scale == "predicted" else 1
        self.unbounded_parameters = (1,) if scale == "predicted" else ()

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Creates the learned scale."""
        super().build(input_shape)
        if self.scale == "learned":
            raw = inverse_softplus(self.initial_scale - self.min_scale)
            self.raw_scale = self.add_weight(
                shape=(), initializer=keras.initializers.Constant(raw), name="raw_scale"
            )

    def location_and_scale(self, parameters: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Location and scale of the distribution, from the decoder's output.

        Args:
            parameters: The decoder's output, as for `log_prob`.

        Returns:
            The location, of the shape of x, and the scale, of the same shape or a scalar.
        """
        parameters = ops.convert_to_tensor(parameters, self.compute_dtype)
        if self.scale == "predicted":
            location, raw = ops.split(parameters, 2, axis=-1)
            smallest = ops.cast(settings.in_force(self, "min_scale"), raw.dtype)
            return location, positive(raw, smallest)
        if self.scale == "learned":
            scale = ops.softplus(ops.cast(self.raw_scale, parameters.dtype))
            scale += ops.cast(settings.in_force(self, "min_scale"), parameters.dtype)
        else:
            scale = settings.in_force(self, "scale")
        return parameters, ops.cast(scale, parameters.dtype)

    def get_config(self) -> dict:
        """The constructor's arguments."""
        return super().get_config() | {
            "scale": self.scale,
            "initial_scale": self.initial_scale,
            "min_scale": self.min_scale,
        }


@keras.saving.register_keras_serializable(package="intelvae_keras")
class Gaussian(_LocationScale):
    """p(x|z) = N(mu, scale^2), the decoder gives mu.

    Args:
        scale: A number > 0: fixed. "learned": one scalar for all values. "predicted": by the decoder,
            which then gives two parameters per value (`mlp_decoder(..., num_parameters=2)`).
        initial_scale: Where a learned scale starts, > min_scale.
        min_scale: Lower bound of a learned or predicted scale, >= 0; it keeps densities bounded.

    Raises:
        ValueError: If an argument is outside its range.
    """

    def distribution(self, parameters: tf.Tensor) -> tfd.Distribution:
        """Normal(mu, scale), both from the parameters, the decoder's output."""
        return tfd.Normal(*self.location_and_scale(parameters))


@keras.saving.register_keras_serializable(package="intelvae_keras")
class Laplace(_LocationScale):
    """p(x|z) = exp(-|x - mu| / scale) / (2 scale), the decoder gives mu.

    Args:
        scale: A number > 0: fixed. "learned": one scalar for all values. "predicted": by the decoder,
            which then gives two parameters per value (`mlp_decoder(..., num_parameters=2)`).
        initial_scale: Where a learned scale starts, > min_scale.
        min_scale: Lower bound of a learned or predicted scale, >= 0; it keeps densities bounded.

    Raises:
        ValueError: If an argument is outside its range.
    """

    def distribution(self, parameters: tf.Tensor) -> tfd.Distribution:
        """Laplace(mu, scale), both from the parameters, the decoder's output."""
        return tfd.Laplace(*self.location_and_scale(parameters))


_BY_NAME = {
    "bernoulli": Bernoulli,
    "continuous_bernoulli": ContinuousBernoulli,
    "gaussian": Gaussian,
    "laplace": Laplace,
}


def get(likelihood: str | Likelihood) -> Likelihood:
    """A likelihood from its name, or the one given.

    Args:
        likelihood: "bernoulli", "continuous_bernoulli", "gaussian", "laplace", or an object from this module.

    Raises:
        TypeError: If `likelihood` is neither a name nor an object from this module.
        ValueError: If no likelihood has this name.
    """
    if isinstance(likelihood, Likelihood):
        return likelihood
    if not isinstance(likelihood, str):
        raise TypeError(
            f"likelihood must be a name or an object from intelvae_keras.likelihoods; got {likelihood!r}."
        )
    if likelihood not in _BY_NAME:
        raise ValueError(f"likelihood must be one of {sorted(_BY_NAME)}; got {likelihood!r}.")
    return _BY_NAME[likelihood]()
