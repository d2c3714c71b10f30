"""The Laplace prior: the classical way to ask for sparse latents."""

import math
from typing import Any

import keras
import tensorflow as tf
from tensorflow_probability import distributions as tfd

from intelvae_keras._engine import checks, settings
from intelvae_keras.priors.prior import Prior


@keras.saving.register_keras_serializable("intelvae_keras", "LaplacePrior")  # not the likelihood
class Laplace(Prior):
    """p(y) = prod_j exp(-|y_j| / b) / (2 b), the classical sparse prior.

    It has more mass near 0 and in its tails than N(0, I), but almost surely no y_j that is 0. Its KL
    from a Gaussian q with means m_j and standard deviations s_j is exact, for a full covariance too,
    since E|y_j| needs the marginal only:

        KL(q || p) = sum_j ( E|y_j| / b + log 2b ) - H(q),
        E|y_j| = s_j sqrt(2 / pi) exp(-m_j^2 / 2 s_j^2) + m_j erf(m_j / (s_j sqrt 2)).

    Cost: that of N(0, I). Source: Laplace priors of VAEs in Barello, Charles and Pillow (2018),
    "Sparse-coding variational auto-encoders"; E|y_j| is the mean of a folded normal.

    Args:
        scale: b > 0. The default, 1 / sqrt(2), gives the variance 2 b^2 = 1 of N(0, I).

    Raises:
        TypeError: If `scale` is no number.
        ValueError: If `scale` is not a finite number > 0.
    """

    scale = settings.Setting(checks.positive)

    def __init__(self, scale: float = 2**-0.5, **kwargs: Any):
        super().__init__(**kwargs)
        self.scale = scale

    def distribution(self, latent_dim: int) -> tfd.Distribution:
        """M independent Laplace(0, b), event shape (latent_dim,)."""
        zeros = tf.zeros(latent_dim, tf.as_dtype(self.compute_dtype))
        scale = tf.cast(settings.in_force(self, "scale"), zeros.dtype)
        return tfd.Independent(tfd.Laplace(zeros, zeros + scale), 1)

    def kl_divergence(self, q: tfd.Distribution, y: tf.Tensor) -> tf.Tensor:
        """KL(q(y|x) || p(y)) in nats, shape (batch,): exact for a Gaussian q, shapes (batch, M)."""
        if not isinstance(q, tfd.MultivariateNormalLinearOperator):
            return super().kl_divergence(q, y)
        mean, ratio = q.mean(), q.mean() / (q.stddev() * math.sqrt(2))
        expected_size = q.stddev() * math.sqrt(2 / math.pi) * tf.exp(-(ratio**2))
        expected_size += mean * tf.math.erf(ratio)  # (batch, M)
        scale = tf.cast(settings.in_force(self, "scale"), expected_size.dtype)
        cross_entropy = expected_size / scale + tf.math.log(2 * scale)
        return tf.reduce_sum(cross_entropy, axis=-1) - q.entropy()

    def get_config(self) -> dict:
        """The constructor's arguments."""
        return super().get_config() | {"scale": self.scale}
