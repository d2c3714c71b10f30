"""Sums of patterns: three amplitudes an example, of the sizes, signs and noise that the text says."""

import numpy as np
import pytest

from intelvae_keras import datasets

NUM_SAMPLES = 3000


def amplitudes_of(x):
    """The amplitudes that give x, without noise."""
    return np.linalg.lstsq(datasets.true_patterns().astype("float64").T, x.T, rcond=None)[0].T


@pytest.fixture(scope="module")
def clean():
    x, labels = datasets.patterns(NUM_SAMPLES, noise=0.0, seed=3)
    return x, labels, amplitudes_of(x)


def test_shapes_and_types():
    x, labels = datasets.patterns(11)
    assert x.shape == (11, 64) and x.dtype == np.float32
    assert labels.shape == (11,) and labels.dtype == np.int64
    b = datasets.true_patterns()
    assert b.shape == (20, 64) and b.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(b, axis=1), 1, rtol=1e-6)
    assert np.abs(b @ b.T - np.eye(20)).max() < 0.5  # no two are nearly one


def test_each_example_has_three_of_the_patterns_and_nothing_else(clean):
    x, _, a = clean
    np.testing.assert_allclose(a @ datasets.true_patterns(), x, atol=1e-6)
    active = np.abs(a) > 1e-4
    assert (active.sum(axis=1) == 3).all()
    np.testing.assert_allclose(active.mean(axis=0), 3 / 20, atol=0.03)
    both = np.corrcoef(active.T)[~np.eye(20, dtype=bool)]
    assert np.abs(both + 1 / 19).max() < 0.09  # drawn without replacement, and none prefers another


def test_amplitudes_are_uniform_with_either_sign(clean):
    _, _, a = clean
    sizes = np.abs(a[np.abs(a) > 1e-4])
    assert 0.5 - 1e-5 < sizes.min() < 0.51 and 1.49 < sizes.max() < 1.5 + 1e-5
    assert sizes.mean() == pytest.approx(1.0, abs=0.02)
    assert sizes.var() == pytest.approx(1 / 12, abs=0.004)
    assert np.mean(a[np.abs(a) > 1e-4] > 0) == pytest.approx(0.5, abs=0.03)


def test_the_label_is_the_strongest_pattern(clean):
    _, labels, a = clean
    np.testing.assert_array_equal(labels, np.abs(a).argmax(axis=1))
    assert set(labels) == set(range(20))


def test_the_noise_is_isotropic_with_the_stated_deviation(clean):
    noisy, labels = datasets.patterns(NUM_SAMPLES, seed=3)
    np.testing.assert_array_equal(labels, clean[1])
    noise = (noisy - clean[0]).astype("float64")
    np.testing.assert_allclose(np.cov(noise.T), 0.01 * np.eye(64), atol=0.0015)


def test_load_draws_two_parts_that_differ_and_seeds_decide():
    (x, _), (x_test, y_test) = datasets.load("patterns", num_train=50, num_test=20, seed=1)
    (same, _), _ = datasets.load("patterns", num_train=50, num_test=20, seed=1)
    (other, _), _ = datasets.load("patterns", num_train=50, num_test=20, seed=2)
    np.testing.assert_array_equal(x, same)
    assert not np.array_equal(x, other)
    assert x_test.shape == (20, 64) and y_test.shape == (20,)
    assert not set(map(tuple, x)) & set(map(tuple, x_test))


def test_load_gives_forty_thousand_examples():
    (x, _), (x_test, _) = datasets.load("patterns")
    assert len(x) == 40_000 and len(x_test) == 2_000


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (dict(noise=-0.1), ValueError, "noise must be a finite number >= 0; got -0.1"),
        (dict(num_train=0), ValueError, "num_train must be an integer >= 1; got 0"),
        (dict(seed=-1), ValueError, "seed must be an integer >= 0; got -1"),
        (dict(arms=3), TypeError, "'arms'"),
    ],
)
def test_bad_input(options, error, message):
    with pytest.raises(error, match=message):
        datasets.load("patterns", **options)
