"""The verdict on claim 5 comes from intervals: one that holds 0 is no difference; k alone is no sparsity."""

import re

import numpy as np
import pytest

from benchmarks.claims import summary
from benchmarks.claims.sparsity import page, verdict
from benchmarks.claims.sparsity.runs import by_configuration, changes, sign

MEASURES = ("k", "K", "n1", "used", "elbo", "frechet", "hoyer")
ORDINARY = {"k": 3.2, "K": 6.0, "n1": 6.0, "used": 9, "elbo": -245.0, "frechet": 25.0, "hoyer": 0.2}
NOISE = {"k": 0.05, "K": 0.1, "elbo": 0.2, "frechet": 0.5}


def _runs(seeds=3, **models):
    """Runs of models by their means, e.g. sparse_3={"k": 2.5}; each seed has noise of its own."""
    records = []
    for number, (name, own) in enumerate({"ordinary_0": {}, **models}.items()):
        model, gamma = name.rsplit("_", 1)
        for seed in range(seeds):
            rng = np.random.default_rng([seed, number])
            figures = {
                m: v + NOISE.get(m, 0) * rng.standard_normal() for m, v in (ORDINARY | own).items()
            }
            result = {"elbo": figures["elbo"], "elbo_validation": figures["elbo"]}
            for part in ("validation", "test"):
                result |= {f"{m}_{part}": v for m, v in figures.items() if m != "elbo"}
            job = {"model": model, "gamma": float(gamma), "beta": 1, "seed": seed}
            records.append({"job": job, "result": result, "minutes": 0.5})
    return by_configuration(records)


def test_an_interval_that_holds_zero_is_no_difference():
    assert sign([0.1, -0.1, 0.3]) == 0
    assert sign([1.0, 1.1, 0.9]) == 1 and sign([-1.0, -1.1, -0.9]) == -1
    assert sign([5.0]) == 0  # one seed has no interval
    # In the mean clearly below 0, but t_(0.975, 2) = 4.3 standard errors reach across it.
    assert sign([-1.0, -3.0, -0.2]) == 0


@pytest.mark.parametrize(
    "k, common, word",
    [
        (-0.5, 0.0, "sparser"),
        (-0.5, 1.0, "sparser"),
        (-0.5, -1.0, "smaller, not sparser"),
        (0.5, 0.0, "less sparse"),
        (0.0, 1.0, "no difference seen"),
    ],
)
def test_fewer_latents_an_example_are_sparser_unless_all_together_need_fewer_too(k, common, word):
    spread = np.array([-0.05, 0.0, 0.05])
    assert verdict.found(k + spread, common + spread) == word


def test_the_strength_is_chosen_on_validation_data_within_the_price():
    cheap, dear = {"k": 2.9, "elbo": -246.0}, {"k": 2.0, "elbo": -255.0}
    runs = _runs(sparse_0={"k": 1.0}, sparse_3=cheap, sparse_30=dear)
    assert verdict.chosen(runs, "sparse") == ("sparse", 3, 1)  # gamma = 0 is no means
    runs["sparse", 4, 1] = {
        seed: result | {"k_validation": 2.8, "k_test": 5.0}  # worse on the test alone
        for seed, result in runs["sparse", 3, 1].items()
    }
    assert verdict.chosen(runs, "sparse") == ("sparse", 4, 1)
    assert (
        verdict.chosen(_runs(sparse_10=dear | {"elbo": -250.0}, sparse_30=dear), "sparse")[1] == 10
    )
    assert verdict.chosen(runs, "laplace") is None
    assert verdict.chosen(_runs(laplace_0={}), "laplace") == ("laplace", 0, 1)


GATES, PENALTY = {"k": 2.5, "K": 7.0}, {"k": 2.4, "K": 8.0}


@pytest.mark.parametrize(
    "models, word",
    [
        ({"sparse_3": GATES, "penalty_30": {}}, "holds"),
        ({"sparse_3": GATES, "penalty_30": PENALTY}, "holds in part"),
        ({"sparse_3": GATES | {"frechet": 40.0}}, "holds in part"),
        ({"sparse_3": {}, "penalty_30": PENALTY}, "does not hold"),
        ({"sparse_3": GATES | {"K": 4.0}}, "does not hold"),  # all codes are smaller
    ],
    ids=["gates alone", "a penalty too", "worse samples", "the penalty alone", "smaller"],
)
def test_the_claim_holds_if_gates_alone_are_sparser_at_no_worse_samples(models, word):
    assert verdict.statement(_runs(**models)).startswith(f"{word}.** ")


def test_each_means_has_its_price_in_words():
    said = verdict.statement(
        _runs(sparse_3={"elbo": -246.5}, penalty_30=PENALTY | {"frechet": 20.0})
    )
    gates, penalty = re.search(r"ordinary VAE: (.*?); (.*?)\. Sparser", said).groups()
    assert gates.startswith("InteL-VAE, Sparse, γ = 3: no difference seen (k ")
    assert "nats (worse)" in gates and gates.endswith("(no difference seen)")
    assert "γ = 30: sparser (k −0." in penalty and penalty.endswith("(better)")
    assert said.endswith("Sparser beyond the 95% interval: Ordinary VAE, penalty on abs(z).")


def test_one_seed_says_nothing():
    assert verdict.found([-2.0], [1.0]) == "one seed: no verdict"
    assert verdict.statement(_runs(1, sparse_3=GATES)) == "none from a single seed.**"


def test_the_page_and_the_table_on_top_say_the_same(tmp_path):
    runs = _runs(sparse_3=GATES, penalty_30={})
    job = {"data": "fashion_mnist_mini", "epochs": 20}
    text = page.section(runs, job, tmp_path, 50)
    assert (tmp_path / "sparsity.png").stat().st_size > 10_000
    gates = next(line for line in text.splitlines() if "| γ = 3 |" in line)
    assert gates.startswith("| InteL-VAE, Sparse | γ = 3 | 1 | 2.5")
    mean = np.mean(changes(runs, ("sparse", 3, 1), "k_test"))
    assert f"| −{-mean:.2f} ± " in gates
    results = {"sparsity": [{}]}
    text += "\n\n### Claim 6: x\n\n**Verdict on claim 6: does not hold.** A. B."
    row = summary.table(results, {"sparsity": text}).splitlines()[2]
    assert "sparser (k −0.7" in row and row.endswith("**holds** |")
