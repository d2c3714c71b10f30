"""The probes: separable codes, chance, stratified draws, nothing from the test codes, refusals."""

import numpy as np
import pytest
from scipy import stats

from intelvae_keras import metrics
from intelvae_keras.metrics import probes


def blobs(num=600, classes=3, seed=0, spread=0.3):
    rng = np.random.default_rng(seed)
    labels = np.arange(num) % classes
    return 4 * np.eye(classes)[labels] + spread * rng.normal(size=(num, classes)), labels


@pytest.mark.parametrize("model", ["logistic", "tree"])
@pytest.mark.parametrize("num_labels", [3, 30, 600])
def test_separable_codes_need_few_labels(model, num_labels):
    result = metrics.linear_probe(*blobs(), *blobs(seed=1), num_labels, model, draws=2)
    assert result.accuracies.shape == (2,)
    assert result.accuracy == pytest.approx(result.accuracies.mean())
    # From one code of each class, a tree may cut twice along the same dimension.
    assert result.accuracy > (0.6 if (model, num_labels) == ("tree", 3) else 0.99)


def test_logistic_regression_reaches_the_best_accuracy_of_two_gaussians():
    rng = np.random.default_rng(0)
    labels = np.arange(4000) % 2
    z = rng.normal(size=(4000, 5))
    z[:, 2] += 2 * labels
    half = slice(None, 2000), slice(2000, None)
    result = metrics.linear_probe(z[half[0]], labels[half[0]], z[half[1]], labels[half[1]], 300)
    assert result.accuracy == pytest.approx(stats.norm.cdf(1), abs=0.025)  # shift / 2


def test_codes_without_information_give_chance():
    rng = np.random.default_rng(0)
    z, labels = rng.normal(size=(3000, 4)), rng.integers(4, size=3000)
    result = metrics.linear_probe(z[:1000], labels[:1000], z[1000:], labels[1000:], 100)
    assert result.accuracy == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize("model", ["logistic", "tree"])
def test_the_scale_and_place_of_a_dimension_do_not_matter(model):
    (z, labels), (z_test, labels_test) = blobs(spread=3.0), blobs(seed=1, spread=3.0)
    scales, shift = np.array([1e-6, 1.0, 1e4]), np.array([5.0, -1.0, 0.0])
    first = metrics.linear_probe(z, labels, z_test, labels_test, 60, model)
    again = metrics.linear_probe(
        z * scales + shift, labels, z_test * scales + shift, labels_test, 60, model
    )
    np.testing.assert_allclose(first.accuracies, again.accuracies, atol=0.005)


def test_a_constant_dimension_does_no_harm():
    (z, labels), (z_test, labels_test) = blobs(), blobs(seed=1)
    z, z_test = (np.c_[codes, np.full(len(codes), 7.0)] for codes in (z, z_test))
    assert metrics.linear_probe(z, labels, z_test, labels_test, 9, draws=1).accuracy > 0.99


def test_the_seed_decides():
    (z, labels), test = blobs(spread=3.0), blobs(seed=1, spread=3.0)
    results = [metrics.linear_probe(z, labels, *test, 30, seed=s).accuracies for s in (0, 0, 1)]
    np.testing.assert_array_equal(results[0], results[1])
    assert np.any(results[0] != results[2])
    assert len(set(results[0])) > 1  # the draws differ


def test_only_the_labels_drawn_are_seen():
    z, labels = blobs()
    unseen = probes._stratified(labels, 30, np.random.default_rng(0))
    assert len(set(unseen.tolist())) == 30
    seed = np.random.SeedSequence(0).generate_state(1).tolist()[0]
    seen = probes._stratified(labels, 30, np.random.default_rng(seed))
    # Moving every other code within its class leaves the fit, up to the scale, as it is.
    probe = metrics.train_probe(z[seen], labels[seen], seed=seed, scale_of=z)
    expected = np.mean(probe.predict(blobs(seed=1)[0]) == labels)
    got = metrics.linear_probe(z, labels, *blobs(seed=1), 30, draws=1)
    assert got.accuracies[0] == expected


@pytest.mark.parametrize("num_labels", [4, 5, 17, 100, 999, 1000])
def test_draws_are_stratified(num_labels):
    labels = np.repeat([0, 2, 3, 7], [700, 200, 99, 1])
    rng = np.random.default_rng(num_labels)
    for _ in range(5):
        rows = probes._stratified(labels, num_labels, rng)
        assert len(rows) == len(set(rows.tolist())) == num_labels
        counts = np.array([np.sum(labels[rows] == k) for k in (0, 2, 3, 7)])
        assert counts.min() >= 1
        # One of each, then in proportion.
        assert np.abs(counts - (1 + (num_labels - 4) * np.array([699, 199, 98, 0]) / 996)).max() < 1


def test_the_penalty_is_chosen_within_the_draw():
    z, labels = blobs(60, spread=2.0)
    search = metrics.train_probe(z, labels).steps[-1][1]
    assert search.best_params_["C"] in probes._STRENGTHS
    one_each = metrics.train_probe(z[:3], labels[:3]).steps[-1][1]  # no two to cross-validate with
    assert one_each.C == 1.0


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"num_labels": 2}, ValueError, "between the 3 classes and the 60 codes .* got 2"),
        ({"num_labels": 61}, ValueError, "between the 3 classes and the 60 codes .* got 61"),
        ({"num_labels": 30.0}, TypeError, "num_labels"),
        ({"model": "svm"}, ValueError, "model"),
        ({"draws": 0}, ValueError, "draws"),
        ({"seed": -1}, ValueError, "seed"),
        ({"labels_train": np.zeros(59, int)}, ValueError, "labels_train .* N = 60"),
        ({"labels_train": np.zeros(60, int)}, ValueError, "at least two classes; got 0 alone"),
        ({"labels_test": np.zeros(60)}, ValueError, "labels_test .* dtype float64"),
        ({"z_train": np.ones(60)}, ValueError, "z_train must have shape"),
        ({"z_test": np.ones((60, 4))}, ValueError, "same number of columns"),
        ({"z_test": np.full((60, 3), np.nan)}, ValueError, "z_test must be finite"),
    ],
)
def test_refuses(change, error, message):
    z, labels = blobs(60)
    arguments = {"z_train": z, "labels_train": labels, "z_test": z, "labels_test": labels}
    with pytest.raises(error, match=message):
        metrics.linear_probe(**(arguments | {"num_labels": 30} | change))
