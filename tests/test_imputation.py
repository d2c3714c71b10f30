"""Holes against the VAE that has closed forms, and imputation of every kind of column and of images."""

import warnings

import numpy as np
import pytest
import tensorflow as tf
from helpers.linear_gaussian import LinearGaussian
from helpers.models import eager_functions, small_vae

from intelvae_keras import InteLVAE, likelihoods, networks

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def model():
    """A posterior that is too wide, and wrong for every row with holes but that of holes alone."""
    A = 0.6 * LinearGaussian.random(2, 6, seed=3).A
    model = LinearGaussian(A, np.zeros(6), 0.7, np.zeros((2, 6)), np.zeros(2), np.eye(2))
    model.F = model.with_exact_posterior().F
    return model


@pytest.fixture(scope="module")
def vae(model):
    return model.vae(missing=True)


@pytest.fixture(scope="module")
def x(model):
    """100 rows with 30% holes; one of holes alone, and one without."""
    x = model.sample(100, seed=1)
    x[RNG.uniform(size=x.shape) < 0.3] = np.nan
    x[0], x[1] = np.nan, model.sample(1, seed=2)
    return x


@pytest.fixture(scope="module")
def truth(model, x):
    """(log p(observed), means of holes, covariances of holes) of each row."""
    return [model.of_observed(row.astype("float64")) for row in x]


def test_log_likelihood_of_holes_is_the_closed_form(vae, x, truth):
    found = vae.log_likelihood(x, num_samples=20_000)
    error = found - [log_prob for log_prob, *_ in truth]
    assert abs(error.mean()) < 1e-3
    assert np.abs(error).max() < 0.1
    assert abs(found[0]) < 1e-3  # a row of holes alone


def test_held_out_values_given_the_others_are_a_difference(model, vae, x):
    whole = model.sample(20, seed=5)
    observed = whole.copy()
    observed[:, :2] = np.nan
    found = vae.log_likelihood(whole, 20_000) - vae.log_likelihood(observed, 20_000)
    expected = model.log_prob(whole) - [model.of_observed(row)[0] for row in observed]
    assert np.abs(found - expected).mean() < 0.02


def test_imputed_means_are_the_closed_form(vae, x, truth):
    filled = vae.impute(x, num_samples=10_000, seed=0)
    holes = np.isnan(x)
    assert filled.dtype == x.dtype
    np.testing.assert_array_equal(filled[~holes], x[~holes])
    expected = np.concatenate(
        [mean for (_, mean, _), row in zip(truth, holes, strict=True) if row.any()]
    )
    assert np.sqrt(np.mean((filled[holes] - expected) ** 2)) < 0.03


def test_draws_scatter_as_the_closed_form_and_keep_what_was_observed(vae, x, truth):
    draws = vae.impute(x, num_samples=2000, draws=200, seed=0)
    holes = np.isnan(x)
    assert draws.shape == (200, *x.shape)
    np.testing.assert_array_equal(draws[:, ~holes], np.tile(x[~holes], (200, 1)))
    scores = []  # squared deviations from the closed form, in its units: 1 a value on average
    for index, (_, mean, covariance) in enumerate(truth):
        if holes[index].any():
            offset = draws[:, index, holes[index]] - mean
            precise = np.einsum("si,ij,sj->s", offset, np.linalg.inv(covariance), offset)
            scores.append(precise / len(mean))
    assert np.mean(scores) == pytest.approx(1, abs=0.05)
    # The holes of one draw go together.
    together = vae.impute(x[:1], num_samples=5000, draws=5000, seed=0)[:, 0]
    np.testing.assert_allclose(np.cov(together.T), truth[0][2], atol=0.15)


@pytest.mark.filterwarnings("ignore:impute")
def test_a_seed_gives_the_same_and_none_another(vae, x):
    one, two = vae.impute(x, 1000, seed=3), vae.impute(x, 1000, seed=3)
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, vae.impute(x, 1000, seed=4))
    assert not np.array_equal(vae.impute(x, 1000), vae.impute(x, 1000))


def test_rows_without_holes_come_back_as_they_are(vae, model):
    whole = model.sample(3, seed=9)
    np.testing.assert_array_equal(vae.impute(whole), whole)
    assert vae.impute(whole, draws=2).shape == (2, 3, 6)
    np.testing.assert_array_equal(model.vae().impute(whole), whole)


def test_too_few_samples_are_said_with_the_number_of_rows(model, vae, x):
    with pytest.warns(
        UserWarning, match=r"for \d+ of 8\d rows with holes, the 20 samples are worth"
    ):
        vae.impute(x, num_samples=20, seed=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        vae.impute(x[:1], num_samples=20, seed=0)  # a row of holes alone: q is exact


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_samples": 0}, "num_samples must be an integer >= 1; got 0"),
        ({"draws": 0}, "draws must be an integer >= 1; got 0"),
    ],
)
def test_bad_argument_of_impute_is_named(vae, x, arguments, message):
    with pytest.raises(ValueError, match=message):
        vae.impute(x, **arguments)


def test_holes_need_missing(model, x):
    with pytest.raises(ValueError, match="x must be finite.* missing=True"):
        model.vae().impute(x)


# ---------------------------------------------------------------------- tables and images


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    species = rng.integers(0, 3, 400)
    x = np.stack([rng.normal(4000 + 500 * species, 100), species, rng.poisson(3 + 9 * species)], 1)
    return x


@pytest.fixture(scope="module")
def trained(table):
    likelihood = likelihoods.Columns(
        [
            ([0], likelihoods.Gaussian(centre=table[:, 0].mean(), unit=table[:, 0].std())),
            ([1], likelihoods.Categorical(3)),
            ([2], likelihoods.NegativeBinomial(unit=table[:, 2].mean())),
        ],
        names=["mass", "species", "eggs"],
        missing=True,
    )
    vae = InteLVAE(
        2,
        encoder=networks.mlp_encoder([32]),
        decoder=networks.mlp_decoder(likelihood.parameters_shape((3,)), [32]),
        likelihood=likelihood,
        seed=0,
    )
    vae.compile("adam")
    vae.optimizer.learning_rate = 0.01
    with_holes = np.where(np.random.default_rng(1).uniform(size=table.shape) < 0.2, np.nan, table)
    vae.fit(with_holes, epochs=25, batch_size=100, verbose=0)
    return vae


@pytest.mark.filterwarnings("ignore:impute")
def test_a_category_is_imputed_as_the_most_probable_one(table, trained, line_by_line):
    hidden = table.copy()
    hidden[:, 1] = np.nan
    filled = trained.impute(hidden, seed=0)
    assert set(filled[:, 1]) <= {0, 1, 2}
    assert (filled[:, 1] == table[:, 1]).mean() > 0.85
    draws = trained.impute(hidden, draws=3, seed=0)
    trained.likelihood.check_values("draws", draws.reshape(-1, 3))


def test_rows_are_drawn_with_noise_and_decoded_without(table, trained):
    rows = trained.sample(1000, seed=0, noise=True)
    assert rows.shape == (1000, 3)
    trained.likelihood.check_values("rows", rows)
    assert rows[:, 0].std() == pytest.approx(table[:, 0].std(), rel=0.25)
    means = trained.sample(1000, seed=0)
    assert not np.array_equal(means[:, 2], np.floor(means[:, 2]))
    np.testing.assert_array_equal(rows, trained.sample(1000, seed=0, noise=True))
    assert not np.array_equal(rows, trained.sample(1000, seed=1, noise=True))
    assert len(np.unique(trained.sample(2000, noise=True, seed=2)[:, 0])) > 1900  # batches differ


@pytest.mark.filterwarnings("ignore:impute")
def test_images_may_have_holes():
    images = RNG.integers(0, 2, size=(12, 8, 8, 1)).astype("float32")
    images[:, 2:5, 2:5] = np.nan
    vae = small_vae(
        shape=(8, 8, 1),
        encoder=networks.conv_encoder([4], units=8),
        likelihood=likelihoods.Bernoulli(missing=True),
    )
    vae.run_eagerly = True
    vae.fit(images, epochs=1, verbose=0)
    with eager_functions():
        filled = vae.impute(images, seed=0)
    holes = np.isnan(images)
    np.testing.assert_array_equal(filled[~holes], images[~holes])
    assert ((filled[holes] > 0) & (filled[holes] < 1)).all()
    with eager_functions():
        assert set(vae.impute(images, draws=2, seed=0)[:, holes].ravel()) == {0.0, 1.0}
        assert set(vae.sample(5, noise=True).ravel()) == {0.0, 1.0}
        tf.debugging.assert_all_finite(vae.log_likelihood(images, 10), "log p")
    assert vae.predict(images, verbose=0).shape == images.shape
    assert vae.encoder.layers[0].kernel.shape[-2] == 2  # the pixels, and the mask
