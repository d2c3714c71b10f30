"""Several steps in one call: the same bits, and only where nobody looks in between."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from intelvae_keras import InteLVAE, callbacks, networks
from intelvae_keras._engine.steps import steps_together

X = np.random.default_rng(0).uniform(size=(1000, 4)).astype("float32")


def vae(**compiling):
    keras.utils.set_random_seed(0)
    model = InteLVAE(
        2, encoder=networks.mlp_encoder([8]), decoder=networks.mlp_decoder((4,), [8]), seed=0
    )
    model.compile("adam", **compiling)
    return model


def batches(number):
    return tf.data.Dataset.from_tensors(X[:10]).repeat(number)


class Calls(keras.callbacks.Callback):
    """Counts the calls of TensorFlow."""

    every_batch = False

    def __init__(self):
        super().__init__()
        self.ends = []

    def on_train_batch_end(self, batch, logs=None):
        self.ends.append(batch)


class EachBatch(Calls):
    every_batch = True


def test_weights_and_history_have_the_bits_of_single_steps():
    runs = {}
    for steps in (1, "auto"):
        model, calls = vae(steps_per_execution=steps), Calls()
        history = model.fit(
            X, batch_size=20, epochs=2, validation_data=X[:90], verbose=0, callbacks=[calls]
        ).history
        runs[steps] = model.get_weights(), history, len(calls.ends)
    (one, history_one, calls_one), (several, history_several, calls_several) = runs.values()
    assert calls_one == 100 and calls_several == 18  # 50 steps, six at a time
    assert history_one == history_several
    for a, b in zip(one, several, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_callback_that_looks_at_batches_sees_each():
    model, calls = vae(), EachBatch()
    model.fit(X, batch_size=10, verbose=0, callbacks=calls)
    assert calls.ends == list(range(100))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, 12),
        ([], 12),
        ([keras.callbacks.EarlyStopping()], 12),
        ([callbacks.KLWarmup(epochs=3)], 12),
        (keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: None), 12),
        (keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None), 1),
        ([keras.callbacks.TerminateOnNaN()], 1),
        ([Calls(), EachBatch()], 1),
    ],
)
def test_the_number_depends_on_the_callbacks(given, expected):
    assert steps_together(batches(100), (4,), given) == expected


@pytest.mark.parametrize(
    ("data", "shape", "steps_per_epoch", "expected"),
    [
        (batches(10_000), (4,), None, 32),
        (batches(10_000), (28, 28, 1), None, 20),
        (batches(10_000), (64, 64, 3), None, 1),
        (batches(10_000), (256, 256, 3), None, 1),
        (batches(7), (4,), None, 1),
        (batches(-1), (4,), None, 1),  # infinite
        (batches(-1), (4,), 90, 10),
        (batches(-1), (4,), 97, 1),
        ([X], (4,), None, 1),
    ],
)
def test_the_number_depends_on_the_data(data, shape, steps_per_epoch, expected):
    assert steps_together(data, shape, None, steps_per_epoch) == expected


def test_no_step_too_many_with_steps_per_epoch_and_in_evaluate():
    model = vae()
    model.fit(batches(-1), steps_per_epoch=90, epochs=2, verbose=0)
    assert int(model.optimizer.iterations) == 180
    seen = []
    counted = tf.data.Dataset.range(50).map(
        lambda index: (
            tf.py_function(lambda i: seen.append(int(i)) or X[:10], [index], tf.float32),
        )
    )
    counted = counted.map(lambda x: tf.ensure_shape(x, (10, 4)))
    model.evaluate(counted.prefetch(0), steps=3, verbose=0)
    assert len(seen) < 12  # as many as fit ran together; Keras and the check look at some, too


@pytest.mark.slow
def test_a_number_given_is_kept_and_saved(tmp_path):
    for steps in (5, "auto"):
        model = vae(steps_per_execution=steps)
        model.fit(X, batch_size=10, verbose=0)
        assert model.steps_per_execution == (5 if steps == 5 else 1)
        model.save(tmp_path / "m.keras")
        again = keras.saving.load_model(tmp_path / "m.keras")
        assert again.get_compile_config()["steps_per_execution"] == steps


def test_an_error_in_between_leaves_the_model_as_it_was():
    model = vae()

    def fail(epoch, logs):
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        model.fit(
            X, batch_size=10, verbose=0, callbacks=keras.callbacks.LambdaCallback(on_epoch_end=fail)
        )
    assert model.steps_per_execution == 1
    assert np.isfinite(model.evaluate(X, verbose=0, return_dict=True)["loss"])
