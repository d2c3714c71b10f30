"""Names of layers that TensorFlow refuses at the root of a graph, such as that of a user's class _Encoder."""

import contextlib
import re

_ALLOWED = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*")


@contextlib.contextmanager
def allowed_names(model):
    """Gives such layers other names for a while: in an export each `keras.Model` has a graph of its own."""
    names = {
        layer: layer.name for layer in model._flatten_layers() if not _ALLOWED.fullmatch(layer.name)
    }
    try:
        for layer, name in names.items():
            layer.name = "layer" + re.sub(r"[^A-Za-z0-9_]", "_", name)
        yield
    finally:
        for layer, name in names.items():
            layer.name = name
