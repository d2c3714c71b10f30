"""A star: directions from a centre, each with a strength of its own."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from intelvae_keras._engine import checks, settings
from intelvae_keras._engine.precision import at_least_float32
from intelvae_keras.mappings import sectors
from intelvae_keras.mappings.growth import Growth
from intelvae_keras.mappings.mapping import Mapping

_FOLDED = 0.7  # of the epochs: the plane folds until then


@keras.saving.register_keras_serializable(package="intelvae_keras")
class Star(Mapping):
    r"""Straight rays that meet at the origin: each sector of the plane is pressed onto its middle.

    g(y) = (y . u_k) tanh( d(y) / width ) u_k  on the first two latents,

    with u_k the unit vector along the middle of y's sector k, and d the distance from y to the nearest
    boundary of that sector, as in `Clusters`. All boundaries go to the origin, so that g is continuous;
    its image is the star. Use it for data that are one of several things, more or less of it: the ray
    says which, the place on the ray how much.

    What it throws away: the place across a ray. If your data have more to them, give further latents.
    What lies straight across the sector is one ray's point, so a Gaussian posterior can follow it; take
    `InteLVAE(posterior="full")`. `callbacks.Warmup` moves g from the identity to the star over the first
    70% of training: pressed from the start, two rays of the data may settle on one ray of the latents.

    Source: ours, in the manner of Miao et al. (2022), section 4.

    ```python
    mappings.Star(4)(keras.ops.array([[0.5, 2.0]]))    # on the nearest of four rays
    ```

    Shapes: (batch, M) to (batch, M), M >= 2; latents beyond the second pass unchanged.

    Args:
        num_rays: K >= 2, each with 1/K of the prior's mass.
        width: Half width of the zone at a boundary that is drawn to the origin, > 0.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is outside its range.
    """

    min_latents = 2
    num_rays = settings.Fixed[int]()
    width = settings.Setting(checks.positive)
    scheduled = {"current_fold": 1.0}

    def __init__(self, num_rays: int = 5, width: float = 0.05, **kwargs: Any):
        super().__init__(**kwargs)
        self.num_rays = checks.integer("num_rays", num_rays, minimum=2)
        self.width = width

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Creates the fold in force: 0 is the identity, 1 the star."""
        super().build(input_shape)
        self.current_fold = self.add_weight(
            shape=(), initializer="ones", trainable=False, name="current_fold"
        )

    def call(self, y: tf.Tensor) -> tf.Tensor:
        """Latents z = g(y), shape (batch, M), for y of the same shape."""
        y = ops.cast(y, at_least_float32(self.compute_dtype))  # the middle of a ray is steep
        plane, rest = y[:, :2], y[:, 2:]
        proportions = ops.full((self.num_rays,), 1 / self.num_rays, dtype=y.dtype)
        unit = sectors.direction(plane, proportions)
        along = ops.sum(plane * unit, axis=-1, keepdims=True)
        distance = sectors.distance_to_rays(plane, proportions)
        inside = ops.tanh(distance / ops.cast(settings.in_force(self, "width"), y.dtype))
        star = along * inside * unit
        fold = ops.cast(self.current_fold, y.dtype)
        z = ops.concatenate([fold * star + (1 - fold) * plane, rest], axis=-1)
        return ops.cast(z, self.compute_dtype)

    def ray(self, y: tf.Tensor) -> tf.Tensor:
        """The index in 0..K-1 of the ray that y is sent to: (batch, M) to (batch,) int32."""
        y = ops.cast(y, at_least_float32(self.compute_dtype))
        return sectors.part(y, ops.full((self.num_rays,), 1 / self.num_rays, dtype=y.dtype))

    def ray_angles(self) -> tf.Tensor:
        """The angles of the rays, shape (K,), in the order of `ray`."""
        first = math.pi / 2 + math.pi / self.num_rays
        return first + 2 * math.pi / self.num_rays * ops.arange(self.num_rays, dtype="float32")

    def schedule(self, epochs: int) -> list[Growth]:
        """The plane folds into the star."""
        return [Growth("current_fold", first=0.0, last=_FOLDED * epochs)]

    def get_config(self) -> dict:
        """The constructor's arguments."""
        return super().get_config() | {"num_rays": self.num_rays, "width": self.width}
