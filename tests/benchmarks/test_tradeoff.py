"""The trade-off's figure shows the values it was given, their means, and the region wanted."""

import numpy as np
import pytest
from matplotlib.text import Text

from benchmarks.claims import figures
from intelvae_keras import plots

pytestmark = pytest.mark.slow  # each draws a figure

CURVES = {
    "first": [("γ = 1", [0.1, 0.3], [3.0, 5.0]), ("γ = 3", [0.6], [7.0])],
    "second": [(None, [0.2, 0.2], [2.0, 6.0])],
}


def test_means_are_joined_and_each_seed_is_a_dot():
    ax = figures.tradeoff(CURVES, "sparsity", "distance").axes[0]
    first, second = ax.get_lines()
    np.testing.assert_allclose(first.get_xydata(), [(0.2, 4.0), (0.6, 7.0)])
    np.testing.assert_allclose(second.get_xydata(), [(0.2, 4.0)])
    dots = [np.asarray(dots.get_offsets()).tolist() for dots in ax.collections]
    assert dots == [[[0.1, 3.0], [0.3, 5.0]], [[0.6, 7.0]], [[0.2, 2.0], [0.2, 6.0]]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["first", "second"]
    assert [text.get_text() for text in ax.texts] == ["γ = 1", "γ = 3"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("sparsity", "distance")


@pytest.mark.parametrize("target", [(0.4, 4.0), (0.9, 1.0)])  # within the curves' limits, and not
def test_the_region_wanted_lies_right_of_and_below_its_corner(target):
    ax = figures.tradeoff(CURVES, "x", "y", target, "wanted").axes[0]
    corners = ax.collections[-1].get_paths()[0].get_extents()
    assert (corners.x0, corners.y1) == pytest.approx(target)
    assert corners.width > 0 and corners.height > 0
    assert ax.get_xlim()[1] == pytest.approx(corners.x1)
    assert ax.get_ylim()[0] == pytest.approx(corners.y0)
    assert ax.texts[0].get_text() == "wanted"


@pytest.mark.slow
def test_labels_of_points_at_one_place_do_not_cover_each_other():
    same = [(f"γ = {gamma}", [0.5], [4.0]) for gamma in (0, 1, 3, 10, 30, 100)]
    apart = [("far", [0.0], [0.0]), ("away", [1.0], [8.0])]
    figure = figures.tradeoff({"same": same, "apart": apart}, "x", "y")
    ax = figure.axes[0]
    figure.draw_without_rendering()
    boxes = [Text.get_window_extent(text) for text in ax.texts]  # the words, without their lines
    assert len(boxes) == 8
    assert not any(one.overlaps(other) for i, one in enumerate(boxes) for other in boxes[:i])
    points = ax.transData.transform([(0.5, 4.0), (0.0, 0.0), (1.0, 8.0)])
    assert not any(box.contains(*point) for box in boxes for point in points)


def test_axes_given_are_drawn_on_and_returned():
    ax = plots.Picture((4, 3)).add_subplot()
    assert figures.tradeoff(CURVES, "x", "y", ax=ax) is ax and ax.has_data()


@pytest.mark.parametrize(
    "curves", [{}, {"a": []}, {"a": [("b", [], [])]}, {"a": [("b", [1.0], [1.0, 2.0])]}]
)
def test_bad_curves_are_named(curves):
    with pytest.raises(ValueError, match="curves must"):
        figures.tradeoff(curves, "x", "y")
