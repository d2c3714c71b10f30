"""Names of layers that TensorFlow refuses at the root of a graph, such as that of a user's class _Encoder."""

import contextlib
import re

_ALLOWED = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*")


@contextlib.contextmanager
def allowed_names(model):
    """Gives such layers other names for a while: in an export each `keras.Model` has a graph of its own."""
    named = [(layer, "name") for layer in model._flatten_layers()]
    # Variables are named after the layers that were being built; TensorFlow makes them anew by these names.
    named += [(variable.value, "_handle_name") for variable in model.variables]
    refused = [
        (thing, attribute, name)
        for thing, attribute in named
        if (name := getattr(thing, attribute, None)) and not _ALLOWED.fullmatch(name.split(":")[0])
    ]
    try:
        for thing, attribute, name in refused:
            setattr(thing, attribute, "layer" + re.sub(r"[^A-Za-z0-9_/:]", "_", name))
        yield
    finally:
        for thing, attribute, name in refused:
            setattr(thing, attribute, name)
