"""Two measures against each other: what one costs in terms of the other."""

import numpy as np

from intelvae_keras.plots import style

_MARKERS = "osD^vP"


def tradeoff(curves, xlabel, ylabel, target=None, target_label=None, ax=None):
    """A curve for each family of models: small dots are the seeds, large ones their means.

    Args:
        curves: {family: [(label, x_values, y_values), ...]}: the points of a curve in their order,
            each with its values over seeds; the label, such as "γ = 3", or None stands beside it.
        xlabel: Name of the first measure, and which way is better.
        ylabel: Name of the second.
        target: (x, y) of the corner of the region that is wanted, to the right of x and below y.
        target_label: What stands in that region.
        ax: Axes to draw on, in place of a new figure.

    Returns:
        The figure, or `ax`.

    Raises:
        ValueError: If there are no curves, or a point lacks values or has not as many x as y.
    """
    if not curves or not all(curves.values()):
        raise ValueError(f"curves must hold at least one, each with a point; got {curves}.")
    for name, points in curves.items():
        for label, x, y in points:
            if len(x) == 0 or len(x) != len(y):
                raise ValueError(
                    f"curves must have as many x as y in each point, at least one; {name!r}, {label!r} "
                    f"has {len(x)} and {len(y)}."
                )
    ax, result = style.axes_and_result(ax, (6.4, 4.4))
    for index, (name, points) in enumerate(curves.items()):
        colour = style.PALETTE[index % len(style.PALETTE)]
        means = np.array([(np.mean(x), np.mean(y)) for _, x, y in points])
        for _, x, y in points:
            ax.scatter(x, y, s=7, color=colour, linewidths=0)
        ax.plot(
            *means.T,
            color=colour,
            linewidth=style.LINE,
            marker=_MARKERS[index % len(_MARKERS)],
            label=name,
        )
        _write_labels(ax, points, means, colour)
    if target is not None:
        _shade(ax, target, target_label)
    style.tidy(ax, None, xlabel, ylabel)
    style.legend(ax, loc="best")
    return result


def _write_labels(ax, points, means, colour):
    for (label, _, _), mean in zip(points, means, strict=True):
        if label:
            ax.annotate(
                label,
                mean,
                (0, 7),
                textcoords="offset points",
                ha="center",
                color=colour,
                fontsize=style.SMALL,
            )


def _shade(ax, target, label):
    """The region right of and below `target`, within the limits that the curves have set."""
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    x, y = target
    right, bottom = max(right, x + 0.05 * (right - left)), min(bottom, y - 0.05 * (top - bottom))
    ax.fill_between([x, right], bottom, y, color=style.FAINT, alpha=0.5, linewidth=0, zorder=0)
    ax.set(xlim=(left, right), ylim=(bottom, top))
    if label:
        ax.text(
            right, bottom, label, ha="right", va="bottom", fontsize=style.SMALL, color=style.INK
        )
