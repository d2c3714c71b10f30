"""Rows of images with a name each: what several models make of the same values."""

import numpy as np

from intelvae_keras.plots import drawable, style
from intelvae_keras.plots.image_grids import draw_images, grid_size


def image_rows(rows, title=None, columns=None, xlabel=None, ax=None):
    """One row of images for each name, below each other.

    Args:
        rows: A dict, name to images of shape (N, H, W), (N, H, W, 1) or (N, H, W, 3), in [0, 1] or
            uint8; the same shape in all rows.
        title: Title of the figure.
        columns: N texts, one below each column.
        xlabel: What the columns are.
        ax: Axes to draw on, in place of a new figure.

    Returns:
        The figure, or `ax`.

    Raises:
        ValueError: If `rows` is empty or mixes shapes, holds no images, or there are not N columns.
    """
    if not isinstance(rows, dict) or not rows:
        raise ValueError(f"rows must be a dict from name to images, not empty; got {rows!r}.")
    groups = [drawable.images(f"rows[{name!r}]", images) for name, images in rows.items()]
    shapes = {group.shape for group in groups}
    if len(shapes) > 1:
        raise ValueError(f"rows must hold images of one number and shape; got {sorted(shapes)}.")
    width = len(groups[0])
    if columns is not None and len(columns) != width:
        raise ValueError(f"columns must be {width} texts, one per image; got {len(columns)}.")
    images = np.concatenate(groups)
    margin = 0.3 * sum(text is not None for text in (title, columns, xlabel))
    ax, result = style.axes_and_result(ax, grid_size(images, width, margin=margin, side=1.2))
    draw_images(ax, images, width)
    style.write(ax, title, xlabel)
    ax.set_yticks(np.arange(len(groups)) + 0.5, list(map(str, rows)))
    if columns is not None:
        ax.set_xticks(np.arange(width) + 0.5, list(map(str, columns)))
    return result
