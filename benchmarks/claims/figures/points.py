"""Points of the plane, many models beside each other."""

import numpy as np

from intelvae_keras.plots import style

_WRONG = style.PALETTE[2]


def point_panels(panels, rows, columns, wrong=None, wrong_name="far from the data", notes=None):
    """A grid of scatter plots with one scale, such as samples of models (columns) on toys (rows).

    Args:
        panels: For each row, for each column, points of shape (N, 2), or None for an empty panel.
        rows: Names of the rows.
        columns: Names of the columns.
        wrong: Like `panels`, masks of shape (N,): points drawn in red, on top; None for none.
        wrong_name: What the red points are, for the legend.
        notes: Like `panels`, a short text below each panel, or None.

    Returns:
        The figure.

    Raises:
        ValueError: If there is not one list per row and one entry per column, if points are not of
            shape (N, 2), N >= 1, or a mask does not fit its points.
    """
    _check_grid("panels", panels, rows, columns)
    for name, grid in (("wrong", wrong), ("notes", notes)):
        if grid is not None:
            _check_grid(name, grid, rows, columns)
    panels = [[None if points is None else _checked(points) for points in row] for row in panels]
    every = [points for row in panels for points in row if points is not None]
    # The bulk decides: a few samples far away would shrink all the others.
    limit = 1.05 * max((float(np.quantile(np.abs(points), 0.995)) for points in every), default=1.0)
    limit = limit or 1.0
    size = style.WIDTH / len(columns)
    figure = style.Picture((style.WIDTH, size * 1.12 * len(rows) + 0.5), dpi=110)
    axes = figure.subplots(len(rows), len(columns), squeeze=False)
    legend = {}
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            ax = axes[i, j]
            style.without_frame(ax)
            ax.set(xticks=[], yticks=[], xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal")
            style.write(ax, column if i == 0 else None, None, row if j == 0 else None)
            if notes is not None and notes[i][j] is not None:
                style.write(ax, xlabel=notes[i][j])
            if panels[i][j] is not None:
                mask = None if wrong is None else wrong[i][j]
                legend |= _draw(ax, panels[i][j], mask, wrong_name)
    if wrong_name in legend:
        style.legend(
            figure,
            handles=list(legend.values()),
            loc="outside lower center",
            ncols=2,
            markerscale=5,
        )
    return figure


def _draw(ax, points, mask, wrong_name):
    """Draws the points; returns the artists by their name in the legend."""
    mask = np.zeros(len(points), bool) if mask is None else np.asarray(mask, bool)
    if mask.shape != (len(points),):
        raise ValueError(f"wrong must hold masks of shape ({len(points)},); got {mask.shape}.")
    drawn = {}
    for name, chosen, colour in (("samples", ~mask, style.PALETTE[0]), (wrong_name, mask, _WRONG)):
        if chosen.any():
            drawn[name] = ax.scatter(
                *points[chosen].T, s=1.5, color=colour, linewidths=0, label=name, rasterized=True
            )
    return drawn


def _checked(points):
    points = np.asarray(points, dtype="float64")
    if points.ndim != 2 or points.shape[1] != 2 or len(points) == 0:
        raise ValueError(f"panels must hold points of shape (N, 2), N >= 1; got {points.shape}.")
    return points


def _check_grid(name, grid, rows, columns):
    if len(grid) != len(rows) or any(len(row) != len(columns) for row in grid):
        raise ValueError(
            f"{name} must have {len(rows)} rows of {len(columns)} entries; "
            f"got rows of {[len(row) for row in grid]} entries."
        )
