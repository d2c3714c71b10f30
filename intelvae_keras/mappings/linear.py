"""A linear map: latents that are correlated, or fewer or more than the intermediary ones."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from numpy.typing import ArrayLike

from intelvae_keras._engine import arrays, settings
from intelvae_keras.mappings.mapping import Mapping


@keras.saving.register_keras_serializable(package="intelvae_keras")
class Linear(Mapping):
    """g(y) = A y, so that z ~ N(0, A A^T) under the prior.

    To give z the covariance C, pass its Cholesky factor: `Linear(np.linalg.cholesky(C))`.

    Shapes: (batch, M) to (batch, D), for a matrix of shape (D, M).

    Args:
        matrix: A, shape (D, M), finite.
        trainable: Whether A is learned, starting from `matrix`.

    Raises:
        TypeError: If `matrix` does not hold numbers.
        ValueError: If `matrix` is not a finite matrix; on building, if it has not M columns.
    """

    matrix = settings.Fixed[np.ndarray]()

    def __init__(self, matrix: ArrayLike, trainable: bool = False, **kwargs: Any):
        super().__init__(trainable=trainable, **kwargs)
        matrix = np.asarray(arrays.as_array("matrix", matrix), dtype="float64")
        if matrix.ndim != 2 or 0 in matrix.shape:
            raise ValueError(f"matrix must have shape (D, M); got shape {matrix.shape}.")
        if not np.isfinite(matrix).all():
            raise ValueError("matrix must be finite; got NaN or infinite entries.")
        self.matrix = matrix
        self._learned = bool(trainable)  # a matrix that is not stays as it is, frozen or unfrozen

    def check_latents(self, latent_dim: int) -> None:
        """Raises a ValueError unless the matrix has `latent_dim` columns."""
        if latent_dim != self.matrix.shape[1]:
            raise ValueError(
                f"matrix must have latent_dim={latent_dim} columns; got shape {self.matrix.shape}."
            )

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Creates the matrix as a weight."""
        super().build(input_shape)
        self.kernel = self.add_weight(
            shape=self.matrix.shape,
            initializer=lambda shape, dtype: ops.cast(self.matrix, dtype),
            trainable=self._learned,
            name="kernel",
        )

    def call(self, y: tf.Tensor) -> tf.Tensor:
        """Latents A y, shape (batch, D), for y of shape (batch, M)."""
        return ops.matmul(y, ops.transpose(self.kernel))

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """(batch, M) to (batch, D)."""
        return (input_shape[0], self.matrix.shape[0])

    def get_config(self) -> dict:
        """The constructor's arguments."""
        config = super().get_config() | {
            "matrix": self.matrix.tolist(),
            "trainable": self._learned,
        }
        if self._learned and not self.trainable:
            config["frozen"] = True
        return config

    @classmethod
    def from_config(cls, config: dict) -> "Linear":
        """A mapping whose matrix is fixed, learned, or learned and frozen, as the config says."""
        layer = cls(**{name: value for name, value in config.items() if name != "frozen"})
        if config.get("frozen"):
            layer.trainable = False
        return layer
