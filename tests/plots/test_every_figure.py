"""What all figures have in common: they show themselves, draw on axes given, and name bad arguments."""

import matplotlib
import numpy as np
import pytest
from helpers.figures import LABELS, POINTS, X, make_model
from helpers.marks import fast_first
from matplotlib import pyplot

from intelvae_keras import mappings, plots

IMAGES, PLANE, PATHS = make_model(), make_model(2), make_model(2, (2,))
HISTORY = {"elbo": [-2.0, -1.0], "reconstruction": [1.0, 0.5], "kl": [1.0, 0.5]}
SINGLE = {
    "image_grid": lambda **kw: plots.image_grid(X[:4], **kw),
    "samples": lambda **kw: plots.samples(IMAGES, 4, **kw),
    "samples of points": lambda **kw: plots.samples(PATHS, 4, **kw),
    "reconstructions": lambda **kw: plots.reconstructions(IMAGES, X[:4], **kw),
    "reconstructions of points": lambda **kw: plots.reconstructions(PATHS, POINTS, **kw),
    "latent_sweep": lambda **kw: plots.latent_sweep(IMAGES, **kw),
    "latent_sweeps": lambda **kw: plots.latent_sweeps({"a": IMAGES}, **kw),
    "latent_sweeps of points": lambda **kw: plots.latent_sweeps({"a": PATHS}, **kw),
    "latent_plane": lambda **kw: plots.latent_plane(PLANE, steps=3, **kw),
    "latent_plane of points": lambda **kw: plots.latent_plane(PATHS, steps=3, **kw),
    "latent_scatter": lambda **kw: plots.latent_scatter(PLANE, X, **kw),
    "model_diagram": lambda **kw: plots.model_diagram(**kw),
}
SEVERAL = {
    "latent_histograms": lambda: plots.latent_histograms(IMAGES, X),
    "mapping_curve": lambda: plots.mapping_curve(mappings.Clusters(2)),
    "mapping_plane": lambda: plots.mapping_plane(mappings.Circle(), 50),
    "structure": lambda: plots.structure(X),
    "learning_curves": lambda: plots.learning_curves(HISTORY),
}


@pytest.mark.parametrize("name", fast_first(SINGLE | SEVERAL, SEVERAL))
def test_a_figure_shows_itself_and_leaves_pyplot_and_its_settings_alone(name):
    settings, open_figures = dict(matplotlib.rcParams), pyplot.get_fignums()
    figure = (SINGLE | SEVERAL)[name]()
    assert isinstance(figure, plots.Picture)
    assert figure._repr_png_().startswith(b"\x89PNG")
    assert dict(matplotlib.rcParams) == settings
    assert pyplot.get_fignums() == open_figures


@pytest.mark.parametrize("name", list(SINGLE))
def test_axes_given_are_drawn_on_and_returned(name):
    figure = plots.Picture((4, 3))
    ax = figure.add_subplot()
    assert SINGLE[name](ax=ax) is ax
    assert ax.has_data() and ax in figure.axes


@pytest.mark.parametrize(
    ("draw", "argument"),
    [
        (lambda: plots.image_grid(np.zeros((3, 4))), "images"),
        (lambda: plots.image_grid(np.zeros((0, 4, 4))), "images"),
        (lambda: plots.image_grid(np.zeros((3, 4, 4, 2))), "images"),
        (lambda: plots.image_grid(np.full((1, 2, 2), 255.0)), "Divide pixels"),
        (lambda: plots.image_grid(np.full((1, 2, 2), np.nan)), "images"),
        (lambda: plots.image_grid(X, columns=0), "columns must be an integer >= 1; got 0"),
        (lambda: plots.image_grid(X, titles=["a"]), "titles"),
        (lambda: plots.samples(IMAGES, 0), "num_samples"),
        (lambda: plots.samples(make_model(2, (3,))), "model"),
        (lambda: plots.reconstructions(IMAGES, X[:, :3]), "x must"),
        (lambda: plots.latent_sweep(IMAGES, low=1, high=0), "low"),
        (lambda: plots.latent_sweep(IMAGES, steps=1), "steps"),
        (lambda: plots.latent_sweep(IMAGES, dimension=1), "dimension"),
        (lambda: plots.latent_sweeps({}), "models"),
        (lambda: plots.latent_sweeps({"a": IMAGES, "b": PATHS}), "models"),
        (lambda: plots.latent_plane(IMAGES), "model must have latent_dim"),
        (lambda: plots.latent_plane(PLANE, dimensions=(0, 2)), "dimensions"),
        (lambda: plots.latent_plane(PLANE, dimensions=(1, 1)), "two different"),
        (lambda: plots.latent_histograms(IMAGES, X, LABELS[:3]), "labels"),
        (lambda: plots.latent_histograms(IMAGES, X, np.arange(40)), "labels"),
        (lambda: plots.latent_histograms(IMAGES, X, dimension=1), "dimension"),
        (lambda: plots.latent_scatter(IMAGES, X), "two dimensions"),
        (lambda: plots.latent_scatter(PLANE, X, space="x"), "space"),
        (lambda: plots.latent_scatter(PLANE, X, dimensions=(0, 2)), "dimensions"),
        (lambda: plots.mapping_curve(mappings.Clusters(2), low=3, high=3), "low"),
        (lambda: plots.mapping_curve(mappings.Linear([[1.0], [2.0]])), "mapping"),
        (lambda: plots.mapping_plane(mappings.Linear([[1.0, 2.0]])), "mapping"),
        (lambda: plots.mapping_plane(mappings.Circle(), 0), "num_samples must be an integer"),
        (lambda: plots.learning_curves(HISTORY, keys=("fid",)), "keys"),
        (lambda: plots.learning_curves(HISTORY, keys=()), "keys"),
        (lambda: plots.learning_curves({}), "history"),
        (lambda: plots.learning_curves([1.0]), "history"),
    ],
)
def test_bad_arguments_are_named(draw, argument):
    with pytest.raises(ValueError, match=argument):
        draw()
