"""log_likelihood against exact values of log p(x): linear Gaussian models, and quadrature."""

import functools
import sys

import keras
import numpy as np
import pytest
from helpers.linear_gaussian import LinearGaussian
from scipy import special, stats

from intelvae_keras import InteLVAE, likelihoods, mappings, metrics, networks, priors
from intelvae_keras.log_likelihood import log_importance_weight

WRONG = LinearGaussian.random()
EXACT = WRONG.with_exact_posterior()
X = WRONG.sample(3)
COPIES = 256
TILED = np.repeat(X, COPIES, axis=0)


@functools.cache
def wrong():
    """The model with a wrong posterior; no test changes it."""
    return WRONG.vae()


@functools.cache
def exact():
    """The model with the exact posterior; no test changes it."""
    return EXACT.vae()


@pytest.fixture
def tiny_chunks(monkeypatch):
    """Two rows of four values at a time."""
    monkeypatch.setattr(sys.modules["intelvae_keras.log_likelihood"], "_VALUES", 8)


@pytest.mark.parametrize("num_samples", [1, 501])
def test_every_number_of_samples_is_exact_with_the_exact_posterior(num_samples):
    # All importance weights are p(x) then.
    bound = exact().log_likelihood(X, num_samples)
    assert bound.shape == (3,) and bound.dtype == np.float32
    np.testing.assert_allclose(bound, EXACT.log_prob(X), atol=1e-4)


def test_mapping_is_part_of_the_model(line_by_line):
    bound = EXACT.vae(mappings.Linear(np.eye(4, 2) + 0.3)).log_likelihood(X, 10)
    np.testing.assert_allclose(bound, EXACT.log_prob(X), atol=1e-4)


def test_a_mode_that_q_never_draws_leaves_no_trace_in_the_weights():
    """x = |y| + noise: y and -y made it equally well, and q knows the one side, exactly."""
    one_side = LinearGaussian(np.eye(1), np.zeros(1), 0.1, None, None, None).with_exact_posterior()
    both = mappings.Function(keras.ops.abs)
    both.matrix = np.eye(1)
    vae, x = one_side.vae(both), np.array([[1.5]], "float32")
    y = np.linspace(-8, 8, 160_001)
    density = stats.norm.pdf(y) * stats.norm.pdf(1.5, np.abs(y), 0.1)
    truth = np.log(density.sum() * (y[1] - y[0]))
    np.testing.assert_allclose(truth - vae.log_likelihood(x, 1_000), np.log(2), atol=1e-3)

    q = vae.posterior(x)
    weight = special.softmax(log_importance_weight(vae, x, q, q.sample(1_000, seed=0))[:, 0])
    assert 1 / np.sum(weight**2) == pytest.approx(1_000, rel=1e-3)  # all of them, no alarm


@pytest.mark.parametrize("num_samples", [2, 7])
def test_samples_left_over_in_the_last_chunk_do_not_count(num_samples, tiny_chunks, line_by_line):
    bound = exact().log_likelihood(X, num_samples)
    np.testing.assert_allclose(bound, EXACT.log_prob(X), atol=1e-4)


def test_examples_left_over_in_the_last_batch_do_count(line_by_line):
    x = WRONG.sample(300)  # 256 and 44
    np.testing.assert_allclose(exact().log_likelihood(x, 2), EXACT.log_prob(x), atol=1e-4)


def test_bound_rises_from_the_elbo_to_log_p(line_by_line):
    vae, log_p = wrong(), WRONG.log_prob(X)
    bounds = [vae.log_likelihood(TILED, s).reshape(3, COPIES) for s in (1, 10, 300)]
    means = np.array([bound.mean(-1) for bound in bounds])
    errors = np.array([bound.std(-1) for bound in bounds]) / np.sqrt(COPIES)
    elbo = log_p - WRONG.kl_to_the_truth(X)
    assert np.all(np.abs(means[0] - elbo) < 4 * errors[0])
    assert np.all(np.diff(means, axis=0) > 0)
    assert np.all(means < log_p + 4 * errors)
    np.testing.assert_allclose(means[-1], log_p, atol=0.05)


@functools.cache
def expected_bound(row, num_samples, repeats=8_000):
    """E log (1/S) sum_s p(x|y_s) p(y_s) / q(y_s|x) of a row of X, by NumPy alone, in float64."""
    model, x = WRONG, X[row]
    rng = np.random.default_rng(1)
    q = stats.multivariate_normal(x @ model.F.T + model.f, model.L @ model.L.T)
    y = q.rvs((repeats, num_samples), random_state=rng)
    log_weight = stats.norm.logpdf(x, y @ model.A.T + model.b, model.s).sum(-1)
    log_weight += stats.norm.logpdf(y).sum(-1) - q.logpdf(y)
    return (special.logsumexp(log_weight, axis=-1) - np.log(num_samples)).mean()


@pytest.mark.parametrize("num_samples", [pytest.param(10, marks=pytest.mark.slow), 7])
def test_chunks_of_a_wrong_posterior_add_up_to_the_bound_of_all_samples(num_samples, tiny_chunks):
    # Two samples a chunk, of unequal weights; the bound of 2 samples lies a nat below that of 7.
    copies = 300
    bounds = wrong().log_likelihood(np.repeat(X, copies, axis=0), num_samples)
    bounds = bounds.reshape(3, copies)
    error = bounds.std(-1) / np.sqrt(copies)
    expected = np.array([expected_bound(row, num_samples) for row in range(3)])
    of_one_chunk = np.array([expected_bound(row, 2) for row in range(3)])
    assert (error < 0.1).all() and (expected - of_one_chunk > 0.5).all()
    np.testing.assert_array_less(np.abs(bounds.mean(-1) - expected), 4 * error)


def assert_unbiased(bounds, log_p):
    """That exp(bound) has the mean p(x), within four standard errors; copies of each x in a row."""
    ratio = np.exp(bounds.reshape(len(log_p), -1) - log_p[:, None])
    error = ratio.std(-1) / np.sqrt(ratio.shape[-1])
    assert error.max() < 0.3
    assert np.all(np.abs(ratio.mean(-1) - 1) < 4 * error)


@pytest.mark.parametrize("num_samples", [5, 20])
def test_estimate_of_p_is_unbiased(num_samples, line_by_line):
    assert_unbiased(wrong().log_likelihood(TILED, num_samples), WRONG.log_prob(X))


def test_distribution_of_the_bound_does_not_depend_on_the_chunks(tiny_chunks):
    x = TILED[:200]
    chunked = wrong().log_likelihood(x, 5)
    sys.modules["intelvae_keras.log_likelihood"]._VALUES = 2**21
    assert stats.ks_2samp(chunked, wrong().log_likelihood(x, 5, seed=1)).pvalue > 1e-3


@pytest.mark.parametrize("power", [None, 0.3])
def test_estimate_of_p_is_the_integral_over_a_steep_mapping(power, line_by_line):
    mapping = mappings.Clusters(2, power=power)
    vae = InteLVAE(
        1,
        encoder=networks.mlp_encoder([4]),
        mapping=mapping,
        decoder=networks.mlp_decoder((3,), [8]),
        likelihood=likelihoods.Laplace(0.8),
        seed=0,
    )
    x = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
    vae.build(x.shape)
    linear = vae.posterior_layer.linear
    linear.set_weights([0 * weight for weight in linear.get_weights()])  # q = p, so wide enough
    y = np.linspace(-7, 7, 40_001, dtype="float32")[:, None]
    log_joint = stats.norm.logpdf(y) + stats.laplace.logpdf(
        x, vae.decoder(mapping(y)).numpy()[:, None], 0.8
    ).sum(-1)
    log_p = special.logsumexp(log_joint, axis=0) + np.log(14 / 40_000)
    assert_unbiased(vae.log_likelihood(np.repeat(x, 64, axis=0), 500), log_p)


@pytest.mark.parametrize("likelihood", ["bernoulli", "continuous_bernoulli", "gaussian"])
def test_extreme_decoder_outputs_give_finite_bounds(likelihood, tiny_chunks, line_by_line):
    decoder = networks.mlp_decoder((2,), [4])
    vae = InteLVAE(
        2, encoder=networks.mlp_encoder([4]), decoder=decoder, likelihood=likelihood, seed=0
    )
    decoder.set_weights([1e3 * weight for weight in decoder.get_weights()])
    bound = vae.log_likelihood(np.array([[0.0, 1.0], [0.3, 0.6]], "float32"), 9)
    assert np.isfinite(bound).all()
    if likelihood == "bernoulli":
        assert np.all(bound < 0)


@pytest.mark.parametrize("kind", [priors.GaussianMixture, priors.VampPrior])
def test_a_chunk_shrinks_with_the_components_of_the_prior(kind, monkeypatch, line_by_line):
    # Each y of the plane costs the mixture 100 * 2 values, and the likelihood 2.
    monkeypatch.setattr(sys.modules["intelvae_keras.log_likelihood"], "_VALUES", 9_000)
    vae = InteLVAE(
        2,
        encoder=networks.mlp_encoder([4]),
        decoder=networks.mlp_decoder((2,), [4]),
        prior=kind(100),
        seed=0,
    )
    chunks = []

    def log_prob(y, of=vae.prior.log_prob):
        chunks.append(y.shape[0])
        return of(y)

    monkeypatch.setattr(vae.prior, "log_prob", log_prob)
    bound = vae.log_likelihood(np.array([[0.0, 1.0], [0.3, 0.6], [1.0, 1.0]], "float32"), 60)
    assert np.isfinite(bound).all()
    assert set(chunks) == {9_000 // (100 * 2)} and len(chunks) == 3 * 2  # one example at a time


def test_seed_determines_the_bound(line_by_line):
    vae = wrong()
    first, again, other = (vae.log_likelihood(X, 4, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert np.all(first != other)


def test_method_and_function_are_the_same(line_by_line):
    vae = wrong()
    np.testing.assert_array_equal(
        vae.log_likelihood(X, 4), metrics.log_likelihood(vae, X, num_samples=4)
    )


@pytest.mark.parametrize("num_samples", [0, -1])
def test_no_samples_are_refused(num_samples):
    with pytest.raises(ValueError, match=f"num_samples must be an integer >= 1; got {num_samples}"):
        wrong().log_likelihood(X, num_samples)
