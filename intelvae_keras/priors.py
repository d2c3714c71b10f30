"""Priors p(y) over the intermediary latents."""

import keras
import tensorflow as tf
from tensorflow_probability import distributions as tfd

from intelvae_keras.mappings.base import full_precision


class Prior(keras.layers.Layer):
    """Base class: a distribution over y, with event shape (M,).

    A subclass gives `distribution(latent_dim)`; the methods below follow from it. Learned priors own
    their weights as Keras layers do.
    """

    def __init__(self, **kwargs):
        kwargs.setdefault("dtype", full_precision())
        super().__init__(**kwargs)

    def distribution(self, latent_dim):
        """The tfd distribution p(y), event shape (latent_dim,)."""
        raise NotImplementedError

    def sample(self, num_samples, latent_dim, seed):
        """Draws y ~ p(y), shape (num_samples, latent_dim); seed int32 of shape (2,)."""
        return self.distribution(latent_dim).sample(num_samples, seed=seed)

    def log_prob(self, y):
        """Log p(y) in nats, shape (..., M) to (...)."""
        return self.distribution(y.shape[-1]).log_prob(y)

    def kl_divergence(self, q, y):
        """KL(q(y|x) || p(y)) in nats, shape (batch,), for a sample y of q, shape (batch, M).

        In closed form where TFP knows one, else the Monte Carlo estimate log q(y|x) - log p(y).
        """
        try:
            return tfd.kl_divergence(q, self.distribution(y.shape[-1]))
        except NotImplementedError:
            return q.log_prob(y) - self.log_prob(y)


@keras.saving.register_keras_serializable(package="intelvae_keras")
class StandardNormal(Prior):
    """p(y) = N(0, I), the prior of every InteL-VAE; KL(q || p) is exact."""

    def distribution(self, latent_dim):
        """N(0, I) with event shape (latent_dim,)."""
        dtype = tf.as_dtype(self.compute_dtype)
        return tfd.MultivariateNormalDiag(tf.zeros(latent_dim, dtype), tf.ones(latent_dim, dtype))


def get(prior):
    """The prior given, or N(0, I) for None.

    Raises:
        TypeError: If `prior` is neither None nor an object from this module.
    """
    if prior is None:
        return StandardNormal()
    if not isinstance(prior, Prior):
        raise TypeError(
            f"prior must be None, for N(0, I), or an object from intelvae_keras.priors; got {prior!r}."
        )
    return prior
