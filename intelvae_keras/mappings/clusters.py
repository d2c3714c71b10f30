"""Clusters: the Gaussian is cut into K parts, and the parts are pushed away from each other."""

import math

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from intelvae_keras import checks, replicas
from intelvae_keras.mappings.base import Mapping

_POWER_OFFSET = 1e-4  # distance below which the power law is linear enough to have a finite slope
_PACE = 5.0  # how much faster the proportions learn than the networks
_SMALLEST_SHARE = 1e-6  # of the prior's mass beyond a boundary: within 4.8 standard deviations


@keras.saving.register_keras_serializable(package="intelvae_keras")
class Clusters(Mapping):
    r"""K disconnected parts, by a mapping that is very steep at the boundaries between them.

    With two or more latents, the plane of the first two is cut into K sectors, and

        g(y) = y + strength * h(d(y)) * u_k,

    where d is the distance from y to the nearest boundary, k the sector of y, and u_k the unit
    vector along the middle of the sector. With one latent the parts are intervals between the
    quantiles b_1 < ... < b_(K-1) of N(0, 1), and each boundary opens a gap of its own:

        g(y) = y + strength * sum_k sign(y - b_k) h(|y - b_k|).

    Both are the same for K = 2. The steep function h is tanh(d / width) or, with `power`, the
    power law d^power of the paper. g is continuous: between the parts lie the few points with d
    of the order of the width, a share of about 0.8 * width of the prior for K = 2.

    Learned proportions move the boundaries. The gradient of the ELBO does not lead them, since
    codes avoid the boundaries; in its place, the mapping adds a loss, the KL divergence (nats) from
    the shares of the batch's codes in the parts, as they stand, to the proportions. It is 0 when both
    agree. That the codes' shares are those of the data's clusters is then up to the encoder.

    Source: Miao et al. (2022), section 4, "clustering"; the tanh and its width are ours.

    ```python
    mappings.Clusters(2)(keras.ops.array([[-1.0], [1.0]]))    # [[-4], [4]]
    ```

    Shapes: (batch, M) to (batch, M), any M >= 1; latents beyond the second pass unchanged.

    Args:
        num_clusters: K >= 2.
        strength: How far a part is pushed, > 0, in standard deviations of the prior.
        width: Half width of the steep zone at a boundary, > 0. `callbacks.WidthAnnealing` starts
            training wider, and ends here.
        power: Exponent of the power law, in (0, 1), in place of the tanh; its `width` is unused.
        proportions: The K shares of the prior's mass, > 0 with sum 1; equal by default.
        learn_proportions: Whether the proportions are learned, starting from `proportions`.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is outside its range.
    """

    def __init__(
        self,
        num_clusters,
        strength=3.0,
        width=0.01,
        power=None,
        proportions=None,
        learn_proportions=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.num_clusters = checks.integer("num_clusters", num_clusters, minimum=2)
        self.strength = checks.positive("strength", strength)
        self.width = checks.positive("width", width)
        if power is not None and not 0 < checks.positive("power", power) < 1:
            raise ValueError(f"power must lie in (0, 1), or be None for the tanh; got {power}.")
        self.power = power
        self.initial_proportions = self._check_proportions(proportions)
        self.learn_proportions = bool(learn_proportions)

    def _check_proportions(self, proportions):
        if proportions is None:
            return [1.0 / self.num_clusters] * self.num_clusters
        shares = np.asarray(proportions, dtype="float64")
        if (
            shares.shape != (self.num_clusters,)
            or shares.min() <= 0
            or abs(shares.sum() - 1) > 1e-6
        ):
            raise ValueError(
                f"proportions must be {self.num_clusters} shares > 0 with sum 1; got {proportions}."
            )
        return shares.tolist()

    def build(self, input_shape):
        """Creates the width in force, and the logits of the proportions."""
        super().build(input_shape)
        self.current_width = self.add_weight(
            shape=(),
            initializer=keras.initializers.Constant(self.width),
            trainable=False,
            name="current_width",
        )
        self.raw_logits = self.add_weight(
            shape=(self.num_clusters,),
            initializer=lambda shape, dtype: (
                ops.log(ops.cast(self.initial_proportions, dtype)) / _PACE
            ),
            trainable=self.learn_proportions,
            name="raw_logits",
        )

    @property
    def proportions(self):
        """The share of the prior's mass in each part, shape (K,), in the order of `part`."""
        # No gradient of the ELBO: it is all noise, from the few codes in the steep zones.
        return ops.stop_gradient(ops.softmax(_PACE * self.raw_logits))

    def call(self, y, training=False):
        """Maps y, shape (batch, M), to z of the same shape."""
        if self.learn_proportions and training:
            self.add_loss(self._occupancy_loss(y))
        if y.shape[-1] == 1:
            steps = self._steep(y - self._interval_boundaries())  # (batch, K-1)
            return y + self.strength * ops.sum(steps, axis=-1, keepdims=True)
        plane, rest = y[:, :2], y[:, 2:]
        push = self.strength * self._steep(self._distance_to_rays(plane)) * self._direction(plane)
        return ops.concatenate([plane + push, rest], axis=-1)

    def part(self, y):
        """The index in 0..K-1 of the part that holds y: (batch, M) to (batch,) int32."""
        if y.shape[-1] == 1:
            return ops.sum(ops.cast(y > self._interval_boundaries(), "int32"), axis=-1)
        # Turned by the first ray, so that sector k lies between turns[k] and turns[k + 1].
        angle = ops.arctan2(y[:, 1:2], y[:, :1]) - self._ray_angles()[0]
        turn = ops.mod(angle / (2 * math.pi), 1.0)  # (batch, 1), in [0, 1)
        return ops.sum(ops.cast(turn >= self._cumulative()[:-1], "int32"), axis=-1)

    def boundary_distance(self, y):
        """The distance d from y, shape (batch, M), to the nearest boundary, shape (batch,)."""
        if y.shape[-1] == 1:
            return ops.min(ops.abs(y - self._interval_boundaries()), axis=-1)
        return self._distance_to_rays(y[:, :2])[:, 0]

    def _steep(self, offset):
        """h, continued as an odd function to offsets < 0."""
        if self.power is None:
            return ops.tanh(offset / self.current_width)
        # Shifted, because d^power has an infinite slope at 0.
        power = (ops.abs(offset) + _POWER_OFFSET) ** self.power - _POWER_OFFSET**self.power
        return ops.sign(offset) * power

    def _cumulative(self):
        return ops.cumsum(self.proportions)

    def _interval_boundaries(self):
        # Clipped, because a part that has vanished in float32 would have its boundary at infinity.
        inside = ops.clip(self._cumulative()[:-1], _SMALLEST_SHARE, 1 - _SMALLEST_SHARE)
        return tf.math.ndtri(inside)  # (K-1,)

    def _ray_angles(self):
        """Angles of the K rays that bound the sectors, in (K,); sector k begins at ray k.

        The first ray points up for K = 2, so that the first latent decides, as with one latent.
        """
        start = ops.concatenate([ops.zeros_like(self.raw_logits[:1]), self._cumulative()[:-1]])
        return math.pi / 2 + 2 * math.pi * start

    def _distance_to_rays(self, plane):
        angles = self._ray_angles()
        cosine, sine = ops.cos(angles), ops.sin(angles)
        horizontal, vertical = plane[:, :1], plane[:, 1:]
        along = horizontal * cosine + vertical * sine  # (batch, K)
        across = ops.abs(vertical * cosine - horizontal * sine)
        squared_radius = ops.square(horizontal) + ops.square(vertical)
        # Behind its end, the nearest point of a ray is the origin. (The offset keeps the slope finite.)
        radius = ops.sqrt(squared_radius + 1e-12)
        return ops.min(ops.where(along > 0, across, radius), axis=-1, keepdims=True)  # (batch, 1)

    def _direction(self, plane):
        """The unit vector along the middle of the sector that holds each point, (batch, 2)."""
        middle = self._ray_angles() + math.pi * self.proportions
        units = ops.stack([ops.cos(middle), ops.sin(middle)], axis=-1)  # (K, 2)
        return ops.take(units, self.part(plane), axis=0)

    def _occupancy_loss(self, y):
        in_part = ops.one_hot(self.part(y), self.num_clusters, dtype=y.dtype)
        counts = replicas.all_sum(ops.sum(in_part, axis=0))  # (K,)
        occupancy = ops.stop_gradient(counts / ops.maximum(ops.sum(counts), 1.0))
        log_ratio = ops.log(ops.maximum(occupancy, 1e-9)) - ops.log_softmax(_PACE * self.raw_logits)
        return ops.sum(occupancy * log_ratio)

    def get_config(self):
        """The constructor's arguments."""
        return super().get_config() | {
            "num_clusters": self.num_clusters,
            "strength": self.strength,
            "width": self.width,
            "power": self.power,
            "proportions": self.initial_proportions,
            "learn_proportions": self.learn_proportions,
        }
