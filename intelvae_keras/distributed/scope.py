"""Checks that a model belongs to a strategy for several machines, with all its parts."""

import tensorflow as tf

from intelvae_keras._engine import checks
from intelvae_keras.model import InteLVAE


def checked_strategy(model: InteLVAE) -> tf.distribute.MultiWorkerMirroredStrategy:
    """The model's strategy.

    Raises:
        TypeError: If the model is no `InteLVAE`.
        ValueError: If it is not a `MultiWorkerMirroredStrategy`.
    """
    strategy = checks.model("model", model).distribute_strategy
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        raise ValueError(
            "model must be made and compiled under the scope of the strategy for several machines: "
            "strategy = distributed.strategy(); with strategy.scope(): ...; "
            f"got a model of {type(strategy).__name__}."
        )
    return strategy


def check_created_in_scope(model: InteLVAE) -> None:
    """Raises a ValueError if a variable is not mirrored."""
    strategy = model.distribute_strategy
    for owner in (model, model.optimizer):
        for variable in owner.variables:
            if not strategy.extended.variable_created_in_scope(variable.value):
                part = "an optimizer" if owner is model.optimizer else "a part"
                raise ValueError(
                    "model must be made and compiled under the strategy's scope, with all its parts; "
                    f"got {part} made outside of it, with the variable {variable.path!r}."
                )
