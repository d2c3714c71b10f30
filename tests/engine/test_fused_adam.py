"""The fused Adam: Keras' numbers, and left alone where it does not apply."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from intelvae_keras import InteLVAE, networks
from intelvae_keras._engine import fused_adam

OPTIMIZERS = {
    "adam": lambda: keras.optimizers.Adam(3e-3),
    "betas": lambda: keras.optimizers.Adam(3e-3, beta_1=0.5, beta_2=0.9, epsilon=1e-3),
    "adamw": lambda: keras.optimizers.AdamW(3e-3, weight_decay=0.1),
    "clipped": lambda: keras.optimizers.Adam(3e-3, clipnorm=0.1),
    "schedule": lambda: keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-2, 8)),
    "accumulated": lambda: keras.optimizers.Adam(3e-3, gradient_accumulation_steps=2),
    "average": lambda: keras.optimizers.Adam(3e-3, use_ema=True, ema_momentum=0.9),
    "loss-scaled": lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(3e-3)),
}


def weights_after(optimizer, steps=6):
    """Weights and optimizer state after steps on fixed gradients."""
    rng = np.random.default_rng(0)
    weights = [keras.Variable(rng.normal(size=shape).astype("float32")) for shape in ((4, 3), (3,))]
    optimizer.build(weights)

    @tf.function
    def step(gradients):
        optimizer.apply_gradients(zip(gradients, weights, strict=True))

    for _ in range(steps):
        step([tf.constant(rng.normal(size=w.shape), tf.float32) for w in weights])
    return [np.array(v) for v in [*weights, *optimizer.variables]]


@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_the_numbers_are_those_of_keras(make):
    expected = weights_after(make())
    optimizer = make()
    fused_adam.fuse(optimizer)
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    assert "update_step" in vars(inner)
    for got, want in zip(weights_after(optimizer), expected, strict=True):
        np.testing.assert_allclose(got, want, rtol=2e-5, atol=1e-6)


class Halved(keras.optimizers.Adam):
    def update_step(self, gradient, variable, learning_rate):
        super().update_step(gradient, variable, learning_rate / 2)


@pytest.mark.parametrize(
    "optimizer", [keras.optimizers.SGD(), keras.optimizers.Adam(amsgrad=True), Halved()]
)
def test_others_are_left_as_they_are(optimizer):
    fused_adam.fuse(optimizer)
    assert "update_step" not in vars(optimizer)


def test_sparse_gradients_train_an_embedding():
    def rows(fuse):
        optimizer, table = keras.optimizers.Adam(0.1), keras.Variable(np.ones((4, 2), "float32"))
        if fuse:
            fused_adam.fuse(optimizer)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.gather(table.value, [1, 1, 3]))
        optimizer.apply_gradients([(tape.gradient(loss, table.value), table)])
        return np.array(table)

    np.testing.assert_allclose(rows(True), rows(False))
    assert not np.allclose(rows(True)[1], 1.0)


@pytest.mark.parametrize("jit_compile", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_model_trains_with_it_and_saves_a_plain_adam(tmp_path, jit_compile):
    vae = InteLVAE(2, encoder=networks.mlp_encoder([8]), decoder=networks.mlp_decoder((4,), [8]))
    vae.compile("adam", jit_compile=jit_compile)
    assert type(vae.optimizer) is keras.optimizers.Adam and "update_step" in vars(vae.optimizer)
    x = np.random.default_rng(0).uniform(size=(64, 4)).astype("float32")
    losses = vae.fit(x, epochs=8, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    vae.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras")
    assert type(again.optimizer) is keras.optimizers.Adam
    assert "update_step" in vars(again.optimizer)
    for got, want in zip(again.optimizer.variables, vae.optimizer.variables, strict=True):
        np.testing.assert_array_equal(got, want)
