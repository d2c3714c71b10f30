"""Circle, FigureEight, Sphere, Torus: the images satisfy their equations and cover them evenly."""

import keras
import numpy as np
import pytest
from scipy import stats

from intelvae_keras import mappings


@pytest.fixture
def y():
    return np.random.default_rng(0).normal(size=(2000, 4)).astype("float32")


def image(mapping, y):
    return keras.ops.convert_to_numpy(mapping(y))


def test_circle_keeps_the_angle_and_the_other_latents(y):
    z = image(mappings.Circle(), y)
    np.testing.assert_allclose(np.hypot(z[:, 0], z[:, 1]), 1, rtol=1e-6)
    np.testing.assert_allclose(
        np.arctan2(z[:, 1], z[:, 0]), np.arctan2(y[:, 1], y[:, 0]), atol=1e-6
    )
    np.testing.assert_array_equal(z[:, 2:], y[:, 2:])


def test_figure_eight_is_the_lemniscate_of_gerono(y):
    z = image(mappings.FigureEight(), y)
    angle = np.arctan2(y[:, 1], y[:, 0])
    expected = np.stack([np.cos(angle), np.sin(angle) * np.cos(angle)], axis=-1)
    np.testing.assert_allclose(z[:, :2], expected, atol=1e-6)
    np.testing.assert_allclose(z[:, 1] ** 2, z[:, 0] ** 2 * (1 - z[:, 0] ** 2), atol=1e-6)
    np.testing.assert_array_equal(z[:, 2:], y[:, 2:])


def test_figure_eight_glues_the_top_and_the_bottom_of_the_circle():
    z = image(mappings.FigureEight(), np.array([[0, 2], [0, -3]], "float32"))
    np.testing.assert_allclose(z, 0, atol=1e-7)


@pytest.mark.parametrize("dim", [2, 3, 4])
def test_sphere_has_radius_one_and_is_covered_uniformly(y, dim):
    z = image(mappings.Sphere(), y[:, :dim])
    np.testing.assert_allclose(np.linalg.norm(z, axis=-1), 1, rtol=1e-6)
    # One coordinate of the uniform distribution on S^(dim-1): its square is Beta distributed.
    assert stats.kstest(z[:, 0] ** 2, stats.beta(0.5, (dim - 1) / 2).cdf).pvalue > 1e-3


def test_torus_is_a_circle_for_each_pair(y):
    z = image(mappings.Torus(), y)
    circle = mappings.Circle()
    np.testing.assert_array_equal(z[:, :2], image(circle, y[:, :2]))
    np.testing.assert_array_equal(z[:, 2:], image(circle, y[:, 2:]))


@pytest.mark.parametrize(
    "make", [mappings.Circle, mappings.FigureEight, mappings.Sphere, mappings.Torus]
)
@pytest.mark.parametrize("scale", [1e-3, 1e4])
def test_image_depends_on_the_direction_alone(y, make, scale):
    plane = y[:, :2]
    np.testing.assert_allclose(make()(plane * np.float32(scale)), make()(plane), atol=1e-6)


@pytest.mark.parametrize("make", [mappings.Circle, mappings.Sphere, mappings.Torus])
@pytest.mark.parametrize("origin", [0.0, -0.0, 1e-30])
def test_origin_goes_to_the_first_unit_vector(make, origin):
    np.testing.assert_array_equal(make()(np.full((1, 2), origin, "float32")), [[1, 0]])
