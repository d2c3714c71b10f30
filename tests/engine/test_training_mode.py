"""Layers that behave differently in training do so in `fit` alone, in every part of the model."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.models import binary, small_vae, without_noise

pytestmark = pytest.mark.slow

X = binary(24)
Z = np.random.default_rng(0).normal(size=(9, 2)).astype("float32")
PARTS = ["encoder", "mapping", "decoder"]
# What a user may ask of a model beside training it.
INFERENCE = {
    "evaluate": lambda vae: vae.evaluate(X, verbose=0),
    "validation": lambda vae: vae.evaluate(X, batch_size=7, verbose=0),
    "predict": lambda vae: vae.predict(X, verbose=0),
    "call": lambda vae: vae(X),
    "posterior": lambda vae: vae.posterior(X).mean(),
    "encode": lambda vae: vae.encode(X),
    "decode": lambda vae: vae.decode(Z),
    "sample": lambda vae: vae.sample(9, seed=0),
    "log_likelihood": lambda vae: vae.log_likelihood(X, num_samples=5),
}


def model_with(part, layer):
    """A model without noise and learning, that has this layer in one of its parts."""
    parts = {
        "encoder": {"encoder": keras.Sequential([layer, keras.layers.Dense(8, "tanh")])},
        "mapping": {"mapping": keras.Sequential([layer])},
        "decoder": {"decoder": keras.Sequential([layer, keras.layers.Dense(6)])},
    }
    vae = without_noise(small_vae(compile=False, **parts[part]))
    vae.compile(keras.optimizers.SGD(0.0), run_eagerly=True)  # quicker than a graph, here
    return vae


@pytest.mark.parametrize("part", PARTS)
def test_dropout_drops_in_fit_and_nowhere_else(part):
    vae = model_with(part, keras.layers.Dropout(0.5, seed=2))
    loss = vae.evaluate(X, verbose=0)[0]
    history = vae.fit(X, epochs=3, batch_size=24, validation_data=(X, None), verbose=0).history
    assert len({*history["loss"]}) == 3  # other values are dropped each time
    assert min(np.abs(np.array(history["loss"]) - loss)) > 1e-3
    np.testing.assert_allclose(history["val_loss"], loss, rtol=1e-5)
    for name, ask in INFERENCE.items():
        np.testing.assert_allclose(ask(vae), ask(vae), rtol=1e-4, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("part", PARTS)
def test_inference_is_that_of_a_model_without_dropout(part):
    vae = model_with(part, keras.layers.Dropout(0.5, seed=1))
    plain = model_with(part, keras.layers.Identity())
    plain.set_weights(vae.get_weights())
    for name, ask in INFERENCE.items():
        np.testing.assert_allclose(ask(vae), ask(plain), rtol=1e-5, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("part", PARTS)
def test_moving_statistics_move_in_fit_and_nowhere_else(part):
    layer = keras.layers.BatchNormalization(momentum=0.5)
    vae = model_with(part, layer)

    def statistics():
        return [keras.ops.convert_to_numpy(weight) for weight in layer.non_trainable_weights]

    start = statistics()
    for name, ask in INFERENCE.items():
        ask(vae)
        np.testing.assert_array_equal(statistics(), start, err_msg=name)
    vae.fit(X, epochs=20, batch_size=24, verbose=0)
    inputs = {"encoder": X, "mapping": vae.posterior(X).mean(), "decoder": vae.encode(X)}[part]
    expected = [np.mean(inputs, axis=0), np.var(inputs, axis=0)]
    assert np.abs(np.subtract(expected, start)).max() > 1e-2
    np.testing.assert_allclose(statistics(), expected, rtol=1e-3, atol=1e-4)
    moved = statistics()
    for name, ask in INFERENCE.items():
        ask(vae)
        np.testing.assert_array_equal(statistics(), moved, err_msg=name)


@pytest.mark.parametrize("part", PARTS)
def test_inference_uses_the_moving_statistics(part):
    layer = keras.layers.BatchNormalization()
    vae = model_with(part, layer)
    rng = np.random.default_rng(3)
    layer.set_weights([rng.uniform(0.5, 2.0, size=w.shape) for w in layer.get_weights()])
    together = vae.predict(X, verbose=0), vae.encode(X), vae.decode(Z)
    one_by_one = [
        np.concatenate([vae.predict(X[i : i + 1], verbose=0) for i in range(len(X))]),
        np.concatenate([vae.encode(X[i : i + 1]) for i in range(len(X))]),
        np.concatenate([vae.decode(Z[i : i + 1]) for i in range(len(Z))]),
    ]
    for one, other in zip(together, one_by_one, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("part", PARTS)
def test_a_call_in_training_mode_reaches_every_part(part):
    vae = model_with(part, keras.layers.Dropout(0.5, seed=1))
    assert np.abs(vae(X, training=True) - vae(X)).max() > 1e-3
    assert np.abs(vae.call(X, training=True) - vae.call(X)).max() > 1e-3
    np.testing.assert_array_equal(vae(X, training=False), vae(X))


@pytest.mark.parametrize("part", PARTS)
def test_an_exported_model_does_not_drop(part, tmp_path):
    vae = model_with(part, keras.layers.Dropout(0.5, seed=1))
    vae.export(tmp_path / "model", verbose=False)
    served = tf.saved_model.load(tmp_path / "model")
    np.testing.assert_allclose(served.serve(X), vae.predict(X, verbose=0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(served.encode(X), vae.encode(X), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(served.decode(Z), vae.decode(Z), rtol=1e-5, atol=1e-6)
