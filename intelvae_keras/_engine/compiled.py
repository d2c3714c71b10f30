"""The one owner of the functions that TensorFlow has compiled for a model."""

import tensorflow as tf


class Compiled:
    """Every function that was compiled for a model, and when each is out of date.

    A compiled function goes on with the layers that it was traced with. So each is kept with the
    version of the model that it belongs to. The version changes when the model is compiled anew, or
    when one of its layers is exchanged, frozen, unfrozen or quantized.
    """

    def __init__(self):
        self._version = 0
        self._layers = []  # (layer, its state) of this version
        self._graphs = {}
        self._keras = {}  # the version of Keras' own functions, by name
        self._steps = {}

    def __deepcopy__(self, memo):
        return Compiled()  # a copied model compiles functions of its own

    def __reduce__(self):
        return Compiled, ()

    def change(self):
        """Puts every function out of date."""
        self._version += 1

    def version(self, model):
        """The number of the model's present version."""
        now = [(layer, _state(layer)) for layer in model._flatten_layers()]
        before = self._layers
        same = len(now) == len(before) and all(
            new is old and state == state_before
            for (new, state), (old, state_before) in zip(now, before, strict=True)
        )
        if not same:
            self._layers = now
            self._version += 1
        return self._version

    def graph(self, model, key, make):
        """The compiled function of this name; `make()` gives (function, signature) to compile."""
        version = self.version(model)
        if self._graphs.get(key, (None,))[0] != version:
            function, signature = make()
            self._graphs[key] = version, tf.function(_in_a_scope(function), signature)
        return self._graphs[key][1]

    def renew(self, model, *names):
        """Lets Keras make those of its functions anew that are out of date."""
        version = self.version(model)
        for name in names:
            if self._keras.get(name) != version:
                setattr(model, name, None)
                self._keras[name] = version

    def keep(self, model, steps, functions):
        """Keeps Keras' functions that run so many steps in one call."""
        self._steps[steps] = self.version(model), functions

    def kept(self, model, steps):
        """The functions that `keep` kept, unless they are out of date; or None."""
        version, functions = self._steps.get(steps, (None, None))
        return functions if version == self.version(model) else None


def _state(layer):
    """What of a layer a compiled function cannot follow: quantizing changes the dtype policy."""
    return layer.trainable, layer.dtype_policy.name


def _in_a_scope(function):
    """The function, with the names of its operations below "vae".

    At the root of a graph TensorFlow refuses names that begin with "_", as those of a user's layer of a
    class `_Private` do.
    """

    # Without functools.wraps: AutoGraph would follow it past this function.
    def scoped(*args):
        with tf.name_scope("vae"):
            return function(*args)

    return scoped
