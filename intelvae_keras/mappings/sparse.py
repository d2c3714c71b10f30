"""Sparsity: each sample switches off most latents, and different samples different ones."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from intelvae_keras._engine import checks, replicas, settings
from intelvae_keras.mappings.mapping import Mapping


def entropy(weights: tf.Tensor) -> tf.Tensor:
    """The entropy (nats) of non-negative weights after division by their sum.

    H(v) = - sum_j p_j log p_j, p = v / sum(v); shape (..., D) to (...). Between 0 (one-hot) and
    log D (equal). All-zero weights count as equal ones.
    """
    weights = weights + keras.config.epsilon()
    probability = weights / ops.sum(weights, axis=-1, keepdims=True)
    return -ops.sum(probability * ops.log(probability), axis=-1)


def sparsity_loss(gates: tf.Tensor) -> tf.Tensor:
    """The sparsity loss of a batch of gates, in nats.

    L_sp = mean_i H(gates_i) - H(mean_i gates_i), with H the `entropy` above and i over the batch,
    over all replicas under a `tf.distribute` strategy. Low entropy per sample means few active
    dimensions; high entropy of the mean, that different samples use different ones. By the
    definition of H it lies above -log D, its value for one-hot gates that are used evenly; it is 0
    when all samples have the same gates.

    Source: Miao et al. (2022), section 4, "sparsity".

    Args:
        gates: Non-negative activities, shape (batch, D).

    Returns:
        A scalar, in nats.

    Raises:
        ValueError: If gates have another shape.
    """
    gates = ops.convert_to_tensor(gates)
    if len(gates.shape) != 2:
        raise ValueError(f"gates must have shape (batch, D); got {tuple(gates.shape)}.")
    count = replicas.all_sum(ops.cast(ops.shape(gates)[0], gates.dtype))
    count = ops.maximum(count, 1.0)
    # Each replica returns its part times the number of replicas, as the model averages over them.
    mean_entropy = ops.sum(entropy(gates)) * replicas.count() / count
    mean_gates = replicas.all_sum(ops.sum(gates, axis=0)) / count
    return mean_entropy - entropy(mean_gates)


@keras.saving.register_keras_serializable(package="intelvae_keras")
class Sparse(Mapping):
    """Sparse codes: g(y) = y * DS(y), the dimension selector DS(y) in (0, 1)^M a small network.

    Adds the loss gamma * `sparsity_loss(DS(y))`, in nats per example.

    Source: Miao et al. (2022), section 4, "sparsity".

    ```python
    sparse = mappings.Sparse(gamma=3.0)
    z = sparse(y)               # y * gates
    gates = sparse.gates(y)     # near 0 where a dimension is switched off
    ```

    Shapes: (batch, M) to (batch, M), M >= 2.

    Args:
        gamma: Weight of the sparsity loss, >= 0. Larger is sparser, at the cost of samples.
        hidden: Widths of the hidden layers of the dimension selector.

    Raises:
        ValueError: If gamma < 0 or a width < 1.
    """

    min_latents = 2
    gamma = settings.Setting(checks.number)
    hidden = settings.Fixed[tuple[int, ...]]()

    def __init__(self, gamma: float = 3.0, hidden: Sequence[int] = (64, 64), **kwargs: Any):
        super().__init__(**kwargs)
        self.gamma = gamma
        self.hidden = checks.widths("hidden", hidden, may_be_empty=True)

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Builds the dimension selector."""
        super().build(input_shape)
        dense = [
            keras.layers.Dense(width, activation="relu", dtype=self.dtype_policy)
            for width in self.hidden
        ]
        gates = keras.layers.Dense(input_shape[-1], activation="sigmoid", dtype=self.dtype_policy)
        self.selector = keras.Sequential([*dense, gates], name="selector")
        self.selector.build(input_shape)

    def gates(self, y: tf.Tensor) -> tf.Tensor:
        """DS(y): (batch, M) to (batch, M), in (0, 1)."""
        if not self.built:
            self.build(ops.shape(y))
        return self.selector(y)

    def call(self, y: tf.Tensor) -> tf.Tensor:
        """Latents y * DS(y), shape (batch, M), for y of the same shape; it adds the sparsity loss."""
        gates = self.gates(y)
        gamma = ops.cast(settings.in_force(self, "gamma"), gates.dtype)
        self.add_loss(gamma * sparsity_loss(gates))
        return ops.cast(y, gates.dtype) * gates

    def get_config(self) -> dict:
        """The constructor's arguments."""
        return super().get_config() | {"gamma": self.gamma, "hidden": list(self.hidden)}
