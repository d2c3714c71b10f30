"""Saved files that hold every state, and that a killed process leaves whole."""

import contextlib
import os
import pathlib
from collections.abc import MutableMapping, Sequence
from typing import Any

import keras
import numpy as np

from intelvae_keras._engine import checks, quantized, schedules, sums, whole_files
from intelvae_keras._engine.fit import Training
from intelvae_keras._engine.parts import NAMES


class Saving(Training):
    """Files that hold the states of all seed generators, and that appear at once."""

    def save_own_variables(self, store: MutableMapping) -> None:
        """Saves the model's own variables and the state of every seed generator in it.

        Args:
            store: Keras' mapping from name to array, which is written to.
        """
        super().save_own_variables(store)
        for index, state in enumerate(self._seed_states()):
            store[f"seed_{index}"] = keras.ops.convert_to_numpy(state)

    def load_own_variables(self, store: MutableMapping) -> None:
        """Restores what `save_own_variables` saved.

        Args:
            store: Keras' mapping from name to array.

        Raises:
            ValueError: If the file is damaged: its weights have not the sum that was saved with them.
        """
        sums.check_store(store)
        own = {key: store[key] for key in store.keys() if not key.startswith("seed_")}
        super().load_own_variables(own)
        for index, state in enumerate(self._seed_states()):
            state.assign(store[f"seed_{index}"])
        self._schedule_left = True  # perhaps: a checkpoint of a warm-up holds its weight

    def _seed_states(self):
        known = {id(weight) for weight in [*self.weights, *self.metrics_variables]}
        return [state for state in self.non_trainable_variables if id(state) not in known]

    def save(self, filepath: str | os.PathLike, overwrite: bool = True, **kwargs: Any) -> None:
        """Saves the model as Keras does, but so that a killed process leaves no broken file.

        Args:
            filepath: Where to; it ends in .keras.
            overwrite: Whether to replace a file without asking.
            **kwargs: Keras' further arguments, such as `zipped`.

        Raises:
            ValueError: If the file has another ending.
            FileNotFoundError: If its folder does not exist.
        """
        if str(filepath).endswith((".h5", ".hdf5")):
            raise ValueError(
                f"filepath must end in .keras (or .weights.h5 in save_weights); got {filepath!r}. "
                "Keras could not load this model from its older format."
            )
        self._complete()
        _save_atomically(super().save, filepath, ".keras", overwrite, **kwargs)

    def save_weights(
        self, filepath: str | os.PathLike, overwrite: bool = True, **kwargs: Any
    ) -> None:
        """Saves the weights as Keras does, but so that a killed process leaves no broken file.

        Args:
            filepath: Where to; it ends in .weights.h5, or with `max_shard_size` in .weights.json.
            overwrite: Whether to replace a file without asking.
            **kwargs: Keras' further arguments, such as `max_shard_size`.

        Raises:
            ValueError: If the file has another ending.
            FileNotFoundError: If its folder does not exist.
        """
        self._complete()
        _save_atomically(super().save_weights, filepath, ".weights.h5", overwrite, **kwargs)

    def load_weights(
        self, filepath: str | os.PathLike, skip_mismatch: bool = False, **kwargs: Any
    ) -> None:
        """Loads the weights, and the optimizer's state, as Keras does; before the first `fit`, too.

        A number that acts through a weight, such as the strength of `Clusters`, comes along. If the model
        was made with another, a warning says how to make the model agree with the file.

        Args:
            filepath: A file that `save_weights` wrote.
            skip_mismatch: Whether to leave out layers whose weights have another shape.
            **kwargs: Keras' further arguments.

        Raises:
            TypeError: If `filepath` is no path.
            ValueError: If the file is damaged, or not of such a model, which then stays as it was.
            FileNotFoundError: If there is none.
        """
        checks.path("filepath", filepath)
        self._complete()
        if os.path.isfile(filepath) and str(filepath).endswith((".weights.h5", ".keras")):
            sums.check_file(filepath)
        with self._kept_on_failure(filepath):
            super().load_weights(filepath, skip_mismatch=skip_mismatch, **kwargs)
        if self._run is None:  # a backup of the middle of a schedule goes on with it
            schedules.warn_of_others(self)

    @contextlib.contextmanager
    def _kept_on_failure(self, filepath):
        """Where a file is of another model, puts back the weights of the layers that it happens to fit."""
        variables = [*self.variables, *(self.optimizer.variables if self.compiled else [])]
        before = [keras.ops.convert_to_numpy(variable).copy() for variable in variables]
        try:
            yield
        except Exception as error:
            for variable, value in zip(variables, before, strict=True):
                variable.assign(value)
            if type(error) is ValueError:
                raise ValueError(
                    f"{os.fspath(filepath)} does not fit the model: {error}"
                ) from error
            raise

    def get_build_config(self) -> dict:
        """The shape of the data, and what is quantized: a loaded model is built like the saved one."""
        self._complete()  # whoever saves a model, its encoder has weights by then
        changed = quantized.modes(self, NAMES)
        return {
            "input_shape": (None, *self.data_shape),
            **({"quantized": changed} if changed else {}),
        }

    def build_from_config(self, config: dict) -> None:
        """Builds a loaded model before its weights are restored."""
        self.build(config["input_shape"])
        quantized.restore(self, config.get("quantized", {}))

    def summary(self, *args: Any, **kwargs: Any) -> None:
        """Prints the parts and their weights as Keras does, in the order of the data's way."""
        self._complete()
        return super().summary(*args, **kwargs)

    def __reduce__(self):
        """How `pickle` and `copy.deepcopy` take the model: through a file, as it would be saved."""
        self._complete()
        return super().__reduce__()

    def get_weights(self) -> list[np.ndarray]:
        """All weights as arrays, those that wait for data too."""
        self._complete()
        return super().get_weights()

    def set_weights(self, weights: Sequence[np.ndarray]) -> None:
        """Sets all weights, in the order of `get_weights`; before the first `fit`, too.

        Raises:
            ValueError: If there are more or fewer, or one has another shape.
        """
        self._complete()
        super().set_weights(weights)

    def count_params(self) -> int:
        """The number of all weights' values."""
        self._complete()
        return super().count_params()


def _save_atomically(save, filepath, ending, overwrite, **kwargs):
    if isinstance(filepath, bytes):
        filepath = os.fsdecode(filepath)
    # Files on other machines appear at once by themselves; what is no path, Keras refuses.
    if not isinstance(filepath, str | os.PathLike) or "://" in str(filepath):
        save(filepath, overwrite=overwrite, **kwargs)
        return
    path = pathlib.Path(os.path.realpath(filepath))
    named = pathlib.Path(filepath).name.endswith(ending)
    if kwargs or not named or (path.exists() and not overwrite):
        save(filepath, overwrite=overwrite, **kwargs)
        return
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"filepath must be in a folder that exists; got {os.fspath(filepath)!r}. Make it first: "
            f"os.makedirs({str(path.parent)!r})."
        )
    with whole_files.replacing(path) as new:
        if ending == ".keras":
            model = whole_files.Memory("memory.keras")
            save(model)
            sums.write_sealed(new, model)
        else:
            new.write_bytes(whole_files.weights_of(save.__self__))
