"""Which model a backup is of: a sum of each part's configuration, the same in every process."""

import hashlib
import json
import warnings
from typing import Any

import keras

_NO_MATTER = ("build_config", "build_input_shape", "trainable", "dtype")


def of(model: keras.Model) -> dict[str, str]:
    """For each argument of the model, a sum of its configuration; those without one are left out.

    Names that Keras counts up, such as "dense_3", do not matter, only which layer is which.
    """
    config = _config(model.get_config) or {}
    sums = {
        name: sum_of(value) for name, value in config.items() if name not in ("name", *_NO_MATTER)
    }
    return sums | {"optimizer": getattr(model, "optimizer_sum", "")}


def sum_of_object(thing: Any) -> str:
    """A short sum of what Keras would save of an optimizer, say; "" if it can save nothing."""
    config = _config(keras.saving.serialize_keras_object, thing)
    return "" if config is None else sum_of(config)


def _config(function, *args):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what cannot be loaded is of no concern here
            return function(*args)
    except (NotImplementedError, TypeError, ValueError):
        return None


def sum_of(config: Any) -> str:
    """A short sum of a configuration."""
    names: dict[str, str] = {}
    _collect(config, names)
    text = json.dumps(_without(config, names), sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def difference(saved: dict[str, str], own: dict[str, str]) -> list[str]:
    """The names of the arguments that differ."""
    return sorted(name for name in saved.keys() & own.keys() if saved[name] != own[name])


def _collect(config, names):
    """Numbers the layers' names in their order."""
    if isinstance(config, dict):
        name = config.get("name")
        if isinstance(name, str):
            names.setdefault(name, f"#{len(names)}")
        for value in config.values():
            _collect(value, names)
    elif isinstance(config, list | tuple):
        for value in config:
            _collect(value, names)


def _without(config, names):
    """The configuration without names, and without what training changes."""
    if isinstance(config, dict):
        left_out = _NO_MATTER[:2]
        if config.get("learn_proportions"):
            left_out += ("proportions",)
        return {key: _without(value, names) for key, value in config.items() if key not in left_out}
    if isinstance(config, list | tuple):
        return [_without(value, names) for value in config]
    return names.get(config, config) if isinstance(config, str) else config


def _plain(value):
    return value.tolist() if hasattr(value, "tolist") else type(value).__name__
