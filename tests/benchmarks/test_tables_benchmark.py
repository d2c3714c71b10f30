"""The benchmark of tables: densities in the data's units, EM, imputers and the page, against closed forms."""

import numpy as np
import pandas
import pytest
from scipy import stats

from benchmarks.tables import gaussians, holes, imputers, mixture, page, sets
from benchmarks.tables.views import View
from intelvae_keras import tables

RNG = np.random.default_rng(0)
N = 400
HIGH = RNG.random(N) < 0.5  # two groups, in which the columns are independent
FRAME = pandas.DataFrame(
    {
        "real": np.where(HIGH, 30.0, 10.0) + RNG.normal(0, 2, N),
        "positive": np.exp(np.where(HIGH, 3.0, 0.0) + RNG.normal(0, 0.5, N)),
        "count": RNG.poisson(np.where(HIGH, 40, 2)),
        "label": np.where(RNG.random(N) < np.where(HIGH, 0.9, 0.2), "a", "b"),
    }
)


@pytest.fixture(scope="module")
def mixed():
    table = tables.Table(FRAME, kinds={"real": "real"})
    view, array = View(table), table.array(FRAME)
    return view, array, view.standardised(array)


def test_independent_columns_in_the_units_of_the_data(mixed):
    view, array, rows = mixed
    assert view.kinds == ["real", "positive", "count", "binary"]
    got = mixture.Mixture(view, 1).fit(rows).log_p(rows) + view.log_volume(array)
    x, amount, n = FRAME["real"], FRAME["positive"], FRAME["count"]
    logs = np.log(amount)
    frequency = (FRAME["label"] == "a").mean()
    model = mixture.Mixture(view, 1).fit(rows)
    mean, r = (value[0] for value in model.parameters[2])
    assert mean == pytest.approx(n.mean())
    best = max(stats.nbinom.logpmf(n, s, s / (s + mean)).sum() for s in np.geomspace(0.1, 1000, 41))
    of_counts = stats.nbinom.logpmf(n, r, r / (r + mean))
    assert of_counts.sum() == pytest.approx(best)
    expected = (
        stats.norm.logpdf(x, x.mean(), x.std(ddof=0))
        + stats.norm.logpdf(logs, logs.mean(), logs.std(ddof=0))
        - logs
        + of_counts
        + np.log(np.where(FRAME["label"] == "a", frequency, 1 - frequency))
    )
    np.testing.assert_allclose(got, expected, atol=0.01)  # labels have half a pseudo-row


def test_em_finds_the_two_groups_and_fills_their_holes(mixed):
    view, _, rows = mixed
    model = mixture.best(view, rows, seed=0, components=(1, 2, 3))
    assert model.components >= 2
    model = mixture.Mixture(view, 2).fit(rows)
    means = np.sort(model.parameters[2][0])
    np.testing.assert_allclose(means, [2, 40], rtol=0.15)
    some = rows[:100].copy()
    some[:, 1] = np.nan  # given the others, the group is certain
    filled = model.impute(some)
    near = np.where(HIGH[:100], rows[HIGH, 1].mean(), rows[~HIGH, 1].mean())
    np.testing.assert_allclose(filled[:, 1], near, atol=0.2)
    np.testing.assert_array_equal(filled[:, [0, 2, 3]], some[:, [0, 2, 3]])


def test_log_p_of_observed_values_alone(mixed):
    view, _, rows = mixed
    model = mixture.Mixture(view, 2).fit(rows)
    unseen = np.full((1, 4), np.nan)
    np.testing.assert_allclose(model.log_p(unseen), 0, atol=1e-6)


def test_imputers_bring_labels_and_counts_back(mixed):
    view, _, rows = mixed
    gaps = rows.copy()
    gaps[::3, 3], gaps[1::3, 2] = np.nan, np.nan
    for method, filled in imputers.impute(view, gaps, gaps).items():
        assert set(np.unique(filled[:, 3])) <= {0, 1} and (filled[:, 2] > -1).all()
        np.testing.assert_array_equal(filled[~np.isnan(gaps)], gaps[~np.isnan(gaps)])
        if method != "mean and mode":
            logs = np.log1p(filled[1::3, 2])
            assert np.corrcoef(logs, np.log1p(rows[1::3, 2]))[0, 1] > 0.9


def test_errors_by_hand(mixed):
    view, _, _ = mixed
    truth = np.array([[0.0, 1.0, np.e - 1, 1.0], [2.0, 0.0, 0.0, 0.0]])
    filled = np.array([[0.5, 9.0, 0.0, 1.0], [2.0, 0.0, 0.0, 1.0]])
    made = np.array([[True, False, True, True], [False, False, False, True]])
    found = holes.errors(view, truth, {"m": filled}, made)
    assert found["rmse"]["m"] == pytest.approx(np.sqrt((0.25 + 1) / 2))
    assert found["accuracy"]["m"] == 0.5


def test_the_gaussians_near_the_truth():
    factor = RNG.normal(size=(2000, 2))
    x = factor @ RNG.normal(size=(2, 6)) + 0.5 * RNG.normal(size=(2000, 6))
    train, test = x[:1000], x[1000:]
    truth = stats.multivariate_normal.logpdf(test, np.zeros(6), np.cov(x.T)).mean()
    for log_p in (
        gaussians.full_covariance(train, test),
        gaussians.factor_analysis(train, test, 0),
    ):
        assert log_p.mean() == pytest.approx(truth, abs=0.1)


def test_the_true_log_p_of_cells_is_the_mean_over_cells():
    _, _, profiles = sets.cells(0)
    profiles, counts = profiles[:, :2], np.array([[0, 3], [5, 1]])
    random = np.random.default_rng(0)
    mean = np.exp(0.3 * random.standard_normal(200_000))[:, None]
    mean = mean * profiles[random.integers(3, size=200_000)]
    p = (
        stats.nbinom.pmf(counts[:, None], sets.R, sets.R / (sets.R + mean))
        .prod(axis=-1)
        .mean(axis=1)
    )
    np.testing.assert_allclose(sets.log_p_cells(counts, profiles), np.log(p), atol=0.02)


def test_a_fifth_of_the_values_is_taken_and_known_holes_do_not_count():
    array = np.where(np.arange(20_000).reshape(2000, 10) % 7 == 0, np.nan, 1.0)
    taken, made = sets.with_holes(array, 0)
    assert made.mean() / (1 - np.isnan(array).mean()) == pytest.approx(0.2, abs=0.01)
    np.testing.assert_array_equal(np.isnan(taken), np.isnan(array) | made)


def test_the_page_says_who_is_ahead():
    def record(section, seed, result):
        job = {"section": section, "name": f"wine-{seed}", "set": "wine", "seed": seed}
        return {"job": job, "result": result, "minutes": 0.1}

    records = [
        record("density", 0, {"log_p": {"vae": -18.5, "mixture": -18.0, "independent": -22.0}}),
        record("density", 1, {"log_p": {"vae": -18.0, "mixture": -18.1, "independent": -22.0}}),
        record("holes", 0, {"rmse": {"VAE": 0.7, "mean and mode": 1.0}, "accuracy": {}}),
    ]
    text = page.page(records)
    assert "| **VAE** |  | −18.25 ±" in text
    assert "- wine, log p: mixture of products, by EM, by 0.20 ±" in text
    assert "columns, by" not in text and "- wine, holes" not in text
    assert "(1 of 2)" in text and "(2 of 2)" in text and "| **VAE** | 0.700 |" in text
