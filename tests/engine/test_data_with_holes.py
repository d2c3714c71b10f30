"""Tables with holes through the machinery: streams, weights, files, half precision, an export."""

import contextlib

import keras
import numpy as np
import pytest
import tensorflow as tf

from intelvae_keras import InteLVAE, likelihoods, networks, priors

RNG = np.random.default_rng(0)
N = 24
WHOLE = np.stack(
    [
        RNG.normal(5e4, 1e3, N),
        RNG.integers(0, 3, N),
        RNG.poisson(4, N),
        np.exp(RNG.normal(size=N)),
        RNG.integers(0, 2, N),
    ],
    axis=-1,
).astype("float32")
X = np.where(RNG.uniform(size=WHOLE.shape) < 0.3, np.float32(np.nan), WHOLE)
X[0] = np.nan


def columns(missing=True):
    return likelihoods.Columns(
        [
            ([0], likelihoods.Gaussian("predicted", centre=5e4, unit=1e3)),
            ([1], likelihoods.Categorical(3)),
            ([2], "negative_binomial"),
            ([3], "lognormal"),
            ([4], "bernoulli"),
        ],
        names=["height", "species", "eggs", "mass", "ringed"],
        missing=missing,
    )


def made(likelihood=None, compile=True, eagerly=True, **kwargs):
    keras.utils.set_random_seed(0)
    likelihood = likelihood or columns()
    vae = InteLVAE(
        2,
        encoder=networks.mlp_encoder([8]),
        decoder=networks.mlp_decoder(likelihood.parameters_shape((5,)), [8]),
        likelihood=likelihood,
        **{"seed": 0} | kwargs,
    )
    if compile:
        vae.compile(keras.optimizers.SGD(1e-3), run_eagerly=eagerly)
    return vae


@pytest.fixture(scope="module")
def vae():
    vae = made(eagerly=False)  # the others, which see it once, are not worth compiling
    vae.fit(X, epochs=1, batch_size=8, shuffle=False, verbose=0)
    return vae


def weights(vae):
    return np.concatenate([np.ravel(weight) for weight in vae.get_weights()])


def test_the_decoder_gives_what_the_columns_take(vae):
    assert vae.data_shape == (5,)
    assert vae.encoder.layers[1].kernel.shape[0] == 1 + 3 + 1 + 1 + 1 + 5
    with pytest.raises(ValueError, match="decoder must return 8 parameters for the 5 columns"):
        InteLVAE(
            2,
            encoder=networks.mlp_encoder([8]),
            decoder=networks.mlp_decoder((5,), [8]),
            likelihood=columns(),
        )


def test_a_stream_trains_as_the_array_does(vae):
    streamed = made()
    streamed.fit(tf.data.Dataset.from_tensor_slices(X).batch(8), epochs=1, verbose=0)
    np.testing.assert_allclose(weights(streamed), weights(vae), rtol=1e-5, atol=1e-6)


def test_gradients_are_finite_and_a_row_of_holes_has_no_reconstruction(vae):
    with tf.GradientTape() as tape:
        terms = vae.elbo(tf.constant(X), training=True)
        loss = tf.reduce_mean(vae.negative_elbo(terms))
    assert float(terms.reconstruction[0]) == 0
    gradients = tape.gradient(loss, vae.trainable_weights)
    assert all(np.isfinite(gradient).all() for gradient in gradients)
    assert sum(float(tf.norm(gradient)) > 0 for gradient in gradients) == len(gradients)


def test_the_elbo_is_the_sum_over_observed_values(vae):
    """Against the same weights without holes, with the mask of a whole table."""
    whole = vae.elbo(tf.constant(WHOLE))
    assert np.isfinite(whole.reconstruction).all()
    z = vae.mapping(vae.q(tf.constant(X)).mean())
    parameters = vae.parameters_of(z)
    per_value = vae.likelihood.log_prob_per_value(WHOLE, parameters).numpy()
    found = vae.likelihood.log_prob(X, parameters)
    np.testing.assert_allclose(found, np.where(np.isnan(X), 0, per_value).sum(-1), rtol=1e-4)


def test_weights_of_examples_count_rows_with_holes(vae):
    weight = RNG.uniform(size=N).astype("float32")
    found = vae.evaluate(X, sample_weight=weight, batch_size=8, verbose=0, return_dict=True)
    kl = vae.prior.kl_divergence(vae.posterior(X), vae.posterior(X).mean())
    assert found["kl"] == pytest.approx(np.mean(weight * kl), rel=1e-4)


@pytest.mark.filterwarnings("ignore:impute")
def test_a_file_holds_the_columns_and_their_weights(vae, tmp_path, line_by_line):
    vae.save(tmp_path / "table.keras")
    loaded = keras.saving.load_model(tmp_path / "table.keras")
    assert loaded.likelihood.names == vae.likelihood.names
    np.testing.assert_array_equal(weights(loaded), weights(vae))
    np.testing.assert_array_equal(loaded.impute(X, seed=1), vae.impute(X, seed=1))


@pytest.mark.slow
def test_an_export_takes_holes(vae, tmp_path):
    vae.export(tmp_path / "served", verbose=False)
    served = tf.saved_model.load(str(tmp_path / "served"))
    np.testing.assert_allclose(served.encode(X), vae.encode(X), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(served.serve(X), vae.predict(X, verbose=0), rtol=1e-5)
    assert set(np.unique(vae.predict(X, verbose=0)[:, 1])) <= {0, 1, 2}


@contextlib.contextmanager
def policy(name):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    yield
    keras.config.set_dtype_policy(before)


def test_half_precision_sees_standardised_values(vae):
    with policy("mixed_float16"):
        half = made()
        history = half.fit(X, epochs=1, batch_size=8, shuffle=False, verbose=0).history
        large = np.full((2, 5), [9e4, 1, 1, 1, 1], "float32")  # beyond float16, but 40 units here
        assert np.isfinite(half.encode(large)).all()
    assert history["loss"][0] == pytest.approx(vae.history.history["loss"][0], rel=0.02)
    assert np.isfinite(weights(half)).all()


def test_half_precision_refuses_what_it_cannot_hold():
    with policy("mixed_float16"):
        half = made(likelihoods.Columns([([0, 1, 2, 3, 4], likelihoods.Gaussian())]), compile=False)
        with pytest.raises(ValueError, match="x must be finite in float16"):
            half.posterior(np.full((2, 5), 1e5, "float32"))


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        (1, 1.7, "x must hold whole numbers from 0 to 2.* row 5, column 'species'"),
        (2, 0.5, "x must hold whole numbers >= 0.* row 5, column 'eggs'"),
        (3, 0.0, "x must hold numbers > 0.* row 5, column 'mass'"),
        (0, np.inf, "x must be finite; got infinity in row 5, column 0 .'height'."),
    ],
)
@pytest.mark.parametrize("method", ["fit", "encode", "log_likelihood", "impute", "evaluate"])
def test_a_wrong_value_is_refused_before_any_work(vae, method, column, value, message):
    x = WHOLE.copy()
    x[5, column] = value
    with pytest.raises(ValueError, match=message):
        getattr(vae, method)(x)


def test_nan_is_refused_by_row_and_column_without_missing():
    whole = made(columns(missing=False))
    with pytest.raises(
        ValueError, match="x must be finite; got NaN in row 0, column 0 .'height'.* missing=True"
    ):
        whole.fit(X)
    with pytest.raises(ValueError, match="x must be finite.*missing=True"):
        whole.fit(tf.data.Dataset.from_tensor_slices(X).batch(8))


def test_a_prior_of_pseudo_inputs_takes_whole_rows_of_a_table():
    vae = made(prior=priors.VampPrior(4, WHOLE, seed=0))
    history = vae.fit(X, epochs=1, batch_size=8, verbose=0).history
    assert np.isfinite(history["loss"]).all()
