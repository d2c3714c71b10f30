"""Weights of examples: factors of their losses, as in Keras, whatever the size of a batch."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.models import binary, small_vae, without_noise

from intelvae_keras import mappings

X = binary(20)
Y = np.arange(20) % 2
BATCH = 8  # 20 examples: an uneven last batch
WEIGHT = np.linspace(0.0, 2.0, 20).astype("float32")


def dataset(*arrays):
    return tf.data.Dataset.from_tensor_slices(arrays).batch(BATCH)


def test_weight_0_on_one_half_evaluates_the_other(deterministic):
    half = (np.arange(20) < 10).astype("float32")
    weighted = deterministic.evaluate(X, sample_weight=half, batch_size=BATCH, verbose=0)
    other = deterministic.evaluate(X[:10], verbose=0)
    np.testing.assert_allclose(weighted, np.array(other) / 2, rtol=1e-5)  # the sum over N = 20


def _weights_after_an_epoch(x, rate=0.1, **options):
    keras.utils.set_random_seed(0)
    vae = without_noise(small_vae(compile=False))
    vae.compile(keras.optimizers.SGD(rate), run_eagerly=True)
    vae.fit(x, shuffle=False, verbose=0, **options)
    return vae.get_weights()


def _assert_close(left, right):
    for one, other in zip(left, right, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_weight_0_on_one_half_trains_on_the_other():
    half = 2 * (np.arange(20) < 10).astype("float32")
    weighted = _weights_after_an_epoch(X, sample_weight=half, batch_size=20)
    _assert_close(weighted, _weights_after_an_epoch(X[:10], batch_size=20))


def test_weights_as_argument_in_a_stream_or_by_class_train_alike():
    expected = _weights_after_an_epoch(X, sample_weight=Y, batch_size=BATCH)
    _assert_close(expected, _weights_after_an_epoch(dataset(X, Y, Y)))
    by_class = {"y": Y, "class_weight": {0: 0.0, 1: 1.0}, "batch_size": BATCH}
    _assert_close(expected, _weights_after_an_epoch(X, **by_class))
    plain = _weights_after_an_epoch(X, batch_size=BATCH)
    assert any(np.abs(one - other).max() > 1e-4 for one, other in zip(expected, plain, strict=True))


def test_weights_are_factors_of_the_gradient_as_in_keras():
    expected = _weights_after_an_epoch(X, sample_weight=WEIGHT, batch_size=BATCH)
    options = {"sample_weight": 4 * WEIGHT, "batch_size": BATCH, "rate": 0.1 / 4}
    _assert_close(expected, _weights_after_an_epoch(X, **options))


@pytest.mark.parametrize(
    ("batch_size", "as_stream"),
    [
        (1, False),
        pytest.param(32, True, marks=pytest.mark.slow),
        pytest.param(200, False, marks=pytest.mark.slow),
    ],
)
def test_the_optimum_is_that_of_all_the_data_whatever_the_batch(batch_size, as_stream):
    # x = 1 in 10% of the examples, with weight 9: the best constant Bernoulli mean is 9 / (9 + 9).
    x = (np.arange(200) % 10 == 0).astype("float32")[:, np.newaxis]
    weight = np.where(x[:, 0] == 1, 9.0, 1.0).astype("float32")
    decoder = keras.Sequential([keras.layers.Dense(1, kernel_initializer="zeros")])
    decoder.build((None, 1))
    decoder.layers[0].kernel.trainable = False  # a bias alone: a constant mean
    vae = small_vae(1, shape=(1,), decoder=decoder, compile=False, beta=0.0)
    vae.compile(
        keras.optimizers.SGD(
            keras.optimizers.schedules.CosineDecay(0.05 * batch_size, 10 * 200 // batch_size)
        )
        if batch_size < 200
        else keras.optimizers.SGD(1.0)
    )
    epochs = 10 if batch_size < 200 else 60
    data = {"x": x, "sample_weight": weight, "batch_size": batch_size}
    if as_stream:
        arrays = tf.data.Dataset.from_tensor_slices((x, x, weight)).shuffle(200, seed=0)
        data = {"x": arrays.batch(batch_size)}
    vae.fit(**data, epochs=epochs, verbose=0)
    assert float(vae.decode(np.zeros((1, 1)))[0, 0]) == pytest.approx(0.5, abs=0.05)


def test_reported_terms_are_sums_of_weighted_terms_over_the_number_of_examples(deterministic):
    each = [deterministic.evaluate(X[i : i + 1], verbose=0, return_dict=True) for i in range(9)]
    weighted = deterministic.evaluate(
        X[:9], sample_weight=WEIGHT[:9], batch_size=4, verbose=0, return_dict=True
    )
    for term in ("loss", "reconstruction", "kl", "elbo"):
        expected = np.dot(WEIGHT[:9], [terms[term] for terms in each]) / 9
        assert weighted[term] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    "mapping",
    [
        mappings.Sparse(),
        pytest.param(None, marks=pytest.mark.slow),
        pytest.param(mappings.Clusters(2), marks=pytest.mark.slow),
    ],
)
def test_a_batch_of_weight_0_does_no_harm(mapping):
    vae = small_vae(mapping=mapping)
    vae.compile("adam", run_eagerly=True)
    history = vae.fit(X, sample_weight=np.zeros(20), verbose=0).history
    assert np.isfinite(history["loss"]).all()
    assert all(np.isfinite(weight).all() for weight in vae.get_weights())
