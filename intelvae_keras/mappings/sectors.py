"""The parts that `Clusters` cuts the latents into: functions of y and of the parts' proportions alone.

With one latent the parts are intervals between quantiles of N(0, 1); with more, sectors of the plane
of the first two, between rays from the origin. `proportions`, shape (K,), are the parts' proportions of the
prior's mass, with sum 1.
"""

import math

import tensorflow as tf
from keras import ops

from intelvae_keras.mappings.lengths import length

_SMALLEST_PROPORTION = 1e-6  # of the prior's mass beyond a boundary: within 4.8 standard deviations


def part(y: tf.Tensor, proportions: tf.Tensor) -> tf.Tensor:
    """The index in 0..K-1 of the part that holds y: (batch, M) to (batch,) int32."""
    if y.shape[-1] == 1:
        return ops.sum(ops.cast(y > interval_boundaries(proportions), "int32"), axis=-1)
    # Turned by the first ray, so that sector k lies between turns[k] and turns[k + 1].
    angle = ops.arctan2(y[:, 1:2], y[:, :1]) - ray_angles(proportions)[0]
    turn = ops.mod(angle / (2 * math.pi), 1.0)  # (batch, 1), in [0, 1)
    return ops.sum(ops.cast(turn >= ops.cumsum(proportions)[:-1], "int32"), axis=-1)


def interval_boundaries(proportions: tf.Tensor) -> tf.Tensor:
    """The quantiles of N(0, 1) between the intervals, shape (K-1,)."""
    # Clipped, because a part that has vanished in float32 would have its boundary at infinity.
    inside = ops.clip(ops.cumsum(proportions)[:-1], _SMALLEST_PROPORTION, 1 - _SMALLEST_PROPORTION)
    return tf.math.ndtri(inside)


def ray_angles(proportions: tf.Tensor) -> tf.Tensor:
    """Angles of the rays that bound the sectors, shape (K,); sector k begins at ray k.

    The first ray points up for K = 2, so that the first latent decides, as with one latent.
    """
    start = ops.concatenate([ops.zeros_like(proportions[:1]), ops.cumsum(proportions)[:-1]])
    return math.pi / 2 + 2 * math.pi * start


def distance_to_rays(plane: tf.Tensor, proportions: tf.Tensor) -> tf.Tensor:
    """The distance from points, shape (batch, 2), to the nearest ray, shape (batch, 1)."""
    angles = ray_angles(proportions)
    cosine, sine = ops.cos(angles), ops.sin(angles)
    horizontal, vertical = plane[:, :1], plane[:, 1:]
    along = horizontal * cosine + vertical * sine  # (batch, K)
    across = ops.abs(vertical * cosine - horizontal * sine)
    # Behind its end, the nearest point of a ray is the origin.
    return ops.min(ops.where(along > 0, across, length(plane)), axis=-1, keepdims=True)


def direction(plane: tf.Tensor, proportions: tf.Tensor) -> tf.Tensor:
    """The unit vector along the middle of the sector that holds each point: (batch, 2) to the same."""
    middle = ray_angles(proportions) + math.pi * proportions
    units = ops.stack([ops.cos(middle), ops.sin(middle)], axis=-1)  # (K, 2)
    return ops.take(units, part(plane, proportions), axis=0)
