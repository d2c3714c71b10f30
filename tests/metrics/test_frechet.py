"""The Frechet distance: closed forms, SciPy's matrix root, singular covariances, what it refuses."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import linalg

from intelvae_keras import metrics

RNG = np.random.default_rng(0)


def in_scipy(real, generated):
    """The formula as it stands, with the root of the product S_1 S_2."""
    first, second = np.cov(real, rowvar=False), np.cov(generated, rowvar=False)
    shift = real.mean(axis=0) - generated.mean(axis=0)
    return shift @ shift + np.trace(first + second - 2 * np.real(linalg.sqrtm(first @ second)))


def whitened(num_samples, dim):
    """Points whose sample mean is 0 and whose sample covariance is I, to rounding."""
    points = RNG.normal(size=(num_samples, dim))
    points -= points.mean(axis=0)
    return points @ np.linalg.inv(np.linalg.cholesky(np.atleast_2d(np.cov(points, rowvar=False)))).T


def test_closed_form_for_diagonal_covariances():
    # |m_1 - m_2|^2 + sum_j (s_1j - s_2j)^2
    first_scale, second_scale = np.array([1.0, 2.0, 0.5]), np.array([3.0, 0.1, 0.5])
    first_mean, second_mean = np.array([0.0, 1.0, -1.0]), np.array([2.0, 1.0, 5.0])
    real = whitened(50, 3) * first_scale + first_mean
    generated = whitened(80, 3) * second_scale + second_mean
    expected = np.sum((first_mean - second_mean) ** 2) + np.sum((first_scale - second_scale) ** 2)
    assert metrics.frechet_distance(real, generated) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("dim", [1, 2, 20])
def test_agrees_with_the_matrix_root_of_scipy(dim):
    real = RNG.normal(size=(300, dim)) @ RNG.normal(size=(dim, dim))
    generated = RNG.normal(size=(200, dim)) @ RNG.normal(size=(dim, dim)) + 0.3
    expected = in_scipy(real, generated) if dim > 1 else None
    if dim == 1:
        shift = real.mean() - generated.mean()
        expected = shift**2 + (real.std(ddof=1) - generated.std(ddof=1)) ** 2
    assert metrics.frechet_distance(real, generated) == pytest.approx(expected, rel=1e-8)


def test_of_data_with_themselves_is_zero_even_where_the_covariance_is_singular():
    for shape in ((500, 10), (20, 50), (2, 5)):
        x = RNG.normal(size=shape)
        assert metrics.frechet_distance(x, x) == pytest.approx(0, abs=1e-10)
        assert metrics.frechet_distance(x, x[::-1]) == pytest.approx(0, abs=1e-10)


def test_singular_covariances():
    line, dot = np.zeros((40, 3)), np.zeros((5, 3))
    line[:, 0] = whitened(40, 1)[:, 0]
    across = line[:, ::-1]
    assert metrics.frechet_distance(line, dot) == pytest.approx(1)  # variance 1 against 0
    assert metrics.frechet_distance(line, across) == pytest.approx(2)  # no overlap: 1 + 1 - 0
    assert metrics.frechet_distance(line, 3 * line + [0, 0, 2]) == pytest.approx(4 + 4)
    assert metrics.frechet_distance(dot, dot + 2) == pytest.approx(12)


def test_is_symmetric_and_turns_shifts_and_scales_as_a_squared_distance():
    x, y = RNG.normal(size=(60, 4)), RNG.normal(size=(70, 4)) * 2 + 1
    distance = metrics.frechet_distance(x, y)
    turn = np.linalg.qr(RNG.normal(size=(4, 4)))[0]
    assert metrics.frechet_distance(y, x) == pytest.approx(distance)
    assert metrics.frechet_distance(x @ turn + 7, y @ turn + 7) == pytest.approx(distance)
    assert metrics.frechet_distance(3 * x, 3 * y) == pytest.approx(9 * distance)
    assert metrics.frechet_distance(RNG.permutation(x), y) == pytest.approx(distance)


def test_its_bias_is_the_documented_one_and_falls_like_one_over_n():
    def of_equal(num):
        draws = RNG.normal(size=(2, num, 128)).astype("float32")
        return metrics.frechet_distance(*draws)

    few, many = of_equal(1_000), of_equal(10_000)
    assert few == pytest.approx(8.4, abs=0.3)
    assert many == pytest.approx(0.86, abs=0.03)


def test_features_are_called_in_batches():
    sizes = []

    def features(images):
        sizes.append(len(images))
        return tf.reshape(images, (len(images), -1))

    x, y = RNG.uniform(size=(2, 1500, 2, 2, 1))
    distance = metrics.frechet_distance(x, y, features)
    assert sum(sizes) == 3000 and max(sizes) <= 1024
    assert distance == pytest.approx(
        metrics.frechet_distance(x.reshape(-1, 4), y.reshape(-1, 4)), rel=1e-9
    )


@pytest.mark.parametrize(
    ("real", "generated", "message"),
    [
        (np.ones((4, 2, 2, 1)), np.ones((4, 4)), r"real must have shape .*pass features="),
        (np.ones((4, 2)), np.ones((1, 2)), "generated must have shape .* N >= 2"),
        (np.ones((4, 2)), np.ones((4, 3)), "same number of columns"),
        (np.full((4, 2), np.nan), np.ones((4, 2)), "real must be finite"),
    ],
)
def test_refuses(real, generated, message):
    with pytest.raises(ValueError, match=message):
        metrics.frechet_distance(real, generated)


def test_refuses_what_is_no_number_and_features_of_another_length():
    with pytest.raises(TypeError, match="real must hold numbers"):
        metrics.frechet_distance([["a"], ["b"]], np.ones((2, 1)))
    with pytest.raises(
        ValueError, match=r"one row for each of real; got shape \(1, 2\) for 4 of the 4"
    ):
        metrics.frechet_distance(np.ones((4, 2)), np.ones((4, 2)), lambda x: x[:1])
