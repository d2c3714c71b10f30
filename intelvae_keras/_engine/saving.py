"""Saved files that hold every state, and that a killed process leaves whole."""

import os
import pathlib
import tempfile

import keras


class Saving:
    """Mixin for a `keras.Model`: its files hold the states of all seed generators, and appear at once."""

    def save_own_variables(self, store):
        """Saves the model's own variables and the state of every seed generator in it."""
        super().save_own_variables(store)
        for index, state in enumerate(self._seed_states()):
            store[f"seed_{index}"] = keras.ops.convert_to_numpy(state)

    def load_own_variables(self, store):
        """Restores what `save_own_variables` saved."""
        own = {key: store[key] for key in store.keys() if not key.startswith("seed_")}
        super().load_own_variables(own)
        for index, state in enumerate(self._seed_states()):
            state.assign(store[f"seed_{index}"])

    def _seed_states(self):
        known = {id(weight) for weight in [*self.weights, *self.metrics_variables]}
        return [state for state in self.non_trainable_variables if id(state) not in known]

    def save(self, filepath, overwrite=True, **kwargs):
        """Saves the model as Keras does, but so that a killed process leaves no broken file."""
        if self.built and self.compiled and not self.optimizer.built and self.trainable_variables:
            self.optimizer.build(self.trainable_variables)  # as loading a compiled model does
        _save_atomically(super().save, filepath, ".keras", overwrite, **kwargs)

    def save_weights(self, filepath, overwrite=True, **kwargs):
        """Saves the weights as Keras does, but so that a killed process leaves no broken file."""
        _save_atomically(super().save_weights, filepath, ".weights.h5", overwrite, **kwargs)


def _save_atomically(save, filepath, ending, overwrite, **kwargs):
    path = pathlib.Path(os.fspath(filepath))
    if kwargs or not path.name.endswith(ending) or (path.exists() and not overwrite):
        save(filepath, overwrite=overwrite, **kwargs)
        return
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".saving-") as folder:
        complete = os.path.join(folder, path.name)
        save(complete)
        os.replace(complete, path)
