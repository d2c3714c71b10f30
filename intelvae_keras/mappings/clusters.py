"""Clusters: the Gaussian is cut into K parts, and the parts are pushed away from each other."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from numpy.typing import ArrayLike

from intelvae_keras._engine import arrays, checks, replicas, settings
from intelvae_keras.mappings import sectors
from intelvae_keras.mappings.growth import Growth, Search, Step, Turn
from intelvae_keras.mappings.mapping import Mapping

_POWER_OFFSET = 1e-4  # distance below which the power law is linear enough to have a finite slope
_PACE = 5.0  # how much faster the proportions learn than the networks
# What None stands for, in one latent and in more: `docs/clusters-study.md` says how it was found.
_LINE = {"strength": 0.5, "width": 0.005}
_PLANE = {"strength": 1.0, "width": 0.01}
# Of the epochs: the gaps are open from `_OPEN` on, the rays turn at `_TURN`, boundaries are searched.
_OPEN, _TURN, _TURNED_OPEN, _SEARCHED = 0.7, 0.25, 0.3, (0.15, 0.3)
_FIRST_WIDTH = 1.0


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
    of the order of the width, about 0.8 * width of the prior's mass for K = 2.

    Learned proportions move the boundaries. The gradient of the ELBO does not lead them, since
    codes avoid the boundaries; in its place, the mapping adds a loss, the KL divergence (nats) from
    the proportions of the batch's codes in the parts, as they stand, to those of the prior. It is 0 when
    both agree. That the codes' proportions are those of the data's clusters is then up to the encoder.

    Train it with `callbacks.Warmup`. In one latent the gap is closed at first, so that each example finds
    its side, and opens slowly. It is small, since a wide one pushes the codes outwards and costs log p(x).
    In the plane clusters settle at any angle, and a ray may cut through one. So the rays turn to the
    gaps between the clusters first. Then the parts open, while the steep zones narrow.

    Left at None, `strength`, `width` and `turnable` are chosen when the mapping is built: 0.5, 0.005 and
    False for one latent, 1.0, 0.01 and True for more. From then on attributes and config hold these.

    Beside a learned prior on one latent, whose codes spread wider, the small gap fails. Take a strength
    of 3 and a width of 0.01 there, and let the gap open over the first 30% of training: give
    `callbacks.StrengthAnnealing` beside the `Warmup`, which leaves the gap to it.
    `docs/clusters-study.md` has the figures.

    The mapping computes in float32 at least: half precision is too coarse for a steep zone.

    Source: Miao et al. (2022), section 4, "clustering"; the tanh and its width are ours.

    ```python
    mappings.Clusters(2)(keras.ops.array([[-1.0], [1.0]]))    # [[-1.5], [1.5]]
    ```

    Shapes: (batch, M) to (batch, M), any M >= 1; latents beyond the second pass unchanged.

    Args:
        num_clusters: K >= 2.
        strength: How far a part is pushed, > 0, in standard deviations of the prior; None for that of
            the recipe. `callbacks.StrengthAnnealing` starts training at 0, and ends here.
        width: Half width of the steep zone at a boundary, > 0; None for that of the recipe.
            `callbacks.WidthAnnealing` starts training wider, and ends here.
        power: Exponent of the power law, in (0, 1), in place of the tanh; its `width` is unused.
        proportions: The K proportions of the prior's mass, > 0 with sum 1; equal by default.
        learn_proportions: Whether the proportions are learned, starting from `proportions`.
        turnable: Whether `callbacks.RayTurn` may turn the rays; None for yes in the plane.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is outside its range.
    """

    num_clusters = settings.Fixed[int]()
    learn_proportions = settings.Fixed[bool]()
    power = settings.Fixed[float | None]()
    turnable = settings.Fixed[bool]()
    strength = settings.Setting(
        checks.positive, "current_strength", default=lambda self: self._recipe("strength")
    )
    width = settings.Setting(
        checks.positive, "current_width", default=lambda self: self._recipe("width")
    )
    scheduled = {"current_strength": "strength", "current_width": "width"}

    def __init__(
        self,
        num_clusters: int,
        strength: float | None = None,
        width: float | None = None,
        power: float | None = None,
        proportions: Sequence[float] | None = None,
        learn_proportions: bool = False,
        turnable: bool | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self._latents = None  # known when it is built
        self.num_clusters = checks.integer("num_clusters", num_clusters, minimum=2)
        self.strength = strength
        self.width = width
        if power is not None and not 0 < checks.positive("power", power) < 1:
            raise ValueError(f"power must lie in (0, 1), or be None for the tanh; got {power}.")
        self.power = power
        self.learn_proportions = checks.boolean("learn_proportions", learn_proportions)
        self.turnable = None if turnable is None else checks.boolean("turnable", turnable)
        self.proportions = proportions

    def check_latents(self, latent_dim: int) -> None:
        """Raises a ValueError if the mapping cannot take `latent_dim` latents."""
        super().check_latents(latent_dim)
        if self.turnable and latent_dim < 2:
            raise ValueError(f"turnable=True needs latent_dim >= 2; got latent_dim={latent_dim}.")

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Creates the strength and the width in force, and the logits of the proportions."""
        super().build(input_shape)
        self._latents = input_shape[-1]
        if self.turnable is None:
            vars(self)["turnable"] = self._latents > 1
        full = {"dtype": self._full_dtype, "autocast": False}
        for name, attribute in self.scheduled.items():
            if getattr(self, attribute) is None:
                setattr(self, attribute, self._recipe(attribute))
            value = keras.initializers.Constant(getattr(self, attribute))
            weight = self.add_weight(
                shape=(), initializer=value, trainable=False, name=name, **full
            )
            setattr(self, name, weight)
        self.raw_logits = self.add_weight(
            shape=(self.num_clusters,),
            initializer=lambda shape, dtype: ops.cast(self._initial_logits(), dtype),
            trainable=self.learn_proportions,
            name="raw_logits",
            **full,
        )
        if self.turnable:
            # By which the rays are turned, in radians. Only a callback moves it.
            self.turn = self.add_weight(
                shape=(), initializer="zeros", trainable=False, name="turn", **full
            )

    @property
    def proportions(self) -> tf.Tensor:
        """Proportion of the prior's mass in each part, shape (K,), in the order of `part`.

        New ones act at once when they are set, in compiled functions too.

        Raises:
            ValueError: When set to other than K numbers > 0 with sum 1, or None for equal ones.
        """
        if not self.built:
            return ops.convert_to_tensor(self.initial_proportions, self._full_dtype)
        return self._normalised(self._logits())

    @proportions.setter
    def proportions(self, proportions: ArrayLike | None) -> None:
        self.initial_proportions = _checked(proportions, self.num_clusters)
        if self.built:
            self.raw_logits.assign(self._initial_logits())

    def call(self, y: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Latents z = g(y), shape (batch, M), for y of the same shape."""
        y = self._turned(y, -1)
        logits = self._logits()  # read once, see there
        proportions = self._normalised(logits)
        if self.learn_proportions and training:
            self.add_loss(self._occupancy_loss(sectors.part(y, proportions), logits))
        if y.shape[-1] == 1:
            steps = self._steep(y - sectors.interval_boundaries(proportions))  # (batch, K-1)
            z = y + self.current_strength * ops.sum(steps, axis=-1, keepdims=True)
        else:
            plane, rest = y[:, :2], y[:, 2:]
            height = self._steep(sectors.distance_to_rays(plane, proportions))
            push = self.current_strength * height * sectors.direction(plane, proportions)
            z = self._turned(ops.concatenate([plane + push, rest], axis=-1), 1)
        return ops.cast(z, self.compute_dtype)

    def schedule(self, epochs: int) -> list[Step]:
        """What grows while training; the mapping must be built.

        In one latent the gaps open, after a search for the boundaries if the proportions are learned. In
        the plane the rays turn, the parts open, and the steep zones narrow.
        """
        opens = _OPEN * epochs
        if self._latents == 1:
            first, last = (fraction * epochs for fraction in _SEARCHED)
            if self.learn_proportions and math.ceil(first) <= last:  # an epoch begins in between
                opening = Growth("current_strength", last, opens)
                return [Search(first, last), opening]
            return [Growth("current_strength", 0.0, opens)]
        steps, turn = [], max(1, int(_TURN * epochs))
        if self.turnable and turn < epochs:  # else one epoch: no code has found its place before
            opened = max(_TURNED_OPEN * epochs, turn + 0.5)
            steps += [Turn(turn), Growth("current_strength", turn, opened)]
        if self.power is None:
            steps.append(Growth("current_width", 0.0, opens, start=_FIRST_WIDTH, log=True))
        return steps

    def part(self, y: tf.Tensor) -> tf.Tensor:
        """The index in 0..K-1 of the part that holds y: (batch, M) to (batch,) int32."""
        return sectors.part(self._turned(y, -1), self.proportions)

    def boundary_distance(self, y: tf.Tensor) -> tf.Tensor:
        """The distance d from y, shape (batch, M), to the nearest boundary, shape (batch,)."""
        y = self._turned(y, -1)
        if y.shape[-1] == 1:
            boundaries = sectors.interval_boundaries(self.proportions)
            return ops.min(ops.abs(y - boundaries), axis=-1)
        return sectors.distance_to_rays(y[:, :2], self.proportions)[:, 0]

    def _turned(self, y, sense):
        """In full precision; with -1 turned to where the first ray points up, with 1 back again."""
        y = ops.cast(y, self._full_dtype)
        if not self.turnable:
            return y
        cosine, sine = ops.cos(self.turn), sense * ops.sin(self.turn)
        x1, x2, rest = y[:, :1], y[:, 1:2], y[:, 2:]
        return ops.concatenate([cosine * x1 - sine * x2, sine * x1 + cosine * x2, rest], axis=-1)

    def _recipe(self, name):
        if self._latents is None:
            return None
        return (_LINE if self._latents == 1 else _PLANE)[name]

    @property
    def _full_dtype(self):
        return "float64" if self.compute_dtype == "float64" else "float32"

    def _initial_logits(self):
        return np.log(self.initial_proportions) / _PACE

    def _logits(self):
        """The logits of the proportions, shape (K,).

        A training step must read them once. No gradient flows through the boundaries. So nothing would keep
        a second read before the optimizer's update: now and then, the boundaries would be those of the next
        step (`tests/engine/test_reads.py` says why).
        """
        return _PACE * self.raw_logits

    def _normalised(self, logits):
        # No gradient of the ELBO: it is all noise, from the few codes in the steep zones.
        return ops.stop_gradient(ops.softmax(logits))

    def _steep(self, offset):
        """h, continued as an odd function to offsets < 0."""
        if self.power is None:
            return ops.tanh(offset / self.current_width)
        # Shifted, because d^power has an infinite slope at 0.
        power = (ops.abs(offset) + _POWER_OFFSET) ** self.power - _POWER_OFFSET**self.power
        return ops.sign(offset) * power

    def _occupancy_loss(self, part, logits):
        in_part = ops.one_hot(part, self.num_clusters, dtype=logits.dtype)
        counts = replicas.all_sum(ops.sum(in_part, axis=0))  # (K,)
        occupancy = ops.stop_gradient(counts / ops.maximum(ops.sum(counts), 1.0))
        log_ratio = ops.log(ops.maximum(occupancy, 1e-9)) - ops.log_softmax(logits)
        return ops.sum(occupancy * log_ratio)

    def get_config(self) -> dict:
        """The constructor's arguments; once it is built, with the numbers that None stood for."""
        return super().get_config() | {
            "num_clusters": self.num_clusters,
            "strength": self.strength,
            "width": self.width,
            "power": self.power,
            "proportions": self.initial_proportions,
            "learn_proportions": self.learn_proportions,
            "turnable": self.turnable,
        }


def _checked(proportions, num_clusters):
    """The proportions as a list; equal ones for None."""
    if proportions is None:
        return [1.0 / num_clusters] * num_clusters
    given = np.asarray(arrays.as_array("proportions", proportions), dtype="float64")
    right = given.shape == (num_clusters,)
    if not (right and given.min() > 0 and abs(given.sum() - 1) <= 1e-6):  # NaN fails, too
        raise ValueError(
            f"proportions must be {num_clusters} numbers > 0 with sum 1; got {proportions}."
        )
    return given.tolist()
