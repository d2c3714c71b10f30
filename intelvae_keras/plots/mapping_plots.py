"""What a mapping g does to the Gaussian: a curve for one latent, a bent plane for two."""

import math

import keras
import numpy as np
from keras import ops
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from intelvae_keras._engine import checks
from intelvae_keras.plots import drawable, style

# Once around the circle without a seam; neighbouring angles look alike, opposite ones differ.
_ANGLES = LinearSegmentedColormap.from_list("angles", [style.PALETTE[i] for i in (0, 4, 2, 1, 0)])


def mapping_curve(mapping: keras.layers.Layer, low: float = -3, high: float = 3) -> Figure:
    """The curve z = g(y) for one latent, the density of y below and the one it gives z beside it.

    Args:
        mapping: From one latent to one: an object from `mappings`, or any Keras layer.
        low: The least y drawn, in standard deviations of the prior.
        high: The greatest.

    Returns:
        The figure.

    Raises:
        ValueError: If low >= high, or the mapping is not from one latent to one.
    """
    drawable.check_ends(low, high)
    y = np.linspace(low, high, 4001)
    z = _apply(mapping, y[:, None])
    if z.shape[1] != 1:
        raise ValueError(f"mapping must return one latent z; got {z.shape[1]}.")
    z = z[:, 0]
    density = np.exp(-(y**2) / 2) / math.sqrt(2 * math.pi)

    figure = style.Picture((5.4, 4.4))
    axes = figure.subplots(
        2, 2, sharex="col", sharey="row", width_ratios=[3, 1], height_ratios=[3, 1]
    )
    (curve, beside), (below, corner) = axes
    corner.remove()
    curve.plot(y, z, color=style.PALETTE[4], linewidth=style.LINE)
    below.fill_between(y, density, color=style.PALETTE[0], linewidth=0)
    edges = np.linspace(z.min(), z.max(), 61)
    heights, _ = np.histogram(z, edges, weights=density * (y[1] - y[0]))
    heights = heights / np.diff(edges)
    beside.stairs(heights, edges, orientation="horizontal", fill=True, color=style.PALETTE[1])
    style.tidy(curve, "The mapping", None, "latent $z = g(y)$")
    style.tidy(beside, "Density of $z$")
    style.tidy(below, None, "intermediary latent $y$", "density of $y$")
    beside.tick_params(labelleft=False, labelbottom=True)
    curve.tick_params(labelbottom=False)
    beside.set_xlim(left=0)
    below.set_ylim(bottom=0)
    below.set_xlim(low, high)
    return figure


def mapping_plane(mapping: keras.layers.Layer, num_samples: int = 3000, seed: int = 0) -> Figure:
    """Samples of N(0, I) in the plane, before and after the mapping g, with a polar mesh.

    Points keep their colour: that of their part, if the mapping has parts, else of their angle.

    Args:
        mapping: From two latents to two: an object from `mappings`, or any Keras layer.
        num_samples: Points, >= 1.
        seed: Integer seed of the points.

    Returns:
        The figure: y on the left, z on the right.

    Raises:
        TypeError: If num_samples is not an integer.
        ValueError: If num_samples < 1, or the mapping is not from two latents to two.
    """
    num_samples = checks.integer("num_samples", num_samples, minimum=1)
    seed = checks.integer("seed", seed, minimum=0)
    y = np.random.default_rng(seed).standard_normal((num_samples, 2))
    z = _apply(mapping, y)
    if z.shape[1] != 2:
        raise ValueError(f"mapping must return two latents z; got {z.shape[1]}.")
    colours = _colours(mapping, y)
    mesh = _polar_mesh()

    figure = style.Picture((style.WIDTH, 4.1))
    before, after = figure.subplots(1, 2)
    for ax, points, lines in (
        (before, y, mesh),
        (after, z, [_apply(mapping, line) for line in mesh]),
    ):
        for line in lines:
            ax.plot(*line.T, color=style.INK, linewidth=0.5, alpha=0.45, zorder=2)
        ax.scatter(*points.T, c=colours, s=6, linewidths=0, alpha=0.75, zorder=1)
        style.equal_scales(ax)
    style.tidy(before, "Before: $y \\sim N(0, I)$", "$y_1$", "$y_2$")
    style.tidy(after, "After: $z = g(y)$", "$z_1$", "$z_2$")
    return figure


def _apply(mapping, y):
    """g(y) in numpy, shape (N, M) to (N, D)."""
    checks.function("mapping", mapping, "of y, or a layer")
    z = ops.convert_to_numpy(mapping(ops.convert_to_tensor(y, keras.config.floatx())))
    if z.ndim != 2 or len(z) != len(y):
        raise ValueError(
            f"mapping must return z of shape (N, D) for y of shape {y.shape}; got shape {z.shape}."
        )
    if not np.isfinite(z).all():
        raise ValueError("mapping must return finite z; got NaN or infinity. Try mappings.check.")
    return z


def _colours(mapping, y):
    if hasattr(mapping, "part"):
        parts = ops.convert_to_numpy(mapping.part(ops.convert_to_tensor(y, keras.config.floatx())))
        return [style.PALETTE[part % len(style.PALETTE)] for part in parts]
    return _ANGLES(np.arctan2(y[:, 1], y[:, 0]) / (2 * math.pi) % 1)


def _polar_mesh():
    """Circles of radius 1, 2, 3 and rays at every 30 degrees, each of shape (points, 2)."""
    turn = np.linspace(0, 2 * math.pi, 721)
    circles = [(radius, turn) for radius in (1, 2, 3)]
    rays = [(np.linspace(0.05, 3, 60), angle) for angle in np.linspace(0, 2 * math.pi, 13)[:-1]]
    return [
        np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
        for radius, angle in circles + rays
    ]
