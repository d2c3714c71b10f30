"""A learned mixture of Gaussians as the prior."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf
from tensorflow_probability import distributions as tfd

from intelvae_keras._engine import checks, settings
from intelvae_keras._engine.precision import positive
from intelvae_keras.priors.prior import Prior


@keras.saving.register_keras_serializable(package="intelvae_keras")
class GaussianMixture(Prior):
    """p(y) = sum_k w_k N(y; m_k, diag(s_k^2)), with learned weights, means and scales.

    The scales are softplus(.) + 1e-5, and 1 at the start; the means start as draws from N(0, I), the
    weights equal. KL(q || p) has no closed form: it is estimated as log q(y|x) - log p(y) with the
    sample of y that the reconstruction takes (exact for K = 1).

    Cost: K densities per sample of y, which is K (batch, M) values in memory; sampling is cheap.
    Source: Jiang et al. (2017), "Variational deep embedding", section 3.1, with y in place of labels;
    the baseline "MoG" of Tomczak and Welling (2018), "VAE with a VampPrior".

    Args:
        num_components: K >= 1.
        learn_weights: Whether the weights w_k are learned, or stay 1 / K.
        seed: Seed of the initial means, >= 0; None for one from `keras.utils.set_random_seed`.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If `num_components` < 1 or `seed` < 0.
    """

    num_components = settings.Fixed[int]()
    learn_weights = settings.Fixed[bool]()
    seed = settings.Fixed[int | None]()

    def __init__(
        self,
        num_components: int = 30,
        learn_weights: bool = True,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.num_components = checks.integer("num_components", num_components, minimum=1)
        self.learn_weights = checks.boolean("learn_weights", learn_weights)
        self.seed = None if seed is None else checks.integer("seed", seed, minimum=0)

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Creates the weights for y of shape (batch, M)."""
        shape = (self.num_components, input_shape[-1])
        spread = keras.initializers.RandomNormal(stddev=1.0, seed=self.seed)
        self.locs = self.add_weight(shape=shape, initializer=spread, name="locs")
        self.raw_scales = self.add_weight(shape=shape, initializer="zeros", name="raw_scales")
        self.logits = self.add_weight(
            shape=shape[:1], initializer="zeros", trainable=self.learn_weights, name="logits"
        )
        self.built = True

    def distribution(self, latent_dim: int) -> tfd.Distribution:
        """The mixture, event shape (latent_dim,)."""
        locs, scales = tf.convert_to_tensor(self.locs), positive(self.raw_scales)  # (K, M)
        if self.num_components == 1:
            return tfd.MultivariateNormalDiag(locs[0], scales[0])
        logits = tf.convert_to_tensor(self.logits)
        components = tfd.MultivariateNormalDiag(locs, scales)
        return tfd.MixtureSameFamily(tfd.Categorical(logits=logits), components)

    def get_config(self) -> dict:
        """The constructor's arguments."""
        return super().get_config() | {
            "num_components": self.num_components,
            "learn_weights": self.learn_weights,
            "seed": self.seed,
        }
