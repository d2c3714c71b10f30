"""Keras' backend must be TensorFlow; on import this module says so, before anything else fails."""

import os

from intelvae_keras._engine import quiet

_NEEDED = (
    "intelvae_keras needs the TensorFlow backend of Keras; got {backend!r}. Set the environment variable "
    "KERAS_BACKEND to tensorflow before Keras is imported, or the backend in ~/.keras/keras.json."
)


def require_tensorflow():
    """Raises an ImportError unless Keras runs on TensorFlow.

    Raises:
        ImportError: If Keras has another backend, or cannot import the one that it is told to use.
    """
    try:
        with quiet.notices():
            import keras
    except ImportError as error:  # Keras is told to use a backend that is not installed
        told = os.environ.get("KERAS_BACKEND", "tensorflow")
        if told == "tensorflow" and error.name not in ("jax", "torch", "openvino"):
            raise
        backend = error.name if told == "tensorflow" else told
        raise ImportError(_NEEDED.format(backend=backend)) from error
    if keras.backend.backend() != "tensorflow":
        raise ImportError(_NEEDED.format(backend=keras.backend.backend()))


require_tensorflow()
