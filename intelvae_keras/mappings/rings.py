"""Two rings, one inside the other: two parts, each with a hole."""

import math
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from intelvae_keras._engine import checks, settings
from intelvae_keras._engine.precision import at_least_float32
from intelvae_keras.mappings.lengths import length
from intelvae_keras.mappings.loops import unit_direction
from intelvae_keras.mappings.mapping import Mapping

_MEDIAN = math.sqrt(2 * math.log(2))  # of |y| for y ~ N(0, I) in the plane


@keras.saving.register_keras_serializable(package="intelvae_keras")
class TwoRings(Mapping):
    r"""Two rings: the plane is cut at the median of |y|, and each part is glued to a circle.

    g(y) = r(|y|) y / |y|  on the first two latents,
    r = (outer + inner) / 2 + (outer - inner) / 2 * tanh( (|y| - m) / width ),    m = sqrt(2 log 2),

    so that each circle carries half of the prior's mass: the cut of `Clusters`, along the radius, behind
    the gluing of `Circle`. Use it for data of two kinds that each run around a loop.

    What it throws away: the place across a ring. If your data have a thickness that matters, give
    further latents. A diagonal posterior cannot follow a ray: use `InteLVAE(posterior="full")`.

    Source: ours, in the manner of Miao et al. (2022), section 4.

    ```python
    mappings.TwoRings()(keras.ops.array([[0.3, 0.4], [3.0, 4.0]]))    # [[0.6, 0.8], [1.2, 1.6]]
    ```

    Shapes: (batch, M) to (batch, M), M >= 2; latents beyond the second pass unchanged.

    Args:
        inner: Radius of the inner ring, > 0.
        outer: Radius of the outer ring, > 0.
        width: Half width of the steep zone between them, > 0.

    Raises:
        TypeError: If an argument is not a number.
        ValueError: If an argument is not > 0.
    """

    min_latents = 2
    inner = settings.Setting(checks.positive)
    outer = settings.Setting(checks.positive)
    width = settings.Setting(checks.positive)

    def __init__(self, inner: float = 1.0, outer: float = 2.0, width: float = 0.01, **kwargs: Any):
        super().__init__(**kwargs)
        self.inner, self.outer, self.width = inner, outer, width

    def call(self, y: tf.Tensor) -> tf.Tensor:
        """Latents z = g(y), shape (batch, M), for y of the same shape."""
        y = ops.cast(y, at_least_float32(self.compute_dtype))  # the zone between them is steep
        plane, rest = y[:, :2], y[:, 2:]
        inner, outer, width = (
            ops.cast(settings.in_force(self, name), y.dtype) for name in ("inner", "outer", "width")
        )
        step = ops.tanh((length(plane) - _MEDIAN) / width)
        ring = ((outer + inner) / 2 + (outer - inner) / 2 * step) * unit_direction(plane)
        return ops.cast(ops.concatenate([ring, rest], axis=-1), self.compute_dtype)

    def ring(self, y: tf.Tensor) -> tf.Tensor:
        """The ring that y is sent to, 0 for the inner, 1 for the outer: (batch, M) to (batch,) int32."""
        return ops.cast(length(y[:, :2])[:, 0] > _MEDIAN, "int32")

    def get_config(self) -> dict:
        """The constructor's arguments."""
        return super().get_config() | {
            "inner": self.inner,
            "outer": self.outer,
            "width": self.width,
        }
