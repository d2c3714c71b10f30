"""TensorFlow's import without its notices, which greet every newcomer and tell of nothing to mend."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Container, Iterator, MutableMapping

_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
_DRIVERS = ("/dev/nvidiactl", "/dev/dxg")  # of a GPU on Linux, and on Windows below it
# Notes of the severity I, and the line that announces that there will be some.
_NOTICES = r"^I[0-9]{4} [0-9:.]+ +[0-9]+ [a-z_]+\.cc:|^WARNING: All log messages before absl::Init"


def set_level(
    environment: MutableMapping = os.environ, exists: Callable[[str], bool] = os.path.exists
) -> str:
    """The level from which on TensorFlow's C++ side speaks: what the user has set, or else errors.

    Without a GPU it calls it an error that there is none. So it is silent then; all else raises in Python.
    """
    return environment.setdefault(_LEVEL, "2" if any(map(exists, _DRIVERS)) else "3")


@contextlib.contextmanager
def notices(modules: Container = sys.modules) -> Iterator[None]:
    """Lets everything through that is written to standard error meanwhile, but for TensorFlow's notices.

    TensorFlow heeds its level only after its import (its issue 100442). A process of its own filters, so
    that the last words of an import that dies are not lost.
    """
    if "tensorflow" in modules or set_level() == "0":
        yield
        return
    try:
        terminal = os.dup(2)
    except OSError:  # there is no standard error
        yield
        return
    try:
        command = ["grep", "--line-buffered", "-v", "-E", _NOTICES]
        grep = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=terminal)
    except OSError:  # nor such a program, as on Windows
        os.close(terminal)
        yield
        return
    try:
        os.dup2(grep.stdin.fileno(), 2)
        yield
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)
        grep.stdin.close()
        grep.wait()
