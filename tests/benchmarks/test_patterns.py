"""The study on patterns: its truth is the truth, its verdict is that of the numbers."""

import math

import numpy as np
import pytest
from scipy import special

from benchmarks.claims import patterns
from benchmarks.claims.patterns import models, page, truth, verdict
from benchmarks.claims.sparsity.runs import by_configuration
from intelvae_keras import datasets


@pytest.fixture(scope="module")
def x():
    return models.data(60, 1000, "test")


@pytest.fixture(scope="module")
def measured(x):
    return models.measure(truth.model(), x)


def test_the_truth_has_three_latents_worth_a_nat_and_all_directions(measured):
    assert measured["n1_test"] == pytest.approx(3.0, abs=1e-6)
    assert measured["used_test"] == 20
    assert measured["k_test"] == pytest.approx(2.45, abs=0.1)
    assert measured["directions"] == pytest.approx(1.0, abs=1e-5)


def test_the_true_code_explains_all_but_the_noise(x):
    code = truth.amplitudes(x)
    assert np.all(np.count_nonzero(code, axis=1) == 3)
    rest = x - code @ datasets.true_patterns()
    # Three of 64 degrees of freedom are fitted.
    assert np.sum(rest**2) / truth.NOISE**2 == pytest.approx(61 * len(x), rel=0.05)


def test_the_true_density_is_that_of_the_sum_over_a_grid(x):
    """Amplitudes on a fine grid of the data's own three patterns, the others weigh nothing."""
    steps = truth.SMALLEST + (np.arange(60) + 0.5) / 60
    grid = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)
    for example, value in zip(x[:3], truth.log_p(x[:3]), strict=True):
        a = truth.amplitudes(example[np.newaxis])[0]
        own = np.flatnonzero(a)
        b = np.sign(a[own])[:, np.newaxis] * datasets.true_patterns()[own]
        # |x - a B|^2 by its three-dimensional normal form, so that the grid costs little.
        square = (
            np.sum(example**2)
            - 2 * grid @ (b @ example)
            + np.sum((grid @ (b @ b.T)) * grid, axis=1)
        )
        log_density = -square / (2 * truth.NOISE**2) - 32 * math.log(2 * math.pi * truth.NOISE**2)
        expected = special.logsumexp(log_density) - math.log(len(grid) * math.comb(20, 3) * 8)
        assert value == pytest.approx(expected, abs=0.05)


def test_directions_are_found_up_to_sign_and_order():
    b = datasets.true_patterns()
    assert models.best_correlations(-3 * b[::-1]) == pytest.approx(1.0, abs=1e-6)
    half = np.concatenate([b[:10], np.zeros((30, 64), np.float32)])  # latents that do nothing
    correlations = np.abs(b[10:] @ b[:10].T).max(axis=1)
    assert models.best_correlations(half) == pytest.approx((10 + correlations.sum()) / 20, abs=1e-6)
    mixed = np.random.default_rng(0).standard_normal((40, 20)) @ b
    assert models.best_correlations(mixed) < 0.8


def test_parts_and_seeds_have_other_data():
    parts = [
        models.data(5, seed, part) for seed in (0, 1) for part in ("training", "test", "validation")
    ]
    assert len({part.tobytes() for part in parts}) == 6
    np.testing.assert_array_equal(parts[1], models.data(5, 0, "test"))


def _records(common=0, **shifts):
    """Five seeds of the truth, the ordinary VAE, and models by what they add to its n1 and log p(x).

    common: What the threshold adds to K.
    """
    records = []
    for number, (model, (n1, log_p)) in enumerate(
        {"truth": (-11, 17), "ordinary": (0, 0), **shifts}.items()
    ):
        for seed in range(5):
            noise = 0.2 * np.random.default_rng([seed, number]).standard_normal()
            result = {"n1_test": 14 + n1 + noise, "log_p": 28 + log_p + noise, "elbo_test": 27.0}
            result |= {
                "elbo_validation": 27.0,
                "k_test": 5.0,
                "K_test": 16 + (common if model == "threshold" else 0) + noise,
                "used_test": 30,
                "directions": 0.9,
            }
            job = {"model": model, "gamma": 0.3 if model == "threshold" else 0, "seed": seed}
            job |= {"examples": patterns.EXAMPLES, "epochs": patterns.EPOCHS}
            records.append({"job": job, "result": result, "minutes": 0.4})
    return records


@pytest.mark.parametrize(
    "threshold, word, count",
    [((-10, 8), "holds here", 5), ((-10, -8), "does not hold", 0), ((0, 8), "does not hold", 0)],
    ids=["sparser and better", "sparser but worse", "no sparser"],
)
def test_the_verdict_asks_for_both(threshold, word, count):
    text = page.section(_records(laplace=(-7, 5), threshold=threshold))
    assert f"**Verdict on patterns: {word}.**" in text
    assert f"{count} of 5 of InteL-VAE, Threshold" in text


def test_good_needs_density_and_sparsity():
    runs = by_configuration(_records(threshold=(-10, 8), laplace=(-7, 8)), page.TRUTH | page.NAMES)
    assert verdict.good(runs, ("threshold", 0.3, 1)) == [True] * 5
    assert verdict.good(runs, ("laplace", 0, 1)) == [False] * 5  # n1 of 7


def test_a_difference_within_the_interval_is_called_none():
    text = page.section(_records(threshold=(0, 0)))
    assert "n1 +0." in text.replace("−", "+") and text.count("no difference seen") == 3


def test_a_smaller_code_is_not_a_sparser_one():
    assert "**Verdict on patterns: does not hold.**" in page.section(
        _records(-4, threshold=(-10, 8))
    )


def test_jobs_have_the_truth_and_names_of_their_own():
    jobs = patterns.jobs(False, None)
    assert len({job["name"] for job in jobs}) == len(jobs)
    seeds = {}
    for job in jobs:
        if (job["examples"], job["epochs"]) == (patterns.EXAMPLES, patterns.EPOCHS):
            seeds.setdefault(job["model"], set()).add(job["seed"])
    assert len(seeds["threshold"]) == 20 and min(map(len, seeds.values())) >= 3
    assert "truth" in seeds
