"""The metrics: known values, extremes, and what they refuse."""

import random

import keras
import numpy as np
import pytest
import tensorflow as tf

from intelvae_keras import InteLVAE, datasets, metrics, networks

RNG = np.random.default_rng(0)


# ---------------------------------------------------------------------- hoyer_sparsity


def test_hoyer_is_one_for_one_hot_codes_and_zero_for_dense_ones():
    half = RNG.choice([-1.0, 1.0], size=(200, 10))
    signs = np.concatenate([half, -half])  # of standard deviation 1
    assert metrics.hoyer_sparsity(np.eye(10)) == pytest.approx(1.0)
    assert metrics.hoyer_sparsity(signs, normalise=False) == pytest.approx(0.0)
    assert metrics.hoyer_sparsity(signs) == pytest.approx(0.0)


def test_hoyer_of_three_four_by_hand():
    # (sqrt 2 - 7/5) / (sqrt 2 - 1), and 1 for the second row
    first = (np.sqrt(2) - 1.4) / (np.sqrt(2) - 1)
    assert metrics.hoyer_sparsity([[3, 4]], normalise=False) == pytest.approx(first)
    both = metrics.hoyer_sparsity([[3, -4], [0, 2]], normalise=False)
    assert both == pytest.approx((first + 1) / 2)


def test_hoyer_ignores_the_scale_of_dimensions_only_when_normalised():
    z = RNG.normal(size=(500, 6))
    scales = np.array([1, 1, 1, 1e-3, 1e-3, 1e-3])
    assert metrics.hoyer_sparsity(z * scales) == pytest.approx(metrics.hoyer_sparsity(z))
    without = metrics.hoyer_sparsity(z * scales, normalise=False)
    assert without > metrics.hoyer_sparsity(z, normalise=False) + 0.2


def test_hoyer_of_gaussian_codes_is_that_of_the_gaussian():
    # For large D, |z|_1 / |z|_2 -> sqrt(2 D / pi).
    z = RNG.normal(size=(2000, 400))
    expected = (20 - 20 * np.sqrt(2 / np.pi)) / 19
    assert metrics.hoyer_sparsity(z) == pytest.approx(expected, abs=2e-3)


def test_hoyer_takes_a_constant_dimension_and_a_zero_code_as_nothing():
    one_hot = np.eye(4)
    with_constant = np.concatenate([one_hot, np.full((4, 1), 7.0)], axis=1)
    assert metrics.hoyer_sparsity(with_constant) == pytest.approx(1.0)
    assert metrics.hoyer_sparsity(np.full((5, 3), 2.0)) == 0.0  # collapsed
    zeros_and_one_hot = np.array([[0.0, 0.0], [1.0, 0.0]])
    assert metrics.hoyer_sparsity(zeros_and_one_hot, normalise=False) == pytest.approx(0.5)


def test_hoyer_takes_a_dimension_that_is_constant_but_for_rounding_as_nothing():
    z = RNG.normal(size=(200, 3))
    expected = metrics.hoyer_sparsity(np.concatenate([z, np.full((200, 1), 0.3)], axis=1))
    for value in (0.3, -3e-5, 1e7):
        almost = np.float32(value) * (1 + RNG.choice([-6e-8, 0, 6e-8], size=(200, 1)))
        column = almost.astype("float32")
        assert np.ptp(column) > 0
        together = metrics.hoyer_sparsity(np.concatenate([z, column], axis=1))
        assert together == pytest.approx(expected), value
    small = 1 + 1e-4 * RNG.normal(size=(200, 1))  # varies little, but varies
    assert abs(metrics.hoyer_sparsity(np.concatenate([z, small], axis=1)) - expected) > 0.05


@pytest.mark.parametrize("z", [np.ones(3), np.ones((3, 1)), np.ones((0, 3)), [[1.0, np.nan]]])
def test_hoyer_refuses(z):
    with pytest.raises(ValueError, match="z must"):
        metrics.hoyer_sparsity(z)


# ---------------------------------------------------------------------- active_units


def model_that_copies_dimensions(scales):
    """q(y|x) with mean x * scales."""
    dim = len(scales)
    model = InteLVAE(
        dim,
        encoder=keras.layers.Flatten(),
        decoder=networks.mlp_decoder((dim,), [2]),
        likelihood="gaussian",
    )
    model.build((None, dim))
    kernel = np.concatenate([np.diag(scales), np.zeros((dim, dim))], axis=1)
    model.posterior_layer.linear.set_weights([kernel, np.ones(2 * dim)])
    return model


def test_active_units_counts_the_means_that_vary():
    model = model_that_copies_dimensions([1.0, 0.2, 0.05, 0.0])
    x = RNG.normal(size=(4000, 4)).astype("float32")
    assert metrics.active_units(model, x) == 2  # variances 1, 0.04, 0.0025, 0
    assert metrics.active_units(model, x, threshold=0.001) == 3
    assert metrics.active_units(model, x, threshold=0.1) == 1
    assert isinstance(metrics.active_units(model, x), int)


def test_active_units_refuses_a_negative_threshold():
    model = model_that_copies_dimensions([1.0, 1.0])
    with pytest.raises(ValueError, match="threshold"):
        metrics.active_units(model, np.zeros((3, 2), "float32"), threshold=-1)


# ---------------------------------------------------------------------- uncertain_fraction


def test_uncertain_fraction_of_probabilities():
    rows = [[0.9, 0.1], [0.5, 0.5], [0.21, 0.79], [0.2, 0.8]]
    assert metrics.uncertain_fraction(rows) == 0.5
    assert metrics.uncertain_fraction(np.array(rows)[:, 1]) == 0.5
    assert metrics.uncertain_fraction(np.array(rows)[:, 1:]) == 0.5
    assert metrics.uncertain_fraction(rows, threshold=0.95) == 1.0
    assert metrics.uncertain_fraction(rows, threshold=0.4) == 0.0
    assert metrics.uncertain_fraction([[0.4, 0.3, 0.3], [0.0, 0.0, 1.0]]) == 0.5


def test_uncertain_fraction_asks_the_classifier_in_batches():
    sizes = []

    def classifier(x):
        sizes.append(len(x))
        return tf.stack([x[:, 0], 1 - x[:, 0]], axis=1)

    x = np.linspace(0, 1, 2501)[:, None]
    fraction = metrics.uncertain_fraction(x, classifier, threshold=0.75)
    assert fraction == pytest.approx(0.5, abs=1e-3)
    assert sum(sizes) == 2501 and max(sizes) <= 1024


@pytest.mark.parametrize(
    ("probabilities", "message"),
    [
        (np.ones((2, 28, 28, 1)), "pass a classifier"),
        (np.ones((0, 2)), "shape"),
        ([[2.0, -1.0]], "probabilities, in"),
        ([[0.2, 0.2]], "sum 1"),
        ([[np.nan, 1.0]], "probabilities, in"),
    ],
)
def test_uncertain_fraction_refuses(probabilities, message):
    with pytest.raises(ValueError, match=message):
        metrics.uncertain_fraction(probabilities)


def test_uncertain_fraction_refuses_a_threshold_and_no_images():
    with pytest.raises(ValueError, match="threshold"):
        metrics.uncertain_fraction([[1.0, 0.0]], threshold=1.2)
    with pytest.raises(ValueError, match="empty"):
        metrics.uncertain_fraction(np.ones((0, 2)), classifier=lambda x: x)


# ---------------------------------------------------------------------- train_classifier


@pytest.mark.slow
def test_the_classifier_tells_zeros_from_ones():
    (x, labels), (x_test, labels_test) = datasets.load("mnist01")
    classifier = metrics.train_classifier(x[:4000], labels[:4000], batch_size=64)
    predicted = np.argmax(keras.ops.convert_to_numpy(classifier(x_test)), axis=1)
    assert np.mean(predicted == labels_test) > 0.998
    assert metrics.uncertain_fraction(x_test, classifier) < 0.002
    # Half a zero and half a one is neither.
    zeros, ones = x_test[labels_test == 0][:500], x_test[labels_test == 1][:500]
    assert metrics.uncertain_fraction((zeros + ones) / 2, classifier) > 0.01


def blobs(num=600, classes=3):
    labels = np.arange(num) % classes
    x = RNG.normal(size=(num, 2)) * 0.2 + np.stack([np.cos(labels), np.sin(labels)], axis=1) * 3
    return x.astype("float32"), labels


def test_a_classifier_of_points_has_a_probability_for_each_class():
    x, labels = blobs()
    classifier = metrics.train_classifier(x, labels, epochs=4, learning_rate=1e-2)
    probabilities = keras.ops.convert_to_numpy(classifier(x))
    assert probabilities.shape == (600, 3)
    assert np.mean(probabilities.argmax(axis=1) == labels) > 0.99


def test_the_same_seed_gives_the_same_classifier_and_another_seed_another(line_by_line):
    x, labels = blobs(128)
    weights = [metrics.train_classifier(x, labels, 1, seed).get_weights() for seed in (0, 0, 1)]
    for first, again in zip(weights[0], weights[1], strict=True):
        np.testing.assert_array_equal(first, again)
    assert np.any(weights[0][0] != weights[2][0])


def draws():
    return [
        random.random(),
        np.random.random(),
        float(tf.random.uniform(())),
        float(keras.random.uniform(())),
    ]


def test_training_a_classifier_leaves_all_random_state_alone(line_by_line):
    keras.utils.set_random_seed(5)
    expected = draws()
    keras.utils.set_random_seed(5)
    metrics.train_classifier(*blobs(64), epochs=1)
    assert draws() == expected


def test_the_classifier_is_in_float32_under_mixed_precision(line_by_line):
    keras.config.set_dtype_policy("mixed_float16")
    classifier = metrics.train_classifier(*blobs(64), epochs=1)
    assert classifier(np.zeros((1, 2), "float32")).dtype == tf.float32


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": np.zeros(3, int)}, "labels must be 64"),
        ({"labels": np.zeros(64, int)}, "K >= 2"),
        ({"labels": np.arange(64) - 1}, "K >= 2"),
        ({"labels": np.zeros(64)}, "whole numbers"),
        ({"x": np.zeros((0, 2))}, "x is empty"),
        ({"epochs": 0}, "epochs"),
        ({"batch_size": 0}, "batch_size"),
        ({"learning_rate": 0}, "learning_rate"),
    ],
)
def test_train_classifier_refuses(change, message):
    x, labels = blobs(64)
    with pytest.raises(ValueError, match=message):
        metrics.train_classifier(**({"x": x, "labels": labels} | change))
