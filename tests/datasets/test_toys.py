"""The toys: points lie on their curve, the noise is what it says, the parts are balanced."""

import numpy as np
import pytest

from intelvae_keras import datasets

NUM_SAMPLES = 6000


def radial(x, radius):
    return np.abs(np.linalg.norm(x, axis=-1) - radius)


def circle(x, labels):
    return radial(x, 1)


def figure_eight(x, labels):
    # x2^2 = x1^2 (1 - x1^2), and the label says the side
    return np.abs(x[:, 1] ** 2 - x[:, 0] ** 2 * (1 - x[:, 0] ** 2)) + np.maximum(
        0, np.where(labels == 0, -x[:, 0], x[:, 0])
    )


def star(x, labels):
    angle = 2 * np.pi * labels / 5 + np.pi / 2
    arm = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    along = np.clip(np.sum(x * arm, axis=-1, keepdims=True), 0, 1)
    return np.linalg.norm(x - along * arm, axis=-1)


def clusters(x, labels):
    angle = 2 * np.pi * labels / 5
    return np.linalg.norm(x - np.stack([np.cos(angle), np.sin(angle)], axis=-1), axis=-1)


def two_rings(x, labels):
    return radial(x, np.where(labels == 0, 0.5, 1.0))


def swiss_roll(x, labels):
    # Polar form, about the roll's centre: the angle is the radius times 4.5 pi, modulo 2 pi.
    x = x + np.array([6 * np.pi, 2]) / (13.5 * np.pi**2)
    radius = np.linalg.norm(x, axis=-1)
    outside = np.maximum(0, 1 / 3 - radius) + np.maximum(0, radius - 1)
    turned = np.arctan2(x[:, 1], x[:, 0]) - 4.5 * np.pi * radius
    return np.abs(np.angle(np.exp(1j * turned))) / (4.5 * np.pi) + outside


DISTANCE = {f.__name__: f for f in (circle, figure_eight, star, clusters, two_rings, swiss_roll)}
NUM_PARTS = dict(circle=1, figure_eight=2, star=5, clusters=5, two_rings=2, swiss_roll=1)


@pytest.fixture(params=DISTANCE)
def name(request):
    return request.param


def test_shapes_and_types(name):
    x, labels = getattr(datasets, name)(101)
    assert x.shape == (101, 2) and x.dtype == np.float32
    assert labels.shape == (101,) and labels.dtype == np.int64


def test_points_lie_on_their_curve(name):
    x, labels = getattr(datasets, name)(NUM_SAMPLES, noise=0.0)
    assert DISTANCE[name](x.astype(np.float64), labels).max() < 2e-6


def test_noise_is_isotropic_with_the_stated_deviation(name):
    # The seed gives the same points with and without noise.
    noisy, _ = getattr(datasets, name)(NUM_SAMPLES, noise=0.2, seed=3)
    clean, _ = getattr(datasets, name)(NUM_SAMPLES, noise=0.0, seed=3)
    covariance = np.cov((noisy - clean).T)
    np.testing.assert_allclose(covariance, 0.04 * np.eye(2), atol=0.003)


def test_default_noise_spreads_points_about_the_curve(name):
    x, labels = getattr(datasets, name)(NUM_SAMPLES)
    assert 0.01 < np.mean(DISTANCE[name](x.astype(np.float64), labels)) < 0.15


def test_unit_scale_and_zero_mean(name):
    x, _ = getattr(datasets, name)(NUM_SAMPLES, noise=0.0)
    assert 0.8 < np.linalg.norm(x, axis=-1).max() < 1.2
    np.testing.assert_allclose(x.mean(axis=0), 0, atol=5 * 0.75 / np.sqrt(NUM_SAMPLES))


def test_parts_are_balanced_and_shuffled(name):
    _, labels = getattr(datasets, name)(NUM_SAMPLES)
    counts = np.bincount(labels)
    assert counts.tolist() == [NUM_SAMPLES // NUM_PARTS[name]] * NUM_PARTS[name]
    assert len(np.unique(labels[:100])) == NUM_PARTS[name]


@pytest.mark.parametrize(("toy", "option"), [("clusters", "k"), ("star", "arms")])
def test_number_of_parts(toy, option):
    x, labels = getattr(datasets, toy)(100, **{option: 7, "noise": 0.0})
    assert np.ptp(np.bincount(labels, minlength=7)) <= 1
    assert np.linalg.norm(x, axis=-1).max() < 1 + 1e-6
    with pytest.raises(ValueError, match=f"{option} must be an integer >= 2; got 1"):
        getattr(datasets, toy)(100, **{option: 1})
    with pytest.raises(TypeError, match=f"{option} must be an integer >= 2; got 2.5"):
        datasets.load(toy, **{option: 2.5})


def test_same_seed_gives_the_same_bits_and_another_seed_does_not(name):
    first, same, other = (datasets.load(name, seed=seed, num_train=50) for seed in (1, 1, 2))
    for part, same_part, other_part in zip(first, same, other, strict=True):
        np.testing.assert_array_equal(part[0], same_part[0])
        np.testing.assert_array_equal(part[1], same_part[1])
        assert not np.array_equal(part[0], other_part[0])


def test_load_returns_parts_that_differ(name):
    (x_train, y_train), (x_test, y_test) = datasets.load(name, num_train=300, num_test=200)
    assert x_train.shape == (300, 2) and y_train.shape == (300,)
    assert x_test.shape == (200, 2) and y_test.shape == (200,)
    assert not set(map(tuple, x_train)) & set(map(tuple, x_test))
    np.testing.assert_array_equal(x_train, getattr(datasets, name)(300, seed=0)[0])


def test_load_passes_the_options_on():
    (x, labels), _ = datasets.load("clusters", k=3, noise=0.0, num_train=9)
    assert np.bincount(labels).tolist() == [3, 3, 3]
    assert radial(x, 1).max() < 1e-6


def test_default_sizes(name):
    (x_train, _), (x_test, _) = datasets.load(name)
    assert len(x_train) == 10_000 and len(x_test) == 2_000


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (dict(noise=-0.1), ValueError, "noise must be a finite number >= 0; got -0.1"),
        (dict(noise=float("nan")), ValueError, "noise must be a finite number >= 0; got nan"),
        (dict(noise="loud"), TypeError, "noise must be a number >= 0; got 'loud'"),
        (dict(num_train=0), ValueError, "num_train must be an integer >= 1; got 0"),
        (dict(num_test=0), ValueError, "num_test must be an integer >= 1; got 0"),
        (dict(num_test=2.0), TypeError, "num_test must be an integer >= 1; got 2.0"),
        (dict(seed=-1), ValueError, "seed must be an integer >= 0; got -1"),
        (dict(seed="a"), TypeError, "seed must be an integer >= 0; got 'a'"),
        (dict(nose=1), TypeError, "'nose'"),
    ],
)
def test_bad_input(name, options, error, message):
    with pytest.raises(error, match=message):
        datasets.load(name, **options)


def test_num_samples_is_checked(name):
    with pytest.raises(ValueError, match="num_samples must be an integer >= 1; got 0"):
        getattr(datasets, name)(0)
