"""Mixed precision: the networks in half precision, the loss and the mapping in float32."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.marks import fast_first
from helpers.models import binary, small_vae, without_noise

from intelvae_keras import mappings

X = binary(64)
MIXED = ["mixed_bfloat16", "mixed_float16"]


def _fit(policy, epochs=10):
    keras.config.set_dtype_policy(policy)
    keras.utils.set_random_seed(0)
    vae = without_noise(small_vae(mapping=mappings.Clusters(2, width=0.5), compile=False))
    vae.compile(keras.optimizers.Adam(1e-2))
    before = [np.array(weight) for weight in vae.trainable_weights]
    loss = vae.fit(X, batch_size=16, epochs=epochs, verbose=0).history["loss"]
    moved = [
        np.abs(np.array(w) - b).max() for w, b in zip(vae.trainable_weights, before, strict=True)
    ]
    return vae, loss, moved


@pytest.fixture(scope="module")
def full_precision_loss():
    return _fit("float32")[1]


@pytest.mark.parametrize("policy", fast_first(MIXED, ["mixed_float16"]))
def test_training_in_mixed_precision_is_close_to_float32(policy, full_precision_loss):
    vae, loss, moved = _fit(policy)
    assert vae.compute_dtype == policy.removeprefix("mixed_")
    assert loss[-1] < loss[0] - 1
    np.testing.assert_allclose(loss, full_precision_loss, rtol=0.05)
    assert min(moved) > 1e-4  # every weight has had a gradient
    assert all(weight.dtype == "float32" for weight in vae.trainable_weights)
    scaled = isinstance(vae.optimizer, keras.optimizers.LossScaleOptimizer)
    assert scaled == (policy == "mixed_float16")


@pytest.mark.parametrize("policy", MIXED)
def test_loss_terms_and_outputs_are_in_full_precision(policy, line_by_line):
    keras.config.set_dtype_policy(policy)
    vae = small_vae(4, mapping=mappings.Sparse())
    vae.run_eagerly = True
    vae.build((None, 6))
    assert {term.dtype for term in vae.elbo(tf.constant(X))} == {tf.float32}
    assert vae.posterior(X).dtype == tf.float32
    for result in (
        vae.encode(X),
        vae.decode(vae.encode(X)),
        vae.sample(3),
        vae.predict(X, verbose=0),
    ):
        assert result.dtype == np.float32
    assert vae.log_likelihood(X, num_samples=3).dtype == np.float32


@pytest.mark.parametrize("policy", MIXED)
@pytest.mark.parametrize("nested", [False, True])
def test_a_sequential_mapping_keeps_the_digits_of_y(policy, nested):
    keras.config.set_dtype_policy(policy)
    layers = [mappings.Linear(np.eye(2)), mappings.Linear(np.eye(2))]
    mapping = keras.Sequential([keras.Sequential(layers)] if nested else layers)
    vae = small_vae(2, mapping=mapping)
    y = tf.constant([[1 + 2**-20, 3 + 2**-20]])
    np.testing.assert_array_equal(vae.mapping(y), y)
    np.testing.assert_array_equal(tf.function(vae.mapping)(y), y)


def test_float64_is_kept_throughout():
    keras.config.set_dtype_policy("float64")
    vae = small_vae(mapping=mappings.Clusters(2))
    vae.compile(run_eagerly=True)
    vae.fit(X, batch_size=64, verbose=0)
    assert {term.dtype for term in vae.elbo(tf.constant(X))} == {tf.float64}
    assert vae.encode(X).dtype == np.float64
