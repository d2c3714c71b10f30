"""The contract of a prior p(y) over the intermediary latents."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf
from tensorflow_probability import distributions as tfd

from intelvae_keras._engine.precision import full_precision


class Prior(keras.layers.Layer):
    """Base class: a distribution over y, with event shape (M,).

    A subclass gives `distribution(latent_dim)`; the methods below follow from it. Learned priors own
    their weights as Keras layers do: in `build`, for y of shape (batch, M).

    Attributes:
        num_components: Densities that `log_prob` holds for each y: K in a mixture, else 1.
    """

    num_components: int = 1

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("dtype", full_precision())
        super().__init__(**kwargs)

    def connect(
        self,
        data_shape: Sequence[int],
        posterior_of: Callable[[tf.Tensor], tfd.Distribution],
        support: tuple[float, float],
    ) -> None:
        """Lets the prior see the model that it belongs to, at the end of the model's `build`.

        Most priors need nothing of it. The function that comes is no layer, so that the encoder is
        not tracked, counted or saved a second time as a part of the prior.

        Args:
            data_shape: The shape of one example.
            posterior_of: From x, shape (N, *data_shape), to q(y|x), a tfd distribution.
            support: (low, high), the interval in which x must lie.
        """

    def distribution(self, latent_dim: int) -> tfd.Distribution:
        """The tfd distribution p(y), event shape (latent_dim,)."""
        raise NotImplementedError

    def call(self, y: tf.Tensor) -> tf.Tensor:
        """Log p(y) in nats, as a layer: the same as `log_prob`."""
        return self.log_prob(y)

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """(..., M) to (...)."""
        return tuple(input_shape[:-1])

    def sample(self, num_samples: int, latent_dim: int, seed: tf.Tensor) -> tf.Tensor:
        """Draws y ~ p(y), shape (num_samples, latent_dim); the seed is int32, shape (2,)."""
        return self.distribution(latent_dim).sample(num_samples, seed=seed)

    def log_prob(self, y: tf.Tensor) -> tf.Tensor:
        """Log p(y) in nats, shape (..., M) to (...)."""
        return self.distribution(y.shape[-1]).log_prob(y)

    def kl_divergence(self, q: tfd.Distribution, y: tf.Tensor) -> tf.Tensor:
        """KL(q(y|x) || p(y)) in nats, shape (batch,), for a sample y of q, shape (batch, M).

        In closed form where TFP knows one, else the Monte Carlo estimate log q(y|x) - log p(y).
        """
        try:
            return tfd.kl_divergence(q, self.distribution(y.shape[-1]))
        except NotImplementedError:
            return q.log_prob(y) - self.log_prob(y)
