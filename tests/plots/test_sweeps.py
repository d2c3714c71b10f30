"""Sweeps and planes of the latents, compared with what the decoder makes of them."""

import numpy as np
from helpers.figures import decode, drawn_images, make_model, texts

from intelvae_keras import mappings, plots


def test_latent_sweep_decodes_the_mapped_values():
    model = make_model(mapping=mappings.Clusters(2))
    ax = plots.latent_sweep(model, low=-2, high=2, steps=5).axes[0]
    np.testing.assert_array_equal(drawn_images(ax), decode(model, [-2, -1, 0, 1, 2])[..., 0])
    assert texts(ax.get_xticklabels()) == ["-2.0", "-1.0", "0.0", "1.0", "2.0"]
    assert "standard deviations" in ax.get_xlabel()


def test_latent_sweep_moves_one_latent_of_several():
    model = make_model(3, mapping=mappings.Sphere())
    ax = plots.latent_sweep(model, low=1, high=3, steps=3, dimension=2).axes[0]
    expected = decode(model, [[0, 0, 1], [0, 0, 2], [0, 0, 3]])
    np.testing.assert_array_equal(drawn_images(ax), expected[..., 0])
    assert "y_{3}" in ax.get_title()


def test_latent_sweeps_have_a_row_for_each_model():
    models = {"ordinary": make_model(), "clusters": make_model(mapping=mappings.Clusters(2))}
    ax = plots.latent_sweeps(models, steps=4).axes[0]
    rows = [decode(model, np.linspace(-3, 3, 4))[..., 0] for model in models.values()]
    np.testing.assert_array_equal(drawn_images(ax), np.concatenate(rows))
    assert texts(ax.get_yticklabels()) == ["ordinary", "clusters"]


def test_a_sweep_of_points_is_a_path():
    model = make_model(2, (2,))
    figure = plots.latent_sweep(model, low=-1, high=1, steps=3, dimension=1)
    path = decode(model, [[0, -1], [0, 0], [0, 1]])
    np.testing.assert_array_equal(figure.axes[0].lines[0].get_xydata(), path)
    np.testing.assert_array_equal(figure.axes[0].collections[0].get_array(), [-1, 0, 1])
    assert "standard deviations" in figure.axes[1].get_ylabel()


def test_latent_plane_has_the_second_latent_pointing_up():
    model = make_model(2, mapping=mappings.Clusters(3))
    ax = plots.latent_plane(model, low=0, high=1, steps=2).axes[0]
    expected = decode(model, [[0, 1], [1, 1], [0, 0], [1, 0]])
    np.testing.assert_array_equal(drawn_images(ax), expected[..., 0])
    assert texts(ax.get_xticklabels()) == ["0.0", "1.0"]
    assert texts(ax.get_yticklabels()) == ["1.0", "0.0"]


def test_a_plane_of_points_is_a_mesh():
    model = make_model(2, (2,), mapping=mappings.Circle())
    ax = plots.latent_plane(model, low=1, high=2, steps=3).axes[0]
    assert len(ax.lines) == 6
    ends = ax.lines[1].get_xydata()[[0, -1]]  # y_2 = 1.5, y_1 from 1 to 2
    np.testing.assert_allclose(ends, decode(model, [[1, 1.5], [2, 1.5]]), atol=1e-6)
    ends = ax.lines[3].get_xydata()[[0, -1]]  # y_1 = 1, y_2 from 1 to 2
    np.testing.assert_allclose(ends, decode(model, [[1, 1], [1, 2]]), atol=1e-6)
