"""Every exercise of the course: what is right is accepted, what is wrong is told why."""

import importlib
import pathlib

import numpy as np
import pytest
import scipy.special
import scipy.stats
import tensorflow as tf
from scipy.spatial.distance import cdist

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


def _kl(mean, sigma):
    return (sigma**2 + mean**2 - 1 - 2 * tf.math.log(sigma)) / 2


def _kl_of_less_noise(q, log_p, number):
    y = q.sample(number)
    log_ratio = log_p(y) - q.log_prob(y)  # p / q has the mean 1
    return tf.reduce_mean(tf.exp(log_ratio) - 1 - log_ratio, axis=0)


OTHER_FORMS = {
    "ch03-weight": {
        "clipped": lambda step, steps: np.clip(step / steps, 0, 1),
        "a tensor": lambda step, steps: tf.minimum(step / steps, 1.0),
    },
    "ch03-off": {
        "all pairs at once": lambda samples, data, t=0.1: np.mean(cdist(samples, data).min(1) > t),
        "squares of both": lambda samples, data, t=0.1: np.mean(
            np.all(np.sum((samples[:, None] - data) ** 2, axis=-1) > t**2, axis=1)
        ),
    },
    "ch03-collapsed": {
        "a tensor": lambda x, mean, sigma: tf.reduce_mean(_kl(mean, sigma), axis=0) < 0.01,
        "zeros and ones": lambda x, mean, sigma: [
            int(np.mean(kl) < 0.01) for kl in np.transpose(_kl(mean, sigma))
        ],
    },
    "ch04-codes": {
        "one of one": lambda q: q.sample(1)[0],
        "by a root": lambda q: (
            q.mean()
            + tf.linalg.matvec(tf.linalg.sqrtm(q.covariance()), tf.random.normal(q.mean().shape))
        ),
    },
    "ch04-matched_auc": {"a tensor": tf.constant(0.5)},
    "ch04-kl": {
        "the entropy by its formula": lambda q, log_p, number: (
            -q.entropy() - np.mean(log_p(q.sample(number)), axis=0)
        ),
        "an estimate of less noise": _kl_of_less_noise,
    },
    "ch06-g": {
        "by a sigmoid": lambda y, strength, width: (
            y + strength * (2 * scipy.special.expit(2 * y / width) - 1)
        ),
        "a tensor": lambda y, strength, width: y + strength * tf.tanh(y / width),
    },
    "ch06-cut": {
        "by the error function": lambda proportion: (
            np.sqrt(2) * scipy.special.erfinv(2 * proportion - 1)
        ),
        "from above": lambda proportion: scipy.stats.norm.isf(1 - proportion),
    },
    "ch06-choice": {
        "sorted": lambda runs: sorted(range(len(runs)), key=lambda i: -runs[i]["training ELBO"])[0],
        "a tensor": lambda runs: tf.argmax([run["training ELBO"] for run in runs]),
    },
}


@pytest.mark.parametrize(
    ("name", "form"), [(name, form) for name, forms in OTHER_FORMS.items() for form in forms]
)
def test_right_answers_in_further_forms_are_accepted(name, form):
    assert EXERCISES[name].verdict(OTHER_FORMS[name][form]) == ("right", "")


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
