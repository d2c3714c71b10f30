"""What reaches one mapping of a chain: the codes of data, as it sees them."""

import keras
import numpy as np
import tensorflow as tf

_TOGETHER = 1_000  # examples whose codes are computed at once


def codes_at(model: keras.Model, layer: keras.layers.Layer, x: np.ndarray) -> np.ndarray:
    """The posterior means of x, as they reach a layer of the model's mapping, shape (N, M)."""
    parts = [x[start : start + _TOGETHER] for start in range(0, len(x), _TOGETHER)]
    codes = np.concatenate([model.posterior(part).mean().numpy() for part in parts])
    return through(model.mapping, layer, codes)


def through(mapping: keras.layers.Layer, layer: keras.layers.Layer, y: np.ndarray) -> np.ndarray:
    """Latents y, as they reach a layer of a mapping: those before it in a `keras.Sequential` are applied.

    Raises:
        ValueError: If the layer lies inside another one that is no `keras.Sequential`.
    """
    while mapping is not layer:
        if not isinstance(mapping, keras.Sequential):
            raise ValueError(
                f"What reaches {layer.name!r} inside of {mapping!r} cannot be known. Join mappings with "
                "keras.Sequential, or give Clusters turnable=False."
            )
        for inner in mapping.layers:
            if any(found is layer for found in inner._flatten_layers()):
                mapping = inner
                break
            y = tf.convert_to_tensor(inner(y)).numpy()
    return y
