"""What a schedule has left in force, put back where no schedule goes on with it."""

import math
import warnings

import keras


def settle(model, callbacks):
    """Sets everything that a schedule moves to its full value, unless one of the callbacks moves it.

    A schedule that was interrupted, or whose best weights were restored, leaves its value in the
    weights, and so in checkpoints. A `fit` without the schedule is not to go on with it.

    Args:
        model: An `InteLVAE`. A layer that holds such values has a method `settle(names)`, which sets
            those that are not in `names` and returns what it changed: a dict of name to value.
        callbacks: A list of those given to `fit`. A schedule has an attribute `schedules`, the names
            of what it moves.
    """
    names = {name for callback in callbacks for name in getattr(callback, "schedules", ())}
    changed = {}
    weight = float(keras.ops.convert_to_numpy(model.kl_weight))
    if "kl_weight" not in names and weight != 1 and math.isfinite(weight):
        model.kl_weight.assign(1.0)
        changed["kl_weight"] = weight
    for layer in model._flatten_layers(include_self=False):
        if hasattr(layer, "settle"):
            changed |= layer.settle(names)
    if changed:
        left = ", ".join(f"{name} = {value:.3g}" for name, value in changed.items())
        warnings.warn(
            f"An earlier schedule had left {left}. fit has no callback that goes on with it, and so "
            "trains at the full value.",
            stacklevel=4,
        )
    if "kl_weight" in names:
        _warn_of_monitors(callbacks)


def _warn_of_monitors(callbacks):
    """The training loss rises with the KL's weight: it tells nothing while that grows."""
    for callback in callbacks:
        if getattr(callback, "monitor", None) == "loss":
            warnings.warn(
                f"{type(callback).__name__} monitors 'loss', which rises with the weight of the KL while "
                "that warms up, so that the first epochs look best. Monitor 'val_elbo', 'elbo' "
                "(mode='max') or 'val_loss'.",
                stacklevel=5,
            )
