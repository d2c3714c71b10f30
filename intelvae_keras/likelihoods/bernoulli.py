"""Likelihoods of values in [0, 1]: pixels, and yes or no."""

import keras
import tensorflow as tf
from keras import ops
from tensorflow_probability import distributions as tfd

from intelvae_keras.likelihoods.likelihood import Likelihood


@keras.saving.register_keras_serializable(package="intelvae_keras")
class Bernoulli(Likelihood):
    """p(x=1|z) = sigmoid(l), the decoder gives the logits l.

    log p(x|z) = x l - log(1 + e^l). A probability for x in {0, 1}; for grey values between, the
    customary cross-entropy, which is no normalised density (`ContinuousBernoulli` is).

    Args:
        missing: Whether x may have holes, which are NaN.
    """

    support = (0.0, 1.0)
    unbounded_parameters = (0,)

    def distribution(self, parameters: tf.Tensor) -> tfd.Distribution:
        """Bernoulli(logits), the logits being the parameters, of the shape of x."""
        return tfd.Bernoulli(logits=parameters)

    def _log_density(self, x, parameters):
        # One softplus where TFP takes two, which is half the cost of large images.
        return x * parameters - ops.softplus(parameters)


@keras.saving.register_keras_serializable(package="intelvae_keras")
class ContinuousBernoulli(Likelihood):
    """p(x|z) = C(s) s^x (1 - s)^(1 - x) on [0, 1], s = sigmoid(l), the decoder gives the logits l.

    A normalised density for grey values. Its mean is not s.
    Source: Loaiza-Ganem and Cunningham (2019), "The continuous Bernoulli", NeurIPS.

    Args:
        missing: Whether x may have holes, which are NaN.
    """

    support = (0.0, 1.0)
    filler = 0.5
    unbounded_parameters = (0,)

    def distribution(self, parameters: tf.Tensor) -> tfd.Distribution:
        """ContinuousBernoulli(logits), the logits being the parameters, of the shape of x."""
        return tfd.ContinuousBernoulli(logits=parameters)
