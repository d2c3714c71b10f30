"""Exercises of notebook 10: a wrong answer that passes a weak check, and a check that it does not pass."""

import keras
import numpy as np
import scipy.special
import tensorflow as tf

from course.exercise import Exercise, NotAttempted, call, numbers, require_arguments


def weak_check(answer):
    """Whether the rows of z = answer(y) are >= 0 and sum to 1: what seems to ask for a softmax."""
    z = np.asarray(answer(np.eye(3, dtype="float32")))
    return bool((z >= 0).all() and np.allclose(z.sum(axis=1), 1, atol=1e-3))


def is_softmax(answer):
    """Whether answer(y) is the softmax of each row, at many y of unlike scale."""
    try:
        for y in _POINTS:
            z = numbers(call(answer, y), y.shape)
            if not np.allclose(z, scipy.special.softmax(y, axis=1), atol=2e-3):
                return False
    except Exception:  # whatever it raises, it is no softmax
        return False
    return True


_rng = np.random.default_rng(0)
_POINTS = [
    (scale * _rng.normal(size=shape)).astype("float32")
    for scale, shape in ((1, (6, 3)), (2, (4, 5)), (300, (5, 3)), (0.01, (1, 4)))
]

# ------------------------------------------------------------------ a wrong answer that passes


def my_wrong(y):
    """Weights that pass the weak check, and are not softmax(y)."""
    return np.full(np.shape(y), 1 / 3)


def _judge_wrong(answer):
    value = call(answer, np.eye(3, dtype="float32"))
    z = numbers(value, (3, 3))
    if not weak_check(lambda y: call(answer, y)):
        worst = (
            "an entry below 0"
            if (z < 0).any()
            else f"sums from {z.sum(1).min():.2f} to {z.sum(1).max():.2f}"
        )
        return f"The weak check refuses it: the rows have {worst}."
    if is_softmax(answer):
        return "It passes, and it is right: this is the softmax. Find one that is wrong."
    return None


broken = Exercise(
    name="broken",
    judge=_judge_wrong,
    reference=my_wrong,
    second=lambda y: tf.one_hot(tf.argmax(y, axis=-1), np.shape(y)[-1]),
    wrong={
        "the softmax": (lambda y: keras.ops.softmax(y, axis=-1), "it is right"),
        "y itself, turned": (lambda y: -np.asarray(y), "an entry below 0"),
        "too large": (lambda y: np.ones(np.shape(y)), "sums from 3.00"),
        "another shape": (lambda y: np.ones(3) / 3, "shape must be (3, 3)"),
    },
    hints=(
        "What does the check look at? Only at what comes out, and not at what it was made of.",
        "All its rows are unit vectors. What could be right for these, and wrong elsewhere?",
        "The simplest: weights that do not depend on y.",
    ),
    why="The check tests a property that each softmax has, and takes it for the softmax. Constant weights "
    "have it, too. So has a one-hot, or y itself where y is a unit vector. A property narrows the field. It "
    "does not name the winner.",
)

# ------------------------------------------------------------------ a check that none of them passes


def my_judge(answer):
    """Whether a function is the softmax of each row: True or False."""
    rng = np.random.default_rng(0)
    for scale, shape in ((1, (6, 3)), (500, (4, 5))):
        y = (scale * rng.normal(size=shape)).astype("float32")
        try:
            z = np.asarray(answer(y), "float64")
        except Exception:
            return False
        if z.shape != shape or not np.allclose(z, scipy.special.softmax(y, axis=1), atol=2e-3):
            return False
    return True


def _judge_with_points(answer):
    for y in (
        [[0.0, 1.0, 2.0], [2.0, 0.0, -1.0]],
        [[900.0, 899.0, 0.0], [-900.0, -900.0, -900.0]],
        [[1.0] * 5],
    ):
        y = np.array(y, "float32")
        try:
            z = np.array(answer(y), dtype=float)
            right = scipy.special.softmax(y.astype("float64"), axis=-1)
            if z.shape != right.shape or np.isnan(z).any() or np.abs(z - right).max() > 0.01:
                return False
        except Exception:
            return False
    return True


def _raises(y):
    raise ValueError("this answer raises")


def _by_hand(y):
    y = np.asarray(y)
    weights = np.exp(y - y.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def _less_the_largest_of_all(y):
    weights = np.exp(y - np.max(y))
    return weights / weights.sum(axis=-1, keepdims=True)


# Right answers in other forms, and wrong ones: what a check of the softmax will meet.
RIGHT = {
    "by Keras": lambda y: keras.ops.softmax(y, axis=-1),
    "by hand": _by_hand,
    "in half precision": lambda y: scipy.special.softmax(y, axis=-1).astype("float16"),
    "as lists": lambda y: [list(scipy.special.softmax(np.asarray(row))) for row in y],
    "in TensorFlow": lambda y: tf.exp(tf.nn.log_softmax(y)),
}
WRONG = {
    "constant weights": lambda y: np.full(np.shape(y), 1 / np.shape(y)[-1]),
    "a one-hot": lambda y: np.eye(np.shape(y)[-1])[np.argmax(y, axis=-1)],
    "twice as sharp": lambda y: scipy.special.softmax(2 * np.asarray(y), axis=-1),
    "over the batch": lambda y: scipy.special.softmax(y, axis=0),
    "over all entries": lambda y: scipy.special.softmax(y),
    "the sign turned": lambda y: scipy.special.softmax(-np.asarray(y), axis=-1),
    "sigmoids, divided by their sum": lambda y: (
        scipy.special.expit(y) / scipy.special.expit(y).sum(axis=-1, keepdims=True)
    ),
    "clipped": lambda y: scipy.special.softmax(np.clip(y, -30, 30), axis=-1),
    "NaN far out": lambda y: np.exp(y) / np.exp(y).sum(axis=-1, keepdims=True),
    "NaN in unlike rows": _less_the_largest_of_all,
    "for three columns alone": lambda y: scipy.special.softmax(np.asarray(y)[:, :3], axis=-1),
    "the first row alone": lambda y: scipy.special.softmax(np.asarray(y)[:1], axis=-1),
    "logarithms": lambda y: scipy.special.log_softmax(y, axis=-1),
    "one that raises": _raises,
}


def _judge_judge(answer):
    require_arguments(answer, RIGHT["by Keras"])
    for what, other in {**RIGHT, **WRONG}.items():
        try:
            with np.errstate(all="ignore"):
                value = np.asarray(answer(other))
        except Exception as error:
            what = f"It raises {type(error).__name__} for the answer {what!r}."
            return f"{what} A check must survive any answer."
        if value.dtype == object and value.item() is ...:
            raise NotAttempted
        if value.shape != () or value.dtype.kind not in "biu":
            return f"It must return True or False; for the answer {what!r} it returns {str(value)[:30]}."
        if bool(value) != (what in RIGHT):
            return _wrong_verdict(answer, what)
    return None


def _wrong_verdict(answer, what):
    """That a check errs at an answer, in words; and how many answers it gets right."""
    fault = "refuses a right answer" if what in RIGHT else "lets a wrong answer pass"
    remark = {
        "in half precision": " It has two or three digits: be less strict.",
        "as lists": " Turn what comes into an array.",
        "for three columns alone": " Try another number of columns.",
        "NaN far out": " Try large y.",
        "NaN in unlike rows": " Try large rows beside small ones.",
        "clipped": " Try large y.",
        "over the batch": " Try y that is not symmetric.",
    }.get(what, "")
    return f"It {fault}: {what}.{remark}"


judge = Exercise(
    name="judge",
    judge=_judge_judge,
    reference=my_judge,
    second=_judge_with_points,
    wrong={
        "the weak one": (weak_check, "lets a wrong answer pass: constant"),
        "unit vectors alone": (
            lambda answer: bool(
                np.allclose(
                    answer(np.eye(3, dtype="float32")),
                    scipy.special.softmax(np.eye(3), axis=1),
                    atol=1e-3,
                )
            ),
            "lets a wrong answer pass: over the batch",
        ),
        "too strict": (
            lambda answer: np.array_equal(
                np.asarray(answer(_POINTS[0])), scipy.special.softmax(_POINTS[0], axis=1)
            ),
            "refuses a right answer",
        ),
        "without large y": (lambda answer: _compared(answer, _POINTS[:2]), "Try large y"),
        "one number of columns": (
            lambda answer: _compared(answer, [_POINTS[0], _POINTS[2]]),
            "another number of columns",
        ),
        "does not survive": (
            lambda answer: bool(
                all(
                    np.shape(z := answer(y)) == y.shape
                    and np.allclose(z, scipy.special.softmax(y, axis=1), atol=2e-3)
                    for y in _POINTS
                )
            ),
            "must survive",
        ),
        "a number": (lambda answer: 0.5, "True or False"),
        "refuses all": (lambda answer: False, "refuses a right answer"),
    },
    hints=(
        "Compare with a softmax that you trust: `scipy.special.softmax(y, axis=1)`.",
        "At more than one y: random rows, another number of columns, large numbers of both signs.",
        "Some answers raise, give NaN, another shape, lists, or half precision. Be not too strict.",
    ),
    why="It compares values with a softmax that somebody else wrote, at inputs of unlike scale and shape. "
    "Whatever an answer does, raising included, gives a verdict. And it allows for rounding: a right answer "
    "in half precision keeps three digits. So the checks of this course are made, and tested.",
)


def _compared(answer, points):
    try:
        return all(
            np.shape(z := np.asarray(answer(y), "float64")) == y.shape
            and bool(np.allclose(z, scipy.special.softmax(y, axis=1), atol=2e-3))
            for y in points
        )
    except Exception:
        return False
