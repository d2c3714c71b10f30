"""Holes: the sum over observed values, finite gradients, 0 and a mask for the encoder."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from intelvae_keras import likelihoods

RNG = np.random.default_rng(0)
GREY = RNG.uniform(0.1, 0.9, size=(6, 4, 5, 2)).astype("float32")
BINARY = np.round(GREY)
COUNTS = RNG.poisson(4, size=GREY.shape).astype("float32")
HOLES = RNG.uniform(size=GREY.shape) < 0.3
HOLES[0] = True  # an example of holes alone
HOLES[1] = False
ALL = {
    "bernoulli": (likelihoods.Bernoulli, BINARY),
    "continuous_bernoulli": (likelihoods.ContinuousBernoulli, GREY),
    "gaussian": (lambda **kw: likelihoods.Gaussian(centre=[9.0, -4], unit=3, **kw), GREY),
    "gaussian-predicted": (lambda **kw: likelihoods.Gaussian("predicted", **kw), GREY),
    "laplace": (likelihoods.Laplace, GREY),
    "lognormal": (lambda **kw: likelihoods.LogNormal(centre=[2.0, 1], **kw), GREY),
    "poisson": (likelihoods.Poisson, COUNTS),
    "negative_binomial": (likelihoods.NegativeBinomial, COUNTS),
    "categorical": (lambda **kw: likelihoods.Categorical(3, **kw), np.minimum(COUNTS, 2)),
}
every_likelihood = pytest.mark.parametrize(("make", "x"), ALL.values(), ids=ALL)


def with_and_without(make, x):
    """The likelihood with and without holes, parameters, and x with holes."""
    pair = make(missing=True), make()
    width = 2 * pair[0].num_parameters
    for likelihood in pair:
        likelihood.build((None, 4, 5, width))
    parameters = RNG.normal(size=(3, 6, 4, 5, width)).astype("float32")
    return *pair, parameters, np.where(HOLES, np.float32(np.nan), x)


@every_likelihood
def test_log_prob_is_the_sum_over_observed_values(make, x):
    holes, whole, parameters, with_holes = with_and_without(make, x)
    per_value = np.where(HOLES, 0, whole.log_prob_per_value(x, parameters))
    np.testing.assert_allclose(
        holes.log_prob(with_holes, parameters), per_value.sum((-3, -2, -1)), rtol=1e-5
    )
    np.testing.assert_allclose(
        holes.log_prob_per_value(with_holes, parameters), per_value, rtol=1e-5
    )
    np.testing.assert_array_equal(holes.log_prob(with_holes, parameters)[:, 0], 0)


@every_likelihood
def test_gradients_are_those_without_the_holes(make, x):
    holes, whole, parameters, with_holes = with_and_without(make, x)
    parameters = tf.constant(parameters)
    observed = (~HOLES).astype("float32")
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(parameters)
        masked = holes.log_prob(with_holes, parameters)
        truth = tf.reduce_sum(whole.log_prob_per_value(x, parameters) * observed, (-3, -2, -1))
    pairs = zip(
        tape.gradient(masked, [parameters, *holes.trainable_weights]),
        tape.gradient(truth, [parameters, *whole.trainable_weights]),
        strict=True,
    )
    for found, expected in pairs:
        assert np.isfinite(found).all()
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@every_likelihood
def test_the_encoder_sees_zero_and_the_mask(make, x):
    holes, whole, _, with_holes = with_and_without(make, x)
    features, complete = np.asarray(holes.features(with_holes)), np.asarray(whole.features(x))
    values, mask = features[..., :-2], features[..., -2:]
    np.testing.assert_array_equal(mask, ~HOLES)
    hidden = np.concatenate([HOLES] * (complete.shape[-1] // 2), axis=-1)
    np.testing.assert_allclose(values, np.where(hidden, 0, complete), rtol=1e-5)


@every_likelihood
def test_draws_are_whole_and_in_the_support(make, x):
    holes, whole, parameters, _ = with_and_without(make, x)
    draws = holes.sample(parameters, tf.constant([3, 4])).numpy()
    assert draws.shape == (3, *GREY.shape) and np.isfinite(draws).all()
    whole.check_values("draws", draws.reshape(-1, *GREY.shape[1:]))
    assert len(np.unique(draws[0])) > 1


@every_likelihood
def test_nan_is_refused_unless_it_may_be_a_hole(make, x):
    holes, whole, _, with_holes = with_and_without(make, x)
    holes.check_values("x", with_holes)
    with pytest.raises(
        ValueError, match=r"NaN in row 0, position \(0, 0\), column 0.* missing=True"
    ):
        whole.check_values("x", with_holes)
    config = keras.saving.serialize_keras_object(holes)
    assert keras.saving.deserialize_keras_object(config).missing
