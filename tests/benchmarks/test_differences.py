"""The map of differences shows the numbers it was given, and which of them are clear."""

import numpy as np
import pytest

from benchmarks.claims import figures
from intelvae_keras import plots

VALUES = np.array([[1.0, -2.04, 0.0], [3.0, 0.5, -0.04]])
CLEAR = np.array([[True, False, False], [False, False, True]])


def test_each_cell_has_its_number_and_a_star_where_clear():
    ax = figures.difference_map(VALUES, CLEAR, ["a", "b"], ["c", "d", "e"], "points").axes[0]
    cells = {text.get_position(): text.get_text() for text in ax.texts}
    assert cells[0, 0] == "+1.0*" and cells[1, 0] == "-2.0" and cells[0, 1] == "+3.0"
    assert [text.endswith("*") for text in cells.values()] == CLEAR.ravel().tolist()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["c", "d", "e"]
    assert ax.get_title() == "points" and "95% interval" in ax.get_xlabel()


def test_zero_is_white_and_the_signs_have_colours_of_their_own():
    image = figures.difference_map(VALUES, CLEAR, ["a", "b"], ["c", "d", "e"]).axes[0].images[0]
    np.testing.assert_array_equal(image.get_array(), VALUES)
    red, _, blue, _ = np.moveaxis(image.to_rgba(image.get_array()), -1, 0)
    assert (blue > red)[VALUES > 0.1].all() and (red > blue)[VALUES < -0.1].all()
    assert abs(red[0, 2] - blue[0, 2]) < 0.02


def test_differences_of_0_and_axes_given():
    ax = plots.Picture((4, 3)).add_subplot()
    assert figures.difference_map([[0.0]], [[False]], ["a"], ["b"], ax=ax) is ax
    assert ax.texts[0].get_text() == "+0.0"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((VALUES, CLEAR, ["a"], ["c", "d", "e"]), "differences must have shape"),
        ((VALUES, CLEAR[:1], ["a", "b"], ["c", "d", "e"]), "clear must have shape"),
        ((np.zeros((0, 0)), np.zeros((0, 0)), [], []), "differences must have shape"),
        ((VALUES * np.nan, CLEAR, ["a", "b"], ["c", "d", "e"]), "differences must be finite"),
    ],
)
def test_bad_arguments_are_named(arguments, named):
    with pytest.raises(ValueError, match=named):
        figures.difference_map(*arguments)


def test_maps_of_one_scale_have_one_key():
    figure = plots.Picture((6, 3))
    panels = figure.subplots(1, 2)
    for ax, values in zip(panels, (VALUES, 2 * VALUES), strict=True):
        figures.difference_map(values, CLEAR, ["a", "b"], ["c", "d", "e"], ax=ax, largest=6.0)
    figures.colour_key(figure, panels, "points")
    key = figure.axes[-1]
    assert key.get_ylabel() == "points" and key.get_ylim() == (-6, 6)
    first, second = (ax.images[0] for ax in panels)
    np.testing.assert_allclose(first.to_rgba(2.0), second.to_rgba(2.0))
