"""One look for all figures. Everything is set on the artists themselves, never in rcParams."""

import io
import os
from typing import IO, Any

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.ticker import MaxNLocator

# Ten colours that people with any colour vision can tell apart: M. A. Petroff, "Accessible color
# sequences for data visualization" (2021), arXiv 2107.02270.
PALETTE = (
    "#3f90da",
    "#ffa90e",
    "#bd1f01",
    "#94a4a2",
    "#832db6",
    "#a96b59",
    "#e76300",
    "#b9ac70",
    "#717581",
    "#92dadd",
)
INK = "#2f3640"
FAINT = "#c9ced4"
SMALL, MEDIUM = 9, 10.5  # points
LINE = 1.8
WIDTH = 8.0  # inches: the width of a README or a notebook


class Picture(Figure):
    """A figure that pyplot does not hold on to, and that a notebook shows all the same.

    Args:
        figsize: Width and height in inches, before the margins are cut.
        dpi: Pixels per inch.
        **kwargs: Other arguments of `matplotlib.figure.Figure`.
    """

    def __init__(self, figsize: tuple[float, float], dpi: float = 150, **kwargs: Any):
        super().__init__(
            figsize=figsize, dpi=dpi, **{"layout": "constrained", "facecolor": "white"} | kwargs
        )

    def savefig(self, fname: str | os.PathLike | IO[bytes], **kwargs: Any) -> None:
        """Saves the figure as matplotlib does, with the margins cut to fit: nothing is clipped or wasted.

        Args:
            fname: Where to: a path, or an open binary file.
            **kwargs: Other arguments of `Figure.savefig`, such as `dpi` and `format`.
        """
        super().savefig(fname, **{"bbox_inches": "tight", "pad_inches": 0.08} | kwargs)

    def _repr_png_(self):
        buffer = io.BytesIO()
        self.savefig(buffer, format="png")
        return buffer.getvalue()


def axes_and_result(ax: Axes | None, figsize: tuple[float, float]) -> tuple[Axes, Figure | Axes]:
    """The axes to draw on, and what to return: a new figure, or the axes given."""
    if ax is not None:
        if not isinstance(ax, Axes):
            raise TypeError(f"ax must be matplotlib axes, as of plt.subplots(); got {ax!r}.")
        return ax, ax
    figure = Picture(figsize)
    return figure.add_subplot(), figure


def tidy(
    ax: Axes, title: str | None = None, xlabel: str | None = None, ylabel: str | None = None
) -> None:
    """Leaves only the spines that carry ticks, and writes title and labels."""
    ax.set_facecolor("none")
    ax.grid(False)
    ax.spines[["top", "right"]].set_visible(False)
    for spine in ax.spines.values():
        spine.set(color=INK, linewidth=0.8)
    ax.tick_params(colors=INK, labelsize=SMALL, length=3)
    write(ax, title, xlabel, ylabel)


def write(
    ax: Axes, title: str | None = None, xlabel: str | None = None, ylabel: str | None = None
) -> None:
    """Writes title and labels."""
    if title is not None:
        ax.set_title(title, fontsize=MEDIUM, color=INK)
    if xlabel is not None:
        ax.set_xlabel(xlabel, fontsize=SMALL, color=INK)
    if ylabel is not None:
        ax.set_ylabel(ylabel, fontsize=SMALL, color=INK)


def equal_scales(ax: Axes) -> None:
    """One scale for both axes, with ticks that leave room for their labels."""
    ax.set_aspect("equal", adjustable="datalim")
    ax.locator_params(nbins=6)


def without_frame(ax: Axes) -> None:
    """Removes spines and tick marks; tick labels stay."""
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.tick_params(colors=INK, labelsize=SMALL, length=0)


def whole_numbers(axis: Axis) -> None:
    """Ticks at whole numbers only."""
    axis.set_major_locator(MaxNLocator(integer=True))


def legend(owner: Axes | Figure, **kwargs: Any) -> Legend:
    """A legend without a frame, of axes or of a figure."""
    drawn = owner.legend(
        **{"frameon": False, "fontsize": SMALL, "labelcolor": INK, "title_fontsize": SMALL} | kwargs
    )
    drawn.get_title().set_color(INK)
    return drawn
