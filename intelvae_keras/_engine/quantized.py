"""Which layers `quantize` has changed, kept by a model's files.

Keras keeps it in the config of a layer. That says nothing of a layer that another makes when it is built,
such as the linear one of the posterior.
"""

import keras


def modes(model, parts):
    """For each part with something quantized: the mode of each of its layers, None for most."""
    of_parts = {
        part: [getattr(layer, "quantization_mode", None) for layer in _layers(model, part)]
        for part in parts
    }
    return {part: values for part, values in of_parts.items() if any(values)}


def restore(model, modes_of_parts):
    """Quantizes the layers, built by now, that were so when `modes` looked."""
    for part, values in modes_of_parts.items():
        for layer, mode in zip(_layers(model, part), values, strict=False):
            if mode is not None and getattr(layer, "quantization_mode", None) is None:
                layer.quantize(mode)


def _layers(model, part):
    layers = getattr(model, part)._flatten_layers()
    return [layer for layer in layers if not isinstance(layer, keras.layers.InputLayer)]
