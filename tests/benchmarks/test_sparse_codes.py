"""Claim 6 is decided by its control: dead latents alone make no difference, codes that tell more do."""

import types

import numpy as np
import pytest
from tensorflow_probability import distributions as tfd

from benchmarks.claims import report
from benchmarks.claims.sparsity import codes, codes_page
from intelvae_keras import priors

LIVE, DEAD, CLASSES = 4, 30, 5


def _model(prior, scale_of_dead, tells=1.0):
    """Codes: 4 latents that tell the class, so clearly, and 30 dead ones of that scale."""
    scales = np.r_[np.full(LIVE, tells), np.full(DEAD, scale_of_dead)]
    stddev = np.r_[np.full(LIVE, 0.2), np.ones(DEAD)]

    def encode(x):
        return np.float32(x * scales)

    return types.SimpleNamespace(
        encode=encode,
        posterior=lambda x: tfd.MultivariateNormalDiag(encode(x), np.float32(stddev)),
        prior=prior,
        likelihood=None,
    )


def _data(seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(CLASSES, size=1_100)
    centres = rng.standard_normal((CLASSES, LIVE)) * 0.8
    x = rng.standard_normal((len(labels), LIVE + DEAD))
    x[:, :LIVE] = 0.5 * x[:, :LIVE] + centres[labels]
    return types.SimpleNamespace(
        x_train=x[:600],
        y_train=labels[:600],
        x_validation=x[600:700],
        x_test=x[700:],
        y_test=labels[700:],
    )


@pytest.fixture(scope="module", autouse=True)
def one_question():
    """One classifier and one number of labels, as all the others go the same way."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(codes, "CLASSIFIERS", {"tree": "decision tree"})  # the quick one
        patch.setattr(codes, "LABELS", (50,))
        patch.setattr(codes_page, "COLUMNS", codes_page.COLUMNS[:1])
        yield


@pytest.fixture(scope="module")
def runs():
    """Three seeds of an ordinary model, and of one that differs by its dead latents alone."""
    prior, found = priors.StandardNormal(), {}
    for seed in range(3):
        data = _data(seed)
        for key, scale in ((("ordinary", 0, 1), 0.1), (("sparse", 3, 1), 0.0)):
            found.setdefault(key, {})[seed] = codes.measure(_model(prior, scale), data, seed)
    return found


def _maps(runs):
    return {
        (latents, "tree"): [
            [codes_page._gain(runs, ("sparse", 3, 1), latents, "tree", codes_page.COLUMNS[0])]
        ]
        for latents in (codes_page.ALL, codes_page.ALONE)
    }


def _verdict(maps, control):
    return codes_page.verdict(maps, [("sparse", 3, 1)], control)


def test_dead_latents_alone_are_no_difference(runs):
    maps = _maps(runs)
    seen, controlled = (maps[latents, "tree"][0][0] for latents in ("all latents", "live latents"))
    mean, half = report.mean_ci(seen)
    assert mean > half and mean > 5  # points: what "sparse codes need fewer labels" would rest on
    assert controlled == [0, 0, 0]
    said = _verdict(maps, codes_page._control(runs))
    assert said.startswith("does not hold.**") and "no difference seen" in said
    assert "Of 1 comparisons" in said and "0 are better and 0 worse" in said
    assert "all latents: 1 and 0" in said
    own = [
        100 * (r["live"]["few_labels"]["tree"][0] - r["few_labels"]["tree"][0])
        for r in runs["ordinary", 0, 1].values()
    ]
    assert np.mean(own) > 3 and f"itself gains {report.cell(own, 1)} points at 50 labels" in said


def test_what_is_left_with_the_control_counts():
    maps = {(latents, "tree"): [[[4.0, 5.0, 6.0]]] for latents in ("all latents", "live latents")}
    said = _verdict(maps, [0.0, 0.0, 0.1])
    assert said.startswith("holds.**") and "1 are better and 0 worse" in said
    assert "γ = 3, decision tree, 50 labels (+5.0 points)" in said
    maps["live latents", "tree"] = [[[-4.0, 5.0, 6.0]]]  # the interval holds 0
    assert _verdict(maps, [0.0, 0.0, 0.1]).startswith("does not hold.**")


def test_one_seed_gives_no_verdict(runs):
    one = {key: {0: by_seed[0]} for key, by_seed in runs.items()}
    assert _verdict(_maps(one), [1.0]) == "none from a single seed.**"


@pytest.mark.parametrize(
    "prior", [priors.StandardNormal(), priors.Laplace()], ids=["normal", "laplace"]
)
def test_the_live_latents_are_those_with_enough_kl(prior):
    x = _data(0).x_validation
    model = _model(prior, 0.1)
    np.testing.assert_array_equal(codes.live(model, x)[:LIVE], range(LIVE))
    q = model.posterior(x)
    draws = q.sample(4_000, seed=1).numpy()[
        ..., :2
    ]  # an independent estimate of the first two's KL
    log_q = tfd.Normal(q.mean()[:, :2], q.stddev()[:, :2]).log_prob(draws)
    one = prior.distribution(1)
    kl = np.mean(log_q - one.log_prob(draws[..., np.newaxis]), axis=(0, 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(codes, "LIVE", kl.mean())
        chosen = codes.live(model, x)
    assert (np.argmax(kl) in chosen) and (np.argmin(kl) not in chosen)


def test_of_dead_latents_one_is_left():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((50, LIVE + DEAD))
    assert len(codes.live(_model(priors.StandardNormal(), 0.01, tells=0.0), x)) >= 1


def test_the_page_has_the_control_beside_each_table(runs, tmp_path):
    text = codes_page.section(runs, tmp_path)
    headers = [line for line in text.splitlines() if line.startswith("| ") and "50 labels" in line]
    assert len(headers) == 2 and "live latents | live |" in headers[1]
    assert "| ordinary | 4.0 ± 0.0 |" in text  # the number of live latents
    assert (
        "KL to the prior is at least 0.1 nats" in text and (tmp_path / "sparse-codes.png").exists()
    )
