"""Where one model is better than another: a map of differences."""

import numpy as np

from intelvae_keras.plots import style


def difference_map(differences, clear, rows, columns, title=None, ax=None, largest=None):
    """Differences as a map, blue above 0 and red below, those that are clear marked with a star.

    Args:
        differences: Shape (R, C), such as points of accuracy more than a baseline.
        clear: Booleans, shape (R, C): whether to mark it, such as where an interval excludes 0.
        rows: R names.
        columns: C names.
        title: What the numbers are.
        ax: Axes to draw on, in place of a new figure.
        largest: The size of difference that has the full colour, so that several maps have one scale;
            by default that of the largest one here.

    Returns:
        The figure, or `ax`; `colour_key` adds the key.

    Raises:
        ValueError: If the shapes do not fit, or a difference is not finite.
    """
    differences, clear = np.asarray(differences, "float64"), np.asarray(clear, bool)
    expected = (len(rows), len(columns))
    for name, array in (("differences", differences), ("clear", clear)):
        if array.shape != expected or array.size == 0:
            raise ValueError(
                f"{name} must have shape {expected}, rows by columns, none of them 0; "
                f"got {array.shape}."
            )
    if not np.isfinite(differences).all():
        raise ValueError("differences must be finite; got NaN or infinite values.")
    ax, result = style.axes_and_result(ax, (1.6 + 0.55 * len(columns), 1.2 + 0.42 * len(rows)))
    largest = max(np.abs(differences).max() if largest is None else largest, 1e-12)
    ax.imshow(differences, cmap="RdBu", vmin=-largest, vmax=largest, aspect="auto")
    for (row, column), value in np.ndenumerate(differences):
        star = "*" if clear[row, column] else ""
        ax.text(
            column,
            row,
            f"{round(value, 1) + 0.0:+.1f}{star}",  # + 0.0: no "-0.0"
            ha="center",
            va="center",
            fontsize=style.SMALL - 1.5,
            fontweight="bold" if star else "normal",
            color="white" if abs(value) > 0.6 * largest else style.INK,
        )
    ax.set_xticks(range(len(columns)), columns, rotation=45, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(rows)), rows)
    style.without_frame(ax)
    style.write(ax, title, "* the 95% interval excludes 0")
    return result


def colour_key(figure, axes, label):
    """A bar beside the maps on `axes`, which have one scale: what a colour means, in the unit `label`."""
    key = figure.colorbar(np.ravel(axes)[0].images[0], ax=axes, shrink=0.6, aspect=30)
    key.outline.set_visible(False)
    key.ax.tick_params(colors=style.INK, labelsize=style.SMALL, length=3)
    style.write(key.ax, ylabel=label)
