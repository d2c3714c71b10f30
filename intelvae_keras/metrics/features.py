"""Features of a data set for the Frechet distance: what a classifier that it trained looks at."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike

from intelvae_keras._engine import arrays, checks
from intelvae_keras.metrics import cache, checked
from intelvae_keras.metrics.classifier import network, train_classifier

_EPOCHS = 8  # Fashion-MNIST: 89.7% of the test images right, after 5 epochs 88.6%
_RECIPE = 1  # counts the changes of network and training: an older file in the cache is not read


class Features:
    """The activities of the last hidden layer of a classifier from `train_classifier`.

    ```python
    features = metrics.load_features("fashion_mnist")
    features(images).shape    # (N, 128)
    metrics.frechet_distance(x_test, vae.sample(10_000), features)
    ```

    Attributes:
        classifier: The classifier, a `keras.Model` from x to probabilities.
    """

    def __init__(self, classifier: keras.Model):
        self.classifier = classifier
        self._hidden = keras.Model(classifier.inputs[0], classifier.layers[-2].output)

    def __call__(self, x: ArrayLike) -> np.ndarray:
        """The features of x.

        Args:
            x: Data of the shape that the classifier was trained on, (N, ...).

        Returns:
            A numpy array of shape (N, 128), >= 0, without unit.

        Raises:
            TypeError: If x does not hold numbers.
            ValueError: If x is empty, not finite, or of another shape.
        """
        x = arrays.as_array("x", x)
        expected = tuple(self.classifier.input_shape[1:])
        if tuple(x.shape[1:]) != expected:
            raise ValueError(
                f"x must have shape (N, {', '.join(map(str, expected))}), as the data of the "
                f"features; got {tuple(x.shape)}."
            )
        return checked.in_batches("x", x, self._hidden)


def train_features(
    x: ArrayLike, labels: ArrayLike, seed: int = 0, epochs: int = _EPOCHS, verbose: int = 0
) -> Callable:
    """Activities of the last hidden layer, 128 of them, of a classifier that is trained for them.

    Give it the training part of a data set alone, so that the test part stays unseen.

    Args:
        x: Data, shape (N, H, W, C) or (N, ...), of a scale near 1.
        labels: Classes 0..K-1, shape (N,).
        seed: Integer seed.
        epochs: Passes over the data, >= 1.
        verbose: 0, 1 or 2, as for `keras.Model.fit`.

    Returns:
        A `Features`: a function from data to features, a numpy array of shape (N, 128).

    Raises:
        TypeError: If x does not hold numbers.
        ValueError: If an argument is outside its range, or there is not one label per example.
    """
    return Features(train_classifier(x, labels, epochs=epochs, seed=seed, verbose=verbose))


def load_features(name: str, seed: int = 0, epochs: int = _EPOCHS, **options: Any) -> Callable:
    """The features of a data set: trained on its training part once, then read from a cache.

    The cache is the folder in the environment variable INTELVAE_CACHE_DIR, else
    ~/.cache/intelvae_keras; what it holds may be deleted at any time.

    Args:
        name: A data set with labels, as for `datasets.load`, such as "fashion_mnist".
        seed: Integer seed >= 0 of the classifier.
        epochs: Passes over the data, >= 1.
        **options: As for `datasets.load`.

    Returns:
        A `Features`, as from `train_features`.

    Raises:
        ValueError: If there is no set of this name, it has no labels, or an option is out of range.
        OSError: If the set is neither on the disk nor can be downloaded.
    """
    from intelvae_keras import datasets  # here, not above: it is loaded when first used

    settings = {
        "name": name,
        "options": options,
        "seed": checks.integer("seed", seed, minimum=0),
        "epochs": checks.integer("epochs", epochs, minimum=1),
        "recipe": _RECIPE,
    }
    labelled = [n for n in datasets.names() if n not in ("celeba", "image_folder", "penguins")]
    if name not in labelled:
        raise ValueError(
            f"name must be a data set with labels, one of {', '.join(labelled)}; got {name!r}. For "
            "another, use train_features."
        )
    try:
        file = cache.path(f"features-{name}", settings)
    except TypeError as error:
        raise TypeError(
            f"options must be numbers, strings or lists of them; got {options}."
        ) from error
    classifier = _restore(cache.read(file))
    if classifier is None:
        (x, labels), _ = datasets.load(name, **options)
        classifier = train_classifier(x, labels, epochs=epochs, seed=seed)
        cache.write(file, [classifier.input_shape[1:], *classifier.get_weights()])
    return Features(classifier)


def _restore(content):
    """The classifier from the shape of its input and its weights; None if they do not fit."""
    if not content:
        return None
    try:
        data_shape, *weights = content
        classifier = network(tuple(int(size) for size in data_shape), weights[-1].shape[0], seed=0)
        classifier.set_weights(weights)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return classifier
