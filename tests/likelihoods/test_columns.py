"""Columns: each part alone is the truth; the order of columns and channels; names in messages."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from intelvae_keras import likelihoods

RNG = np.random.default_rng(0)
N = 6
KINDS = [  # (columns, likelihood, parameters)
    ([6, 0], lambda: likelihoods.Gaussian("predicted", centre=[5.0, 1.0], unit=[2.0, 3.0]), 4),
    ([2], lambda: likelihoods.Categorical(3), 3),
    ([1, 3], lambda: likelihoods.NegativeBinomial(unit=[4.0, 2.0]), 2),
    ([4], lambda: likelihoods.LogNormal(centre=1.0), 1),
    ([5], lambda: "bernoulli", 1),
]
X = np.stack(
    [
        RNG.normal(1, 3, N),
        RNG.poisson(4, N),
        RNG.integers(0, 3, N),
        RNG.poisson(2, N),
        np.exp(RNG.normal(1, 1, N)),
        RNG.integers(0, 2, N),
        RNG.normal(5, 2, N),
    ],
    axis=-1,
).astype("float32")
NAMES = ["height", "eggs", "species", "chicks", "mass", "ringed", "bill"]
PARAMETERS = RNG.normal(size=(2, N, 11)).astype("float32")
BLOCKS = np.split(PARAMETERS, np.cumsum([width for *_, width in KINDS])[:-1], axis=-1)


def made(**kwargs):
    likelihood = likelihoods.Columns([(columns, make()) for columns, make, _ in KINDS], **kwargs)
    likelihood.build((None, 11))
    return likelihood


def each_part():
    for (columns, make, width), block in zip(KINDS, BLOCKS, strict=True):
        part = likelihoods.get(make())
        part.build((None, width))
        yield columns, part, block


def test_log_prob_is_the_sum_of_the_parts_alone():
    likelihood = made()
    per_value = np.empty((2, N, 7))
    for columns, part, block in each_part():
        per_value[..., columns] = part.log_prob_per_value(X[:, columns], block)
    np.testing.assert_allclose(likelihood.log_prob(X, PARAMETERS), per_value.sum(-1), rtol=1e-5)
    np.testing.assert_allclose(likelihood.log_prob_per_value(X, PARAMETERS), per_value, rtol=1e-5)


def test_means_and_draws_come_back_in_the_order_of_x():
    likelihood = made()
    mean = np.empty((2, N, 7))
    for columns, part, block in each_part():
        mean[..., columns] = part.mean(block)
    np.testing.assert_allclose(likelihood.mean(PARAMETERS), mean, rtol=1e-5)
    many = np.repeat(PARAMETERS[:, :1], 4000, axis=1)
    draws = likelihood.sample(many, tf.constant([0, 1])).numpy()
    likelihood.check_values("draws", draws[0])
    for column in (0, 1, 3, 5, 6):
        spread = draws[0, :, column].std() / np.sqrt(4000)
        assert draws[0, :, column].mean() == pytest.approx(mean[0, 0, column], abs=5 * spread)
    correlation = np.corrcoef(draws[0, :, [0, 1, 3, 6]])  # independent given z
    assert np.abs(correlation - np.eye(4)).max() < 0.08


def test_features_are_those_of_the_parts():
    likelihood = made()
    expected = [part.features(X[:, columns]) for columns, part, _ in each_part()]
    np.testing.assert_array_equal(likelihood.features(X), np.concatenate(expected, axis=-1))


def test_shapes_of_data_and_parameters_lead_to_each_other():
    likelihood = made()
    assert likelihood.parameters_shape((7,)) == (11,)
    assert likelihood.data_shape((11,)) == (7,)
    with pytest.raises(ValueError, match="describes 7 columns; got x of shape .N, 8"):
        likelihood.parameters_shape((8,))
    with pytest.raises(ValueError, match="decoder must return 11 parameters"):
        likelihood.data_shape((12,))


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        (2, 1.7, "codes of categories; got 1.7 in row 4, column 'species'"),
        (3, -1, "counts; got -1.0 in row 4, column 'chicks'"),
        (4, 0, "numbers > 0; got 0.0 in row 4, column 'mass'"),
        (5, 2, r"values in \[0, 1\]; got 2.0 in row 4, column 'ringed'"),
        (0, np.nan, "NaN in row 4, column 'height'.* missing=True"),
    ],
)
def test_wrong_value_is_named_by_column_and_row(column, value, message):
    x = X.copy()
    x[4, column] = value
    with pytest.raises(ValueError, match=message):
        made(names=NAMES).check_values("x", x)


@pytest.mark.parametrize("missing", [False, True])
def test_config_makes_the_same_likelihood(missing):
    likelihood = made(names=NAMES, missing=missing)
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(likelihood)))
    again = keras.saving.deserialize_keras_object(config)
    assert json.dumps(again.get_config()) == json.dumps(likelihood.get_config())
    again.set_weights(likelihood.get_weights())
    np.testing.assert_allclose(again.log_prob(X, PARAMETERS), likelihood.log_prob(X, PARAMETERS))


def test_missing_of_all_or_of_single_parts():
    x = X.copy()
    x[0] = np.nan
    made(missing=True).check_values("x", x)
    one = likelihoods.Columns([([0], likelihoods.Gaussian(missing=True)), ([1], "poisson")])
    assert one.missing
    one.check_values("x", np.array([[np.nan, 1.0]]))
    with pytest.raises(ValueError, match="NaN in row 0, column 1"):
        one.check_values("x", np.array([[1.0, np.nan]]))
    assert one.features(np.float32([[np.nan, 1.0]])).shape == (1, 3)
    again = likelihoods.Columns.from_config(one.get_config())
    assert [part.missing for part in again.likelihoods] == [True, False]


def test_a_given_likelihood_is_not_changed():
    gaussian = likelihoods.Gaussian()
    likelihoods.Columns([([0], gaussian)], missing=True)
    assert not gaussian.missing


@pytest.mark.parametrize(
    ("parts", "error", "message"),
    [
        ([], TypeError, "parts must be a list of pairs"),
        ([0, "gaussian"], TypeError, "parts must be a list of pairs"),
        ([(0, "gaussian")], TypeError, "columns as a list of indices; got 0"),
        ([([0.5], "gaussian")], TypeError, "columns must be an integer"),
        ([([0], "gaussian"), ([0], "poisson")], ValueError, r"one likelihood.* \[0, 0\]"),
        ([([0], "gaussian"), ([2], "poisson")], ValueError, r"one likelihood.* \[0, 2\]"),
        ([([0], "normal")], ValueError, "likelihood must be one of"),
    ],
)
def test_bad_parts_are_named(parts, error, message):
    with pytest.raises(error, match=message):
        likelihoods.Columns(parts)


def test_names_are_as_many_as_columns():
    with pytest.raises(ValueError, match="names must hold 1 names"):
        likelihoods.Columns([([0], "gaussian")], names=["a", "b"])
