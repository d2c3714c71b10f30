"""A judge of samples: a classifier of real data, and how often it cannot decide."""

from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from numpy.typing import ArrayLike

from intelvae_keras._engine import array_batches, arrays, checks, values
from intelvae_keras.metrics import checked

_LARGEST = 100.0  # of data of a scale near 1


def train_classifier(
    x: ArrayLike,
    labels: ArrayLike,
    epochs: int = 3,
    seed: int = 0,
    batch_size: int = 128,
    learning_rate: float = 1e-3,
    verbose: int = 0,
) -> keras.Model:
    """Small classifier, trained: convolutions for images, dense layers for other data.

    On the zeros and ones of MNIST it is right on more than 99.9% of the test images, and about 0.1%
    of them get no probability above 0.8. That takes 5 s on two cores.

    It has seeds of its own: the same seed gives the same classifier, and the random state of Keras,
    TensorFlow and NumPy is left as it was.

    Args:
        x: Data, shape (N, H, W, C) or (N, ...), of a scale near 1.
        labels: Classes 0..K-1, shape (N,), K >= 2.
        epochs: Passes over the data, >= 1.
        seed: Integer seed of the weights and of shuffling.
        batch_size: Examples per step, >= 1.
        learning_rate: Of Adam, > 0; it falls to 0 along a cosine.
        verbose: 0, 1 or 2, as for `keras.Model.fit`.

    Returns:
        A `keras.Model` from x to the probabilities of the classes, shape (N, K).

    Raises:
        TypeError: If x does not hold numbers.
        ValueError: If an argument is outside its range, or there is not one label per example.
    """
    x = np.asarray(values.check("x", arrays.as_array("x", x)))
    if np.abs(x.astype("float32", copy=False)).max() > _LARGEST:
        raise ValueError(
            f"x must be of a scale near 1; got values from {x.min()} to {x.max()}. Divide pixels 0..255 by "
            "255, as those of the samples that are judged."
        )
    labels = _check_labels(labels, len(x))
    epochs = checks.integer("epochs", epochs, minimum=1)
    batch_size = checks.integer("batch_size", batch_size, minimum=1)
    key = checks.seed("seed", checks.integer("seed", seed, minimum=0))
    learning_rate = checks.positive("learning_rate", learning_rate)
    x = x.astype("float32", copy=False)
    batches = array_batches.ArrayBatches((x, labels), batch_size, shuffle=True)
    reshuffle = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: batches.key.assign([key, epoch])
    )
    classifier = network(x.shape[1:], int(labels.max()) + 1, seed)
    steps = epochs * -(-len(x) // batch_size)
    schedule = keras.optimizers.schedules.CosineDecay(learning_rate, steps)
    classifier.compile(keras.optimizers.Adam(schedule), "sparse_categorical_crossentropy")
    classifier.fit(
        batches.dataset, epochs=epochs, shuffle=False, verbose=verbose, callbacks=[reshuffle]
    )
    return classifier


def uncertain_fraction(
    images_or_probabilities: ArrayLike, classifier: Callable | None = None, threshold: float = 0.8
) -> float:
    """The fraction of samples that a classifier cannot tell: its largest probability < threshold.

    A fraction in [0, 1], without unit: near 0 for real data, more for samples from between classes.

    Args:
        images_or_probabilities: Probabilities of K classes, shape (N, K), or of class 1 of two,
            shape (N,) or (N, 1); or, with a classifier, what it takes.
        classifier: A function from data to such probabilities, as from `train_classifier`.
        threshold: The probability from which on the classifier counts as certain, in (0, 1].

    Returns:
        A float.

    Raises:
        ValueError: If the probabilities have another shape, leave [0, 1], or do not add up to 1, or
            if threshold is outside (0, 1].
    """
    if checks.positive("threshold", threshold) > 1:
        raise ValueError(f"threshold must lie in (0, 1]; got {threshold}.")
    probabilities = images_or_probabilities
    if classifier is not None:
        checks.function("classifier", classifier, "from data to probabilities")
        probabilities = _probabilities(classifier, images_or_probabilities)
    probabilities = np.asarray(arrays.as_array("images_or_probabilities", probabilities))
    return float(np.mean(_largest(probabilities.astype("float64")) < threshold))


def network(data_shape: Sequence[int], num_classes: int, seed: int) -> keras.Sequential:
    """A network with explicit seeds, in float32 under any dtype policy."""
    seeds = np.random.SeedSequence(seed).generate_state(4).tolist()

    def kernel(index):
        return {"kernel_initializer": keras.initializers.GlorotUniform(seeds[index]), **own}

    own = {"dtype": "float32"}
    relu = {"activation": "relu"}
    last = {"data_format": "channels_last"}  # as the data are, whatever keras.json says
    stem = [layers.Flatten(**last, **own), layers.Dense(256, **relu, **kernel(0))]
    if len(data_shape) == 3:
        stem = [
            layers.Conv2D(32, 5, strides=3, padding="same", **last, **relu, **kernel(0)),
            layers.Conv2D(64, 3, strides=2, padding="same", **last, **relu, **kernel(1)),
            layers.Flatten(**last, **own),
        ]
    head = [
        layers.Dense(128, **relu, **kernel(2)),
        layers.Dense(num_classes, activation="softmax", **kernel(3)),
    ]
    return keras.Sequential([keras.Input(data_shape), *stem, *head], name="classifier")


def _check_labels(labels, num_examples):
    labels = np.asarray(arrays.plain("labels", labels))
    if labels.shape != (num_examples,) or labels.dtype.kind not in "iu":
        raise ValueError(
            f"labels must be {num_examples} whole numbers, one per row of x; got shape "
            f"{labels.shape}, dtype {labels.dtype}."
        )
    if labels.min() < 0 or len(np.unique(labels)) < 2:
        raise ValueError(
            f"labels must be classes 0..K-1 with K >= 2; got {np.unique(labels)[:5].tolist()}."
        )
    return labels.astype("int32")


def _probabilities(classifier, x):
    """The classifier's output; not by `predict`, whose tf.data pipeline would cost seconds."""
    name = "images_or_probabilities"
    x = arrays.as_array(name, x)
    expected = (getattr(classifier, "input_shape", None) or (None,))[1:]  # of a Keras model
    if expected and None not in expected and tuple(x.shape[1:]) != tuple(expected):
        raise ValueError(
            f"{name} must have shape (N, {', '.join(map(str, expected))}), as the classifier's data; "
            f"got {tuple(x.shape)}."
        )
    return checked.in_batches(name, x, lambda batch: tf.convert_to_tensor(classifier(batch)))


def _largest(probabilities):
    """The largest probability of each row, shape (N,)."""
    name, shape = "images_or_probabilities", probabilities.shape
    if probabilities.ndim == 2 and shape[1] == 1:
        probabilities = probabilities[:, 0]
    if probabilities.ndim not in (1, 2) or probabilities.size == 0:
        hint = "" if probabilities.ndim < 3 else " For images, pass a classifier."
        raise ValueError(f"{name} must have shape (N, K) or (N,), N >= 1; got {shape}.{hint}")
    if not (probabilities.min() >= -1e-6 and probabilities.max() <= 1 + 1e-6):  # NaN fails, too
        raise ValueError(
            f"{name} must hold probabilities, in [0, 1]; got values from "
            f"{probabilities.min():g} to {probabilities.max():g}."
        )
    if probabilities.ndim == 1:
        return np.maximum(probabilities, 1 - probabilities)
    sums = probabilities.sum(axis=1)
    if np.abs(sums - 1).max() > 1e-2:
        raise ValueError(
            f"{name} must have rows with the sum 1; got sums from {sums.min():g} to {sums.max():g}."
        )
    return probabilities.max(axis=1)
