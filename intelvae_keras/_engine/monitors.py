"""Whether a callback's monitored quantity is better when it is larger, said before training."""

_BETTER = {
    "loss": "min",
    "reconstruction": "min",
    "kl": "min",
    "elbo": "max",
    "mapping_loss": "min",
}


def settle(callbacks):
    """Tells callbacks in mode "auto" which way the model's own quantities improve.

    Keras knows the way of losses and of its own metrics. At others it stops, after the first epoch.

    Args:
        callbacks: A list of those given to `fit`.
    """
    for callback in callbacks:
        way = _BETTER.get(str(getattr(callback, "monitor", "")).removeprefix("val_"))
        if way and getattr(callback, "mode", None) == "auto":
            callback.mode = way
