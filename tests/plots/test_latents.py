"""Histograms and scatters of the latents, compared with draws from the posterior and the prior."""

import keras
import numpy as np
import pytest
from helpers.figures import (
    LABELS,
    X,
    make_model,
    scattered,
)
from matplotlib.colors import to_hex

from intelvae_keras import mappings, plots, priors


def posterior_draw(model, x, seed=0):
    y = model.posterior(x).sample(seed=[0, seed])
    return y.numpy(), keras.ops.convert_to_numpy(model.mapping(y))


def stacked_mass(ax):
    """The area of the bars of each class."""
    return [sum(bar.get_width() * bar.get_height() for bar in bars) for bars in ax.containers]


def test_histograms_hold_each_class_and_the_prior():
    model = make_model(mapping=mappings.Clusters(2))
    figure = plots.latent_histograms(model, X, LABELS)
    left, right = figure.axes
    proportions = np.bincount(LABELS) / len(LABELS)
    np.testing.assert_allclose(stacked_mass(left), proportions, rtol=1e-5)
    np.testing.assert_allclose(stacked_mass(right), proportions, rtol=1e-5)
    points, density = left.lines[0].get_data()
    np.testing.assert_allclose(density, np.exp(-(points**2) / 2) / np.sqrt(2 * np.pi), rtol=1e-5)
    values, edges, _ = right.patches[-1].get_data()  # the outline of the prior
    assert np.sum(values * np.diff(edges)) == pytest.approx(1)
    assert values[np.searchsorted(edges, 0.0) - 1] < 0.05  # the gap between the two parts
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["0", "1", "2", "prior"]
    assert left.get_ylabel() == "density"


def test_histogram_heights_are_those_of_the_sampled_latents():
    model = make_model(2)
    left = plots.latent_histograms(model, X, dimension=1, seed=5).axes[0]
    y, _ = posterior_draw(model, X, seed=5)
    bars = left.containers[0]
    edges = [bar.get_x() for bar in bars] + [bars[-1].get_x() + bars[-1].get_width()]
    expected, _ = np.histogram(y[:, 1], edges, density=True)
    np.testing.assert_allclose([bar.get_height() for bar in bars], expected, atol=1e-3)


def test_histograms_draw_another_prior():
    class Wide(priors.Prior):
        def distribution(self, latent_dim):
            normal = priors.StandardNormal().distribution(latent_dim)
            return type(normal)(normal.mean() + 2.0, normal.stddev() * 0.5)

    for latent_dim in (1, 2):
        model = make_model(latent_dim, prior=Wide())
        points, density = plots.latent_histograms(model, X).axes[0].lines[0].get_data()
        assert points[np.argmax(density)] == pytest.approx(2, abs=0.3)
        assert density.max() == pytest.approx(0.8, abs=0.06)


@pytest.mark.parametrize("space", ["y", "z"])
def test_latent_scatter_holds_each_class(space):
    model = make_model(2, mapping=mappings.Clusters(3))
    ax = plots.latent_scatter(model, X, LABELS, space=space).axes[0]
    latents = posterior_draw(model, X)[space == "z"]
    for index in range(3):
        np.testing.assert_array_equal(scattered(ax, index), latents[LABELS == index])
        colour = to_hex(ax.collections[index].get_facecolor()[0])
        assert colour == plots.PALETTE[index]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["0", "1", "2"]
    assert ax.get_xlabel() == f"${space}_{{1}}$"
