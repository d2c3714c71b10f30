"""Set up before TensorFlow is imported: quiet, and one thread for each worker of pytest-xdist."""

import gc
import os

import pytest
from helpers.browser import chromium  # noqa: F401

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy's and SciPy's linear algebra

SETTINGS = {}  # what a test may change for all that follow it: each as (read, write)


def pytest_configure(config):
    """Imports TensorFlow, which takes six seconds, but not in the process that only hands out tests."""
    hands_out = getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput")
    if not hands_out:
        _import()


def _import():
    import intelvae_keras  # noqa: F401  first: it imports TensorFlow without its notices

    # isort: split
    import keras
    import tensorflow as tf
    import tensorflow_probability

    assert tensorflow_probability.distributions  # it is loaded at the first use
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    gc.freeze()  # a million objects of the imports, which no collection needs to look through
    gc.set_threshold(100_000, 20, 20)  # and graphs are made by the million: look less often
    config = keras.config
    SETTINGS.update(
        {
            "dtype policy": (config.dtype_policy, config.set_dtype_policy),
            "floatx": (config.floatx, config.set_floatx),
            "epsilon": (config.epsilon, config.set_epsilon),
            "image data format": (config.image_data_format, config.set_image_data_format),
            "eager functions": (
                tf.config.functions_run_eagerly,
                tf.config.run_functions_eagerly,
            ),
        }
    )


@pytest.fixture(autouse=True)
def fresh_state():
    """Each test starts from the same seed, and leaves no setting behind, even where it fails."""
    import keras

    before = {name: read() for name, (read, _) in SETTINGS.items()}
    keras.utils.set_random_seed(0)
    yield
    for name, (read, write) in SETTINGS.items():
        if read() != before[name]:
            write(before[name])


@pytest.fixture
def line_by_line():
    """Runs what would be compiled line by line: quicker for graphs that run once."""
    from helpers.models import eager_functions

    with eager_functions():
        yield
