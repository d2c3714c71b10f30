"""Likelihoods against scipy and quadrature: log-densities with constants, means, gradients."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.linear_gaussian import central_difference
from scipy import integrate, special, stats

from intelvae_keras import InteLVAE, likelihoods, networks

RNG = np.random.default_rng(0)
SHAPE = (4, 5, 3)  # of the data: two axes and channels
BINARY = RNG.integers(0, 2, size=(6, *SHAPE)).astype("float32")
GREY = RNG.uniform(size=(6, *SHAPE)).astype("float32")
REAL = RNG.normal(size=(6, *SHAPE)).astype("float32")
LOGITS = RNG.normal(size=(6, *SHAPE), scale=3).astype("float32")


def laplace_log_density(x, location, scale):
    """Half of an exponential on either side; the logpdf of stats.laplace underflows."""
    return stats.expon.logpdf(np.abs(x.astype("float64") - location), scale=scale) - math.log(2)


LOG_DENSITIES = {"gaussian": stats.norm.logpdf, "laplace": laplace_log_density}


def total(values):
    """The sum over the data axes."""
    return values.sum(axis=(-3, -2, -1))


def built(likelihood, channels=3):
    likelihood.build((None, 4, 5, channels))
    return likelihood


def softplus_scale(raw, min_scale=1e-3):
    """softplus(raw + c) + min_scale, with c such that softplus(c) = 1."""
    return np.logaddexp(0, raw + math.log(math.e - 1)) + min_scale


# ---------------------------------------------------------------------- values


def test_bernoulli_is_that_of_scipy_for_binary_data():
    expected = total(stats.bernoulli(special.expit(LOGITS.astype("float64"))).logpmf(BINARY))
    np.testing.assert_allclose(
        likelihoods.Bernoulli().log_prob(BINARY, LOGITS), expected, rtol=1e-5
    )


def test_bernoulli_is_the_cross_entropy_for_grey_data():
    p = special.expit(LOGITS.astype("float64"))
    expected = total(GREY * np.log(p) + (1 - GREY) * np.log1p(-p))
    np.testing.assert_allclose(likelihoods.Bernoulli().log_prob(GREY, LOGITS), expected, rtol=1e-5)


def test_bernoulli_has_the_mean_of_its_logits():
    mean = likelihoods.Bernoulli().mean(LOGITS)
    np.testing.assert_allclose(mean, special.expit(LOGITS), rtol=1e-4)


@pytest.mark.parametrize(
    "logit", [-50.0, -10.0, -1.0, -1e-2, -1e-3, -1e-5, 0.0, 1e-5, 1e-3, 1e-2, 1.0, 10.0, 50.0]
)
def test_continuous_bernoulli_is_a_density_with_its_mean(logit):
    likelihood = likelihoods.ContinuousBernoulli()
    # Gauss-Legendre nodes on [0, 1], cut where the density lives for large logits.
    nodes, weights = np.polynomial.legendre.leggauss(60)
    edges = np.array([0, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, 1])
    x = (edges[:-1, None] + np.diff(edges)[:, None] * (nodes + 1) / 2).ravel()
    weights = (np.diff(edges)[:, None] * weights / 2).ravel()
    parameters = np.full((1, x.size), logit, "float32")
    log_density = likelihood.log_prob_per_value(x[None].astype("float32"), parameters)
    density = np.exp(keras.ops.convert_to_numpy(log_density)[0].astype("float64"))
    assert weights @ density == pytest.approx(1, abs=1e-3)
    mean = float(likelihood.mean(np.full((1, 1), logit, "float32"))[0, 0])
    assert mean == pytest.approx(weights @ (density * x), abs=1e-3)


@pytest.mark.parametrize("logit", [-1e4, -200.0, 200.0, 1e4])
def test_continuous_bernoulli_is_finite_for_extreme_logits(logit):
    x = tf.constant([[0.0, 0.3, 1.0]])
    logits = tf.fill(x.shape, tf.constant(logit))
    likelihood = likelihoods.ContinuousBernoulli()
    with tf.GradientTape() as tape:
        tape.watch(logits)
        log_prob = likelihood.log_prob_per_value(x, logits)
    # The exact log-density: x l - log((e^l - 1) / l).
    expected = x * logit - max(logit, 0) + math.log(abs(logit))
    np.testing.assert_allclose(log_prob, expected, rtol=1e-4)
    assert np.isfinite(tape.gradient(log_prob, logits)).all()
    assert np.isfinite(likelihood.mean(logits)).all()


@pytest.mark.parametrize("name", LOG_DENSITIES)
@pytest.mark.parametrize("scale", [0.01, 1, 3.0, np.float32(0.5)])
def test_fixed_scale_is_that_of_scipy(name, scale):
    likelihood = type(likelihoods.get(name))(scale=scale)
    expected = total(LOG_DENSITIES[name](REAL, LOGITS, float(scale)))
    np.testing.assert_allclose(built(likelihood).log_prob(REAL, LOGITS), expected, rtol=1e-4)
    assert likelihood.weights == []


@pytest.mark.parametrize("name", LOG_DENSITIES)
@pytest.mark.parametrize("initial_scale", [0.002, 0.1, 1.0, 2000.0])
def test_learned_scale_is_one_weight_that_starts_where_told(name, initial_scale):
    likelihood = built(type(likelihoods.get(name))(initial_scale=initial_scale))
    expected = total(LOG_DENSITIES[name](REAL, LOGITS, initial_scale))
    np.testing.assert_allclose(likelihood.log_prob(REAL, LOGITS), expected, rtol=1e-3)
    assert [weight.shape for weight in likelihood.trainable_weights] == [()]


@pytest.mark.parametrize("name", LOG_DENSITIES)
@pytest.mark.parametrize("min_scale", [0.0, 1e-3, 0.5])
def test_predicted_scale_is_the_second_half_of_the_channels(name, min_scale):
    raw = RNG.normal(size=LOGITS.shape).astype("float32")
    likelihood = built(
        type(likelihoods.get(name))(scale="predicted", min_scale=min_scale), channels=6
    )
    parameters = np.concatenate([LOGITS, raw], axis=-1)
    expected = total(LOG_DENSITIES[name](REAL, LOGITS, softplus_scale(raw, min_scale)))
    np.testing.assert_allclose(likelihood.log_prob(REAL, parameters), expected, rtol=1e-4)
    np.testing.assert_array_equal(likelihood.mean(parameters), LOGITS)


@pytest.mark.parametrize("name", LOG_DENSITIES)
def test_mean_of_a_location_family_is_its_location(name):
    np.testing.assert_array_equal(built(likelihoods.get(name)).mean(LOGITS), LOGITS)


@pytest.mark.parametrize("name", LOG_DENSITIES)
def test_density_of_one_value_integrates_to_one(name):
    likelihood = built(type(likelihoods.get(name))(scale=0.7))
    x = np.linspace(-15, 15, 20_001, dtype="float32")
    log_density = likelihood.log_prob_per_value(x[None], np.full((1, x.size), 0.3, "float32"))
    density = np.exp(keras.ops.convert_to_numpy(log_density)[0])
    assert integrate.trapezoid(density, x) == pytest.approx(1, abs=1e-4)


# ---------------------------------------------------------------------- shapes and gradients

ALL = {
    "bernoulli": likelihoods.Bernoulli,
    "continuous_bernoulli": likelihoods.ContinuousBernoulli,
    "gaussian": likelihoods.Gaussian,
    "gaussian-predicted": lambda **kw: likelihoods.Gaussian(scale="predicted", **kw),
    "laplace": likelihoods.Laplace,
    "laplace-predicted": lambda **kw: likelihoods.Laplace(scale="predicted", **kw),
}
every_likelihood = pytest.mark.parametrize("make", ALL.values(), ids=ALL)


@every_likelihood
def test_samples_of_parameters_broadcast_against_the_data(make):
    likelihood = make()
    channels = 3 * likelihood.num_parameters
    built(likelihood, channels)
    assert likelihood.parameters_shape(SHAPE) == (4, 5, channels)
    assert likelihood.parameters_shape((7,)) == (7 * likelihood.num_parameters,)
    parameters = RNG.normal(size=(2, 6, 4, 5, channels)).astype("float32")
    log_prob = likelihood.log_prob(GREY, parameters)
    assert log_prob.shape == (2, 6)
    for sample in range(2):
        alone = likelihood.log_prob(GREY, parameters[sample])
        np.testing.assert_allclose(log_prob[sample], alone, rtol=1e-5)
    assert likelihood.mean(parameters).shape == (2, 6, *SHAPE)


@every_likelihood
def test_gradients_agree_with_finite_differences(make):
    likelihood = make(dtype="float64")
    x = RNG.uniform(0.1, 0.9, size=(50, 1))
    parameters = RNG.normal(size=(50, likelihood.num_parameters))
    likelihood.build(parameters.shape)
    direction = RNG.normal(size=parameters.shape)
    at = tf.constant(parameters)
    with tf.GradientTape() as tape:
        tape.watch(at)
        log_prob = likelihood.log_prob(x, at)
    gradient, *by_weights = tape.gradient(log_prob, [at, *likelihood.trainable_weights])
    slope = central_difference(
        lambda value: likelihood.log_prob(x, tf.constant(value)).numpy(), parameters, direction
    )
    np.testing.assert_allclose((gradient * direction).numpy().sum(-1), slope, rtol=1e-5, atol=1e-7)
    for weight, by_weight in zip(likelihood.trainable_weights, by_weights, strict=True):
        start = weight.numpy()

        def log_prob_at(value, weight=weight):
            weight.assign(value)
            return likelihood.log_prob(x, at).numpy().sum()

        assert float(by_weight) == pytest.approx(
            central_difference(log_prob_at, start, 1.0), rel=1e-5
        )


@every_likelihood
def test_extreme_parameters_give_finite_values_and_gradients(make):
    likelihood = make()
    likelihood.build((None, likelihood.num_parameters))
    extremes = np.float32([-1e4, -88, -1e-30, 0.0, 1e-30, 88, 1e4])
    parameters = tf.constant(np.tile(extremes[:, None], (1, likelihood.num_parameters)))
    for value in (0.0, 0.5, 1.0):
        with tf.GradientTape() as tape:
            tape.watch(parameters)
            log_prob = likelihood.log_prob(tf.fill((7, 1), value), parameters)
        assert np.isfinite(log_prob).all()
        assert np.isfinite(tape.gradient(log_prob, parameters)).all()


@every_likelihood
def test_config_makes_the_same_likelihood(make):
    likelihood = make()
    config = keras.saving.serialize_keras_object(likelihood)
    again = keras.saving.deserialize_keras_object(config)
    assert type(again) is type(likelihood)
    assert again.get_config() == likelihood.get_config()


@pytest.mark.parametrize("kind", [likelihoods.Gaussian, likelihoods.Laplace])
@pytest.mark.parametrize("scale", ["learned", "predicted", 0.7])
def test_config_holds_every_argument(kind, scale):
    arguments = {"scale": scale, "initial_scale": 0.4, "min_scale": 0.05}
    config = kind(**arguments).get_config()
    assert {name: config[name] for name in arguments} == arguments


@pytest.mark.parametrize("name", ["bernoulli", "continuous_bernoulli"])
def test_data_outside_the_support_are_refused(name):
    vae = InteLVAE(
        2,
        encoder=networks.mlp_encoder([4]),
        decoder=networks.mlp_decoder((3,), [4]),
        likelihood=name,
    )
    with pytest.raises(ValueError, match=r"x must lie in \[0, 1\].* Divide pixels 0..255 by 255"):
        vae.posterior(np.full((2, 3), 200.0, "float32"))


# ---------------------------------------------------------------------- errors


def test_likelihoods_are_found_by_name():
    found = {name: type(likelihoods.get(name)).__name__ for name in likelihoods._BY_NAME}
    assert found == {
        "bernoulli": "Bernoulli",
        "continuous_bernoulli": "ContinuousBernoulli",
        "gaussian": "Gaussian",
        "laplace": "Laplace",
        "lognormal": "LogNormal",
        "negative_binomial": "NegativeBinomial",
        "poisson": "Poisson",
    }


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: likelihoods.get("normal"), ValueError, "one of .*'bernoulli'.* got 'normal'"),
        (lambda: likelihoods.get(3), TypeError, "likelihood must be a name .* got 3"),
        (lambda: likelihoods.Gaussian("fixed"), ValueError, "scale must be .* got 'fixed'"),
        (lambda: likelihoods.Gaussian(0.0), ValueError, "scale must be .* got 0.0"),
        (lambda: likelihoods.Laplace(-1), ValueError, "scale must be .* got -1"),
        (lambda: likelihoods.Laplace(np.inf), ValueError, "scale must be .* got inf"),
        (lambda: likelihoods.Gaussian(np.nan), ValueError, "scale must be .* got nan"),
        (lambda: likelihoods.Gaussian(min_scale=-1), ValueError, "min_scale must be .* got -1"),
        (lambda: likelihoods.Gaussian(min_scale=np.nan), ValueError, "min_scale .* got nan"),
        (
            lambda: likelihoods.Gaussian(initial_scale=1e-4),
            ValueError,
            "initial_scale .* got 0.0001",
        ),
        (
            lambda: likelihoods.Gaussian(initial_scale=np.inf),
            ValueError,
            "initial_scale .* got inf",
        ),
    ],
)
def test_bad_argument_is_named(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize("kind", [likelihoods.Bernoulli, likelihoods.Gaussian, likelihoods.Laplace])
def test_dtype_name_and_trainable_are_in_the_config(kind):
    made = kind(dtype="float64", name="mine", trainable=False)
    again = kind.from_config(made.get_config())
    assert (again.name, again.trainable, again.compute_dtype) == ("mine", False, "float64")
    again.build((None, 3))
    assert not again.trainable_weights


@pytest.mark.parametrize(
    "make",
    [
        likelihoods.Bernoulli,
        likelihoods.ContinuousBernoulli,
        likelihoods.Gaussian,
        likelihoods.Laplace,
        likelihoods.LogNormal,
        likelihoods.Poisson,
        likelihoods.NegativeBinomial,
        lambda: likelihoods.Categorical(3),
        lambda: likelihoods.Gaussian(scale="predicted", dtype="float16"),
    ],
)
@pytest.mark.parametrize("form", [lambda x: x.astype("float64"), np.ndarray.tolist])
def test_parameters_may_be_an_array_of_another_precision_or_a_list(make, form):
    likelihood = built(make(), channels=6)
    parameters = np.tile(LOGITS, 2)
    moments = likelihood.moments(form(parameters))
    assert moments.dtype == likelihood.compute_dtype
    np.testing.assert_array_equal(moments, likelihood.moments(tf.constant(parameters)))
