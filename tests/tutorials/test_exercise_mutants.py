"""The checks refuse each solution with one fault in it, and the solutions run where learners paste them."""

import ast
import contextlib

import exercise_mutants  # scripts/exercise_mutants.py
import jupytext
import pytest
from exercise_equivalents import EQUIVALENTS

import tutorials  # scripts/tutorials.py
from course.exercise import source_of

EXERCISES = dict(exercise_mutants.exercises(exercise_mutants.CHAPTERS))
each_exercise = pytest.mark.parametrize("name", EXERCISES)


@each_exercise
def test_a_solution_with_a_fault_is_refused(name):
    verdicts = list(exercise_mutants.judged(EXERCISES[name]))
    passed = {change for change, state, _ in verdicts if state == "right"}
    assert passed == set(EQUIVALENTS.get(name, {}))
    assert verdicts
    assert all(message for _, state, message in verdicts if state == "not yet")


def names_above(chapter, exercise):
    """The imports, functions and classes of a notebook, down to the cell with this exercise's check."""
    (source,) = tutorials.sources([chapter[2:]])
    namespace = {"__name__": "__main__"}
    for cell in jupytext.read(source, fmt="py:percent").cells:
        if cell.cell_type == "code":
            for node in ast.parse(cell.source).body:
                if isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef):
                    with contextlib.suppress(
                        NameError
                    ):  # a class that needs a value of the notebook
                        exec(compile(ast.Module([node], []), str(source), "exec"), namespace)
            if f"check.{exercise}(" in cell.source:
                return namespace
    raise AssertionError(f"{source.name} has no check.{exercise}(...)")


@each_exercise
def test_the_printed_solution_runs_in_its_notebook(name):
    exercise = EXERCISES[name]
    namespace = names_above(*name.split("-"))
    with exercise_mutants.names_kept():
        exec(source_of(exercise.reference), namespace)
        assert exercise.verdict(namespace[exercise.reference.__name__]) == ("right", "")


def test_a_solution_that_needs_what_its_notebook_lacks_is_noticed():
    namespace = names_above("ch02", "bits")
    exec("def my_bits(log_p, num_values):\n    return -log_p / num_values / log(2)", namespace)
    assert "NameError" in EXERCISES["ch02-bits"].verdict(namespace["my_bits"])[1]


@each_exercise
def test_each_solution_says_why(name):
    why = EXERCISES[name].why
    assert len(why.split()) >= 12 and why.endswith((".", ".)"))
