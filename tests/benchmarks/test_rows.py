"""`figures.image_rows` and `figures.error_lines` show the data they are given."""

import numpy as np
import pytest

from benchmarks.claims import figures

RNG = np.random.default_rng(0)


def test_image_rows_hold_each_name_beside_its_images():
    rows = {"first": RNG.random((4, 6, 5)), "second": RNG.random((4, 6, 5, 1))}
    ax = figures.image_rows(rows, "Title", list("abcd"), "columns").axes[0]
    drawn = np.stack([image.get_array() for image in ax.images])
    np.testing.assert_array_equal(drawn[:4], rows["first"])
    np.testing.assert_array_equal(drawn[4:], rows["second"][..., 0])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["first", "second"]
    assert [label.get_text() for label in ax.get_xticklabels()] == list("abcd")
    lowest = ax.images[4].get_extent()  # the second row stands at the second name
    assert (lowest[2] + lowest[3]) / 2 == pytest.approx(ax.get_yticks()[1])


def test_image_rows_name_what_is_wrong():
    images = RNG.random((4, 6, 5))
    with pytest.raises(ValueError, match="rows must be a dict"):
        figures.image_rows({})
    with pytest.raises(ValueError, match="one number and shape"):
        figures.image_rows({"a": images, "b": images[:3]})
    with pytest.raises(ValueError, match="columns must be 4"):
        figures.image_rows({"a": images}, columns=["one"])


def test_error_lines_hold_a_point_for_each_run_and_the_line_of_agreement():
    found = {0.5: [0.48, 0.51], 0.2: [0.2, 0.3]}
    ax = figures.error_lines(found, 0.03, "rarer digit").axes[0]
    points = np.concatenate([np.asarray(dots.get_offsets()) for dots in ax.collections[-2:]])
    np.testing.assert_allclose(sorted(points[:, 1]), [0.2, 0.3, 0.48, 0.51])
    # Points of one true proportion stand side by side, near it.
    assert np.abs(points[2:, 0] - 0.5).max() < 0.03 and np.ptp(points[2:, 0]) > 0
    (line,) = ax.get_lines()
    np.testing.assert_allclose(line.get_xdata(), line.get_ydata())


def test_error_lines_name_what_is_wrong():
    with pytest.raises(ValueError, match="found must be a dict"):
        figures.error_lines({}, 0.03)
    with pytest.raises(ValueError, match="proportions in"):
        figures.error_lines({0.5: [1.2]}, 0.03)
    with pytest.raises(ValueError, match="tolerance"):
        figures.error_lines({0.5: [0.2]}, 0.0)
