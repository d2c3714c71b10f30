"""A recipe: everything that one needs to train a model again."""

import math
from typing import Any, NamedTuple

import keras

from intelvae_keras import InteLVAE


class Recipe(NamedTuple):
    """Compiled, untrained model with its data set and the arguments of its `fit`.

    Attributes:
        model: The `InteLVAE`, compiled.
        dataset: Name of the data set, for `datasets.load`.
        options: Options of the data set, for `datasets.load(dataset, **options)`.
        fit: Arguments of `fit`: epochs, batch_size, callbacks.
    """

    model: InteLVAE
    dataset: str
    options: dict[str, Any]
    fit: dict[str, Any]


def cosine_adam(
    rate: float, examples: int, epochs: int, batch_size: int, **options: Any
) -> keras.optimizers.Optimizer:
    """Adam whose learning rate falls from `rate` to a fiftieth of it along a cosine."""
    steps = epochs * math.ceil(examples / batch_size)
    schedule = keras.optimizers.schedules.CosineDecay(rate, steps, alpha=0.02)
    return keras.optimizers.Adam(schedule, **options)
