"""Presets: each recipe in one place, and the models that it gave, trained.

Example:
    >>> from intelvae_keras import datasets, presets
    >>> vae = presets.load("mnist01-clusters")      # trained
    >>> vae.sample(16, seed=0).shape
    (16, 28, 28, 1)
    >>> r = presets.recipe("mnist01-clusters", seed=1)
    >>> (x_train, _), _ = datasets.load(r.dataset, **r.options)
    >>> history = r.model.fit(x_train, **r.fit)     # trains it again, 15 s on two cores
"""

import keras

from intelvae_keras import InteLVAE
from intelvae_keras._engine import checks
from intelvae_keras.datasets import load_options
from intelvae_keras.presets import digits, garments, shipped, toy_shapes
from intelvae_keras.presets.recipes import Recipe

__all__ = ["Recipe", "figures", "load", "names", "recipe"]

_RECIPES = {
    "mnist01-vae": digits.ordinary,
    "mnist01-clusters": digits.clusters,
    "fashion-vae": garments.ordinary,
    "fashion-sparse": garments.sparse,
    "fashion-hierarchical": garments.hierarchical,
    **toy_shapes.RECIPES,
}


def names() -> list[str]:
    """Names of the presets."""
    return list(_RECIPES)


def recipe(name: str, seed: int | None = None, epochs: int | None = None) -> Recipe:
    """Recipe of a name: compiled, untrained model, data set and arguments of `fit`.

    `r.model.fit(x_train, **r.fit)` is the whole training. All schedules follow `epochs`.

    Args:
        name: One of `names()`.
        seed: Seed of weights, sampling and shuffling. It is given to `keras.utils.set_random_seed`
            too, since the networks draw their first weights from there. None leaves all as it is.
        epochs: Epochs of training; None for those of the recipe.

    Returns:
        A `Recipe`: `.model`, `.dataset`, `.options`, `.fit`.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If the name is unknown, the seed is below 0, or `epochs` < 1.
    """
    make = _RECIPES[load_options.one_of("name", name, _RECIPES)]
    options = {} if epochs is None else {"epochs": checks.integer("epochs", epochs, minimum=1)}
    if seed is not None:
        keras.utils.set_random_seed(checks.integer("seed", seed, minimum=0))
    return make(seed=seed, **options)


def load(name: str) -> InteLVAE:
    """Trained model of a name, compiled, as it ships with the package.

    Its weights were rounded to 16 bits where they are many; `figures` are those of the rounded model.

    Args:
        name: One of `names()`.

    Returns:
        An `InteLVAE`.

    Raises:
        TypeError: If `name` is no string.
        ValueError: If the name is unknown, or the file does not fit the recipe.
        OSError: If the file is missing or damaged.
    """
    model = recipe(name).model
    model.build((None, *model.data_shape))
    shipped.restore(model, name)
    return model


def figures(name: str) -> dict:
    """Measured figures of the trained model of a name, on test data.

    | key | meaning |
    |---|---|
    | `seed`, `seconds`, `parameters` | how it was trained: seed, seconds of `fit`, number of weights |
    | `elbo`, `kl` | mean test ELBO and KL, nats |
    | `log_likelihood` | mean test log p(x), nats: the importance-weighted bound of 500 samples |
    | `uncertain` | MNIST-01: fraction of samples that a classifier is unsure of |
    | `off_manifold` | toys: fraction of samples further than 0.1 from the data |
    | `hoyer` | Fashion-MNIST: Hoyer's sparsity of the codes, in [0, 1] |

    Args:
        name: One of `names()`.

    Returns:
        A dict with those of the figures that the model has.

    Raises:
        TypeError: If `name` is no string.
        ValueError: If the name is unknown.
        OSError: If the file is missing or damaged.
    """
    load_options.one_of("name", name, _RECIPES)
    return shipped.figures(name)
