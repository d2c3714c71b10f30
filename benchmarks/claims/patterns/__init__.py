"""Claim 5 where the sparse code is known: sums of 3 of 20 patterns."""

from benchmarks.claims import image_models
from benchmarks.claims.patterns import models, page, truth
from benchmarks.claims.seeds import chosen_seeds
from benchmarks.tuning import settings

TITLE = "Claim 5 where the truth is known: sums of few patterns"
EXAMPLES, EPOCHS = 40_000, 24
# (model, gamma): gamma is the threshold's `active`, too.
MODELS = [
    ("ordinary", 0),
    ("laplace", 0),
    ("threshold", 0.3),
    *(("sparse", gamma) for gamma in (1, 3)),
    *(("penalty", gamma) for gamma in (3, 10)),
]
SEEDS = {"threshold": 20, "sparse": 3, "penalty": 3}  # 5 of the others
# Where less is there to learn from: shorter, and with fewer examples.
SHORTER = [(EXAMPLES, EPOCHS // 2), (12_000, EPOCHS)]


def jobs(quick, seeds):
    """A job for each model and seed, the truth among them; then those with less to learn from."""
    chosen = [("ordinary", 0), ("threshold", 0.3)] if quick else MODELS
    size = (4_000, 4) if quick else (EXAMPLES, EPOCHS)
    found = [
        _job(model, gamma, seed, *size)
        for model, gamma in [("truth", 0), *chosen]
        for seed in chosen_seeds(quick, seeds, SEEDS.get(model, 5))
    ]
    if not quick:
        found += [
            _job(model, gamma, seed, *size)
            for size in SHORTER
            for seed in chosen_seeds(quick, seeds, 3)
            for model, gamma in MODELS[:3]
        ]
    return sorted(found, key=lambda job: job["seed"])  # a run cut short has some seeds of each


def _job(model, gamma, seed, examples, epochs):
    return {
        "section": "patterns",
        "name": f"patterns-{examples}-{epochs}-{model}-gamma{gamma}-seed{seed}",
        "seed": seed,
        "model": model,
        "gamma": gamma,
        "examples": examples,
        "epochs": epochs,
        **({} if model == "truth" else settings.chosen("patterns", "patterns", model)._asdict()),
    }


def run(job):
    """Trains one model, and takes the measures; those of the truth need no training."""
    seed = job["seed"]
    test, validation = (models.data(models.TESTED, seed, part) for part in ("test", "validation"))
    bounded = test[: models.BOUND]
    if job["model"] == "truth":
        return models.measure(truth.model(), test) | {"log_p": float(truth.log_p(bounded).mean())}
    vae, seconds = models.fitted(job)
    result = models.measure(vae, test)
    for part, x in (("test", test), ("validation", validation)):
        result[f"elbo_{part}"] = image_models.elbo(vae, x)
    result["log_p"] = float(vae.log_likelihood(bounded, seed=seed).mean())
    return result | {"seconds": seconds}


# ---------------------------------------------------------------------- the page


def section(results, images, quick):
    """The tables and the verdict."""
    return page.section(results)
