"""Images and points: of an array, of the prior, and reconstructed, compared with what is drawn."""

import numpy as np
import pytest
from helpers.figures import POINTS, RNG, X, drawn_images, make_model, scattered, texts

from intelvae_keras import plots


@pytest.mark.parametrize("shape", [(7, 6, 5), (7, 6, 5, 1), (7, 6, 5, 3)])
def test_image_grid_holds_the_images_in_order(shape):
    images = RNG.random(shape)
    ax = plots.image_grid(images, columns=3).axes[0]
    np.testing.assert_array_equal(drawn_images(ax), images.reshape(7, 6, 5, -1).squeeze())
    left, right, bottom, top = ax.images[4].get_extent()  # the second row, the second column
    assert (left + right) / 2 == pytest.approx(1.5) and (bottom + top) / 2 == pytest.approx(1.5)
    assert ax.get_xlim() == (0, 3) and ax.get_ylim() == (3, 0)
    assert ax.get_aspect() == 6 / 5


def test_image_grid_takes_bytes_and_a_little_overshoot():
    ax = plots.image_grid(np.full((1, 2, 2), 255, np.uint8)).axes[0]
    np.testing.assert_array_equal(drawn_images(ax), 1.0)
    ax = plots.image_grid(np.full((1, 2, 2), 1.2)).axes[0]
    np.testing.assert_array_equal(drawn_images(ax), 1.0)


def test_titles_stand_above_their_images():
    ax = plots.image_grid(X[:4], columns=2, titles=["a", "b", "c", "d"]).axes[0]
    for title, image in zip(ax.texts, ax.images, strict=True):
        left, right, _, top = image.get_extent()
        across, down = title.get_position()
        assert across == pytest.approx((left + right) / 2)
        assert top - 0.1 < down < top  # the vertical axis points down
    assert [title.get_text() for title in ax.texts] == ["a", "b", "c", "d"]


def test_samples_are_the_model_s():
    model = make_model()
    ax = plots.samples(model, 9, seed=4).axes[0]
    np.testing.assert_array_equal(drawn_images(ax), model.sample(9, seed=4)[..., 0])
    assert ax.get_title() == "Samples of the model"
    assert len(plots.samples(model).axes[0].images) == 64


def test_samples_of_points_are_a_scatter():
    model = make_model(2, (2,))
    ax = plots.samples(model, 30, seed=1).axes[0]
    np.testing.assert_array_equal(scattered(ax), model.sample(30, seed=1))
    assert len(scattered(plots.samples(model).axes[0])) == 2000


def test_reconstructions_stand_below_the_data():
    model = make_model()
    ax = plots.reconstructions(model, X[:5]).axes[0]
    np.testing.assert_array_equal(drawn_images(ax)[:5], X[:5, ..., 0])
    np.testing.assert_allclose(
        drawn_images(ax)[5:], model.predict(X[:5], verbose=0)[..., 0], atol=1e-6
    )
    assert texts(ax.get_yticklabels()) == ["data", "reconstruction"]


def test_reconstructions_of_points_are_joined_to_the_data():
    model = make_model(2, (2,))
    ax = plots.reconstructions(model, POINTS).axes[0]
    decoded = model.decode(model.encode(POINTS))
    np.testing.assert_array_equal(scattered(ax, 0), POINTS)
    np.testing.assert_array_equal(scattered(ax, 1), decoded)
    assert len(ax.lines) == 40
    np.testing.assert_array_equal(ax.lines[3].get_xydata(), [POINTS[3], decoded[3]])
