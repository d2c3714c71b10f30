"""Which model trains a layer: two that share one change each other, without a word."""

import gc
import warnings
import weakref
from collections.abc import Collection

import keras

_owners: weakref.WeakKeyDictionary = (
    weakref.WeakKeyDictionary()
)  # a layer to the model that trained it


def claim(model: keras.Model, moved: Collection[str] = ()) -> None:
    """Notes that the model trains its layers now, and warns of one that another model has trained.

    Args:
        model: A model, built.
        moved: Names of the weights that callbacks move, such as the turn of `Clusters`.
    """
    layers = [
        layer
        for layer in model._flatten_layers(include_self=False)
        if _learns(layer) or any(name in vars(layer) for name in moved)
    ]
    if _of_others(model, layers):
        gc.collect()  # a model that was let go of lives until then
    others = _of_others(model, layers)
    for layer in layers:
        _owners[layer] = weakref.ref(model)
    if others:
        names = ", ".join(others[:3]) + (", ..." if len(others) > 3 else "")
        warnings.warn(
            f"The layers {names} belong to another model too, which has trained them: training this one "
            "changes the other. Make networks of its own for each model, or go on with one of the two.",
            stacklevel=4,
        )


def _learns(layer):
    """Whether training changes weights of the layer itself: not of a frozen one."""
    return layer.trainable and bool(layer._trainable_variables)


def _of_others(model, layers):
    """The names of the layers that another living model has trained."""
    owners = [_owners.get(layer, lambda: None)() for layer in layers]
    return [
        layer.name
        for layer, owner in zip(layers, owners, strict=True)
        if owner is not None and owner is not model
    ]


def require_new_layers(model: keras.Model, seen: weakref.WeakSet, argument: str) -> None:
    """Raises a ValueError if a layer that learns was in an earlier model of `seen`; adds the model's."""
    for layer in model._flatten_layers(include_self=False):
        if layer in seen and (_learns(layer) or getattr(layer, "scheduled", {})):
            raise ValueError(
                f"{argument} must make every layer anew; got a model whose layer {layer.name!r} is also that "
                "of an earlier run, which training would change. Make the networks within the function."
            )
        seen.add(layer)
