"""Claims 5 and 6: where codes are sparse, by which means, at what price; and what sparse codes buy.

Both are measured on the same models, so that nothing is trained twice; claim 6 is `codes`.
"""

import functools

from benchmarks.claims import image_models
from benchmarks.claims.seeds import chosen_seeds
from benchmarks.claims.sparsity import codes, codes_page, page
from benchmarks.claims.sparsity.runs import NAMES, by_configuration
from benchmarks.tuning import settings
from intelvae_keras import mappings, metrics, priors

__all__ = ["NAMES", "fitted", "jobs", "run", "section"]

TITLE = "Claims 5 and 6: what sparse codes cost, and what they buy"
LATENTS, EPOCHS = 50, 20
NEEDED = 150  # images for `latents_needed`
# (model, gamma, beta): gamma is the threshold's `active`, too. The ordinary VAE is also the penalty's
# gamma = 0.
QUICK = [("ordinary", 0, 1), ("sparse", 0, 1), ("sparse", 3, 1), ("penalty", 3, 1)]
FULL = [
    ("ordinary", 0, 1),
    *(("sparse", gamma, 1) for gamma in (0, 1, 3, 4, 10, 30)),
    *(("penalty", gamma, 1) for gamma in (3, 10, 30)),
    ("threshold", 0.5, 1),
    ("laplace", 0, 1),
    ("ordinary", 0, 4),
    ("sparse", 3, 4),
]
MAPPINGS = {
    "sparse": mappings.Sparse,
    "penalty": mappings.SparsityPenalty,
    "threshold": mappings.Threshold,
}


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
    result["elbo_validation"] = image_models.elbo(vae, data.x_validation)
    for part, x in (("validation", data.x_validation), ("test", data.x_test)):
        result[f"hoyer_{part}"] = metrics.hoyer_sparsity(vae.encode(x))
        result[f"frechet_{part}"] = image_models.frechet(vae, x, of, seed)
        needed = metrics.latents_needed(vae, x[:NEEDED])._asdict()
        result |= {f"{name}_{part}": value for name, value in needed.items()}
    return result | codes.measure(vae, data, seed)


def fitted(job, x_train):
    """The model of a job, trained; and the seconds of `fit`."""
    mapping = MAPPINGS.get(job["model"])
    return image_models.train(
        x_train,
        job["epochs"],
        job["seed"],
        LATENTS,
        functools.partial(mapping, job["gamma"]) if mapping else None,
        prior=priors.Laplace() if job["model"] == "laplace" else None,
        beta=job["beta"],
        setting=image_models.setting(job),
    )


# ---------------------------------------------------------------------- the page


def section(results, images, quick):
    """Both claims: tables, figures, verdicts."""
    runs = by_configuration(results)
    if ("ordinary", 0, 1) not in runs or not any(model == "sparse" for model, _, _ in runs):
        return "Not measured yet.\n"
    claim_5 = page.section(runs, results[0]["job"], images, LATENTS)
    controlled = {
        key: by_seed
        for key, by_seed in runs.items()
        if all("live" in result for result in by_seed.values())
    }
    return f"{claim_5}\n\n{codes_page.section(controlled or runs, images)}\n"
