"""What is frozen inside the parts of a model, kept by its configuration and its files.

Keras keeps `trainable` of a layer, but not of a `keras.Sequential`, nor of the layers that a layer makes when
it is built. A model that was loaded would then learn what was frozen, or could not be unfrozen as a whole.
"""

import keras


def states(model, parts):
    """For each part with something frozen: whether its layers are trainable, the outer ones first."""
    flags = {part: [layer.trainable for layer in _layers(model, part)] for part in parts}
    return {part: values for part, values in flags.items() if not all(values)}


def restore(model, states_of_parts):
    """Gives the layers of the parts the states that `states` has returned."""
    for part, flags in states_of_parts.items():
        layers = _layers(model, part)
        if len(flags) != len(layers):
            flags = flags[:1]  # one of the two is not built: all of it is as the part itself
        for layer, trainable in zip(layers, flags, strict=False):
            _set(layer, trainable)


def pass_on(model):
    """Freezes what lies inside frozen layers: Keras does not where the inside is built later."""
    for layer in model._flatten_layers(include_self=False):
        if not layer.trainable:
            _set(layer, False)


def way_out(model):
    """What to do where nothing is trainable, which depends on what is frozen."""
    if not model.trainable:
        return (
            "The model itself is frozen, and so are its parts, whatever they say. Set vae.trainable = True "
            "first, and freeze what is to stay as it is after that."
        )
    for name in ("decoder", "encoder", "mapping", "posterior_layer"):
        part = getattr(model, name)
        if part.trainable and part.weights and not part.trainable_weights:
            return (
                f"The layers inside are frozen, though vae.{name} is not, so that True is no change to it: "
                f"set vae.{name}.trainable = False, and then True."
            )
    return (
        "Every part is frozen: set trainable = True for one, such as vae.decoder.trainable = True."
    )


def _layers(model, part):
    layers = getattr(model, part)._flatten_layers()
    return [layer for layer in layers if not isinstance(layer, keras.layers.InputLayer)]


def _set(layer, trainable):
    # Not `layer.trainable = trainable`, which Keras takes for no change where it is so already.
    keras.layers.Layer.trainable.fset(layer, trainable)
