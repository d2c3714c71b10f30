"""Centre and unit: the density stays that of x in its own units."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import integrate, stats

from intelvae_keras import likelihoods

RNG = np.random.default_rng(0)
CENTRE, UNIT = [10.0, -2e3, 0.0], [2.0, 50.0, 1e-3]
X = (CENTRE + np.array(UNIT) * RNG.normal(size=(6, 3))).astype("float32")
RAW = RNG.normal(size=(6, 3)).astype("float32")
FAMILIES = {"gaussian": stats.norm, "laplace": stats.laplace}


def built(likelihood, width):
    likelihood.build((None, width))
    return likelihood


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("scale", [0.3, "learned", "per_column"])
def test_density_is_that_of_scipy_in_units_of_the_data(name, scale):
    kind = type(likelihoods.get(name))
    likelihood = built(kind(scale=scale, initial_scale=0.3, centre=CENTRE, unit=UNIT), 3)
    location = CENTRE + UNIT * RAW.astype("float64")
    expected = FAMILIES[name](location, 0.3 * np.array(UNIT)).logpdf(X).sum(-1)
    np.testing.assert_allclose(likelihood.log_prob(X, RAW), expected, rtol=1e-4)
    np.testing.assert_allclose(likelihood.mean(RAW), location, rtol=1e-5, atol=1e-3)
    np.testing.assert_allclose(
        likelihood.distribution(RAW).log_prob(X), likelihood.log_prob_per_value(X, RAW), rtol=2e-3
    )


def test_predicted_scale_is_in_units_too():
    likelihood = built(likelihoods.Gaussian("predicted", centre=CENTRE, unit=UNIT), 6)
    parameters = np.concatenate([RAW, np.zeros_like(RAW)], axis=-1)  # raw = 0 means 1.001
    expected = stats.norm(CENTRE + UNIT * RAW, 1.001 * np.array(UNIT)).logpdf(X).sum(-1)
    np.testing.assert_allclose(likelihood.log_prob(X, parameters), expected, rtol=1e-4)


def test_one_learned_scale_per_column():
    likelihood = built(likelihoods.Gaussian("per_column"), 3)
    assert [tuple(weight.shape) for weight in likelihood.trainable_weights] == [(3,)]
    likelihood.raw_scale.assign(np.log(np.expm1(np.float32([0.1, 1, 2]) - 1e-3)))
    expected = stats.norm(RAW, [0.1, 1, 2]).logpdf(X / UNIT)
    np.testing.assert_allclose(likelihood.log_prob_per_value(X / UNIT, RAW), expected, rtol=1e-3)


@pytest.mark.parametrize("make", [likelihoods.Gaussian, likelihoods.Laplace, likelihoods.LogNormal])
def test_two_scalings_of_the_same_model_give_the_same_log_prob(make):
    x = np.exp(RNG.normal(size=(6, 3))).astype("float32")
    plain = built(make(scale=0.5), 3)
    scaled = built(make(scale=0.25, centre=[3.0, 0, 0], unit=2.0), 3)
    raw = (RAW - np.float32([3, 0, 0])) / 2
    np.testing.assert_allclose(scaled.log_prob(x, raw), plain.log_prob(x, RAW), rtol=1e-4)


def test_lognormal_is_that_of_scipy():
    likelihood = built(likelihoods.LogNormal(0.4, centre=[1.0, 5, -3], unit=[2.0, 0.1, 1]), 3)
    location = np.array([1.0, 5, -3]) + [2.0, 0.1, 1] * RAW.astype("float64")
    spread = 0.4 * np.array([2.0, 0.1, 1])
    x = np.exp(location + spread * RNG.normal(size=(6, 3))).astype("float32")
    truth = stats.lognorm(spread, scale=np.exp(location))
    np.testing.assert_allclose(
        likelihood.log_prob_per_value(x, RAW), truth.logpdf(x), rtol=1e-4, atol=1e-4
    )
    np.testing.assert_allclose(likelihood.mean(RAW), truth.mean(), rtol=1e-4)
    np.testing.assert_allclose(
        likelihood.features(x), (np.log(x) - [1.0, 5, -3]) / [2.0, 0.1, 1], rtol=1e-3, atol=1e-4
    )
    draws = likelihood.sample(np.repeat(RAW[:1], 20_000, axis=0), tf.constant([0, 1])).numpy()
    assert draws.min() > 0
    np.testing.assert_allclose(np.log(draws).mean(0), location[0], atol=0.03)
    np.testing.assert_allclose(np.log(draws).std(0), spread, rtol=0.03)


@pytest.mark.parametrize("raw", [-20.0, 0.0, 20.0])
def test_lognormal_integrates_to_one(raw):
    likelihood = built(likelihoods.LogNormal(0.5), 1)
    log_x = np.linspace(raw - 6, raw + 6, 4001)
    x = np.exp(log_x).astype("float32")[:, None]
    density = np.exp(likelihood.log_prob(x, np.full_like(x, raw)).numpy().astype("float64"))
    assert integrate.trapezoid(density * np.exp(log_x), log_x) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("kind", [likelihoods.Gaussian, likelihoods.Laplace, likelihoods.LogNormal])
@pytest.mark.parametrize("scale", ["per_column", "predicted"])
def test_extreme_outputs_give_finite_values_and_gradients(kind, scale):
    likelihood = built(kind(scale, centre=3.0, unit=0.5), 2 if scale == "predicted" else 1)
    extremes = np.float32([-1e4, -88, -1e-30, 0, 1e-30, 88, 1e4])[:, None]
    parameters = tf.constant(np.tile(extremes, (1, likelihood.num_parameters)))
    for value in (1e-37, 1.0, 1e30 if kind is likelihoods.LogNormal else 1e3):
        with tf.GradientTape() as tape:
            tape.watch(parameters)
            log_prob = likelihood.log_prob(tf.fill((7, 1), value), parameters)
        assert np.isfinite(log_prob).all()
        assert np.isfinite(tape.gradient(log_prob, parameters)).all()


def test_at_the_farthest_centre_float32_loses_little_and_beyond_it_refuses():
    centre, unit = 1e5, 1.0
    x = np.float32([[centre + 0.5], [centre - 1.25]])
    likelihood = built(likelihoods.Gaussian(1.0, centre=centre, unit=unit), 1)
    raw = np.zeros((2, 1), "float32")
    expected = stats.norm(centre, unit).logpdf(x.astype("float64"))[:, 0]
    np.testing.assert_allclose(likelihood.log_prob(x, raw), expected, atol=0.011)
    with pytest.raises(
        ValueError, match="centre must lie within 100000 units.* 2e\\+08 .* column 1.* Subtract"
    ):
        likelihoods.Gaussian(centre=[0, 2e8], unit=[1, 100])
    likelihoods.Gaussian(centre=[0, 2e8], unit=[1, 100], dtype="float64")


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: likelihoods.Gaussian(unit=0), ValueError, "unit must be .* > 0; got 0"),
        (lambda: likelihoods.Gaussian(unit=[1, 0]), ValueError, r"unit must be .* got \[1, 0\]"),
        (lambda: likelihoods.Gaussian(centre=np.nan), ValueError, "centre must be .* got nan"),
        (lambda: likelihoods.Gaussian(centre=[[1]]), ValueError, "centre must be"),
        (lambda: likelihoods.Gaussian(centre="a"), TypeError, "centre must be .* got 'a'"),
        (
            lambda: built(likelihoods.Gaussian(centre=[1, 2]), 3),
            ValueError,
            "centre .* the 3 columns",
        ),
        (lambda: built(likelihoods.Laplace(unit=[1, 2]), 3), ValueError, "unit .* the 3 columns"),
        (lambda: likelihoods.Gaussian(missing="yes"), TypeError, "missing must be True or False"),
    ],
)
def test_bad_units_are_named(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize("wrong", [0.0, -1.0])
def test_what_is_no_amount_is_refused(wrong):
    with pytest.raises(
        ValueError, match=f"x must hold numbers > 0; got {wrong} in row 1, column 0"
    ):
        likelihoods.LogNormal().check_values("x", np.array([[1.0], [wrong]]))
