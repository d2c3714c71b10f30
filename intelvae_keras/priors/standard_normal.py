"""The prior of every InteL-VAE."""

import keras
import tensorflow as tf
from tensorflow_probability import distributions as tfd

from intelvae_keras.priors.prior import Prior


@keras.saving.register_keras_serializable(package="intelvae_keras")
class StandardNormal(Prior):
    """p(y) = N(0, I), the prior of every InteL-VAE; KL(q || p) is exact."""

    def distribution(self, latent_dim: int) -> tfd.Distribution:
        """N(0, I) with event shape (latent_dim,)."""
        return standard_normal(latent_dim, self.compute_dtype)


def standard_normal(latent_dim: int, dtype: str) -> tfd.Distribution:
    """N(0, I), a tfd distribution with event shape (latent_dim,)."""
    dtype = tf.as_dtype(dtype)
    return tfd.MultivariateNormalDiag(tf.zeros(latent_dim, dtype), tf.ones(latent_dim, dtype))
