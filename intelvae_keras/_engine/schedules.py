"""What a schedule has left in force, put back where no schedule goes on with it."""

import math
import warnings

import keras


def plan(model, callbacks, epochs, x):
    """Lets callbacks that follow the model and the epochs make their plan, before training begins.

    Args:
        model: An `InteLVAE`, built.
        callbacks: A list of those given to `fit`. `callbacks.Warmup` has a method `plan`.
        epochs: Epochs of `fit`.
        x: Data of `fit`, an array or a stream; None for a stream that can be read once.
    """
    for callback in callbacks:
        if hasattr(callback, "plan"):
            others = [other for other in callbacks if other is not callback]
            callback.plan(model, epochs, x, moved(others))


def refuse_rivals(callbacks):
    """Refuses two callbacks that move the same: the one that comes later would win.

    Raises:
        ValueError: If there are two.
    """
    by_name = {}
    for callback in callbacks:
        for name in getattr(callback, "schedules", ()):
            first = by_name.setdefault(name, callback)
            if first is not callback:
                raise ValueError(
                    f"callbacks must move each weight by one of them; {type(first).__name__} and "
                    f"{type(callback).__name__} both move {name}. Leave one out."
                )


def warn_of_missing(model, callbacks, epochs):
    """Says it once where a mapping that should grow while training stands at its full shape at once.

    It is silent where a callback moves more than the KL's weight: then the user has chosen. So it is for a
    single epoch, which is a try, and for a model that has been trained before.
    """
    trained = int(keras.ops.convert_to_numpy(model.optimizer.iterations)) > 0
    if epochs < 2 or trained or vars(model).get("_knows_warmup"):
        return
    if moved(callbacks) - {"kl_weight"}:
        return
    for layer in model.mapping._flatten_layers():
        if hasattr(layer, "schedule") and layer.schedule(epochs):
            vars(model)["_knows_warmup"] = True
            warnings.warn(
                f"{type(layer).__name__} has its full shape from the first step on, and some trainings fail "
                "so. Let it grow: fit(..., callbacks=[callbacks.Warmup()]).",
                stacklevel=4,
            )
            return


def settle(model, callbacks):
    """Sets everything that a schedule moves to its full value, unless one of the callbacks moves it.

    A schedule that was interrupted, or whose best weights were restored, leaves its value in the
    weights, and so in checkpoints. A `fit` without the schedule is not to go on with it.

    Args:
        model: An `InteLVAE`. It, and each layer in it that holds such values, has an attribute
            `scheduled`: the weight's name to the attribute, or the number, that it stands at in full.
        callbacks: A list of those given to `fit`. A schedule has an attribute `schedules`, the names
            of what it moves.
    """
    names = moved(callbacks)
    changed = {}
    for layer in model._flatten_layers():
        for name, full in getattr(layer, "scheduled", {}).items():
            if name not in names:
                changed |= _put_back(layer, name, full)
    if changed:
        left = ", ".join(f"{name} = {value:.3g}" for name, value in changed.items())
        warnings.warn(
            f"An earlier schedule had left {left}. No callback goes on with it, and so training takes "
            "the full value.",
            stacklevel=4,
        )
    if "kl_weight" in names:
        _warn_of_monitors(callbacks)


def warn_of_others(model):
    """Warns where weights that were loaded have another value in force than the attribute says.

    Args:
        model: As of `settle`.
    """
    for layer in model._flatten_layers():
        for weight, attribute in getattr(layer, "scheduled", {}).items():
            if not isinstance(attribute, str) or getattr(layer, weight, None) is None:
                continue
            own = getattr(layer, attribute)
            loaded = float(keras.ops.convert_to_numpy(getattr(layer, weight)))
            if math.isfinite(loaded) and not math.isclose(loaded, own, rel_tol=1e-6):
                where = "vae.mapping" if layer is model.mapping else f"(the layer {layer.name!r})"
                warnings.warn(
                    f"The weights have {attribute} = {loaded:.6g} in force, while {type(layer).__name__} was "
                    f"made with {own:.6g}: encode and sample have {loaded:.6g}, and the next fit takes "
                    f"{own:.6g}. If the weights are of a model with another {attribute}, set "
                    f"{where}.{attribute} = {loaded:.6g}. If they are of the middle of a schedule, go on "
                    "with its callback.",
                    stacklevel=3,
                )


def moved(callbacks):
    """The names of the weights that some callbacks move."""
    return {name for callback in callbacks for name in getattr(callback, "schedules", ())}


def _put_back(layer, name, full):
    """Sets a weight to its full value; {name: value} if that was another."""
    weight = getattr(layer, name, None)  # which is made when the layer is built
    value = math.nan if weight is None else float(keras.ops.convert_to_numpy(weight))
    if not math.isfinite(value):  # a run that diverged stays as it is
        return {}
    weight.assign(getattr(layer, full) if isinstance(full, str) else full)
    same = math.isclose(value, float(keras.ops.convert_to_numpy(weight)), rel_tol=1e-6)
    return {} if same else {name: value}


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
