"""Learned proportions against true ones."""

import numpy as np

from intelvae_keras.plots import style

_APART = 0.012  # between the runs of one true proportion, which would hide each other


def error_lines(found, tolerance, name="cluster", ax=None):
    """Learned against true proportions: a dot for each run, the line of agreement, and a band around it.

    Args:
        found: A dict, the true proportion to the learned proportions of several runs, all in [0, 1].
        tolerance: The half width of the band of errors that are aimed at, > 0.
        name: Of what the proportions are.
        ax: Axes to draw on, in place of a new figure.

    Returns:
        The figure, or `ax`.

    Raises:
        ValueError: If `found` is empty or holds other than proportions, or tolerance is not > 0.
    """
    if not isinstance(found, dict) or not found:
        raise ValueError(f"found must be a dict from true to learned proportions; got {found!r}.")
    if not tolerance > 0:
        raise ValueError(f"tolerance must be > 0; got {tolerance}.")
    learned = {float(true): np.asarray(values, "float64") for true, values in found.items()}
    every = np.concatenate([np.array(list(learned)), *learned.values()])
    if not (every.min() >= 0 and every.max() <= 1):  # NaN fails, too
        raise ValueError(f"found must hold proportions in [0, 1]; got {found!r}.")
    ax, result = style.axes_and_result(ax, (4.6, 4.2))
    end = np.array([0.0, min(1.0, every.max() + 0.08)])
    ax.fill_between(
        end,
        end - tolerance,
        end + tolerance,
        color=style.FAINT,
        linewidth=0,
        label=f"error below {tolerance:g}",
    )
    ax.plot(end, end, color=style.INK, linewidth=0.8, label="learned = true")
    for index, (true, values) in enumerate(sorted(learned.items())):
        beside = (np.arange(len(values)) - (len(values) - 1) / 2) * _APART
        colour = style.PALETTE[0]
        label = "one run" if index == 0 else None
        ax.scatter(true + beside, values, s=28, color=colour, linewidths=0, label=label, zorder=3)
    ax.set(xlim=end, ylim=end)
    ax.set_aspect("equal")
    style.tidy(
        ax,
        "Learned proportions",
        f"true proportion of the {name}",
        f"learned proportion of the {name}",
    )
    style.legend(ax, loc="lower right")
    return result
