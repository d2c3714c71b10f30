"""The likelihood of categories, given as codes 0, 1, ..., K - 1."""

from typing import Any

import keras
import tensorflow as tf
from keras import ops
from tensorflow_probability import distributions as tfd

from intelvae_keras._engine import checks, settings
from intelvae_keras.likelihoods.likelihood import Likelihood


@keras.saving.register_keras_serializable(package="intelvae_keras")
class Categorical(Likelihood):
    """p(x=k|z) = e^(l_k) / sum_j e^(l_j), the decoder gives K logits l for each value.

    x holds codes 0, 1, ..., K - 1. A mean of codes is no value: `mean` gives the most probable one.
    The encoder sees one-hot codes.

    Args:
        num_categories: K >= 1.
        **kwargs: `missing=True` if x may have holes, which are NaN; `name` and others of a Keras layer.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If K < 1.
    """

    num_categories = settings.Fixed[int]()
    whole_numbers = True

    def __init__(self, num_categories: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.num_categories = checks.integer("num_categories", num_categories, minimum=1)
        self.num_parameters = self.num_moments = self.num_categories
        self.unbounded_parameters = tuple(range(self.num_categories))
        self.support = (0.0, self.num_categories - 1.0)
        self._expected = (
            f"whole numbers from 0 to {self.num_categories - 1}, which are codes of categories"
        )

    def distribution(self, parameters: tf.Tensor) -> tfd.Distribution:
        """Categorical(logits), with the logits of one value of x along the last axis."""
        return tfd.Categorical(logits=self._by_value(parameters))

    def _log_density(self, x, parameters):
        return self.distribution(parameters).log_prob(ops.cast(x, "int32"))

    def _by_value(self, channels):
        """From (..., K D), all first ones, then all second ones, to (..., D, K)."""
        channels = ops.convert_to_tensor(channels, self.compute_dtype)
        columns = channels.shape[-1] // self.num_categories
        shape = (*ops.shape(channels)[:-1], self.num_categories, columns)
        return ops.swapaxes(ops.reshape(channels, shape), -1, -2)

    def _by_channel(self, values):
        """The way back, from (..., D, K) to (..., K D)."""
        shape = (*ops.shape(values)[:-2], values.shape[-1] * values.shape[-2])
        return ops.reshape(ops.swapaxes(values, -1, -2), shape)

    def moments(self, parameters: tf.Tensor) -> tf.Tensor:
        """The probabilities of the K categories, as many channels as the parameters."""
        return self._by_channel(ops.softmax(self._by_value(parameters), axis=-1))

    def point(self, moments: tf.Tensor) -> tf.Tensor:
        """The most probable codes, the shape of x."""
        return ops.cast(ops.argmax(self._by_value(moments), axis=-1), self.compute_dtype)

    def scaled(self, x: tf.Tensor) -> tf.Tensor:
        """One-hot codes, K times the channels of x."""
        codes = ops.one_hot(ops.cast(x, "int32"), self.num_categories, dtype=self.compute_dtype)
        return self._by_channel(codes)

    def get_config(self) -> dict:
        """The constructor's arguments."""
        return super().get_config() | {"num_categories": self.num_categories}
