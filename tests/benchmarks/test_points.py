"""The panels of points show the points, in their row and column, and which are wrong."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from benchmarks.claims import figures
from intelvae_keras import plots

RNG = np.random.default_rng(0)
PANELS = [[RNG.normal(size=(20, 2)), RNG.normal(size=(30, 2))], [RNG.normal(size=(5, 2)), None]]
NAMES = {"rows": ["circle", "star"], "columns": ["data", "model"]}


def test_panels_hold_the_points_in_order():
    figure = figures.point_panels(PANELS, **NAMES, notes=[["a", "b"], ["c", None]])
    for ax, points in zip(figure.axes, [*PANELS[0], PANELS[1][0]], strict=False):
        np.testing.assert_allclose(ax.collections[0].get_offsets(), points)
    assert not figure.axes[3].collections and not figure.legends
    assert [ax.get_title() for ax in figure.axes] == ["data", "model", "", ""]
    assert [ax.get_ylabel() for ax in figure.axes] == ["circle", "", "star", ""]
    assert [ax.get_xlabel() for ax in figure.axes] == ["a", "b", "c", ""]
    assert len({ax.get_xlim() for ax in figure.axes}) == 1  # one scale for all


def test_wrong_points_are_red_and_in_the_legend():
    mask = np.arange(30) < 4
    wrong = [[None, mask], [None, None]]
    figure = figures.point_panels(PANELS, **NAMES, wrong=wrong, wrong_name="between the modes")
    right, red = figure.axes[1].collections
    np.testing.assert_allclose(red.get_offsets(), PANELS[0][1][:4])
    np.testing.assert_allclose(right.get_offsets(), PANELS[0][1][4:])
    assert to_hex(red.get_facecolor()[0]) == plots.PALETTE[2]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["samples", "between the modes"]


def test_bad_grids_are_refused():
    with pytest.raises(ValueError, match="panels must have 2 rows of 2 entries"):
        figures.point_panels(PANELS[:1], **NAMES)
    with pytest.raises(ValueError, match=r"points of shape \(N, 2\)"):
        figures.point_panels([[np.zeros((3, 3)), None], [None, None]], **NAMES)
    with pytest.raises(ValueError, match=r"masks of shape \(20,\)"):
        figures.point_panels(PANELS, **NAMES, wrong=[[np.ones(3), None], [None, None]])
    with pytest.raises(ValueError, match="notes must have 2 rows"):
        figures.point_panels(PANELS, **NAMES, notes=[])
