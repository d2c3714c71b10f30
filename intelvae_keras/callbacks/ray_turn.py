"""Rays in the plane that turn once, to where the fewest codes lie."""

import math

import keras
import numpy as np
from numpy.typing import ArrayLike

from intelvae_keras import mappings
from intelvae_keras._engine import checks
from intelvae_keras.callbacks import reached
from intelvae_keras.callbacks.boundary_search import thinned

_TRIALS = 720  # angles that are tried, over the whole turn
_NEAR = 0.2  # radians from a ray: standard deviation of the weight that codes there have


class RayTurn(keras.callbacks.Callback):
    """Rays of a `mappings.Clusters(..., turnable=True)` that turn once, to where the fewest codes lie.

    While the strength is 0, z = y, and each cluster of the data finds a place of its own in the plane, at
    any angle. Then the rays turn to the gaps between the clusters, and the parts open. Without the turn, a
    ray may cut through a cluster. The prior N(0, I) is the same in all directions, so that the turn costs
    nothing.

    ```python
    mapping = mappings.Clusters(5, strength=1.0, width=0.01, turnable=True)
    during = [
        callbacks.RayTurn(x, epoch=20),
        callbacks.StrengthAnnealing(epochs=(20, 24)),
        callbacks.WidthAnnealing(epochs=56, start=1.0),
    ]
    vae.fit(x, epochs=80, callbacks=during)
    ```

    Source: ours.

    Args:
        x: Training data, shape (N, *shape). Of more than 10,000 examples it takes every so many.
        epoch: The rays turn at the beginning of this epoch, >= 1. `StrengthAnnealing` must not begin
            before.

    Raises:
        TypeError: If x is no array, or `epoch` no integer.
        ValueError: If `epoch` < 1. When training begins: if the mapping is no `Clusters` with
            `turnable=True`, `fit` ends before that epoch, or x does not fit the model. When the rays turn:
            if the strength in force is not 0.
    """

    schedules = ("turn",)
    clusters: mappings.Clusters | None = None  # whose rays turn; None for the model's mapping

    def __init__(self, x: ArrayLike, epoch: int):
        super().__init__()
        self.x = thinned(x)
        self.epoch = checks.integer("epoch", epoch, minimum=1)

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Checks the model and the number of epochs."""
        clusters = self.clusters or self.model.mapping
        if not isinstance(clusters, mappings.Clusters) or not clusters.turnable:
            raise ValueError(
                f"RayTurn needs a model with mappings.Clusters(..., turnable=True); got {clusters!r}."
            )
        if self.params["epochs"] <= self.epoch:
            raise ValueError(
                f"RayTurn would never turn: epoch={self.epoch} comes after the last of the "
                f"{self.params['epochs']} epochs of fit."
            )
        self.model.check_data("RayTurn's x", self.x)

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Turns the rays, if it is time."""
        if epoch != self.epoch:
            return
        clusters = self.clusters or self.model.mapping
        strength = float(keras.ops.convert_to_numpy(clusters.current_strength))
        if strength > 0:
            raise ValueError(
                f"RayTurn in epoch {epoch} needs a strength in force of 0, since the decoder knows the "
                f"parts as they are; got {strength:.3g}. Let StrengthAnnealing begin at epoch {epoch} or "
                "later."
            )
        codes = reached.codes_at(self.model, clusters, self.x)
        proportions = keras.ops.convert_to_numpy(clusters.proportions)
        clusters.turn.assign(emptiest(np.arctan2(codes[:, 1], codes[:, 0]), proportions))


def emptiest(angles: np.ndarray, proportions: np.ndarray) -> float:
    """The turn, in radians, that has the fewest codes near the rays.

    Args:
        angles: Directions of the codes, in radians, shape (N,).
        proportions: Those of the sectors, shape (K,), with sum 1. Without a turn, the first ray points up.

    Returns:
        A float in [0, 2 pi).
    """
    bins = np.arange(_TRIALS + 1) * 2 * math.pi / _TRIALS
    counts = np.histogram(np.mod(angles, 2 * math.pi), bins)[0]
    off = np.abs(np.mod(bins[:-1] + math.pi, 2 * math.pi) - math.pi)
    window = np.exp(-0.5 * (off / _NEAR) ** 2)
    near = np.fft.irfft(
        np.fft.rfft(counts) * np.fft.rfft(window), _TRIALS
    )  # weighted, by direction
    starts = np.concatenate([[0.0], np.cumsum(proportions)[:-1]])
    rays = math.pi / 2 + 2 * math.pi * starts  # (K,)
    at = np.rint((rays[:, None] + bins[:-1]) * _TRIALS / (2 * math.pi)).astype(int) % _TRIALS
    return float(bins[near[at].sum(axis=0).argmin()])
