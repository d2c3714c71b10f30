"""`mappings.check`: right about every mapping of ours, and about wrong ones, each for its own reason."""

import itertools
import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.mappings import CASES
from keras import ops

from intelvae_keras import mappings

named = keras.saving.register_keras_serializable(package="check_tests")


# One of each that the check takes in another way; the others in the slow test.
FAST = (
    "clusters-2-in-1d",
    "clusters-learned-in-2d",
    "circle-in-5d",
    "threshold",
    "function-straight-through",
)


@pytest.mark.parametrize("case", [CASES[kind] for kind in FAST], ids=FAST)
def test_it_finds_nothing_wrong_with_ours(case):
    report = mappings.check(case.make(), case.latent_dim)
    assert report, report
    assert {finding.name for finding in report.findings} >= {"finite", "gradient", "graph", "saves"}


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in CASES if name not in FAST])
def test_it_finds_nothing_wrong_with_any(name):
    report = mappings.check(CASES[name].make(), CASES[name].latent_dim)
    assert report, report


# ---------------------------------------------------------------------------- right ones of a user


def moebius(y):
    """A strip whose ends are glued with a half turn: it jumps at the angle pi, and has no angle at 0."""
    unit, across = mappings.Circle()(y[:, :2]), ops.tanh(y[:, 2:3])
    somewhere = ops.sum(unit**2, axis=1, keepdims=True) > 0.5
    t = ops.arctan2(unit[:, 1:], ops.where(somewhere, unit[:, :1], 1.0))
    radius = 1 + across / 2 * ops.cos(t / 2)
    columns = [radius * ops.cos(t), radius * ops.sin(t), across / 2 * ops.sin(t / 2)]
    return ops.concatenate(columns, axis=-1)


def kinked(y):
    return ops.concatenate([ops.abs(y[:, :1]), ops.relu(y[:, 1:])], axis=-1)


def steep(y):
    return y + 3.0 * ops.tanh(y / 1e-4)


def stairs(y):
    return ops.floor(y)  # a jump at each whole number, and no slope


def in_single_precision(y):
    return ops.tanh(ops.cast(y, "float32") * tf.constant([[2.0, 1.0, 0.5]]))


def kinked_in_single_precision(y):
    y = 8 * ops.cast(y, "float32")
    return ops.abs(y - ops.round(y))


@pytest.mark.parametrize(
    "g",
    [moebius, kinked, steep, stairs, in_single_precision, kinked_in_single_precision,
     lambda y: y**3, tf.nn.softmax, keras.layers.BatchNormalization(trainable=False)],
    ids=lambda g: getattr(g, "__name__", "frozen"),
)  # fmt: skip
def test_right_ones_with_kinks_steps_and_growth_are_right(g):
    report = mappings.check(g, 3)
    assert report, report


# ---------------------------------------------------------------------------- wrong ones


def by_norm(y):  # 0 / 0 at the origin
    return y / tf.sqrt(tf.reduce_sum(y**2, axis=1, keepdims=True))


def length(y):  # right values, and the slope of a square root at 0
    return ops.concatenate([y, ops.sqrt(ops.sum(y**2, axis=1, keepdims=True))], axis=-1)


def angle(y):  # its gradient is 0 / 0 at the origin
    return ops.concatenate([ops.arctan2(y[:, 1:2], y[:, :1]), y[:, 2:]], axis=-1)


def where_after(y):  # the unused branch has a gradient of 0 times infinity
    return ops.where(y > 0, y * ops.log(y), 0.0)


def overflowing(y):
    return ops.exp(y) / ops.sum(ops.exp(y), axis=1, keepdims=True)


def far_overflow(y):  # right up to 1e19, where the square is infinite
    return y / ops.sqrt(ops.sum(y**2, axis=1, keepdims=True) + 1e-12)


def detached(y):
    return tf.stop_gradient(ops.tanh(y))


def half_detached(y):
    return y * tf.stop_gradient(ops.tanh(y))


def rounded(y):
    return y + tf.stop_gradient(tf.round(y) - y)


@tf.custom_gradient
def wrong_slope(y):
    return ops.tanh(y), lambda upstream: 1.1 * upstream * (1 - ops.tanh(y) ** 2)


@tf.custom_gradient
def wrong_slope_in_single_precision(y):  # no copy of it in double precision
    y = tf.cast(y, "float32")
    return tf.tanh(y), lambda upstream: 1.1 * upstream * (1 - tf.tanh(y) ** 2)


@tf.custom_gradient
def wrong_far_out(y):
    factor = tf.where(y[:, :1] > 1, 1.1, tf.ones([], y.dtype))
    return ops.tanh(y), lambda upstream: factor * upstream * (1 - ops.tanh(y) ** 2)


def over_the_batch(y):
    return y - ops.mean(y, axis=0, keepdims=True)


def ordered(y):
    return ops.sort(y, axis=0)


def in_numpy(y):
    return tf.constant(np.tanh(np.asarray(y)))


def random(y):
    return y + 0.01 * tf.random.normal(tf.shape(y))


_counter = itertools.count()


def remembering(y):
    return y + 1e-3 * next(_counter)


def drawn_by_numpy(y):
    return y + np.float32(np.random.normal())


def flat(y):
    return y[:, 0]


def whole(y):
    return ops.cast(y > 0, "int32")


def raising(y):
    raise RuntimeError("no such file")


WRONG = {
    by_norm: ("finite", r"at y = \(0, 0, 0\), z is \(nan"),
    length: ("finite gradient", r"at y = \(0, 0, 0\)"),
    angle: ("finite gradient", r"at y = \(0, 0, 0\), its gradient is \(nan"),
    where_after: ("finite gradient", "nan|inf"),
    overflowing: ("finite", "nan"),
    far_overflow: ("huge", "double precision gives"),
    detached: ("gradient", "No gradient reaches y: stop_gradient"),
    half_detached: ("gradient", "The gradient is not that of g. At y = "),
    rounded: ("gradient", "straight_through=True"),
    wrong_slope: ("gradient", "The gradient is not that of g"),
    wrong_slope_in_single_precision: ("gradient", "The gradient is not that of g"),
    wrong_far_out: ("gradient", r"At y = \([1-9]"),
    over_the_batch: ("row by row", "a mean, a norm or an order over the batch"),
    ordered: ("row by row", "with the rest of its batch"),
    in_numpy: ("graph", "cannot be compiled.*no numpy"),
    random: ("same each time", "randomness"),
    remembering: ("same each time", "memory"),
    drawn_by_numpy: ("same each time", "randomness"),
    flat: ("shape", r"\(batch, D\); got \(3,\)"),
    whole: ("shape", "must hold floats; got int32"),
    raising: ("shape", "it raises RuntimeError: no such file"),
}


@pytest.mark.parametrize("g", WRONG, ids=lambda g: getattr(g, "__name__", "wrong_slope"))
def test_a_wrong_one_fails_for_its_own_reason(g):
    name, message = WRONG[g]
    report = mappings.check(g, 3)
    assert not report and not report.ok
    assert name in report.failed, report

    assert re.search(message, report[name].message), report[name]
    others = {"in_numpy": {"gradient"}, "random": {"row by row", "graph", "gradient"}}
    others["over_the_batch"] = others["ordered"] = {"gradient"}
    others["remembering"] = others["drawn_by_numpy"] = others["random"]
    allowed = others.get(getattr(g, "__name__", ""), set())
    allowed |= {"finite gradient", "huge"} if name in ("finite", "finite gradient") else set()
    assert set(report.failed) <= {name} | allowed, report


def test_a_straight_through_gradient_is_named_as_such():
    assert mappings.check(rounded, 3, straight_through=True)["gradient"].ok is None
    assert mappings.check(rounded, 3, straight_through=True)
    assert not mappings.check(detached, 3, straight_through=True)


# ---------------------------------------------------------------------------- layers


@named
class Scaled(mappings.Mapping):
    def __init__(self, factor=2.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, y):
        return self.factor * y

    def get_config(self):
        return super().get_config() | {"factor": self.factor}


class Unregistered(Scaled):
    pass


@named
class Forgetful(Scaled):
    def get_config(self):
        return mappings.Mapping.get_config(self)


@named
class Returnless(Scaled):
    def get_config(self):
        super().get_config()


@named
class Closed(Scaled):
    def __init__(self, factor=2.0):
        super().__init__(factor)


@named
class Stateful(Scaled):
    def get_config(self):
        return super().get_config() | {"factor": 3.0}


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (Unregistered(), "class Unregistered is not registered"),
        (Forgetful(), "does not hold 'factor'"),  # although it stands at its default
        (Returnless(), "Is a `return` missing"),
        (Closed(), "it raises TypeError"),
        (Stateful(), "the reloaded mapping gives other values"),
        (mappings.Function(lambda y: y), "lambda"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_does_not_save_is_found(layer, message):
    report = mappings.check(layer, 2)
    assert report.failed == ("saves",) and message in report["saves"].message


def test_a_right_layer_is_right_and_its_weights_stay():
    assert mappings.check(Scaled(0.5), 2)
    norm = keras.layers.BatchNormalization()
    report = mappings.check(norm, 2)
    assert report.failed == ("row by row",)
    assert "in training" in report["row by row"].message
    np.testing.assert_array_equal(norm.moving_mean, [0.0, 0.0])


# ---------------------------------------------------------------------------- the user's own property


def test_holds_gets_z_and_says_where_it_fails():
    circle = mappings.Circle()
    right = mappings.check(circle, 2, holds=lambda z: (z[:, 0] < 0.5) | (z[:, 0] > 0.6))
    assert right.failed == ("holds",) and ", z is (0.5" in right["holds"].message
    assert mappings.check(circle, 2, holds=lambda z: bool((z <= 1.001).all()))["holds"].ok
    report = mappings.check(mappings.Clusters(2), 1, holds=lambda z: np.abs(z[:, 0]) > 0.4)
    assert report.failed == ("holds",)
    wrong = mappings.check(circle, 2, holds=lambda z: z > 0)
    assert "a bool, or one for each of the 48 rows" in wrong["holds"].message
    broken = mappings.check(circle, 2, holds=lambda z: z.no_such_thing)
    assert "it raises AttributeError" in broken["holds"].message


def test_the_report_says_what_was_tried():
    text = repr(mappings.check(mappings.Circle(), 2))
    assert text.startswith("mappings.check(circle") and "all right" in text
    assert all(words in text for words in ("353 hard points", "row by row", "saved and loaded"))
    assert "FAILED  finite " in repr(mappings.check(by_norm, 3))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((3, 2), TypeError, "g must be a mapping"),
        ((mappings.Circle, 2), TypeError, "g must be a mapping"),
        ((mappings.Circle(), 0), ValueError, "latent_dim must be an integer >= 1"),
        ((mappings.Circle(), 2, 3), TypeError, "holds must be a function"),
    ],
)
def test_bad_arguments_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        mappings.check(*arguments)
