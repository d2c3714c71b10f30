"""Code that runs in a process of its own."""

import os
import pathlib
import subprocess
import sys

_TESTS = pathlib.Path(__file__).parents[1]
ENVIRONMENT = os.environ | {  # of a new process: it finds the package and this file
    "PYTHONPATH": os.pathsep.join(
        map(str, [_TESTS.parent, _TESTS, _TESTS / "engine", _TESTS / "distributed"])
    ),
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_NUM_INTRAOP_THREADS": "1",  # sums of the same order, hence of the same bits
    "TF_NUM_INTEROP_THREADS": "1",
}


def run_python(code, *arguments, check=True, **options):
    """Runs code in a new process, from the folder of the tests; returns what it printed."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, **options)
    assert done.returncode == 0 or not check, done.stderr[-4000:]
    return done.stdout
