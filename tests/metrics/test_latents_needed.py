"""latents_needed: codes whose answers are known, by a closed form or by the way they were made."""

import keras
import numpy as np
import pytest
from helpers.marks import fast_first
from scipy import stats

from intelvae_keras import InteLVAE, datasets, likelihoods, metrics, networks
from intelvae_keras.metrics import needed

SCALE = 0.1
RNG = np.random.default_rng(0)
PATTERNS = datasets.true_patterns().astype("float64")  # (20, 64)
INVERSE = np.linalg.pinv(PATTERNS)
ORTHONORMAL = np.linalg.qr(RNG.normal(size=(64, 60)))[0].T  # (60, 64)


def linear_vae(encoder, decoder, scale=SCALE):
    """The model with z = x E at the posterior's mean, and p(x|z) = N(z D, scale^2)."""
    size, latents = encoder.shape
    vae = InteLVAE(
        latents,
        encoder=keras.layers.Identity(),
        decoder=keras.layers.Dense(size),
        likelihood=likelihoods.Gaussian(scale=scale),
    )
    vae.build((None, size))
    vae.decoder.set_weights([decoder, np.zeros(size)])
    kernel = np.concatenate([encoder, np.zeros_like(encoder)], axis=1)
    vae.posterior_layer.linear.set_weights([kernel, np.zeros(2 * latents)])
    return vae


def closed_form(amplitudes, scale=SCALE, keep=0.9):
    """k, K, n1 and used of a code by orthonormal patterns: each latent costs its own square, and no more."""
    cost = (amplitudes - np.median(amplitudes, axis=0)) ** 2 / (2 * scale**2)
    allowed = (1 - keep) * amplitudes.var(axis=0).sum() / (2 * scale**2)
    lost_own = np.cumsum(np.sort(cost, axis=1).mean(axis=0))  # the least first
    lost_together = np.cumsum(np.sort(cost.mean(axis=0)))
    dropped = [
        np.interp(allowed, np.append(0, lost), np.arange(len(lost) + 1))
        for lost in (lost_own, lost_together)
    ]
    latents = amplitudes.shape[1]
    worth = cost > 1
    used = np.sum(worth.mean(axis=0) >= 0.01)
    return latents - dropped[0], latents - dropped[1], worth.sum(axis=1).mean(), used


def three_of_twenty(num_samples=150, seed=0):
    rng = np.random.default_rng(seed)
    active = rng.permuted(np.tile(np.arange(20) < 3, (num_samples, 1)), axis=1)
    return active * rng.uniform(0.5, 1.5, active.shape)


def of_either_sign(amplitudes, seed=1):
    return amplitudes * np.random.default_rng(seed).choice([-1, 1], amplitudes.shape)


CODES = {
    "3 of 20, either sign": of_either_sign(three_of_twenty()),
    "3 of 20, all positive": three_of_twenty(),  # their mean is far from 0, their median is 0
    "dense": RNG.normal(size=(150, 20)),
    "dense, off centre": 3 + RNG.normal(size=(150, 8)),
    "3 dense": RNG.normal(size=(150, 20)) * (np.arange(20) < 3),
    "60 that are weak": 0.03 * RNG.uniform(-1, 1, size=(150, 60)),  # none is worth 0.1 nats
}


@pytest.mark.parametrize("name", fast_first(CODES, ["dense, off centre", "3 dense"]))
def test_orthonormal_patterns_have_a_closed_form(name):
    amplitudes = CODES[name]
    b = ORTHONORMAL[: amplitudes.shape[1]]
    found = metrics.latents_needed(linear_vae(b.T, b), (amplitudes @ b).astype("float32"))
    np.testing.assert_allclose(found, closed_form(amplitudes), rtol=2e-3)
    assert isinstance(found.used, int)


@pytest.fixture(scope="module")
def x():
    return datasets.patterns(150, noise=0.0, seed=2)[0]


@pytest.fixture(scope="module")
def truth(x):
    return metrics.latents_needed(linear_vae(INVERSE, PATTERNS), x)


def test_three_of_twenty_patterns(truth):
    # Of three magnitudes on [0.5, 1.5], the weakest holds 18% of the squares: 10% are lost at 2.5.
    assert truth.k == pytest.approx(2.47, abs=0.05)
    assert truth.K == pytest.approx(17.2, abs=0.3)
    assert truth.n1 == pytest.approx(3.0, abs=1e-6)
    assert truth.used == 20


def test_dead_latents_of_any_noise_change_nothing_here_and_much_in_hoyers_measure(x, truth):
    encoder = np.concatenate([INVERSE, RNG.normal(size=(64, 30))], axis=1)
    vae = linear_vae(encoder, np.concatenate([PATTERNS, np.zeros((30, 64))]))
    np.testing.assert_allclose(metrics.latents_needed(vae, x), truth, rtol=1e-5)
    z = vae.encode(x)
    assert metrics.hoyer_sparsity(z[:, :20]) == pytest.approx(0.80, abs=0.02)
    assert metrics.hoyer_sparsity(z) == pytest.approx(0.42, abs=0.02)


def test_scales_that_the_decoder_undoes_change_nothing(x, truth):
    scales = RNG.permutation(np.geomspace(1, 100, 20))
    vae = linear_vae(INVERSE * scales, PATTERNS / scales[:, None])
    np.testing.assert_allclose(metrics.latents_needed(vae, x), truth, rtol=1e-3)


def test_a_rotated_code_is_not_sparse(x, truth):
    turn = np.linalg.qr(RNG.normal(size=(20, 20)))[0]
    k, K, n1, used = metrics.latents_needed(linear_vae(INVERSE @ turn, turn.T @ PATTERNS), x)
    assert 8 < k < 10 and 16.5 < K < 18  # no code of the same subspace needs other numbers together
    assert 0.45 < k / K < 0.6 < truth.K / 20
    assert n1 > 13 and used == 20


def test_half_of_a_dense_gaussian_code_carries_nine_tenths():
    x = (RNG.normal(size=(150, 20)) @ PATTERNS).astype("float32")
    k, K, *_ = metrics.latents_needed(linear_vae(INVERSE, PATTERNS), x)
    assert k / K == pytest.approx(0.52, abs=0.03)


def test_all_nats_need_all_latents_and_none_need_none(x):
    vae = linear_vae(INVERSE, PATTERNS)
    everything = metrics.latents_needed(vae, x, keep=1.0)
    assert everything.k == pytest.approx(3, abs=1e-3)
    assert everything.K == pytest.approx(20, abs=1e-3)
    nothing = metrics.latents_needed(vae, x, keep=0.0)
    assert nothing.k < 0.1 and nothing.K < 0.5  # r is near the code of the mean example
    half = metrics.latents_needed(vae, x, keep=0.5)
    assert nothing.k < half.k < 2 and 8 < half.K < 12


def test_a_code_that_tells_nothing_needs_nothing(x):
    vae = linear_vae(INVERSE, np.zeros_like(PATTERNS))
    assert metrics.latents_needed(vae, x) == (0.0, 0.0, 0.0, 0)


def test_memory_for_one_example_at_a_time_gives_the_same(x, truth, monkeypatch):
    monkeypatch.setattr(needed, "_VALUES", 64)
    found = metrics.latents_needed(linear_vae(INVERSE, PATTERNS), x[:40])
    monkeypatch.undo()
    whole = metrics.latents_needed(linear_vae(INVERSE, PATTERNS), x[:40])
    np.testing.assert_allclose(found, whole, rtol=1e-5)


def test_where_latents_act_together_an_own_order_is_still_no_worse_than_the_common_one():
    keras.utils.set_random_seed(0)
    z = keras.Input((6,))
    bent = keras.layers.Dense(9, activation="tanh", kernel_initializer="random_normal")
    bent.build((None, 6))
    bent.set_weights([2 * RNG.normal(size=(6, 9)), np.zeros(9)])
    decoder = keras.Model(z, keras.layers.Reshape((5, 3))(keras.layers.Concatenate()([z, bent(z)])))
    vae = InteLVAE(
        6,
        encoder=keras.layers.Flatten(),
        decoder=decoder,
        likelihood=likelihoods.Gaussian(scale=0.1),
    )
    vae.build((None, 5, 3))
    kernel = np.eye(15, 12) * (np.arange(12) < 6)  # E[y|x] is the first six values
    vae.posterior_layer.linear.set_weights([kernel, np.zeros(12)])
    x = np.array(decoder(RNG.normal(size=(60, 6)).astype("float32")))
    found = metrics.latents_needed(vae, x)
    assert 3 < found.k < found.K < 6
    assert found.used == 6


def test_without_a_code_the_gaussian_is_around_the_mean_example():
    x = (RNG.normal(size=(80, 64)) + RNG.normal(size=64)).astype("float32")
    vae = linear_vae(INVERSE, PATTERNS, scale=0.3)
    expected = stats.norm(x.mean(axis=0), 0.3).logpdf(x).sum(axis=1).mean()
    found = needed._without_code(vae, x, vae.encode(x))
    assert found == pytest.approx(expected, abs=0.01)


def test_without_a_code_the_bernoulli_is_around_the_mean_example():
    x = (RNG.uniform(size=(80, 20)) < np.linspace(0, 1, 20)).astype("float32")  # some always 0 or 1
    vae = InteLVAE(
        2, encoder=networks.mlp_encoder([4]), decoder=networks.mlp_decoder((20,), [4]), seed=0
    )
    vae.build(x.shape)
    p = x.mean(axis=0)
    found = needed._without_code(vae, x, vae.encode(x))
    assert found == pytest.approx(-stats.entropy([p, 1 - p]).sum(), abs=0.01)


@pytest.mark.parametrize(
    ("keep", "error"), [(-0.1, ValueError), (1.1, ValueError), ("most", TypeError)]
)
def test_a_proportion_outside_its_range_is_refused(x, keep, error):
    with pytest.raises(error, match=r"keep must be a .*number in \[0, 1\]; got"):
        metrics.latents_needed(linear_vae(INVERSE, PATTERNS), x, keep=keep)


def test_data_of_another_shape_are_refused(x):
    with pytest.raises(ValueError, match="x"):
        metrics.latents_needed(linear_vae(INVERSE, PATTERNS), x[:, :60])
