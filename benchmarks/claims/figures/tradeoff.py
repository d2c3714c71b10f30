"""Two measures against each other: what one costs in terms of the other."""

import numpy as np
from matplotlib.transforms import Bbox

from intelvae_keras.plots import style

_MARKERS = "osD^vP"
# Where a label may stand beside its point: offset in points, and which side of the text is there.
_PLACES = (
    ((0, 7), "center", "bottom"),
    ((0, -7), "center", "top"),
    ((8, 0), "left", "center"),
    ((-8, 0), "right", "center"),
    ((7, 9), "left", "bottom"),
    ((7, -9), "left", "top"),
    ((-7, 9), "right", "bottom"),
    ((-7, -9), "right", "top"),
)


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
    labels = []
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
        labels += [(p[0], mean, colour) for p, mean in zip(points, means, strict=True) if p[0]]
    if target is not None:
        _shade(ax, target, target_label)
    style.tidy(ax, None, xlabel, ylabel)
    style.legend(ax, loc="best")
    _write_labels(ax, labels)
    return result


def _write_labels(ax, labels):
    """Writes each label where it covers least of the points and labels, and stays on the axes."""
    ax.figure.draw_without_rendering()  # so that the size of a text is known
    page = ax.get_window_extent()
    centres = [ax.transData.transform(mean) for _, mean, _ in labels]
    radius = ax.figure.dpi / 72 * 4  # pixels of a marker
    taken = [Bbox([centre - radius, centre + radius]) for centre in centres]
    for label, mean, colour in labels:
        tries = []
        for offset, horizontal, vertical in _PLACES:
            text = ax.annotate(
                label,
                mean,
                offset,
                textcoords="offset points",
                ha=horizontal,
                va=vertical,
                color=colour,
                fontsize=style.SMALL,
            )
            box = text.get_window_extent()
            outside = box.width * box.height - _overlap(box, page)
            tries.append((outside + sum(_overlap(box, other) for other in taken), text, box))
        best = min(range(len(tries)), key=lambda index: tries[index][0])  # the first of equal ones
        for index, (_, text, _) in enumerate(tries):
            if index != best:
                text.remove()
        taken.append(tries[best][2])


def _overlap(one, other):
    """The area that two boxes share, in square pixels."""
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return max(width, 0) * max(height, 0)


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
