"""Arguments of Keras' methods are examined before a step is made, and streams without end refused."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.models import binary, small_vae

X = binary(12)
CLASSES = np.arange(12) % 2

REFUSED = {
    "steps_per_epoch a fraction": ({"steps_per_epoch": 12 / 4}, "steps_per_epoch .* integer"),
    "steps_per_epoch negative": ({"steps_per_epoch": -1}, "steps_per_epoch .* >= 1; got -1"),
    "initial_epoch negative": ({"initial_epoch": -1}, "initial_epoch .* >= 0; got -1"),
    "validation_steps a fraction": (
        {"validation_data": X, "validation_steps": 2.0},
        "validation_steps must be an integer",
    ),
    "validation_batch_size 0": (
        {"validation_data": X, "validation_batch_size": 0},
        "validation_batch_size must be an integer >= 1; got 0",
    ),
    "validation_freq 0": (
        {"validation_data": X, "validation_freq": 0},
        "validation_freq must be an integer >= 1; got 0",
    ),
    "validation_freq a list": (
        {"validation_data": X, "validation_freq": [1, "2"]},
        "validation_freq must be an integer",
    ),
    "validation_split text": ({"validation_split": "0.2"}, "validation_split must be a number"),
    "a class of callbacks": (
        {"callbacks": [keras.callbacks.EarlyStopping]},
        r"callbacks must hold objects; got the class EarlyStopping. Make one: EarlyStopping\(",
    ),
    "a function": ({"callbacks": lambda *_: 0}, "callbacks must hold .*LambdaCallback"),
    "class_weight a list": (
        {"y": CLASSES, "class_weight": [1.0, 2.0]},
        r"class_weight must be a dict.*dict\(enumerate",
    ),
    "class_weight by text": (
        {"y": CLASSES, "class_weight": {"0": 1.0}},
        "class_weight must be .* got the class '0'",
    ),
    "class_weight NaN": (
        {"y": CLASSES, "class_weight": {0: np.nan}},
        r"class_weight\[0\] must be a finite number >= 0; got nan",
    ),
    "classes below 0": (
        {"y": 2 * CLASSES - 1, "class_weight": {0: 2.0}},
        r"class_weight needs y as whole numbers 0..K-1.*return_inverse",
    ),
    "classes between": (
        {"y": 0.5 * CLASSES, "class_weight": {0: 2.0}},
        "class_weight needs y as whole numbers",
    ),
    "weights too large": ({"sample_weight": np.full(12, 1e39)}, "sample_weight must hold .*finite"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_arguments_are_refused_before_the_first_step(name, untrained):
    options, message = REFUSED[name]
    with pytest.raises((TypeError, ValueError), match=message):
        untrained.fit(X, verbose=0, **options)


@pytest.mark.parametrize("steps, error", [(2.0, TypeError), (0, ValueError)])
@pytest.mark.parametrize("method", ["evaluate", "predict"])
def test_steps_are_a_whole_number(method, steps, error, untrained):
    with pytest.raises(error, match="steps must be an integer >= 1"):
        getattr(untrained, method)(X, steps=steps, verbose=0)


class Endless(keras.utils.PyDataset):
    num_batches = None

    def __getitem__(self, index):
        return (X,)


ENDLESS = [tf.data.Dataset.from_tensors(X).repeat(), Endless()]


@pytest.mark.parametrize("stream", ENDLESS, ids=["Dataset", "PyDataset"])
def test_a_stream_without_end_needs_the_number_of_steps(stream, untrained):
    with pytest.raises(ValueError, match="x has no end.* steps_per_epoch"):
        untrained.fit(stream, verbose=0)
    with pytest.raises(ValueError, match="validation_data has no end.* validation_steps"):
        untrained.fit(X, validation_data=stream, verbose=0)
    for method in (untrained.evaluate, untrained.predict):
        with pytest.raises(ValueError, match="x has no end.* with steps how"):
            method(stream, verbose=0)


def test_a_stream_without_end_serves_as_many_steps_as_are_asked_for():
    vae = small_vae()
    vae.compile(run_eagerly=True)
    vae.fit(
        ENDLESS[0],
        steps_per_epoch=2,
        validation_data=ENDLESS[0],
        validation_steps=1,
        verbose=0,
    )
    assert vae.optimizer.iterations == 2
    assert vae.predict(ENDLESS[0], steps=2, verbose=0).shape == (24, 6)
