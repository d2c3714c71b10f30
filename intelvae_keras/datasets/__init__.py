"""Data sets: images and a table that ship with the package, full sets, your own images, and toys.

Example:
    >>> from intelvae_keras import datasets
    >>> (x_train, y_train), (x_test, y_test) = datasets.load("mnist01")
    >>> x_train.shape, y_train.shape
    ((12665, 28, 28, 1), (12665,))
"""

import inspect
from functools import partial
from typing import TYPE_CHECKING, Any

from intelvae_keras.datasets import celeba_folder, embedded, full, load_options, toys
from intelvae_keras.datasets.celeba_folder import celeba
from intelvae_keras.datasets.own_images import image_folder
from intelvae_keras.datasets.pattern_sums import patterns, true_patterns
from intelvae_keras.datasets.toys import (
    circle,
    clusters,
    figure_eight,
    star,
    swiss_roll,
    two_rings,
)

if TYPE_CHECKING:
    import pandas
    import tensorflow as tf

__all__ = [
    "celeba",
    "circle",
    "clusters",
    "figure_eight",
    "image_folder",
    "load",
    "names",
    "patterns",
    "star",
    "swiss_roll",
    "true_patterns",
    "two_rings",
]

_LOADERS = {
    "mnist01": partial(embedded.load, "mnist01"),
    "fashion_mnist_mini": partial(embedded.load, "fashion_mnist_mini"),
    "penguins": embedded.penguins,
    "mnist": partial(full.load, "mnist"),
    "fashion_mnist": partial(full.load, "fashion_mnist"),
    "circle": partial(toys.train_and_test, circle),
    "figure_eight": partial(toys.train_and_test, figure_eight),
    "star": partial(toys.train_and_test, star),
    "clusters": partial(toys.train_and_test, clusters),
    "two_rings": partial(toys.train_and_test, two_rings),
    "swiss_roll": partial(toys.train_and_test, swiss_roll),
    "patterns": partial(toys.train_and_test, patterns, num_train=40_000),
    "celeba": celeba_folder.train_and_test,
    "image_folder": image_folder,
}


def names() -> list[str]:
    """Names that `load` takes."""
    return list(_LOADERS)


def load(name: str, **options: Any) -> "tuple | tf.data.Dataset | pandas.DataFrame":
    """Data set of a name.

    | name | what it returns |
    |---|---|
    | "mnist01", "fashion_mnist_mini" | images that ship with the package |
    | "penguins" | a table with holes that ships with the package, a pandas DataFrame: 344 rows, \
8 columns |
    | "mnist", "fashion_mnist" | full sets, from the folder in the environment variable \
INTELVAE_DATA_DIR, else from `keras.datasets`, which downloads once |
    | "circle", "figure_eight", "star", "clusters", "two_rings", "swiss_roll" | 2-D toys |
    | "patterns" | sums of 3 of 20 patterns, 64 values each |
    | "celeba" | a pair of streams: `(train, test)` |
    | "image_folder" | one stream; with `subset="both"` a pair: `(training, validation)` |

    Images: float32 in [0, 1], shape (N, 28, 28, 1); labels int64, shape (N,). Toys: float32,
    shape (N, 2), for "patterns" (N, 64); labels int64, the part of the shape, or the strongest
    pattern. Streams: batched `tf.data.Dataset`s, see
    `celeba` and `image_folder`.

    | name | options |
    |---|---|
    | "mnist01", "fashion_mnist_mini", "penguins", "mnist", "fashion_mnist" | none |
    | "circle", "figure_eight" | `num_train=10_000`, `num_test=2_000`, `seed=0`, `noise=0.05` |
    | "star" | the same with `noise=0.03`, and `arms=5` |
    | "clusters" | the same with `noise=0.1`, and `k=5` |
    | "two_rings", "swiss_roll" | the same with `noise=0.03` |
    | "patterns" | the same with `num_train=40_000` and `noise=0.1` |
    | "celeba" | `path`, `size=64`, `batch_size=128`, `seed=0`, `shuffle=True`, \
`attributes=None`, `check=True` |
    | "image_folder" | `path`, `size`, `batch_size=128`, `channels=3`, `shuffle=True`, `seed=0`, \
`validation_split=None`, `subset=None`, `background=None`, `check=True` |

    Args:
        name: One of `names()`.
        **options: The options of the set, by name.

    Returns:
        `(x_train, y_train), (x_test, y_test)`, NumPy arrays; for streams what the table says.

    Raises:
        ValueError: If the name is unknown, an option is out of its range, or a file is damaged.
        TypeError: If the set does not take an option, or the option has the wrong type.
        ImportError: If the set needs pandas (the extra `tables`), which is not installed.
        OSError: If a file of an embedded set is missing or damaged, or a full set is neither on
            the disk nor can be downloaded.
    """
    loader = _LOADERS[load_options.one_of("name", name, _LOADERS)]
    signature = inspect.signature(loader)
    try:
        signature.bind(**options)
    except TypeError as e:
        bare = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
        options = inspect.Signature(bare)  # without the types, which fill a line
        raise TypeError(f"load({name!r}) takes the options {options}: {e}") from e
    return loader(**options)
