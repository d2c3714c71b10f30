"""One picture for each mapping: what g does to the Gaussian."""

from functools import partial

import keras
import numpy as np
from keras import ops
from matplotlib.colors import PowerNorm

from intelvae_keras import datasets, mappings, plots, presets
from intelvae_keras.plots import style


def _numpy(tensor):
    return ops.convert_to_numpy(tensor)


def _cube(y):
    return y**3 / 3


def sphere():
    """Three latents, before and after."""
    y = np.random.default_rng(0).standard_normal((1200, 3)).astype("float32")
    z = _numpy(mappings.Sphere()(y))
    figure = style.Picture((style.WIDTH, 4.0))
    for place, (points, title) in enumerate(
        ((y, "Before: $y \\sim N(0, I)$"), (z, "After: $z = y / |y|$")), start=1
    ):
        ax = figure.add_subplot(1, 2, place, projection="3d")
        # Points at the back are fainter.
        depth = points @ np.array([0.8, -0.5, 0.35])
        near = (depth - depth.min()) / np.ptp(depth)
        ax.scatter(*points.T, c=near, cmap="viridis_r", s=5, alpha=0.35 + 0.6 * near, linewidths=0)
        ax.set_box_aspect((1, 1, 1))
        ax.set_title(title, fontsize=style.MEDIUM, color=style.INK)
        limit = 3 if place == 1 else 1.1
        ax.set(xlim=(-limit, limit), ylim=(-limit, limit), zlim=(-limit, limit))
        for axis, name in ((ax.xaxis, "1"), (ax.yaxis, "2"), (ax.zaxis, "3")):
            axis.set_tick_params(labelsize=7, colors=style.INK)
            axis.set_ticks([-2, 0, 2] if place == 1 else [-1, 0, 1])
            axis.set_label_text(f"${'y' if place == 1 else 'z'}_{name}$", fontsize=8)
    return figure


def torus():
    """Four latents: both pairs, before and after."""
    y = np.random.default_rng(0).standard_normal((900, 4)).astype("float32")
    z = _numpy(mappings.Torus()(y))
    figure = style.Picture((style.WIDTH, 2.5))
    panels = figure.subplots(1, 4)
    for index, ax in enumerate(panels):
        points, letter = (y, "y") if index < 2 else (z, "z")
        pair = slice(0, 2) if index % 2 == 0 else slice(2, 4)
        angle = np.arctan2(y[:, pair][:, 1], y[:, pair][:, 0])
        ax.scatter(*points[:, pair].T, c=angle, cmap="twilight", s=5, linewidths=0)
        style.equal_scales(ax)
        first = 1 if index % 2 == 0 else 3
        title = ("Before" if index < 2 else "After") + f": pair {1 + index % 2}"
        style.tidy(ax, title, f"${letter}_{first}$", f"${letter}_{first + 1}$")
    return figure


def hierarchical():
    """|dz/dy| of a fresh Hierarchical, as a picture of who depends on whom."""
    import tensorflow as tf

    groups = (4, 4, 8)
    g = mappings.Hierarchical(groups)
    y = tf.random.stateless_normal((64, 16), seed=(0, 1))
    with tf.GradientTape() as tape:
        tape.watch(y)
        z = g(y)
    jacobian = np.abs(tape.batch_jacobian(z, y).numpy()).mean(axis=0)
    figure = style.Picture((4.6, 4.2))
    ax = figure.add_subplot()
    picture = ax.imshow(jacobian, cmap="Purples", norm=PowerNorm(0.4, vmin=0, vmax=1))
    edges = np.cumsum(groups)[:-1] - 0.5
    for edge in edges:
        ax.axhline(edge, color=style.INK, linewidth=0.8)
        ax.axvline(edge, color=style.INK, linewidth=0.8)
    middles = [1.5, 5.5, 11.5]
    ax.set_xticks(middles, ["$y_1$", "$y_2$", "$y_3$"])
    ax.set_yticks(middles, ["$z_1$", "$z_2$", "$z_3$"])
    style.tidy(
        ax, "Size of $\\partial z / \\partial y$", "this group of y ...", "... moves this of z"
    )
    ax.spines[["top", "right"]].set_visible(True)
    bar = figure.colorbar(picture, ax=ax, shrink=0.8)
    bar.ax.tick_params(labelsize=style.SMALL, colors=style.INK)
    return figure


def sparse():
    """Gates of the shipped sparse model for one garment of each of eight kinds."""
    vae = presets.load("fashion-sparse")
    _, (x, labels) = datasets.load("fashion_mnist_mini")
    kinds = (0, 1, 2, 3, 5, 7, 8, 9)
    first = [int(np.flatnonzero(labels == kind)[0]) for kind in kinds]
    gates = _numpy(vae.mapping.gates(vae.posterior(x[first]).mean()))
    order = np.argsort(-gates.mean(axis=0))
    figure = style.Picture((style.WIDTH, 3.4))
    pictures, ax = figure.subplots(1, 2, width_ratios=[1, 18])
    pictures.imshow(np.concatenate([x[i, :, :, 0] for i in first]), cmap="gray_r", aspect="auto")
    pictures.set_axis_off()
    shown = ax.imshow(gates[:, order], cmap="Purples", vmin=0, vmax=1, aspect="auto")
    style.tidy(ax, "Gates of eight garments", "latent, by how often its gate is open")
    ax.set_yticks([])
    bar = figure.colorbar(shown, ax=ax, shrink=0.9)
    bar.ax.tick_params(labelsize=style.SMALL, colors=style.INK)
    return figure


def threshold():
    """The curve of g with its dead zone, and draws of z: a spike at 0 beside two tails."""
    g = mappings.Threshold()
    t = float(g.threshold_and_scale()[0])
    y = np.linspace(-3.2, 3.2, 400, dtype="float32")[:, None]
    draws = np.random.default_rng(0).standard_normal((100_000, 1)).astype("float32")
    figure = style.Picture((style.WIDTH, 2.8))
    curve, density = figure.subplots(1, 2)
    curve.axvspan(-t, t, color="#e8e6f0")
    curve.plot(y, _numpy(g(y)), color=style.INK)
    style.tidy(curve, f"Dead zone: $|y| \\leq {t:.2f}$", "$y$", "$z$")
    z = _numpy(g(draws))[:, 0]
    weights = np.full(len(z), 100 / len(z))
    density.hist(z, bins=np.arange(-4.1, 4.2, 0.2), weights=weights, color="#7a68ae")
    style.tidy(density, "Draws of z under the prior", "$z$", "percent of draws")
    return figure


def linear():
    """A correlated pair."""
    factor = np.linalg.cholesky(np.array([[1.0, 0.8], [0.8, 1.0]]))
    return plots.mapping_plane(mappings.Linear(factor))


def _plane(make):
    return plots.mapping_plane(make())


PICTURES = {
    "mappings/clusters-1": lambda: plots.mapping_curve(mappings.Clusters(2, strength=1.0)),
    "mappings/clusters-5": lambda: plots.mapping_plane(mappings.Clusters(5, strength=2.0)),
    "mappings/circle": partial(_plane, mappings.Circle),
    "mappings/figure-eight": partial(_plane, mappings.FigureEight),
    "mappings/star": partial(_plane, mappings.Star),
    "mappings/two-rings": partial(_plane, mappings.TwoRings),
    "mappings/function": lambda: plots.mapping_plane(keras.layers.Lambda(_cube)),
    "mappings/linear": linear,
    "mappings/sphere": sphere,
    "mappings/torus": torus,
    "mappings/hierarchical": hierarchical,
    "mappings/sparse": sparse,
    "mappings/threshold": threshold,
}
