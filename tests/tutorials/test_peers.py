"""What notebook 11 fills holes with beside the VAE."""

import types

import numpy as np

from course import peers
from intelvae_keras import datasets, tables

TABLE = tables.Table(datasets.load("penguins"))
X = TABLE.array(datasets.load("penguins"))


def test_rows_come_back_from_wide_ones():
    wide = peers.Wide(TABLE, X)
    whole = X[~np.isnan(X).any(axis=1)]
    assert wide.of(X).shape == (344, 11)  # 4 numbers, and 2 + 2 + 1 + 2 columns for labels
    assert np.allclose(wide.back(wide.of(whole)), whole, rtol=1e-4)
    assert np.isnan(wide.of(X)).any(axis=1).sum() == np.isnan(X).any(axis=1).sum()


def one_gaussian():
    covariance = np.array([[1.0, 0.8, 0.1], [0.8, 1.0, 0.3], [0.1, 0.3, 1.0]])
    return types.SimpleNamespace(
        weights_=np.ones(1), means_=np.array([[1.0, -1.0, 0.0]]), covariances_=covariance[None]
    )


def test_draws_of_one_gaussian_are_those_of_the_regression():
    row = np.array([[2.0, np.nan, np.nan]])
    drawn = peers.draws_of_mixture(one_gaussian(), row, 4_000, np.random.default_rng(0))[:, 0]
    assert (drawn[:, 0] == 2).all()
    assert np.allclose(drawn[:, 1:].mean(axis=0), [-0.2, 0.1], atol=0.05)
    expected = np.array([[1 - 0.64, 0.3 - 0.08], [0.3 - 0.08, 1 - 0.01]])
    assert np.allclose(np.cov(drawn[:, 1:].T), expected, atol=0.06)


def test_the_known_columns_choose_the_component():
    model = types.SimpleNamespace(
        weights_=np.array([0.5, 0.5]),
        means_=np.array([[-5.0, -3.0], [5.0, 3.0]]),
        covariances_=np.stack([np.eye(2)] * 2),
    )
    rows = np.array([[5.0, np.nan], [-5.0, np.nan], [1.0, 2.0]])
    drawn = peers.draws_of_mixture(model, rows, 500, np.random.default_rng(0))
    assert np.allclose(drawn[:, :2, 1].mean(axis=0), [3, -3], atol=0.2)
    assert (drawn[:, 2] == [1, 2]).all()


def test_holes_are_filled_by_each():
    wide = peers.Wide(TABLE, X)
    rows = wide.of(X)
    assert not np.isnan(peers.nearest_rows(rows, rows)).any()
    model = peers.mixture(rows, components=(2,))
    assert not np.isnan(peers.draws_of_mixture(model, rows, 2, np.random.default_rng(0))).any()
