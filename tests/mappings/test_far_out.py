"""Mappings where squares would overflow or vanish in float32, beside the same formulas in float64."""

import numpy as np
import pytest
import tensorflow as tf

from intelvae_keras import mappings

RNG = np.random.default_rng(0)
DIRECTIONS = RNG.normal(size=(40, 4)) / 2
SIZES = [1e-4, 1e-2, 1.0, 1e2, 1e10, 1.9e19, 1e25, 1e30, 1e37, 1.5e38]
MEDIAN = np.sqrt(2 * np.log(2))  # of |y| in the plane


def unit(y):
    return y / np.linalg.norm(y, axis=-1, keepdims=True)


def in_the_plane(function):
    return lambda y: np.concatenate([function(y[:, :2]), y[:, 2:]], axis=-1)


def figure_eight(plane):
    cosine, sine = unit(plane).T
    return np.stack([cosine, cosine * sine], axis=-1)


def torus(y):
    return unit(y.reshape(len(y), 2, 2)).reshape(y.shape)


def rings(plane):
    radius = np.linalg.norm(plane, axis=-1, keepdims=True)
    return (1.5 + 0.5 * np.tanh((radius - MEDIAN) / 0.01)) * unit(plane)


def nearest(plane, count):
    """The unit vector along the nearest middle of a sector, and the distance to its boundary."""
    angles = np.pi / 2 + np.pi / count + 2 * np.pi / count * np.arange(count)
    middles = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    middle = middles[np.argmax(plane @ middles.T, axis=-1)]
    off = np.arccos(np.sum(unit(plane) * middle, axis=-1, keepdims=True))
    return middle, np.linalg.norm(plane, axis=-1, keepdims=True) * np.sin(np.pi / count - off)


def star(plane):
    middle, distance = nearest(plane, 5)
    return np.sum(plane * middle, axis=-1, keepdims=True) * np.tanh(distance / 0.05) * middle


def clusters(plane):
    middle, distance = nearest(plane, 5)
    return plane + 2 * np.tanh(distance / 0.01) * middle


FORMULAS = {
    "circle": (mappings.Circle, in_the_plane(unit)),
    "figure eight": (mappings.FigureEight, in_the_plane(figure_eight)),
    "sphere": (mappings.Sphere, unit),
    "torus": (mappings.Torus, torus),
    "two rings": (mappings.TwoRings, in_the_plane(rings)),
    "star": (lambda **kw: mappings.Star(5, **kw), in_the_plane(star)),
    "clusters": (
        lambda **kw: mappings.Clusters(5, strength=2, width=0.01, **kw),
        in_the_plane(clusters),
    ),
}
every_formula = pytest.mark.parametrize(("make", "formula"), FORMULAS.values(), ids=FORMULAS)


@every_formula
def test_value_and_slope_are_those_of_float64_at_every_size(make, formula):
    mapping = make()
    y = np.concatenate([size * DIRECTIONS for size in SIZES]).astype("float32")
    size = np.repeat(SIZES, len(DIRECTIONS))[:, None]
    cotangent, direction = RNG.normal(size=(2, *y.shape))
    if formula not in (unit, torus):
        cotangent[:, 2:] = 0  # these latents pass unchanged
    with tf.GradientTape() as tape:
        points = tf.constant(y)
        tape.watch(points)
        z = mapping(points)
        total = tf.reduce_sum(z * cotangent.astype("float32"))
    gradient = tape.gradient(total, points).numpy().astype("float64")

    exact = y.astype("float64")
    largest = np.abs(formula(exact)).max(-1, keepdims=True)
    np.testing.assert_allclose(z / largest, formula(exact) / largest, atol=2e-5)
    step = 1e-6 * size * direction
    slope = (cotangent * (formula(exact + step) - formula(exact - step))).sum(-1) / 2e-6
    has_slopes = size[:, 0] < 1e36  # float32 has none below 1e-38
    ours = (gradient * direction).sum(-1) * size[:, 0]
    scale = np.maximum(1, np.abs(slope))
    np.testing.assert_allclose((ours / scale)[has_slopes], (slope / scale)[has_slopes], atol=5e-3)
    assert np.isfinite(gradient).all()


@every_formula
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float16", "bfloat16"])
def test_half_precision_has_the_values_of_float64(make, formula, policy):
    y = np.concatenate([DIRECTIONS, 300 * DIRECTIONS, 3e4 * DIRECTIONS])
    y = tf.cast(y, policy.removeprefix("mixed_"))
    z, exact = np.asarray(make(dtype=policy)(y), "float64"), np.asarray(y, "float64")
    radius = np.linalg.norm(exact, axis=-1, keepdims=True)
    largest = radius if formula(300 * exact).max() > 3 else 1
    np.testing.assert_allclose(z / (1 + largest), formula(exact) / (1 + largest), atol=0.02)
