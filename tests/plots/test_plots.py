"""The figures show what they say: images, points, lines and words are compared with the data."""

import keras
import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.colors import to_hex

from intelvae_keras import InteLVAE, mappings, networks, plots, priors

RNG = np.random.default_rng(0)
X = RNG.random((40, 6, 5, 1)).astype("float32")
POINTS = RNG.normal(size=(40, 2)).astype("float32")
LABELS = np.arange(40) % 3


def make_model(latent_dim=1, shape=(6, 5, 1), mapping=None, **kwargs):
    likelihood = "gaussian" if len(shape) == 1 else "bernoulli"
    model = InteLVAE(
        latent_dim,
        encoder=networks.mlp_encoder([8]),
        mapping=mapping,
        decoder=networks.mlp_decoder(shape, [8]),
        likelihood=likelihood,
        seed=0,
        **kwargs,
    )
    model.build((None, *shape))
    return model


def drawn_images(ax):
    return np.stack([image.get_array() for image in ax.images])


def texts(ticks):
    return [label.get_text().replace("−", "-") for label in ticks]


def scattered(ax, index=0):
    return np.asarray(ax.collections[index].get_offsets())


def decode(model, y):
    y = np.asarray(y, "float32").reshape(-1, model.latent_dim)
    return model.decode(keras.ops.convert_to_numpy(model.mapping(keras.ops.array(y))))


# ---------------------------------------------------------------------- images


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


# ---------------------------------------------------------------------- sweeps


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


# ---------------------------------------------------------------------- latents


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


# ---------------------------------------------------------------------- mappings


def test_mapping_curve_is_g_and_both_densities_have_their_mass():
    mapping = mappings.Clusters(2)
    curve, beside, below = plots.mapping_curve(mapping).axes
    y, z = curve.lines[0].get_data()
    expected = keras.ops.convert_to_numpy(mapping(y[:, None].astype("float32")))[:, 0]
    np.testing.assert_allclose(z, expected, rtol=1e-6)
    values, edges, _ = beside.patches[0].get_data()
    assert np.sum(values * np.diff(edges)) == pytest.approx(0.9973, abs=1e-3)  # within 3 sd
    path = below.collections[0].get_paths()[0].vertices
    assert path[:, 1].max() == pytest.approx(1 / np.sqrt(2 * np.pi), rel=1e-3)
    assert curve.get_ylabel() == "latent $z = g(y)$"


def test_mapping_plane_keeps_the_colours_of_the_parts():
    mapping = mappings.Clusters(4)
    before, after = plots.mapping_plane(mapping, num_samples=50, seed=2).axes
    y = np.random.default_rng(2).standard_normal((50, 2))
    np.testing.assert_array_equal(scattered(before), y)
    z = keras.ops.convert_to_numpy(mapping(y.astype("float32")))
    np.testing.assert_allclose(scattered(after), z, rtol=1e-5)
    parts = keras.ops.convert_to_numpy(mapping.part(keras.ops.array(y, "float32")))
    for ax in (before, after):
        colours = [to_hex(colour) for colour in ax.collections[0].get_facecolors()]
        assert colours == [plots.PALETTE[part] for part in parts]


def test_mapping_plane_bends_the_polar_mesh():
    _, after = plots.mapping_plane(mappings.Circle(), num_samples=20).axes
    radii = [np.linalg.norm(line.get_xydata(), axis=1) for line in after.lines]
    np.testing.assert_allclose(np.concatenate(radii), 1, rtol=1e-5)
    assert len(after.lines) == 15


# ---------------------------------------------------------------------- curves, diagram


def test_learning_curves_show_training_and_validation():
    logs = {"elbo": [-3.0, -2.0], "kl": [1.0, 2.0], "val_elbo": [-4.0, -3.5]}
    elbo, kl = plots.learning_curves(logs, keys=("elbo", "kl")).axes
    np.testing.assert_array_equal(elbo.lines[0].get_xydata(), [[1, -3], [2, -2]])
    np.testing.assert_array_equal(elbo.lines[1].get_ydata(), [-4, -3.5])
    assert elbo.lines[0].get_linestyle() == "-" and elbo.lines[1].get_linestyle() == "--"
    assert len(kl.lines) == 1 and kl.get_title() == "KL divergence"
    assert elbo.get_ylabel() == "nats per example" and elbo.get_xlabel() == "epoch"


def test_learning_curves_compare_what_fit_returns():
    model = make_model()
    model.compile(run_eagerly=True)
    run = model.fit(X, epochs=3, initial_epoch=1, verbose=0)
    figure = plots.learning_curves({"a": run, "b": run.history}, keys=("loss",))
    first, second = figure.axes[0].lines
    np.testing.assert_array_equal(first.get_xdata(), [2, 3])  # as fit counted
    np.testing.assert_array_equal(first.get_ydata(), run.history["loss"])
    assert first.get_color() != second.get_color()
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["a, training", "b, training"]


def test_the_diagram_names_every_part():
    ax = plots.model_diagram().axes[0]
    words = " ".join(text.get_text() for text in ax.texts)
    for part in ("encoder", "q(y\\,|\\,x)", "N(0, I)", "z = g(y)", "decoder", "p(x\\,|\\,z)", "KL"):
        assert part in words
    assert len(ax.images) == 2  # the data and the reconstruction


def test_no_text_of_the_diagram_overlaps_another():
    figure = plots.model_diagram()
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    for index, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:index])


# ---------------------------------------------------------------------- all of them

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
    "learning_curves": lambda: plots.learning_curves(HISTORY),
}


@pytest.mark.parametrize("name", [*SINGLE, *SEVERAL])
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


def test_learning_curves_have_a_title_for_every_term_that_fit_reports():
    terms = [metric.name for metric in make_model().metrics]
    history = {term: [3.0, 2.0] for term in terms}
    titles = [ax.get_title() for ax in plots.learning_curves(history, keys=terms).axes]
    assert len(titles) == len(terms) == 5
    assert not set(titles) & set(terms)  # a name in words, not the key of the log
