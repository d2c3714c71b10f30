"""An exercise with its check, its tested solution, and its hints.

A check says *not attempted*, *not yet* and why, or *right*. It never raises: a learner's mistake is
no reason for a traceback. It returns the learner's answer if that is right, and the solution if not,
so that the cells below run in any case.
"""

import copy
import dataclasses
import dis
import inspect
import re
import textwrap
import types
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np


class Mistake(Exception):
    """What is wrong with an answer, in a sentence to the learner."""


class NotFinite(Mistake):
    """An answer gives infinite values."""


class GivesNaN(NotFinite):
    """An answer gives NaN."""


class NotAttempted(Exception):
    """The answer still holds the stub's `...`."""


@dataclasses.dataclass(frozen=True)
class Exercise:
    """An exercise of a notebook: call it with an answer.

    Attributes:
        name: What the learner writes: `check.NAME(answer)`, `check.hint("NAME")`.
        judge: From an answer to None if it is right, else to a message that says what is wrong. It may
            raise `Mistake` instead. What else it raises is reported as an error of the answer.
        reference: The solution, a function, class or value.
        second: Another right answer, in another form.
        wrong: At least three wrong answers: {what is wrong: (answer, words of its message)}.
        hints: Given one after another by `check.hint`.
        why: Printed below the solution.
        fits: Whether the cells below can go on with a right answer. A KL in NumPy is right, but a model
            cannot be trained through it.
    """

    name: str
    judge: Callable[[Any], str | None]
    reference: Any
    second: Any
    wrong: Mapping[str, tuple[Any, str]]
    hints: tuple[str, ...]
    why: str = ""
    fits: Callable[[Any], bool] = lambda answer: True

    def verdict(self, answer: Any) -> tuple[str, str]:
        """("right", ""), ("not attempted", "") or ("not yet", the reason)."""
        if is_stub(answer):
            return "not attempted", ""
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                message = self.judge(answer)
        except NotAttempted:
            return "not attempted", ""
        except Mistake as mistake:
            message = str(mistake)
        except Exception as error:  # whatever a learner's code may raise
            message = f"It raises {_in_short(error)}"
        return ("right", "") if message is None else ("not yet", message)

    def __call__(self, answer: Any = ...) -> Any:
        """Prints the verdict; returns the answer if it is right, else the reference."""
        state, message = self.verdict(answer)
        if state == "right" and self.fits(answer):
            print(f"{self.name}: right.")
            return answer
        if state == "right":
            print(
                f"{self.name}: right. The cells below need it in TensorFlow, and use the solution."
            )
            return self.reference
        if state == "not attempted":
            message = f'Replace the `...`. Stuck? `check.hint("{self.name}")`'
        print(f"{self.name}: {state}. {message}")
        return self.reference


def desk(*exercises: Exercise) -> tuple[Callable, Callable]:
    """`hint` and `solution` for the exercises of a chapter."""
    by_name = {exercise.name: exercise for exercise in exercises}
    given = dict.fromkeys(by_name, 0)

    def find(name):
        if not isinstance(name, str) or name not in by_name:
            print(f"There is no exercise {name!r} here. There are: {', '.join(by_name)}.")
            return None
        return by_name[name]

    def hint(name: str = "") -> None:
        """Prints the next hint of an exercise."""
        if (exercise := find(name)) is None:
            return
        number, total = given[name] + 1, len(exercise.hints)
        if number > total:
            print(f'That were all the hints. `check.solution("{name}")` prints the solution.')
            return
        given[name] = number
        print(f"Hint {number} of {total}: {exercise.hints[number - 1]}")

    def solution(name: str = "") -> None:
        """Prints the solution of an exercise."""
        if (exercise := find(name)) is None:
            return
        print(source_of(exercise.reference))
        if exercise.why:
            print(f"\n{exercise.why}")

    return hint, solution


def source_of(answer: Any) -> str:
    """The source of a function or class, the form of a value."""
    if inspect.isfunction(answer) or inspect.isclass(answer):
        return textwrap.dedent(inspect.getsource(answer)).rstrip()
    return repr(answer)


# ------------------------------------------------------------------ for judges


def is_stub(answer: Any) -> bool:
    """Whether an answer is `...`, holds it, or is a function or class with such a body."""
    if answer is ...:
        return True
    if isinstance(answer, types.FunctionType):
        return _operations(answer) == _operations(_empty)
    if inspect.isclass(answer):
        return any(is_stub(part) for part in vars(answer).values() if inspect.isfunction(part))
    if isinstance(answer, tuple | list):
        return any(part is ... for part in answer)
    if isinstance(answer, dict):
        return any(part is ... for part in answer.values())
    return False


def _empty(): ...


def _operations(function):
    """What a function does, with the constants it uses: a docstring is none of them."""
    return [(step.opname, step.argval) for step in dis.get_instructions(function)]


def run(function: Any, *arguments: Any, shape: tuple | None = None) -> np.ndarray:
    """Calls the answer, first with the arguments as they are (NumPy), then as tensors.

    Args:
        function: The answer.
        *arguments: NumPy arrays of float32, numbers, or whatever the exercise gives.
        shape: The shape that the result must have; None for any.

    Returns:
        The result as a NumPy array of finite numbers.

    Raises:
        Mistake: If it cannot be called so, raises, or gives nothing, no numbers, another shape or NaN.
    """
    return numbers(call(function, *arguments), shape)


def call(function: Any, *arguments: Any) -> Any:
    """Calls the answer as `run` does, with copies of the arguments; what it returns, unchanged."""
    require_arguments(function, *arguments)
    try:
        result = function(*map(_copy, arguments))
    except Exception as error:  # perhaps it wants tensors
        try:
            result = function(*map(_as_tensor, arguments))
        except Exception as again:
            raise Mistake(_raised(error, again)) from error
    if result is ...:
        raise NotAttempted
    return result


def _raised(error, again):
    """What a learner's code raises for arrays, and then for tensors: the one that is their mistake."""
    missing = getattr(error, "name", None)
    if not isinstance(error, AttributeError) or "ndarray" not in str(error):
        return f"It raises {_in_short(error)}"
    if isinstance(again, AttributeError) and getattr(again, "name", None) == missing:
        return (
            f"It raises AttributeError: neither an array nor a tensor has an attribute {missing!r}."
        )
    return f"It raises {_in_short(again)}"


def require_arguments(function: Any, *arguments: Any) -> None:
    """Raises a Mistake unless `function` is a function that takes so many arguments."""
    if not callable(function):
        raise Mistake(f"It must be a function; got {_shown(function)}.")
    try:
        inspect.signature(function).bind(*arguments)
    except TypeError:
        raise Mistake(f"It must take {len(arguments)} argument(s).") from None
    except ValueError:  # a built-in function without a signature
        pass


def numbers(value: Any, shape: tuple | None = None) -> np.ndarray:
    """The value as an array of finite numbers of this shape, or a Mistake that says what it is."""
    if value is ...:
        raise NotAttempted
    if value is None:
        raise Mistake("It returns nothing (None). Is a `return` missing?")
    try:
        if np.asarray(value).dtype.kind in "US":
            raise TypeError("text, even of digits, is no number")
        half = "float16" in str(getattr(value, "dtype", ""))  # TensorFlow's bfloat16, too
        array = np.asarray(value, dtype=np.float64)
    except Exception:
        raise Mistake(f"It must be a number or an array of numbers; got {_shown(value)}.") from None
    if shape == () != array.shape:
        raise Mistake(f"It must be a single number; yours has the shape {array.shape}.")
    if shape is not None and array.shape != tuple(shape):
        raise Mistake(f"Its shape must be {tuple(shape)}; yours has {array.shape}.")
    if not np.all(np.isfinite(array)):
        if np.isnan(array).any():
            raise GivesNaN("It gives NaN.")
        raise NotFinite("It gives infinite values.")
    return array.view(_Half) if half else array


class _Half(np.ndarray):
    """An answer in half precision, which keeps two or three digits: `close` asks for no more."""


def number(value: Any) -> float:
    """The value as one finite number, or a Mistake."""
    if isinstance(value, str | bytes | bool) or callable(value):
        raise Mistake(f"It must be a number; got {_shown(value)}.")
    return float(numbers(value, ()))


def choice(value: Any, *among: str) -> str:
    """The value as one of some words, upper and lower case alike, or a Mistake."""
    if not isinstance(value, str) or value.strip().lower() not in among:
        raise Mistake(f"It must be one of {', '.join(map(repr, among))}; got {_shown(value)}.")
    return value.strip().lower()


def trains(function: Callable, *arguments: np.ndarray) -> bool:
    """Whether a function can be compiled for batches of any size, and gradients pass to its arguments."""
    import tensorflow as tf

    def gradients(*tensors):
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            total = tf.reduce_sum(function(*tensors))
        return [0.0 * tensor for tensor in tape.gradient(total, tensors)]

    signature = [tf.TensorSpec((None, *array.shape[1:]), array.dtype) for array in arguments]
    try:
        tf.function(gradients, signature, autograph=False)(*map(tf.constant, arguments))
    except Exception:  # a right answer in NumPy, or in loops
        return False
    return True


def close(one: Any, other: Any, tolerance: float = 1e-4) -> bool:
    """Whether all numbers agree to `tolerance`, relative for large ones and absolute for small."""
    tolerance = max(tolerance, 0.02) if isinstance(one, _Half) else tolerance
    return bool(np.allclose(one, other, rtol=tolerance, atol=tolerance))


def _copy(argument):
    """An answer may write into what it gets; the judge must not see that."""
    if isinstance(argument, np.ndarray | list | dict | tuple):
        return copy.deepcopy(argument)
    return argument


def _as_tensor(argument):
    import tensorflow as tf

    return tf.convert_to_tensor(argument) if isinstance(argument, np.ndarray) else argument


def _in_short(error):
    text = re.sub(r"\{\{.*?\}\} ?", "", str(error))  # TensorFlow's names of its nodes
    text = re.sub(r" \[Op:.*", "", text).strip().splitlines()
    return f"{type(error).__name__}: {text[0][:200]}" if text else f"{type(error).__name__}."


def _shown(value):
    text = " ".join(repr(value).split())  # an array has several lines
    return text if len(text) <= 60 else text[:57] + "..."
