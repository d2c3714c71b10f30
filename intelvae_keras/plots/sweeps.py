"""Walks through the intermediary latents: what the decoder makes of z = g(y) as y moves."""

import math

import numpy as np
from keras import ops
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from intelvae_keras._engine import checks
from intelvae_keras.model import InteLVAE
from intelvae_keras.plots import drawable, style
from intelvae_keras.plots.image_grids import draw_images, grid_size


def latent_sweep(
    model: InteLVAE,
    low: float = -3,
    high: float = 3,
    steps: int = 16,
    dimension: int = 0,
    ax: Axes | None = None,
) -> Figure | Axes:
    """E[x | g(y)] while one intermediary latent moves from low to high and the others stay at 0.

    Images stand in a row, with their y below; points of the plane make a path.

    Args:
        model: An `InteLVAE` of images or of 2-D points.
        low: The first value of y, in standard deviations of the prior.
        high: The last one.
        steps: How many, >= 2. An even number stays clear of y = 0, a boundary between clusters.
        dimension: The latent that moves, in 0..M-1.
        ax: Axes to draw on, in place of a new figure.

    Returns:
        The figure, or `ax`.

    Raises:
        ValueError: If an argument is outside its range.
    """
    checks.model("model", model)
    dimension = checks.integer("dimension", dimension, minimum=0)
    name = f"$y_{{{dimension + 1}}}$ moves" if model.latent_dim > 1 else "$y$ moves"
    title = f"Decoded while {name} along the prior"
    return _sweeps({"": model}, low, high, steps, dimension, title, ax)


def latent_sweeps(
    models: dict[str, InteLVAE],
    low: float = -3,
    high: float = 3,
    steps: int = 16,
    dimension: int = 0,
    ax: Axes | None = None,
) -> Figure | Axes:
    """`latent_sweep`s of several models below each other, on one scale of y.

    An ordinary VAE has to blend one class into another half way; one with clusters jumps.

    Args:
        models: A dict, name to `InteLVAE`, all of data of one shape.
        low: The first value of y, in standard deviations of the prior.
        high: The last one.
        steps: How many, >= 2. An even number stays clear of y = 0, a boundary between clusters.
        dimension: The latent that moves, in 0..M-1 for all models.
        ax: Axes to draw on, in place of a new figure.

    Returns:
        The figure, or `ax`.

    Raises:
        ValueError: If `models` is empty or mixes shapes, or an argument is outside its range.
    """
    if not isinstance(models, dict) or not models:
        raise ValueError(f"models must be a dict from name to model, not empty; got {models!r}.")
    for name, model in models.items():
        checks.model(f"models[{name!r}]", model)
    shapes = {model.data_shape for model in models.values()}
    if len(shapes) > 1:
        raise ValueError(f"models must be of data of one shape; got {sorted(shapes)}.")
    title = "Decoded while one intermediary latent moves along the prior"
    return _sweeps(models, low, high, steps, dimension, title, ax)


def latent_plane(
    model: InteLVAE,
    low: float = -3,
    high: float = 3,
    steps: int = 16,
    dimensions: tuple[int, int] = (0, 1),
    ax: Axes | None = None,
) -> Figure | Axes:
    """E[x | g(y)] on a square grid of two intermediary latents, the others at 0.

    Args:
        model: An `InteLVAE` of images or of 2-D points, with M >= 2.
        low: The least value of both latents, in standard deviations of the prior.
        high: The greatest.
        steps: Values of each latent, >= 2; an even number stays clear of y = 0.
        dimensions: The two latents that move: the first to the right, the second upwards.
        ax: Axes to draw on, in place of a new figure.

    Returns:
        The figure, or `ax`.

    Raises:
        ValueError: If the model has one latent, or an argument is outside its range.
    """
    checks.model("model", model)
    points = drawable.are_points(model.data_shape)
    if model.latent_dim < 2:
        raise ValueError("model must have latent_dim >= 2 for a plane; use latent_sweep for 1.")
    values = drawable.steps_between(low, high, steps)
    dimensions = drawable.pair_of_indices("dimensions", dimensions)
    names = [f"$y_{{{index + 1}}}$" for index in dimensions]
    title = f"Decoded over the plane of {names[0]} and {names[1]}"
    if points:
        return _mesh(model, values, dimensions, title, names, ax)
    right, up = np.meshgrid(values, values[::-1])  # (steps, steps), the first row on top
    moved = {dimensions[0]: right.ravel(), dimensions[1]: up.ravel()}
    decoded = _decode(model, moved, "dimensions")
    images = drawable.images("decoded images", decoded)
    size = grid_size(images, steps, margin=0.7, side=0.5)
    ax, result = style.axes_and_result(ax, size)
    draw_images(ax, images, steps)
    units = "(standard deviations of the prior)"
    style.write(ax, title, f"{names[0]} {units}", f"{names[1]} {units}")
    ax.set_xticks(np.arange(steps) + 0.5, _labels(values))
    ax.set_yticks(np.arange(steps) + 0.5, _labels(values[::-1]))
    return result


def _sweeps(models, low, high, steps, dimension, title, ax):
    points = drawable.are_points(next(iter(models.values())).data_shape)
    values = drawable.steps_between(low, high, steps)
    decoded = {
        name: _decode(model, {dimension: values}, "dimension") for name, model in models.items()
    }
    if points:
        return _paths(decoded, values, title, ax)
    images = drawable.images("decoded images", np.concatenate(list(decoded.values())))
    size = grid_size(images, steps, margin=0.75, side=1.0 if any(models) else 0.0)
    ax, result = style.axes_and_result(ax, size)
    draw_images(ax, images, steps)
    style.write(ax, title, "intermediary latent $y$ (standard deviations of the prior)")
    ax.set_xticks(np.arange(steps) + 0.5, _labels(values))
    if any(models):
        ax.set_yticks(np.arange(len(models)) + 0.5, list(models))
    return result


def _decode(model, moved, argument):
    """E[x | g(y)] for y that is 0 but in the latents of `moved`, a dict index to values (N,)."""
    y = np.zeros((len(next(iter(moved.values()))), model.latent_dim), "float32")
    for dimension, values in moved.items():
        y[:, drawable.index_below(argument, dimension, model.latent_dim)] = values
    return model.decode(ops.convert_to_numpy(model.mapping(ops.convert_to_tensor(y))))


def _labels(values):
    """The values with as many digits as tell neighbours apart, at least one."""
    digits = max(1, math.ceil(-math.log10(abs(values[1] - values[0]))))
    return [f"{value:.{digits}f}".replace("-", "−") for value in values]


def _paths(decoded, values, title, ax):
    ax, result = style.axes_and_result(ax, (5.2, 4.4))
    for (name, path), colour in zip(decoded.items(), style.PALETTE, strict=False):
        ax.plot(*path.T, color=colour, linewidth=1, zorder=1, label=name)
        points = ax.scatter(*path.T, c=values, cmap="viridis", s=22, zorder=2)
    bar = ax.figure.colorbar(points, ax=ax, shrink=0.8)
    style.tidy(bar.ax, ylabel="$y$ (standard deviations of the prior)")
    bar.outline.set_visible(False)
    style.equal_scales(ax)
    style.tidy(ax, title, "$x_1$", "$x_2$")
    if any(decoded):
        style.legend(ax)
    return result


def _mesh(model, values, dimensions, title, names, ax):
    """The lines along which one of two latents moves and the other one stays."""
    ax, result = style.axes_and_result(ax, (4.6, 4.6))
    fine = np.linspace(values[0], values[-1], 301)
    pairs = (dimensions, tuple(dimensions)[::-1])
    for (moving, staying), colour, name in zip(pairs, style.PALETTE, names, strict=False):
        y = {moving: np.tile(fine, len(values)), staying: np.repeat(values, len(fine))}
        lines = _decode(model, y, "dimensions").reshape(len(values), len(fine), 2)
        for index, line in enumerate(lines):
            label = None if index else f"{name} moves"
            ax.plot(*line.T, color=colour, linewidth=1, label=label)
    style.equal_scales(ax)
    style.tidy(ax, title, "$x_1$", "$x_2$")
    style.legend(ax)
    return result
