"""Hierarchy: groups of latents in a row, each computed from the one before."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from intelvae_keras._engine import checks, settings
from intelvae_keras.mappings.mapping import Mapping


@keras.saving.register_keras_serializable(package="intelvae_keras")
class Hierarchical(Mapping):
    """A chain of latent groups: z_1 = y_1, z_k = f_k([z_(k-1), y_k]), z = [z_1, ..., z_K].

    y is split into groups; each f_k is a small learned network, so that later groups refine what
    earlier groups have decided. The decoder sees all groups.

    Source: Miao et al. (2022), section 4, "hierarchical representations".

    ```python
    mappings.Hierarchical([4, 4, 8])    # for latent_dim=16
    ```

    Shapes: (batch, M) to (batch, M), M = sum(groups).

    Args:
        groups: The sizes of the groups, at least two, each >= 1.
        hidden: Widths of the hidden layers of each f_k.

    Raises:
        ValueError: If there are fewer than two groups, or a size or width is < 1; on building, if
            the sizes do not sum to M.
    """

    min_latents = 2
    groups = settings.Fixed[tuple[int, ...]]()
    hidden = settings.Fixed[tuple[int, ...]]()

    def __init__(self, groups: Sequence[int], hidden: Sequence[int] = (64,), **kwargs: Any):
        super().__init__(**kwargs)
        self.groups = checks.widths("groups", groups)
        if len(self.groups) < 2:
            raise ValueError(f"groups must hold at least two sizes; got {list(groups)}.")
        self.hidden = checks.widths("hidden", hidden, may_be_empty=True)

    def check_latents(self, latent_dim: int) -> None:
        """Raises a ValueError unless the groups sum to `latent_dim`."""
        if latent_dim != sum(self.groups):
            raise ValueError(
                f"groups must sum to latent_dim={latent_dim}; got groups={list(self.groups)}, "
                f"which sum to {sum(self.groups)}."
            )

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Builds the networks f_2, ..., f_K."""
        super().build(input_shape)
        self.refine = []
        for before, size in zip(self.groups[:-1], self.groups[1:], strict=True):
            layers = [
                keras.layers.Dense(width, activation="relu", dtype=self.dtype_policy)
                for width in self.hidden
            ]
            layers.append(keras.layers.Dense(size, dtype=self.dtype_policy))
            network = keras.Sequential(layers)
            network.build((None, before + size))
            self.refine.append(network)

    def call(self, y: tf.Tensor) -> tf.Tensor:
        """The groups z_1, ..., z_K side by side, shape (batch, M), for y of the same shape."""
        starts = [sum(self.groups[:k]) for k in range(1, len(self.groups))]
        y_groups = ops.split(y, starts, axis=-1)
        z_groups = [y_groups[0]]
        for network, y_group in zip(self.refine, y_groups[1:], strict=True):
            z_groups.append(network(ops.concatenate([z_groups[-1], y_group], axis=-1)))
        return ops.concatenate(z_groups, axis=-1)

    def get_config(self) -> dict:
        """The constructor's arguments."""
        return super().get_config() | {"groups": list(self.groups), "hidden": list(self.hidden)}
