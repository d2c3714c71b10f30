"""Every exercise of the course: what is right is accepted, what is wrong is told why."""

import importlib
import pathlib

import pytest

from course.exercise import Exercise

COURSE = pathlib.Path(__file__).parents[2] / "tutorials" / "course"
CHAPTERS = {p.stem: importlib.import_module(f"course.{p.stem}") for p in COURSE.glob("ch*.py")}
EXERCISES = {
    f"{chapter}-{exercise.name}": exercise
    for chapter, module in sorted(CHAPTERS.items())
    for exercise in vars(module).values()
    if isinstance(exercise, Exercise)
}


def exercises(function):
    return pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)(function)


@exercises
@pytest.mark.parametrize("form", ["reference", "second"])
def test_right_answers_are_accepted_and_returned(exercise, form, capsys):
    answer = getattr(exercise, form)
    assert exercise.verdict(answer) == ("right", "")
    assert exercise(answer) is (answer if exercise.fits(answer) else exercise.reference)
    assert capsys.readouterr().out.startswith(f"{exercise.name}: right.")
    assert exercise.fits(exercise.reference)


@exercises
def test_wrong_answers_are_rejected_each_with_its_own_message(exercise, capsys):
    messages = {}
    for name, (answer, words) in exercise.wrong.items():
        state, messages[name] = exercise.verdict(answer)
        assert state == "not yet", name
        assert words in messages[name], f"{name}: {messages[name]}"
        assert exercise(answer) is exercise.reference
        assert "not yet" in capsys.readouterr().out
    assert len(exercise.wrong) >= 3
    assert len({words for _, words in exercise.wrong.values()}) >= 3


def stub(*arguments): ...


def stub_with_docstring(*arguments):
    """Does what you write."""
    ...


@exercises
@pytest.mark.parametrize(
    "answer", [..., stub, stub_with_docstring], ids=["dots", "stub", "stub with docstring"]
)
def test_stubs_are_not_attempted(exercise, answer, capsys):
    assert exercise.verdict(answer) == ("not attempted", "")
    assert exercise(answer) is exercise.reference
    assert f"{exercise.name}: not attempted. Replace" in capsys.readouterr().out


def _raises(*arguments):
    raise RuntimeError("oh")


ODD = {
    "None": None,
    "text": "left",
    "empty text": "",
    "NaN": float("nan"),
    "a list of texts": ["a", "b"],
    "a ragged list": [[1, 2], [3]],
    "a dict": {"a": 1},
    "an object": object(),
    "a class": type("Nothing", (), {}),
    "a module": pathlib,
    "no arguments": lambda: 1.0,
    "too many arguments": lambda a, b, c, d, e, f, g: 1.0,
    "returns None": lambda *arguments: print(end=""),
    "returns text": lambda *arguments: "right",
    "returns NaN": lambda *arguments: float("nan"),
    "raises": _raises,
}


@exercises
@pytest.mark.parametrize("name", ODD)
def test_odd_answers_are_not_yet_without_a_traceback(exercise, name):
    state, message = exercise.verdict(ODD[name])
    assert state == "not yet", name
    assert message and "\n" not in message


def test_hints_come_one_after_another_and_solutions_are_the_tested_ones(capsys):
    for module in CHAPTERS.values():
        for exercise in vars(module).values():
            if not isinstance(exercise, Exercise):
                continue
            for text in exercise.hints:
                module.hint(exercise.name)
                assert text in capsys.readouterr().out
            module.hint(exercise.name)
            assert "check.solution" in capsys.readouterr().out
            module.solution(exercise.name)
            assert len(capsys.readouterr().out) > 2
        module.hint("no such exercise")
        module.solution(None)
        assert "There is no exercise" in capsys.readouterr().out


def test_each_chapter_has_three_exercises():
    for name, module in CHAPTERS.items():
        found = [value for value in vars(module).values() if isinstance(value, Exercise)]
        assert len(found) == 3, name
        assert [getattr(module, exercise.name) for exercise in found] == found
