"""With another backend of Keras, the import says at once what is needed."""

import subprocess
import sys

import pytest
from helpers.processes import ENVIRONMENT

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
