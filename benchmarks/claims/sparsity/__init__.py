"""Claims 5 and 6: sparsity against the quality of samples, and what sparse codes buy.

Both are measured on the same models, so that nothing is trained twice; claim 6 is `sparse_codes`.
"""

import functools

from benchmarks.claims import figures, image_models
from benchmarks.claims.report import cell, mean_ci, table
from benchmarks.claims.seeds import chosen_seeds
from benchmarks.claims.sparsity import codes, codes_page, verdict
from benchmarks.claims.sparsity.runs import (
    FACTOR,
    NAMES,
    by_configuration,
    paired,
    ratio,
    values,
)
from benchmarks.tuning import settings
from intelvae_keras import mappings, metrics, priors

TITLE = "Claims 5 and 6: what sparse codes cost, and what they buy"
LATENTS, EPOCHS = 50, 20
# (model, gamma, beta); the ordinary VAE is also the penalty's gamma = 0.
QUICK = [("ordinary", 0, 1), ("sparse", 0, 1), ("sparse", 3, 1), ("penalty", 3, 1)]
FULL = [
    ("ordinary", 0, 1),
    *(("sparse", gamma, 1) for gamma in (0, 1, 3, 4, 10, 30)),
    *(("penalty", gamma, 1) for gamma in (3, 10, 30)),
    ("laplace", 0, 1),
    ("ordinary", 0, 4),
    ("sparse", 3, 4),
]


def jobs(quick, seeds):
    """A job for each model and seed."""
    data, epochs = image_models.fashion_name(quick), 3 if quick else EPOCHS
    return [
        {
            "section": "sparsity",
            "name": f"sparsity-{data}-{model}-gamma{gamma}-beta{beta}-seed{seed}",
            "seed": seed,
            "model": model,
            "gamma": gamma,
            "beta": beta,
            "data": data,
            "epochs": epochs,
            **settings.chosen("sparsity", "fashion_mnist", model)._asdict(),
        }
        for seed in chosen_seeds(quick, seeds, 3)
        for model, gamma, beta in (QUICK if quick else FULL)
    ]


def run(job):
    """Trains one model, and takes the measures of both claims."""
    data, seed = image_models.load(job["data"]), job["seed"]
    vae, seconds = fitted(job, data.x_train)
    of = image_models.features(data.name)
    result = {"seconds": seconds, "elbo": image_models.elbo(vae, data.x_test)}
    for part, x in (("validation", data.x_validation), ("test", data.x_test)):
        result[f"hoyer_{part}"] = metrics.hoyer_sparsity(vae.encode(x))
        result[f"frechet_{part}"] = image_models.frechet(vae, x, of, seed)
    return result | codes.measure(vae, data, seed)


def fitted(job, x_train):
    """The model of a job, trained; and the seconds of `fit`."""
    mapping = {
        "sparse": functools.partial(mappings.Sparse, job["gamma"]),
        "penalty": functools.partial(mappings.SparsityPenalty, job["gamma"]),
    }.get(job["model"])
    return image_models.train(
        x_train,
        job["epochs"],
        job["seed"],
        LATENTS,
        mapping,
        prior=priors.Laplace() if job["model"] == "laplace" else None,
        beta=job["beta"],
        setting=image_models.setting(job),
    )


# ---------------------------------------------------------------------- the page


def section(results, images, quick):
    """Both claims: tables, figures, verdicts."""
    runs = by_configuration(results)
    ordinary = runs.get(("ordinary", 0, 1))
    if not ordinary or not any(model == "sparse" for model, _, _ in runs):
        return "Not measured yet.\n"
    job = results[0]["job"]
    rows = [
        ["data", image_models.describe(job["data"])],
        ["models", f"{LATENTS} latents, MLP 784-512-256-{LATENTS} and back, Bernoulli"],
        ["training", f"{job['epochs']} epochs of batches of {image_models.BATCH}, Adam with cosine decay"],
        ["KL warm-up", f"over the first {image_models.WARMUP:.0%}"],
        ["first biases, learning rate", "[tuned with one budget](#the-tuning-budget-of-each-model)"],
        ["seeds", ", ".join(map(str, sorted(ordinary)))],
        ["Hoyer", "sparsity of test codes: 0 dense, 1 one-hot"],
        ["Frechet", "distance of as many samples as test images, in features of a classifier (low: good)"],
        ["its classifier", "trained on the training images: not comparable with FIDs elsewhere"],
        ["ELBO", "of the test images, in nats, at beta = 1"],
        ["±", "half of the 95% interval over seeds"],
    ]  # fmt: skip
    setting = table(["what", "how"], rows)
    _figure(runs).savefig(images / "sparsity.png", dpi=110)
    claim_5 = "\n\n".join(
        [
            "### Claim 5: sparse codes without worse samples",
            "**The claim.** The gates make codes at least three times as sparse as those of the "
            "ordinary VAE, at a Frechet distance no worse; a penalty or a sparse prior does not.",
            setting,
            _table(runs),
            "![Hoyer sparsity against the Frechet distance](images/results/sparsity.png)",
            f"**Verdict on claim 5: {verdict.statement(runs)}",
        ]
    )
    return f"{claim_5}\n\n{codes_page.section(runs, images)}\n"


def _table(runs):
    header = ["model", "gamma", "beta", "Hoyer", "× ordinary", "Frechet", "ELBO", "minutes"]
    rows = []
    for key, by_seed in runs.items():
        model, gamma, beta = key
        times = paired(runs, key, "hoyer_test", ratio)
        rows.append(
            [
                NAMES[model],
                str(gamma) if model in ("sparse", "penalty") else "",
                str(beta),
                cell(values(by_seed, "hoyer_test"), 3),
                cell(times, 2) if times and model != "ordinary" else "",
                cell(values(by_seed, "frechet_test"), 1),
                cell(values(by_seed, "elbo"), 1),
                f"{mean_ci(values(by_seed, 'minutes'))[0]:.1f}",
            ]
        )
    return table(header, rows)


def _figure(runs):
    curves = {}
    for (model, gamma, beta), by_seed in runs.items():
        if beta == 1:
            x, y = values(by_seed, "hoyer_test"), values(by_seed, "frechet_test")
            label = f"γ = {gamma}" if model in ("sparse", "penalty") else None
            curves.setdefault(NAMES[model], []).append((label, x, y))
    _, x, y = curves[NAMES["ordinary"]][0]
    return figures.tradeoff(
        curves,
        "Hoyer sparsity of test codes (right: sparser)",
        "Frechet distance of samples (lower: better)",
        target=(FACTOR * sum(x) / len(x), sum(y) / len(y)),
        target_label=f"the claim: {FACTOR} times as sparse, no worse",
    )
