"""The course's own code: what each notebook starts with, and the exercises' checks and solutions."""

import contextlib
import os


@contextlib.contextmanager
def _quiet():
    """Drops what C++ writes to stderr: TensorFlow's start-up lines, which no setting silences.

    Python's own messages, errors above all, take another way in a notebook, and stay.
    """
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with _quiet():
    import tensorflow as tf

    tf.zeros(1) + 1  # the device is set up with the first operation
