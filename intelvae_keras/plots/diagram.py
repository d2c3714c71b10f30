"""The picture of the model: x -> encoder -> y -> g -> z -> decoder -> x."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Polygon

from intelvae_keras.plots import style

_BLUE, _ORANGE, _PURPLE = "#2f7fc9", style.PALETTE[1], style.PALETTE[4]
_OCHRE = "#a86900"  # the orange, dark enough for words
_PAPER = "#f4f6f8"
_GROUND = -0.7  # the height at which the densities stand
_ARROWS = ((1.85, 2.6), (4.4, 5.1), (7.35, 7.8), (9.4, 9.85), (12.15, 12.8), (14.6, 15.35))


def model_diagram(ax: Axes | None = None) -> Figure | Axes:
    """Diagram of an InteL-VAE: the Gaussian stays on y, the mapping g shapes z.

    Args:
        ax: Axes to draw on, in place of a new figure.

    Returns:
        The figure, or `ax`.
    """
    ax, result = style.axes_and_result(ax, (9, 2.7))
    ax.set_axis_off()
    _digit(ax, 1.0)
    _trapezium(ax, 3.5, 1.0, 0.55, "encoder")
    _density(ax, 6.2, [0.0], 0.34, _BLUE)
    _box(ax, 8.6)
    _density(ax, 11.0, [-0.55, 0.55], 0.14, _ORANGE)
    _trapezium(ax, 13.7, 0.55, 1.0, "decoder")
    _digit(ax, 16.2)
    for start, end in _ARROWS:
        _arrow(ax, (start, 0), (end, 0))
    _caption(ax, 1.0, "$x$", "data")
    _caption(ax, 3.5, "$q(y\\,|\\,x)$", "posterior")
    _caption(ax, 6.2, "$p(y) = N(0, I)$", "intermediary latents", _BLUE)
    _caption(ax, 8.6, "$z = g(y)$", "inductive bias", _PURPLE)
    _caption(ax, 11.0, "$p(z)$", "structured latents", _OCHRE)
    _caption(ax, 13.7, "$p(x\\,|\\,z)$", "likelihood")
    _caption(ax, 16.2, "$\\mathrm{E}[x\\,|\\,z]$", "reconstruction")
    # The two terms of the ELBO, each over what it looks at.
    _term(ax, 3.5, 6.2, "small $\\mathrm{KL}(\\,q(y\\,|\\,x)\\;\\|\\;p(y)\\,)$")
    _term(ax, 13.7, 16.2, "large $\\log p(x\\,|\\,z)$")
    _text(ax, 8.6, 1.95, "what you know of the data", _PURPLE)
    _arrow(ax, (8.6, 1.6), (8.6, 0.85), _PURPLE)
    ax.set(xlim=(-0.1, 17.4), ylim=(-2.3, 2.4), aspect="equal")  # imshow has set others
    return result


def _text(ax, x, y, text, colour=style.INK, size=style.SMALL):
    ax.text(x, y, text, ha="center", va="center", color=colour, fontsize=size)


def _caption(ax, x, symbol, words, colour=style.INK):
    _text(ax, x, -1.4, symbol, colour, size=12)
    _text(ax, x, -2.0, words, colour)


def _term(ax, start, end, text):
    """A bracket over the columns from start to end, and a term of the ELBO above it."""
    corners = [1.3, 1.5, 1.5, 1.3]
    ax.plot([start, start, end, end], corners, color=style.FAINT, linewidth=1.2)
    _text(ax, (start + end) / 2, 1.95, text)


def _digit(ax, x):
    """A little image of a zero."""
    across, down = np.meshgrid(np.linspace(-1, 1, 14), np.linspace(-1, 1, 14))
    radius = np.hypot(across / 0.75, down)
    image = np.exp(-(((radius - 0.68) / 0.2) ** 2))
    extent = (x - 0.75, x + 0.75, -0.75, 0.75)
    ax.imshow(image, extent=extent, cmap="gray", interpolation="nearest")


def _trapezium(ax, x, left, right, name):
    corners = [(x - 0.8, -left), (x - 0.8, left), (x + 0.8, right), (x + 0.8, -right)]
    ax.add_patch(Polygon(corners, facecolor=_PAPER, edgecolor=style.INK, linewidth=1.2))
    _text(ax, x, 0, name)


def _density(ax, x, centres, width, colour):
    across = np.linspace(-1.05, 1.05, 300)
    heights = sum(np.exp(-(((across - centre) / width) ** 2) / 2) for centre in centres)
    top = _GROUND + 1.4 * heights
    ax.fill_between(x + across, _GROUND, top, color=colour, linewidth=0, alpha=0.85)
    ax.plot(x + across[[0, -1]], [_GROUND, _GROUND], color=colour, linewidth=1.2)


def _box(ax, x):
    """A box with the steep curve of g."""
    shape = "round,pad=0.06,rounding_size=0.15"
    colours = {"facecolor": "white", "edgecolor": _PURPLE, "linewidth": style.LINE}
    ax.add_patch(FancyBboxPatch((x - 0.6, -0.6), 1.2, 1.2, boxstyle=shape, **colours))
    across = np.linspace(-0.45, 0.45, 200)
    curve = 0.32 * np.tanh(across / 0.03) + 0.3 * across
    ax.plot(x + across, curve, color=_PURPLE, linewidth=style.LINE)


def _arrow(ax, start, end, colour=style.INK):
    look = {"arrowstyle": "-|>", "mutation_scale": 10, "shrinkA": 0, "shrinkB": 0}
    ax.add_patch(FancyArrowPatch(start, end, color=colour, linewidth=1.1, **look))
