"""Images in rows: of any array, of the prior, and reconstructed."""

import math
from collections.abc import Sequence, Sized

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from intelvae_keras._engine import checks
from intelvae_keras.model import InteLVAE
from intelvae_keras.plots import drawable, style

_GAP = 0.03  # white on each side of an image, as a fraction of its cell


def image_grid(
    images: ArrayLike,
    columns: int | None = None,
    titles: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Figure | Axes:
    """Images side by side, row by row.

    Args:
        images: Shape (N, H, W), (N, H, W, 1) or (N, H, W, 3), in [0, 1] or uint8.
        columns: Images per row; None for a grid that is about square.
        titles: N texts, one above each image.
        ax: Axes to draw on, in place of a new figure.

    Returns:
        The figure, or `ax`.

    Raises:
        TypeError: If `columns` is not an integer.
        ValueError: If `images` are no images, `columns` < 1, or there are not N titles.
    """
    images = drawable.images("images", images)
    if columns is None:
        columns = math.ceil(math.sqrt(len(images)))
    columns = min(checks.integer("columns", columns, minimum=1), len(images))
    if isinstance(titles, str) or not isinstance(titles, Sized | None):
        raise TypeError(f"titles must be a list, one per image; got {titles!r}.")
    if titles is not None and len(titles) != len(images):
        raise ValueError(f"titles must be {len(images)}, one per image; got {len(titles)}.")
    headroom = 0.0 if titles is None else 0.3
    ax, result = style.axes_and_result(ax, grid_size(images, columns, headroom=headroom))
    draw_images(ax, images, columns, headroom)
    for index, title in enumerate([] if titles is None else titles):
        row, column = divmod(index, columns)
        ax.text(
            column + 0.5,
            row * (1 + headroom) + headroom - 0.03,
            str(title),
            ha="center",
            va="bottom",
            fontsize=style.SMALL,
            color=style.INK,
        )
    return result


def samples(
    model: InteLVAE, num_samples: int | None = None, seed: int = 0, ax: Axes | None = None
) -> Figure | Axes:
    """Samples of the model, y ~ p(y), z = g(y), E[x|z], as images or as points of the plane.

    Args:
        model: An `InteLVAE` of images or of 2-D points.
        num_samples: N >= 1; None for 64 images or 2,000 points.
        seed: Integer seed of the draw.
        ax: Axes to draw on, in place of a new figure.

    Returns:
        The figure, or `ax`.

    Raises:
        ValueError: If `num_samples` < 1, or the data are neither images nor 2-D points.
    """
    checks.model("model", model)
    points = drawable.are_points(model.data_shape)
    default = 2000 if points else 64
    drawn = model.sample(default if num_samples is None else num_samples, seed=seed)
    title = "Samples of the model"
    if points:
        return _scatter([(title, drawn, style.PALETTE[0])], title, ax)
    drawn = drawable.images("samples", drawn)
    columns = math.ceil(math.sqrt(len(drawn)))
    ax, result = style.axes_and_result(ax, grid_size(drawn, columns, margin=0.35))
    draw_images(ax, drawn, columns)
    style.write(ax, title)
    return result


def reconstructions(model: InteLVAE, x: ArrayLike, ax: Axes | None = None) -> Figure | Axes:
    """Data and their reconstructions E[x|z] at the posterior mean of y.

    Images stand above their reconstructions; points are joined to theirs by a line.

    Args:
        model: An `InteLVAE` of images or of 2-D points.
        x: Data, shape (N, *shape), a dozen images or some hundred points.
        ax: Axes to draw on, in place of a new figure.

    Returns:
        The figure, or `ax`.

    Raises:
        ValueError: If `x` does not fit the model, or is neither images nor 2-D points.
    """
    checks.model("model", model)
    points = drawable.are_points(model.data_shape)
    decoded = model.decode(model.encode(x))
    if points:
        groups = [("data", x, style.FAINT), ("reconstruction", decoded, style.PALETTE[0])]
        result = _scatter(groups, "Data and reconstructions", ax)
        _join(result if ax is not None else result.axes[0], np.asarray(x), decoded)
        return result
    both = np.concatenate([drawable.images("x", x), drawable.images("reconstructions", decoded)])
    ax, result = style.axes_and_result(ax, grid_size(both, len(x), margin=0.2, side=0.3))
    draw_images(ax, both, len(x))
    ax.set_yticks([0.5, 1.5], ["data", "reconstruction"])
    return result


def grid_size(
    images: np.ndarray, columns: int, margin: float = 0.0, side: float = 0.0, headroom: float = 0.0
) -> tuple[float, float]:
    """The size in inches of a figure for a grid, with room for texts around it."""
    rows = -(-len(images) // columns)
    cell = min(0.9, style.WIDTH / columns)
    height = cell * (images.shape[1] / images.shape[2] + headroom)
    return max(columns * cell + side, 2.0), rows * height + margin + 0.1


def draw_images(ax: Axes, images: np.ndarray, columns: int, headroom: float = 0.0) -> None:
    """Draws images on axes where each cell is 1 wide and 1 + headroom high."""
    rows = -(-len(images) // columns)
    height = 1 + headroom
    for index, image in enumerate(images):
        row, column = divmod(index, columns)
        bottom = (row + 1) * height
        left, right = column + _GAP, column + 1 - _GAP
        extent = (left, right, bottom - _GAP, bottom - 1 + _GAP)
        ax.imshow(image, extent=extent, cmap="gray", vmin=0, vmax=1)
    ax.set(xlim=(0, columns), ylim=(rows * height, 0), xticks=[], yticks=[])
    ax.set_aspect(images.shape[1] / images.shape[2])
    style.without_frame(ax)


def _scatter(groups, title, ax):
    ax, result = style.axes_and_result(ax, (4.2, 4.2))
    for label, points, colour in groups:
        size = float(np.clip(4000 / len(points), 3, 20))
        ax.scatter(*np.asarray(points).T, s=size, color=colour, linewidths=0, label=label)
    style.equal_scales(ax)
    style.tidy(ax, title, "$x_1$", "$x_2$")
    if len(groups) > 1:
        style.legend(ax)
    return result


def _join(ax, starts, ends):
    for start, end in zip(starts, ends, strict=True):
        ax.plot(*np.stack([start, end]).T, color=style.FAINT, linewidth=0.6, zorder=0)
