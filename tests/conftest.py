"""Set up before TensorFlow is imported: quiet, and one thread for each worker of pytest-xdist."""

import gc
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy's and SciPy's linear algebra

# isort: split
import intelvae_keras  # noqa: E402, F401  first: it imports TensorFlow without its notices

# isort: split
import keras  # noqa: E402
import pytest  # noqa: E402
import tensorflow as tf  # noqa: E402
import tensorflow_probability  # noqa: E402
from helpers.browser import chromium  # noqa: E402, F401

assert tensorflow_probability.distributions  # it is loaded at the first use

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
gc.freeze()  # a million objects of the imports, which no collection needs to look through


# What a test may change for all that follow it: each as (read, write).
SETTINGS = {
    "dtype policy": (keras.config.dtype_policy, keras.config.set_dtype_policy),
    "floatx": (keras.config.floatx, keras.config.set_floatx),
    "epsilon": (keras.config.epsilon, keras.config.set_epsilon),
    "image data format": (keras.config.image_data_format, keras.config.set_image_data_format),
    "eager functions": (tf.config.functions_run_eagerly, tf.config.run_functions_eagerly),
}


@pytest.fixture(autouse=True)
def fresh_state():
    """Each test starts from the same seed, and leaves no setting behind, even where it fails."""
    before = {name: read() for name, (read, _) in SETTINGS.items()}
    keras.utils.set_random_seed(0)
    yield
    for name, (read, write) in SETTINGS.items():
        if read() != before[name]:
            write(before[name])
