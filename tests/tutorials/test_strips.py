"""Strips of stored runs: which runs they take, and what they draw of them."""

import ast
import math
import shutil

import jupytext
import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy import stats

import tutorials
from benchmarks.claims.report import mean_ci
from benchmarks.clusters import line
from course import strips


def test_runs_are_those_of_the_section_by_seed():
    found = strips.runs("hierarchy", data="fashion_mnist", model="flat")
    seeds = [record["job"]["seed"] for record in found]
    assert seeds == sorted(set(seeds)) and len(seeds) == 3
    assert {record["job"]["model"] for record in found} == {"flat"}
    starts = strips.runs("proportions", of="clusters", proportion=0.05, seed=805)
    assert [record["job"]["start"] for record in starts] == [0, 1, 2]


@pytest.mark.parametrize("wrong", [{"section": "none"}, {"section": "hierarchy", "model": "tree"}])
def test_a_setting_that_no_run_has_is_an_error(wrong):
    with pytest.raises(ValueError, match="No run of claims has"):
        strips.runs(**wrong)


def test_a_file_that_there_is_not_is_an_error():
    with pytest.raises(ValueError, match="of must be one of claims, clusters, tables, clinic"):
        strips.runs("hierarchy", of="speed")


def test_a_copy_of_the_course_elsewhere_reads_the_runs_beside_the_package(tmp_path, monkeypatch):
    strips._stored.cache_clear()
    monkeypatch.setattr(strips, "_course", lambda: tmp_path / "mine" / "course")
    assert strips.runs("hierarchy")
    strips._stored.cache_clear()
    monkeypatch.setattr(strips.intelvae_keras, "__file__", str(tmp_path / "lib" / "p" / "x.py"))
    with pytest.raises(FileNotFoundError, match="Take the whole repository"):
        strips.runs("hierarchy")
    copy = tmp_path / "benchmarks" / "results"
    copy.mkdir(parents=True)
    shutil.copy(
        strips.__file__, copy / "claims.json"
    )  # no JSON: the copy beside the course is read
    with pytest.raises(ValueError):
        strips.runs("hierarchy")


def test_the_interval_is_that_of_scipy_and_of_the_claims():
    values = [71.0, 69.5, 73.0]
    mean, half = strips.mean_half(values)
    theirs = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert np.allclose([mean - half, mean + half], theirs, rtol=1e-12)
    assert np.allclose((mean, half), mean_ci(values))
    assert strips.words(values) == f"{mean:.1f} ± {half:.1f}"
    assert strips.words([1.25, 1.35], 1, sign=True).startswith("+1.3 ± ")
    assert strips.words([4.0]) == "4.0" and math.isnan(strips.mean_half([4.0])[1])


def test_a_strip_has_a_dot_for_each_seed_and_a_bar_for_the_interval():
    figure, ax = plt.subplots()
    rows = {"a": [1.0, 2.0, 6.0], "b": [4.0]}
    strips.draw(ax, rows, digits=1)
    dots = [points.get_offsets() for points in ax.collections]
    assert [list(points[:, 0]) for points in dots] == list(rows.values())
    mean, half = strips.mean_half(rows["a"])
    bars = [line.get_xdata() for line in ax.lines if line.get_ydata()[0] == line.get_ydata()[1]]
    assert np.allclose(bars, [[mean - half, mean + half]])  # one seed has no interval
    assert [text.get_text() for text in ax.texts] == [strips.words(rows["a"]), "4.0"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
    plt.close(figure)


def test_origin_says_how_many_seeds_and_how_to_repeat_them(capsys):
    strips.origin(strips.runs("hierarchy", model="flat"))
    out = capsys.readouterr().out
    assert (
        "3 stored runs, 3 seeds from 1000 to 1002" in out and "python -m benchmarks.claims" in out
    )


def test_notebook_06_names_the_settings_of_the_study():
    (source,) = tutorials.sources(["06"])
    cells = [c.source for c in jupytext.read(source, fmt="py:percent").cells]
    (node,) = [
        node
        for cell in cells
        if "SETTINGS = {" in cell
        for node in ast.parse(cell).body
        if isinstance(node, ast.Assign) and node.targets[0].id == "SETTINGS"
    ]
    for recipe, words in ast.literal_eval(node.value).items():
        strength, width, opening = line.RECIPES[recipe]
        when = (
            "from the start"
            if opening is None
            else "{:.0f} to {:.0f}%".format(*(100 * part for part in opening))
        )
        assert words == f"{strength:g}, {width:g}, {when}"
