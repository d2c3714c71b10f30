"""Posterior, codes, decodings and samples of a model."""

import numpy as np
import pytest
import tensorflow as tf
from helpers.models import binary, small_vae
from tensorflow_probability import distributions as tfd

from intelvae_keras import mappings
from intelvae_keras._engine import array_batches

X = binary(20)


@pytest.fixture(scope="module")
def vae():
    model = small_vae(3, mapping=mappings.Linear(np.arange(6.0).reshape(2, 3)))
    model.build((None, 6))
    return model


@pytest.mark.parametrize("covariance", ["diagonal", "full"])
def test_posterior_is_a_distribution_over_y(covariance):
    q = small_vae(3, posterior=covariance).posterior(X)
    assert isinstance(q, tfd.Distribution)
    assert q.batch_shape == (20,)
    assert q.event_shape == (3,)
    assert q.sample(5).shape == (5, 20, 3)
    assert np.isfinite(q.log_prob(q.mean())).all()


def test_encode_gives_the_mapped_mean(vae):
    z = vae.encode(X)
    assert isinstance(z, np.ndarray) and z.shape == (20, 2)
    np.testing.assert_allclose(z, vae.mapping(vae.posterior(X).mean()), rtol=1e-6)


def test_draws_follow_the_posterior(vae):
    x = np.repeat(X[:1], 4000, axis=0)
    draws = vae.encode(x, sample=True, seed=0)
    q = vae.posterior(X[:1])
    matrix = np.arange(6.0).reshape(2, 3)
    covariance = matrix @ q.covariance()[0].numpy() @ matrix.T
    error = 5 * np.sqrt(np.diag(covariance) / 4000)
    assert (np.abs(draws.mean(axis=0) - vae.encode(X[:1])[0]) < error).all()
    np.testing.assert_allclose(np.cov(draws.T), covariance, rtol=0.2)


@pytest.mark.parametrize(
    "draw",
    [
        lambda vae, seed: vae.encode(X, sample=True, seed=seed),
        lambda vae, seed: vae.sample(7, seed),
    ],
    ids=["encode", "sample"],
)
def test_a_seed_gives_a_draw(draw, vae):
    np.testing.assert_array_equal(draw(vae, 3), draw(vae, 3))
    assert (draw(vae, 3) != draw(vae, 4)).any()
    assert (draw(vae, None) != draw(vae, None)).any()


def test_decoding_the_codes_is_predicting(vae):
    vae.compile()
    np.testing.assert_allclose(vae.decode(vae.encode(X)), vae.predict(X, verbose=0), rtol=1e-5)
    np.testing.assert_allclose(vae.predict(X, verbose=0), vae(X), rtol=1e-5)


def test_a_sample_is_the_decoding_of_its_latents(vae):
    z = vae.sample_latents(7, seed=3)
    assert z.shape == (7, 2)
    images = vae.sample(7, seed=3)
    assert isinstance(images, np.ndarray) and images.shape == (7, 6)
    np.testing.assert_array_equal(images, vae.decode(z))
    assert ((images > 0) & (images < 1)).all()


def test_latents_follow_the_mapped_prior(vae):
    z = vae.sample_latents(20_000, seed=0)
    matrix = np.arange(6.0).reshape(2, 3)
    np.testing.assert_allclose(np.cov(z.T), matrix @ matrix.T, rtol=0.05)


def test_batches_do_not_change_the_results(vae, monkeypatch):
    expected = vae.encode(X), vae.decode(vae.encode(X)), vae.encode(X, sample=True, seed=1)
    monkeypatch.setattr(array_batches, "_ROWS", 7)
    results = vae.encode(X), vae.decode(vae.encode(X)), vae.encode(X, sample=True, seed=1)
    for result, value in zip(results, expected, strict=True):
        np.testing.assert_allclose(result, value, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", ["float64", "uint8", "bool"])
def test_dtype_of_the_data_does_not_change_the_results(kind, vae):
    np.testing.assert_allclose(vae.encode(X.astype(kind)), vae.encode(X), rtol=1e-6)


def test_tensors_are_taken_too(vae):
    np.testing.assert_array_equal(vae.encode(tf.constant(X)), vae.encode(X))
    np.testing.assert_array_equal(vae.decode(tf.constant([[1.0, 2.0]])), vae.decode([[1.0, 2.0]]))


def test_log_likelihood_is_one_number_per_example(vae):
    values = vae.log_likelihood(X, num_samples=20)
    assert isinstance(values, np.ndarray) and values.shape == (20,)
    assert (values < 0).all()
    np.testing.assert_array_equal(values, vae.log_likelihood(X, num_samples=20))
    assert (values != vae.log_likelihood(X, num_samples=20, seed=1)).any()


def test_new_weights_take_effect_at_once(vae):
    model = small_vae(2)
    before = model.encode(X)
    model.set_weights([2 * weight for weight in model.get_weights()])
    assert (model.encode(X) != before).any()


def everything_of(vae, x):
    """What each method that takes data says of them."""
    return [
        vae.encode(x),
        vae.posterior(x).mean(),
        vae.predict(x, verbose=0),
        vae.log_likelihood(x, num_samples=3),
    ]


def test_data_of_any_number_type_are_taken_alike():
    vae, x = small_vae(), binary(9)
    vae.build((None, 6))
    expected = everything_of(vae, x)
    for dtype in ("float64", "uint8", "bool", "float16"):
        for data in (x.astype(dtype), tf.constant(x.astype(dtype))):
            for value, same in zip(everything_of(vae, data), expected, strict=True):
                np.testing.assert_array_equal(value, same, err_msg=f"{dtype}, {type(data)}")


@pytest.mark.parametrize("seed", [1.5, "1", True])
def test_a_seed_that_is_no_integer_is_refused(seed, vae):
    for call in (
        lambda: vae.sample(2, seed=seed),
        lambda: vae.encode(X[:2], sample=True, seed=seed),
        lambda: vae.log_likelihood(X[:2], num_samples=2, seed=seed),
    ):
        with pytest.raises(TypeError, match=f"seed must be an integer; got {seed!r}"):
            call()


def test_seeds_of_any_size_are_taken(vae):
    draws = [vae.sample_latents(2, seed=seed) for seed in (-1, 2**31, 2**32 + 5, 5)]
    np.testing.assert_array_equal(draws[2], draws[3])  # modulo 2^32
    assert (draws[0] != draws[1]).any()
