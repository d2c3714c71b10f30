"""A threshold: latents near 0 become exactly 0, so that each code has few others."""

import math
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from intelvae_keras._engine import checks, settings
from intelvae_keras._engine.precision import at_least_float32
from intelvae_keras.mappings.mapping import Mapping

_LEAST = 1e-6  # a draw outside the dead zone comes once in a million: no training finds it


@keras.saving.register_keras_serializable(package="intelvae_keras")
class Threshold(Mapping):
    r"""Codes with exact zeros: g(y) = s sign(y) max(|y| - t, 0), for each latent by itself.

    t and s follow from `active`, the proportion of the prior's mass outside the dead zone [-t, t]:

    t = -Phi^-1(active / 2),   s^-2 = (1 + t^2) active - 2 t phi(t),

    Phi the distribution function of N(0, 1), and phi its density. So under the prior P(z != 0) = active,
    and z has mean 0 and variance 1. It is a spike at 0 and a slab, the two tails of the Gaussian moved
    together, and needs no loss of its own. Use it for data of which each example has few of many features.

    What it throws away: where y lies within the dead zone. There the slope of g is 0, so such a draw of y
    sends the encoder no gradient from x. Where all of q(y|x) lies in the zone, the KL alone acts on that
    latent, and draws q(y|x) back to the prior.

    What it does not do: at the prior, a draw of z is not 0 in `active` of all cases. To be off in every
    draw, q(y|x) must be narrower than the prior, which the KL charges. The code at the posterior's mean
    is exactly 0 in either case.

    Train it at the full weight of the KL from the start, as `Warmup()` does: without `KLWarmup`. While
    the KL weighs little, every latent serves every example, and the decoder learns mixtures of features. It
    hardly leaves them later. On `datasets.patterns`, the ELBO was 33.6 nats without a warm-up, 28.4 with
    one over 10% of the epochs, and 18.1 over 40% (one seed). Without one, 20 of 20 seeds found the code
    (docs/results.md). A q that starts narrow (`initial_scale=0.3`) was 2.2 nats worse (one seed): hardly a
    draw leaves the zone. With few examples the ELBO varies with the seed: look at that of `mapping=None`.

    Sources: Tonolini, Jensen and Murray-Smith (2020), "Variational sparse coding", UAI. They put a spike
    and slab on prior and posterior of the latents themselves. Fallah and Rozell (2022), "Variational sparse
    coding with learned thresholding", ICML, arXiv 2205.03665. They threshold the posterior's samples by
    a shifted soft threshold. They learn the thresholds, and pass the gradient straight through. Here the
    threshold is a mapping g, the same for prior and posterior. `active` fixes t, and the gradient is that
    of g. The KL stays that of Gaussians in y.

    ```python
    g = mappings.Threshold(active=0.3)              # t = 1.036
    z = g(keras.ops.array([[0.5, -1.0, 2.0]]))      # 0, 0 and 2.6
    ```

    Shapes: (batch, M) to (batch, M).

    Args:
        active: The probability that a latent is not 0 under N(0, 1), in [1e-6, 1]. 1 is the identity.

    Raises:
        TypeError: If `active` is no number.
        ValueError: If `active` is outside its range.
    """

    kl_warmup = 0.0
    active = settings.Setting(lambda name, value: checks.between(name, value, _LEAST, 1.0))

    def __init__(self, active: float = 0.3, **kwargs: Any):
        super().__init__(**kwargs)
        self.active = active

    def threshold_and_scale(self) -> tuple[tf.Tensor, tf.Tensor]:
        """The t and s in force, two scalars in float64."""
        active = ops.cast(settings.in_force(self, "active"), "float64")
        t = -tf.math.ndtri(active / 2)
        density = ops.exp(-ops.square(t) / 2) / math.sqrt(2 * math.pi)
        # A small difference of larger numbers: float32 would have lost it at active = 1e-4.
        return t, ops.rsqrt((1 + ops.square(t)) * active - 2 * t * density)

    def call(self, y: tf.Tensor) -> tf.Tensor:
        """Latents z = g(y), shape (batch, M), for y of the same shape."""
        y = ops.cast(y, at_least_float32(self.compute_dtype))
        t, s = (ops.cast(value, y.dtype) for value in self.threshold_and_scale())
        return ops.cast(s * ops.soft_shrink(y, t), self.compute_dtype)

    def get_config(self) -> dict:
        """The constructor's arguments."""
        return super().get_config() | {"active": self.active}
