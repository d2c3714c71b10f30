"""Imports from the extra `evaluation`, when a measure needs them."""

import importlib
from contextlib import AbstractContextManager
from types import ModuleType


def load(module: str, needed_by: str) -> ModuleType:
    """A module of scikit-learn or SciPy, imported.

    Not at the top of a file, because they are no requirement of the package.

    Raises:
        ImportError: If it is not installed, with the command that installs it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f"{needed_by} needs {module.split('.')[0]}, which comes with the extra `evaluation`: "
            'pip install "intelvae-keras[evaluation]"'
        ) from error


def one_thread(needed_by: str) -> AbstractContextManager:
    """A context in which scikit-learn uses one thread.

    On problems of this size several threads mostly wait for each other, busily. A logistic probe on two
    cores in use by others took ten times the processor time, and 10 s in place of 1 s.
    """
    return load("threadpoolctl", needed_by).threadpool_limits(limits=1)
