"""Posteriors q(y|x): from the encoder's features to a Gaussian over the intermediary latents y."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp
from tensorflow_probability import distributions as tfd

from intelvae_keras._engine import checks, settings
from intelvae_keras._engine.precision import full_precision, inverse_softplus, positive

_TRIANGLE = "tfp"  # the order of a full covariance's entries, that of tfp.math.fill_triangular


@keras.saving.register_keras_serializable(package="intelvae_keras")
class GaussianPosterior(keras.layers.Layer):
    """q(y|x) = N(mu(x), L(x) L(x)^T), with mu and L linear in the encoder's features.

    The diagonal of L is softplus(.) + 1e-5, hence positive, and about `initial_scale` at the start. With a
    "diagonal" covariance, L is that diagonal. With a "full" one, L is a lower triangle, the Cholesky factor.
    Then the posterior can follow directions that are not axes, such as a ray of a circle.

    ```python
    q = GaussianPosterior(2, covariance="full")(features)
    y, kl = q.sample(), q.kl_divergence(priors.StandardNormal().distribution(2))
    ```

    Args:
        latent_dim: M >= 1.
        covariance: "diagonal" or "full".
        initial_scale: The scale at the start, > 0, in standard deviations of N(0, I). A small one, such
            as 0.1, lets codes tell examples apart from the first step on: take it for mappings that
            look at angles.

    Raises:
        TypeError: If `latent_dim` is no integer, or `initial_scale` is no number.
        ValueError: If `latent_dim` < 1, `covariance` is another word, or `initial_scale` is not above 0.
    """

    latent_dim = settings.Fixed[int]()
    covariance = settings.Fixed[str]()
    initial_scale = settings.Fixed[float]()

    def __init__(
        self,
        latent_dim: int,
        covariance: str = "diagonal",
        initial_scale: float = 1.0,
        **kwargs: Any,
    ):
        kwargs.setdefault("dtype", full_precision())
        super().__init__(**kwargs)
        if covariance not in ("diagonal", "full"):
            raise ValueError(f'posterior must be "diagonal" or "full"; got {covariance!r}.')
        self.latent_dim = checks.integer("latent_dim", latent_dim, minimum=1)
        self.covariance = covariance
        self.initial_scale = checks.positive("initial_scale", initial_scale)

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Builds the linear layer from features, shape (batch, F), to the parameters."""
        diagonal = np.ones(self.latent_dim, bool)
        if self.covariance == "full":
            diagonal = _on_diagonal(self.latent_dim)
        raw = float(inverse_softplus(self.initial_scale) - inverse_softplus(1.0))
        bias = np.concatenate([np.zeros(self.latent_dim), np.where(diagonal, raw, 0.0)])
        self.linear = keras.layers.Dense(
            len(bias),
            bias_initializer=lambda shape, dtype: keras.ops.convert_to_tensor(bias, dtype),
            dtype=self.dtype_policy,
        )
        self.linear.build(input_shape)

    def call(self, features: tf.Tensor) -> tf.Tensor:
        """The parameters of q, shape (batch, M + M) or (batch, M + M (M + 1) / 2).

        Args:
            features: The encoder's output, shape (batch, F).
        """
        return self.linear(features)

    def distribution(self, features: tf.Tensor) -> tfd.Distribution:
        """q(y|x) for features of shape (batch, F): a tfd distribution, batch (batch,), event (M,)."""
        parameters = self(features)
        loc, raw = parameters[:, : self.latent_dim], parameters[:, self.latent_dim :]
        if self.covariance == "diagonal":
            return tfd.MultivariateNormalDiag(loc, positive(raw))
        # Before the triangle is filled: XLA cannot differentiate tf.linalg.set_diag for a batch whose
        # size is not fixed.
        entries = tf.where(_on_diagonal(self.latent_dim), positive(raw), raw)
        return tfd.MultivariateNormalTriL(loc, tfp.math.fill_triangular(entries))

    def get_config(self) -> dict:
        """The constructor's arguments, and for a full covariance the order of the triangle's entries."""
        config = super().get_config() | {
            "latent_dim": self.latent_dim,
            "covariance": self.covariance,
            "initial_scale": self.initial_scale,
        }
        return config | ({"triangle": _TRIANGLE} if self.covariance == "full" else {})

    @classmethod
    def from_config(cls, config: dict) -> "GaussianPosterior":
        """The layer of this config.

        Raises:
            ValueError: If the config is of a version that filled the triangle in another order, with
                whose weights the covariance would be wrong.
        """
        arguments = {name: config[name] for name in config if name != "triangle"}
        if config["covariance"] == "full" and config.get("triangle") != _TRIANGLE:
            raise ValueError(
                'The model was saved with posterior="full" by a version of intelvae_keras that held the '
                "entries of the triangle in another order: its covariances would be wrong. Train it "
                "again, or load it with the version that saved it."
            )
        return cls(**arguments)


def _on_diagonal(size):
    """Which of the entries that `fill_triangular` takes come to lie on the diagonal."""
    with tf.init_scope():  # a constant, whatever graph is being traced
        return tfp.math.fill_triangular_inverse(np.eye(size)).numpy() == 1


def get(posterior: str | GaussianPosterior, latent_dim: int) -> GaussianPosterior:
    """A `GaussianPosterior` from the word "diagonal" or "full", or the layer given.

    Args:
        posterior: The word, or a `GaussianPosterior`.
        latent_dim: M, the number of latents that it must have.

    Raises:
        TypeError: If `posterior` is neither a string nor a posterior layer.
        ValueError: If it is another word, or a layer for another number of latents.
    """
    if isinstance(posterior, str):
        return GaussianPosterior(latent_dim, posterior)
    if not isinstance(posterior, GaussianPosterior):
        raise TypeError(f'posterior must be "diagonal" or "full"; got {posterior!r}.')
    if posterior.latent_dim != latent_dim:
        raise ValueError(
            f"posterior must have latent_dim={latent_dim}; got {posterior.latent_dim}."
        )
    return posterior
