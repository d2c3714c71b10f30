"""The sparsity loss without a mapping: what an ordinary VAE makes of it, as a baseline."""

from typing import Any

import keras
import tensorflow as tf
from keras import ops

from intelvae_keras._engine import checks, settings
from intelvae_keras.mappings.mapping import Mapping
from intelvae_keras.mappings.sparse import sparsity_loss


@keras.saving.register_keras_serializable(package="intelvae_keras")
class SparsityPenalty(Mapping):
    """The identity, g(y) = y, with a penalty on codes that are not sparse: gamma * L_sp(|y|).

    L_sp is `sparsity_loss`, of the magnitudes of the codes in place of gates, in nats per example.
    The VAE is an ordinary one, only trained to be sparse: the baseline that shows what the gates
    of `Sparse` add. Nothing in z = y, whose prior is Gaussian, is ever switched off.

    Source: the loss, Miao et al. (2022), section 4, "sparsity"; this use of it is ours.

    ```python
    mappings.SparsityPenalty(gamma=3.0)(y)    # y
    ```

    Shapes: (batch, M) to (batch, M), M >= 2.

    Args:
        gamma: Weight of the penalty, >= 0.

    Raises:
        TypeError: If gamma is not a number.
        ValueError: If gamma < 0.
    """

    min_latents = 2
    gamma = settings.Setting(checks.number)

    def __init__(self, gamma: float = 3.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.gamma = gamma

    def call(self, y: tf.Tensor) -> tf.Tensor:
        """Latents y as they are, shape (batch, M); it adds the penalty."""
        gamma = ops.cast(settings.in_force(self, "gamma"), y.dtype)
        self.add_loss(gamma * sparsity_loss(ops.abs(y)))
        return y

    def get_config(self) -> dict:
        """The constructor's arguments."""
        return super().get_config() | {"gamma": self.gamma}
