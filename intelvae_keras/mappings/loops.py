"""Multiple connectivity: points of the plane are glued together, so that holes appear."""

import keras
import tensorflow as tf
from keras import ops

from intelvae_keras._engine.precision import at_least_float32, full_precision
from intelvae_keras.mappings.lengths import scale_of
from intelvae_keras.mappings.mapping import Mapping

_TINY = 1e-12  # squared radius below which a direction is not defined in float32


def unit_direction(y: tf.Tensor) -> tf.Tensor:
    """The direction y / |y|, shape (..., D); the origin is sent to the first unit vector.

    The gradient is 1/|y|, hence finite wherever |y| > 1e-6, and it is 0 nearer to the origin.
    """
    y = ops.convert_to_tensor(y)
    if not keras.backend.is_float_dtype(keras.backend.standardize_dtype(y.dtype)):
        # Whole numbers, such as of a try by hand.
        y = ops.cast(y, full_precision())
    full = ops.cast(y, at_least_float32(y.dtype))
    scaled = full / scale_of(full)  # a direction does not depend on it
    squared_radius = ops.sum(ops.square(scaled), axis=-1, keepdims=True)
    at_origin = squared_radius < _TINY
    # The inner `where` keeps the gradient finite at the origin: the unused branch is differentiated too.
    inverse_radius = ops.rsqrt(ops.where(at_origin, 1.0, squared_radius))
    first = ops.one_hot(0, y.shape[-1], dtype=full.dtype)
    return ops.cast(ops.where(at_origin, first, scaled * inverse_radius), y.dtype)


class _PlaneMapping(Mapping):
    """A mapping of the plane of the first two latents; the other latents pass unchanged."""

    min_latents = 2

    def call(self, y: tf.Tensor) -> tf.Tensor:
        """Latents z = g(y), shape (batch, M), for y of the same shape."""
        plane = self.map_plane(unit_direction(y[:, :2]))
        return ops.concatenate([plane, y[:, 2:]], axis=-1)


@keras.saving.register_keras_serializable(package="intelvae_keras")
class Circle(_PlaneMapping):
    """One hole: g(y) = y / |y| on the first two latents, the others pass unchanged.

    Source: Miao et al. (2022), section 4, "multiple connectivity".

    ```python
    mappings.Circle()(keras.ops.array([[3.0, 4.0]]))    # [[0.6, 0.8]]
    ```

    Shapes: (batch, M) to (batch, M), M >= 2. A diagonal posterior cannot follow a ray: use it with
    `InteLVAE(posterior="full")`.
    """

    def map_plane(self, direction: tf.Tensor) -> tf.Tensor:
        """The point (cos t, sin t) of the unit circle, which is the direction, shape (batch, 2), itself."""
        return direction


@keras.saving.register_keras_serializable(package="intelvae_keras")
class FigureEight(_PlaneMapping):
    """Two holes: g(y) = (cos t, sin t cos t), t the angle of the first two latents.

    The lemniscate of Gerono: both t = pi/2 and t = -pi/2 reach the origin, which glues the circle
    at two points. Source: Miao et al. (2022), section 4, "multiple connectivity".

    Shapes: (batch, M) to (batch, M), M >= 2; latents beyond the second pass unchanged.
    """

    def map_plane(self, direction: tf.Tensor) -> tf.Tensor:
        """The point (cos t, sin t cos t) for a direction (cos t, sin t), both of shape (batch, 2).

        It is computed without the angle, whose gradient has a cut.
        """
        cosine, sine = direction[:, :1], direction[:, 1:]
        return ops.concatenate([cosine, sine * cosine], axis=-1)


@keras.saving.register_keras_serializable(package="intelvae_keras")
class Sphere(Mapping):
    """The unit sphere of all latents: g(y) = y / |y|.

    Under y ~ N(0, I) its image is uniform on the sphere S^(M-1).

    Shapes: (batch, M) to (batch, M), M >= 2.
    """

    min_latents = 2

    def call(self, y: tf.Tensor) -> tf.Tensor:
        """The direction of y, on the unit sphere: (batch, M) to the same shape."""
        return unit_direction(y)


@keras.saving.register_keras_serializable(package="intelvae_keras")
class Torus(Mapping):
    """A product of circles: each pair of latents (y_1, y_2), (y_3, y_4), ... becomes a unit circle.

    Two latents give a circle, four the (flat) torus, 2n the n-torus.

    Shapes: (batch, M) to (batch, M), M even.
    """

    min_latents = 2

    def check_latents(self, latent_dim: int) -> None:
        """Raises a ValueError unless `latent_dim` is even and at least 2."""
        super().check_latents(latent_dim)
        if latent_dim % 2:
            raise ValueError(
                f"Torus maps pairs of latents: latent_dim must be even; got {latent_dim}."
            )

    def call(self, y: tf.Tensor) -> tf.Tensor:
        """M / 2 points on unit circles side by side: (batch, M) to the same shape."""
        pairs = ops.reshape(y, (-1, y.shape[-1] // 2, 2))  # (batch, M) -> (batch, M/2, 2)
        return ops.reshape(unit_direction(pairs), (-1, y.shape[-1]))  # -> (batch, M)
