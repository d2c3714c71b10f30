"""Two measures against each other: what one costs in terms of the other."""

import numpy as np
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from intelvae_keras.plots import style

_MARKERS = "osD^vP"
# How far from its point a label may stand, in points; from the second on a thin line leads to it.
_RINGS = (10, 24, 38, 52)
_DIRECTIONS = 12


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
    """Writes each label where it covers least of points, lines and labels, and stays on the axes."""
    ax.figure.draw_without_rendering()  # so that the size of a text is known
    taken, words = _drawn(ax), []
    centres = np.array([ax.transData.transform(mean) for _, mean, _ in labels])
    for own, (label, mean, colour) in enumerate(labels):
        others = centres[np.hypot(*(centres - centres[own]).T) > 1]
        tries = [
            (_cost(ax, text, taken) + ring + _doubt(text, centres[own], others, words), text)
            for ring, text in _tries(ax, label, mean, colour)
        ]
        best = min(range(len(tries)), key=lambda index: tries[index][0])  # the first of equal ones
        for index, (_, text) in enumerate(tries):
            if index != best:
                text.remove()
        chosen = tries[best][1]
        taken.append(_box(chosen))
        words.append(_box(chosen))
        if chosen.arrow_patch is not None:
            taken += [Bbox([spot - 1, spot + 1]) for spot in _way(chosen, centres[own])]


def _tries(ax, label, mean, colour):
    """The label in every place that it may have: (number of the ring, annotation)."""
    for ring, distance in enumerate(_RINGS):
        line = (
            {"arrowstyle": "-", "color": colour, "linewidth": 0.8, "shrinkB": 4} if ring else None
        )
        for step in range(_DIRECTIONS):
            angle = np.pi / 2 + step * 2 * np.pi / _DIRECTIONS  # above comes first
            across, up = np.cos(angle), np.sin(angle)
            yield (
                ring,
                ax.annotate(
                    label,
                    mean,
                    (distance * across, distance * up),
                    textcoords="offset points",
                    ha="center" if abs(across) < 0.1 else "left" if across > 0 else "right",
                    va="center" if abs(up) < 0.1 else "bottom" if up > 0 else "top",
                    color=style.INK,
                    fontsize=style.SMALL,
                    arrowprops=line,
                ),
            )


def _cost(ax, text, taken):
    """What a place costs: the square pixels covered, and ten times those outside of the axes."""
    box, page = _box(text), ax.get_window_extent()
    outside = box.width * box.height - _overlap(box, page)
    return 10 * outside + sum(_overlap(box, other) for other in taken)


def _doubt(text, own, others, words):
    """What it costs if a label is nearer to another point than to its own, or its line meets another's."""
    box = _box(text)
    if text.arrow_patch is None:
        nearest = [
            np.hypot(*(np.clip(point, box.min, box.max) - point)) for point in (own, *others)
        ]
        return 200 * float(any(other < nearest[0] + 3 for other in nearest[1:]))
    way = _way(text, own)
    distances = np.hypot(*(way[:, np.newaxis] - others).transpose(2, 0, 1))
    struck = any(word.contains(*spot) for word in words for spot in way)
    return 200 * float((distances < 8).any() or struck)


def _way(text, own):
    """Pixels along the line that leads from a point to its label, without its beginning."""
    box = _box(text)
    end = np.clip(own, box.min, box.max)
    return own + np.linspace(0.3, 1, 15)[:, np.newaxis] * (end - own)


def _box(text):
    """The box of a label's words, without the line that leads to it."""
    text.get_window_extent()  # brings it to its place
    return Text.get_window_extent(text).padded(3)


def _drawn(ax):
    """Boxes of what is there already: the texts, the points, and small steps along the lines."""
    pixels = ax.figure.dpi / 72
    boxes = [text.get_window_extent() for text in (*ax.texts, *ax.get_legend().get_texts())]
    for points in ax.collections:
        offsets = ax.transData.transform(np.reshape(points.get_offsets(), (-1, 2)))
        boxes += [Bbox([centre - 2 * pixels, centre + 2 * pixels]) for centre in offsets]
    for line in ax.get_lines():
        corners = ax.transData.transform(line.get_xydata())
        boxes += [Bbox([centre - 4 * pixels, centre + 4 * pixels]) for centre in corners]
        for start, end in zip(corners[:-1], corners[1:], strict=True):
            for part in np.linspace(0, 1, max(2, int(np.hypot(*(end - start)) / (3 * pixels)))):
                centre = start + part * (end - start)
                boxes.append(Bbox([centre - pixels, centre + pixels]))
    return boxes


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
