"""How many steps run in one call of TensorFlow: the way from Python and back costs a small model much."""

import contextlib
import math

import keras
import tensorflow as tf

_VALUES = 2**14  # of an example, times the steps that run together: 20 steps of 28 x 28 pixels
_MOST = 32
_FEWEST_CALLS = 8  # an epoch: the progress bar moves, and a warm-up rises, at least so often


def steps_together(dataset, data_shape, callbacks, steps_per_epoch=None):
    """The number of steps to run in one call, where nobody looks in between.

    Args:
        dataset: What `fit` goes through.
        data_shape: Shape of one example: the larger it is, the longer is a step, and the less is won.
        callbacks: What the user gave to `fit`. A callback with a hook for batches is called after
            each, unless it has an attribute `every_batch` that is False.
        steps_per_epoch: As in `fit`; None for all of the dataset.

    Returns:
        An int >= 1, a divisor of `steps_per_epoch` where that is given.
    """
    if not isinstance(dataset, tf.data.Dataset) or any(map(_looks_at_batches, listed(callbacks))):
        return 1
    num_steps = steps_per_epoch or int(dataset.cardinality())  # negative if unknown or infinite
    together = min(_MOST, _VALUES // math.prod(data_shape), num_steps // _FEWEST_CALLS)
    if steps_per_epoch:  # Keras would run the last call to its end
        together = max((d for d in range(1, together + 1) if num_steps % d == 0), default=1)
    return max(1, together)


@contextlib.contextmanager
def running_together(model, steps):
    """Lets the model run so many steps per call, afterwards as before; `Compiled` keeps each kind."""
    before = model.steps_per_execution
    model.steps_per_execution = steps
    try:
        yield
    finally:
        model.steps_per_execution = before


def listed(callbacks):
    """The callbacks given to `fit`, in any of its forms, as a list."""
    if isinstance(callbacks, keras.callbacks.CallbackList):
        callbacks = callbacks.callbacks
    if callbacks is None:
        return []
    return keras.tree.flatten(callbacks)  # lists in lists, too, as Keras does


def _looks_at_batches(callback):
    """Whether a callback has a hook of its own for the batches of training or validation."""
    own = (keras.callbacks.ProgbarLogger, keras.callbacks.History)
    if isinstance(callback, own) or not getattr(callback, "every_batch", True):
        return False
    return any(
        getattr(getattr(callback, hook), "__func__", None)
        is not getattr(keras.callbacks.Callback, hook)
        for kind in ("batch", "train_batch", "test_batch")
        for hook in (f"on_{kind}_begin", f"on_{kind}_end")
    )
