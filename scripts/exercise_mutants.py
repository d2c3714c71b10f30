"""Whether the checks of the course refuse what is nearly right: the solutions, with one fault each.

`python scripts/exercise_mutants.py [ch04 ...]` changes the solution of each exercise in one place at a
time: an operator, a number, an axis, a dropped call, swapped arguments (those of `scripts/mutations.py`).
It prints what the check says to each. A mutant that passes stands in `exercise_equivalents.py`, with the
reason why it is no fault; or the check needs another case, and the script ends with an error.
"""

import argparse
import contextlib
import importlib
import inspect
import os
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tutorials")]
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras  # noqa: E402
import mutations  # noqa: E402
from exercise_equivalents import reason  # noqa: E402

from course.exercise import Exercise  # noqa: E402

CHAPTERS = sorted(path.stem for path in (ROOT / "tutorials" / "course").glob("ch*.py"))


def exercises(chapters: list[str]) -> Iterator[tuple[str, Exercise]]:
    """(ch01-kl, the exercise) for each exercise whose solution is a function or a class."""
    for chapter in chapters:
        for exercise in vars(importlib.import_module(f"course.{chapter}")).values():
            if isinstance(exercise, Exercise) and hasattr(exercise.reference, "__qualname__"):
                yield f"{chapter}-{exercise.name}", exercise


def mutants(exercise: Exercise) -> Iterator[tuple[str, Any]]:
    """(what was changed, the changed solution): "axis: axis=-1 -> axis=0", and a function or a class.

    A change that occurs in several places of the solution has its number behind it, from the second on.
    """
    reference, seen = exercise.reference, {}
    source = textwrap.dedent(inspect.getsource(reference))
    for name, mutant in mutations.mutants(source, "").items():
        kind, change = re.search(r"\[([^]]+)\] (.*)", name, flags=re.DOTALL).groups()
        change = f"{kind}: {change}"
        seen[change] = seen.get(change, 0) + 1
        namespace = dict(vars(inspect.getmodule(reference)))
        exec(compile(mutations.write(source, mutant), change, "exec"), namespace)
        number = f" ({seen[change]})" if seen[change] > 1 else ""
        yield change + number, namespace[reference.__name__]


@contextlib.contextmanager
def names_kept() -> Iterator[None]:
    """Takes back the names that layers register with Keras: a copy of a solution has its name."""
    kept = dict(keras.saving.get_custom_objects())
    try:
        yield
    finally:
        keras.saving.get_custom_objects().clear()
        keras.saving.get_custom_objects().update(kept)


def judged(exercise: Exercise) -> Iterator[tuple[str, str, str]]:
    """(the change, the state, the message) for each mutant of an exercise's solution."""
    with names_kept():
        for change, answer in mutants(exercise):
            keras.utils.set_random_seed(0)
            yield change, *exercise.verdict(answer)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("chapters", nargs="*", default=CHAPTERS, help="ch01 to ch11; all of them")
    count, equivalent, passed = 0, 0, 0
    for name, exercise in exercises(parser.parse_args().chapters):
        for change, state, message in judged(exercise):
            count += 1
            if state == "right" and (why := reason(name, change)):
                equivalent += 1
                message = f"equivalent: {why}"
            elif state == "right":
                passed += 1
                message = "PASSED"
            print(f"{name}  {change}\n    {message}", flush=True)
    print(f"\n{count} mutants: {equivalent} equivalent, {passed} that should not have passed.")
    return int(passed > 0)


if __name__ == "__main__":
    sys.exit(main())
