"""Arguments of Keras' methods are examined before a step is made, and streams without end refused."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.models import binary, small_vae

X = binary(12)
CLASSES = np.arange(12) % 2


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
