"""Claim 8: the full MNIST and Fashion-MNIST, where the user has them."""

import functools

from benchmarks.claims import image_models
from benchmarks.claims.report import cell, mean_ci, table
from benchmarks.claims.seeds import chosen_seeds
from benchmarks.tuning import settings
from intelvae_keras import datasets, mappings, metrics
from intelvae_keras.datasets import full

TITLE = "Claim 8: MNIST and Fashion-MNIST in full"
SETS = {"mnist": "MNIST", "fashion_mnist": "Fashion-MNIST"}
NAMES = {"ordinary": "Ordinary VAE", "sparse": "InteL-VAE, Sparse"}
OF_DATA = "real images: the last training images against the test images"
LATENTS, GAMMA, EPOCHS = 50, 3, 8
BOUND_IMAGES, BOUND_SAMPLES = 2_000, 100


def jobs(quick, seeds):
    """A job for each set that is there and each model: one seed, unless more are asked for."""
    there = [] if quick else [name for name in SETS if full.on_disk(name)]
    return [
        {
            "section": "full",
            "name": f"full-{data}-{model}-seed{seed}",
            "seed": seed,
            "model": model,
            "data": data,
            "epochs": EPOCHS,
            **settings.chosen("sparsity", "fashion_mnist", model)._asdict(),
        }
        for data in there
        for seed in chosen_seeds(quick, seeds, 1)
        for model in NAMES
    ]


def run(job):
    """Trains one model on all 60,000 images, and measures it on the test images."""
    (x_train, _), (x_test, _) = datasets.load(job["data"])
    mapping = functools.partial(mappings.Sparse, GAMMA) if job["model"] == "sparse" else None
    vae, seconds = image_models.train(
        x_train,
        job["epochs"],
        job["seed"],
        LATENTS,
        mapping,
        setting=image_models.setting(job),
    )
    bound = vae.log_likelihood(x_test[:BOUND_IMAGES], num_samples=BOUND_SAMPLES, seed=job["seed"])
    of = image_models.features(job["data"])
    return {
        "seconds": seconds,
        "log_likelihood": float(bound.mean()),
        "elbo": image_models.elbo(vae, x_test),
        "hoyer": metrics.hoyer_sparsity(vae.encode(x_test)),
        "frechet": image_models.frechet(vae, x_test, of, job["seed"]),
        "frechet_data": image_models.frechet_of_data(x_train[-len(x_test) :], x_test, of),
    }


# ---------------------------------------------------------------------- the page


def section(results, images, quick):
    """The table, and what is missing."""
    if quick:
        return "Not part of the quick run.\n"
    seen = {entry["job"]["data"] for entry in results}
    parts = []
    if results:
        seeds = sorted({entry["job"]["seed"] for entry in results})
        spread = (
            "one seed, so no interval: these are orders of magnitude"
            if len(seeds) == 1
            else "the mean over the seeds"
        )
        parts += [
            table(
                ["what", "how"],
                [
                    ["data", "all 60,000 training images, and all 10,000 test images"],
                    [
                        "training",
                        f"networks and schedule of claim 5, {EPOCHS} epochs: the point is the size",
                    ],
                    ["models", f"{LATENTS} latents, gamma = {GAMMA}"],
                    ["seeds", f"{', '.join(map(str, seeds))} ({spread})"],
                    [
                        "log p(x)",
                        f"bound of {BOUND_SAMPLES} samples, first {BOUND_IMAGES:,} test images",
                    ],
                    ["Frechet distance", "compares within a data set, and not with claim 5"],
                ],
            ),
            _table(results),
            _summary(results),
        ]
    missing = [name for key, name in SETS.items() if key not in seen]
    if missing:
        parts.append(
            f"{' and '.join(missing)}: not measured, as not there. Name the folder that has "
            f"{'it' if len(missing) == 1 else 'them'} in `INTELVAE_DATA_DIR`, and run `make claims` again."
        )
    return "\n\n".join(parts) + "\n"


def _mean(results, data, model, measure):
    """The mean over seeds, NaN where there is none."""
    own = [
        entry["minutes"] if measure == "minutes" else entry["result"][measure]
        for entry in results
        if (entry["job"]["data"], entry["job"]["model"]) == (data, model)
    ]
    return mean_ci(own)[0]


def _table(results):
    measures = {"log_likelihood": 1, "elbo": 1, "frechet": 1, "hoyer": 3, "minutes": 1}
    header = ["data", "model", "log p(x), nats", "ELBO, nats", "Frechet", "Hoyer", "minutes"]
    pairs = {(entry["job"]["data"], entry["job"]["model"]) for entry in results}
    real = {e["job"]["data"]: e["result"].get("frechet_data") for e in results}
    rows = [
        [SETS[data], OF_DATA, "", "", f"{real[data]:.1f}", "", ""]
        for data in SETS
        if real.get(data) is not None
    ]
    rows += [
        [
            SETS[data],
            NAMES[model],
            *(cell([_mean(results, data, model, m)], d) for m, d in measures.items()),
        ]
        for data in SETS
        for model in NAMES
        if (data, model) in pairs
    ]
    return table(header, rows)


def _summary(results):
    """What the gates change on each set, in a sentence each; no verdict, for want of seeds."""
    lines = []
    for data, name in SETS.items():
        value = {
            measure: [_mean(results, data, model, measure) for model in NAMES]
            for measure in ("hoyer", "frechet", "log_likelihood")
        }
        if any(number != number for numbers in value.values() for number in numbers):  # NaN
            continue
        ratio = value["hoyer"][1] / value["hoyer"][0]
        frechet = value["frechet"][1] - value["frechet"][0]
        nats = value["log_likelihood"][1] - value["log_likelihood"][0]
        lines.append(
            f"On {name} the gates give {ratio:.1f} times the Hoyer sparsity, which counts dead latents as "
            f"active; the Frechet distance changes by "
            f"{frechet:+.1f}, log p(x) by {nats:+.1f} nats."
        )
    return " ".join([*lines, "**Verdict: none** from a single seed; see claim 5 for several."])
