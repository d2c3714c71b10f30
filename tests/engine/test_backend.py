"""With another backend of Keras, the import says at once what is needed."""

import signal
import subprocess
import sys

import pytest
from helpers.processes import ENVIRONMENT

from intelvae_keras._engine import quiet

# Keras itself, but for the name of its backend: the other ones need not be installed here.
ON_ANOTHER = """
import keras
keras.backend.backend = lambda: "jax"
import intelvae_keras
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "told", "named"),
    [
        ("import intelvae_keras", "torch", "torch"),  # not installed
        (ON_ANOTHER, "tensorflow", "jax"),
    ],
    ids=["not installed", "installed"],
)
def test_another_backend_is_refused_on_import(program, told, named):
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env=ENVIRONMENT | {"KERAS_BACKEND": told},
        capture_output=True,
        text=True,
    )
    last = ended.stderr.strip().splitlines()[-1]
    assert ended.returncode == 1
    assert last.startswith("ImportError: intelvae_keras needs the TensorFlow backend of Keras")
    assert f"got '{named}'" in last and "KERAS_BACKEND" in last


@pytest.mark.parametrize(
    ("drivers", "level"), [([], "3"), (["/dev/nvidiactl"], "2"), (["/dev/dxg"], "2")]
)
def test_tensorflow_is_quiet_but_for_errors_of_a_gpu(drivers, level):
    environment = {}
    assert quiet.set_level(environment, exists=drivers.__contains__) == level
    assert environment == {"TF_CPP_MIN_LOG_LEVEL": level}
    assert quiet.set_level({"TF_CPP_MIN_LOG_LEVEL": "0"}, exists=drivers.__contains__) == "0"


NOTICES = """WARNING: All log messages before absl::InitializeLog() is called are written to STDERR
I0000 00:00:1795981109.037312    8692 port.cc:153] oneDNN custom operations are on. You may see
I0000 00:00:1795981109.038171    8692 cudart_stub.cc:31] Could not find cuda drivers
"""
WORDS = """E0000 00:00:1795981109.038171    8692 cuda_dnn.cc:31] what may matter
I am a line of another library
F0000 00:00:1795981109.038171    8692 cpu_feature_guard.cc:31] compiled to use AVX
"""
IMPORT = f"""
import os, runpy, sys
quiet = runpy.run_path({quiet.__file__!r})
with quiet["notices"]():
    os.write(2, {(NOTICES + WORDS).encode()!r})
    if "dies" in sys.argv:
        os.abort()
os.write(2, b"after")
"""


@pytest.mark.parametrize(
    ("argument", "level", "code", "said"),
    [
        ("lives", "3", 0, WORDS + "after"),
        ("dies", "3", -signal.SIGABRT, WORDS),
        ("lives", "0", 0, NOTICES + WORDS + "after"),
    ],
)
def test_notices_are_hidden_and_all_else_is_told(argument, level, code, said):
    ended = subprocess.run(
        [sys.executable, "-c", IMPORT, argument],
        env=ENVIRONMENT | {"TF_CPP_MIN_LOG_LEVEL": level},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert (ended.returncode, ended.stderr) == (code, said)


def test_a_tensorflow_that_is_there_already_is_left_alone(monkeypatch):
    monkeypatch.setattr(quiet.subprocess, "Popen", None)
    with quiet.notices(modules={"tensorflow": None}):
        pass
