"""The look at structure: components and percentages against closed forms, shapes that must show."""

import numpy as np
import pytest
from helpers.figures import scattered

from intelvae_keras import datasets, plots


def percent(figure):
    return float(figure.axes[0].get_title().split()[1].rstrip("%"))


def bent(points, seed=0, dimensions=20):
    """The plane into more dimensions, by a random rotation and a bend."""
    random = np.random.default_rng(seed)
    turned = np.linalg.qr(random.normal(size=(dimensions, dimensions)))[0]
    flat = np.zeros((len(points), dimensions))
    flat[:, :2], flat[:, 2] = points, 0.3 * points[:, 0] ** 2
    return flat @ turned


def test_components_and_percentage_of_known_axes():
    corners = np.array([[3, 1, 0.5], [3, -1, -0.5], [-3, 1, -0.5], [-3, -1, 0.5]], float)
    figure = plots.structure(corners + 7)
    assert percent(figure) == round(100 * (9 + 1) / (9 + 1 + 0.25))
    np.testing.assert_allclose(np.abs(scattered(figure.axes[0])), np.abs(corners[:, :2]), atol=1e-9)
    # With each column on a scale of its own the three have a third of the variance each.
    assert percent(plots.structure(corners + 7, scale=True)) == 67


@pytest.mark.parametrize("columns", [30, 700])
def test_the_gaussian_has_the_same_covariance(columns):
    x = (
        np.random.default_rng(1).normal(size=(500, columns))
        * np.r_[5, 3, np.full(columns - 2, 0.1)]
    )
    left, right = plots.structure(x).axes
    for ax in (left, right):
        covariance = np.cov(scattered(ax).T)
        np.testing.assert_allclose(covariance, [[25, 0], [0, 9]], rtol=0.25, atol=2.0)
    assert np.array_equal(scattered(right), scattered(plots.structure(x).axes[1]))
    assert not np.array_equal(scattered(right), scattered(plots.structure(x, seed=1).axes[1]))


@pytest.mark.parametrize("embed", [lambda points: points, bent], ids=["plane", "bent"])
def test_a_circle_is_empty_in_the_middle_and_the_gaussian_is_not(embed):
    (x, _), _ = datasets.load("circle", num_train=1000)
    left, right = plots.structure(embed(x)).axes
    reach = [np.linalg.norm(scattered(ax), axis=1) for ax in (left, right)]
    assert np.mean(reach[0] < 0.5) == 0 < 0.05 < np.mean(reach[1] < 0.5)


def test_classes_are_coloured():
    (x, labels), _ = datasets.load("clusters", num_train=500)
    figure = plots.structure(x, labels)
    sizes = [len(scattered(figure.axes[0], k)) for k in range(5)]
    assert sizes == np.bincount(labels).tolist()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == list("01234")


def test_images_and_at_most_2000_rows():
    x = np.random.default_rng(0).random((2100, 6, 5, 1)).astype("float32")
    left, right = plots.structure(x).axes
    assert len(scattered(left)) == len(scattered(right)) == 2000


def test_a_frame_with_holes():
    penguins = datasets.load("penguins")
    measured = penguins[
        ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "year"]
    ]
    figure = plots.structure(penguins, penguins["species"])  # labels are left out, holes the mean
    scaled = (measured - measured.mean()) / measured.fillna(measured.mean()).std(ddof=0)
    variances = np.linalg.eigvalsh(np.cov(scaled.fillna(0).T, ddof=0))
    assert percent(figure) == round(100 * variances[-2:].sum() / variances.sum())
    nullable = measured.astype("Float64")
    np.testing.assert_allclose(
        scattered(plots.structure(measured).axes[0]),
        scattered(plots.structure(nullable).axes[0]),
    )


@pytest.mark.parametrize(
    "x, message",
    [
        (np.zeros((5, 1)), "two columns"),
        (np.zeros((2, 5)), "three rows"),
        (np.ones((5, 3)), "rows that differ"),
        (np.array([[0, np.inf]] * 3), "finite"),
        (np.array([[0, np.nan], [1, np.nan], [2, np.nan]]), "column 1 has holes alone"),
    ],
)
def test_bad_data_are_named(x, message):
    with pytest.raises(ValueError, match=message):
        plots.structure(x)
