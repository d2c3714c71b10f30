"""Claim 7: groups of latents that build on each other, against one flat latent of the same size."""

import functools
import os
import pathlib

import keras
import numpy as np

from benchmarks.claims import figures, image_models
from benchmarks.claims.report import cell, mean_ci, table
from benchmarks.claims.seeds import chosen_seeds
from benchmarks.tuning import settings
from intelvae_keras import datasets, mappings
from intelvae_keras.datasets import full

TITLE = "Claim 7: hierarchy"
GROUPS, EPOCHS = [16, 16, 16], 15
LATENTS = sum(GROUPS)
CELEBA_IMAGES, CELEBA_SIZE, CELEBA_EPOCHS = 10_000, 32, 10
OF_DATA = "real images: the validation part against the test images"
# Widths that give the MLP 6,256 weights; the groups' networks have 6,304.
NAMES = {
    "flat": f"One flat latent of {LATENTS}, z = y",
    "mlp": f"The same, z = MLP {LATENTS}-64-{LATENTS} of y",
    "groups": "Groups of 16, 16 and 16, each built on the one before",
}


def plain_mlp():
    """A learned mapping of as many weights as the groups', without their order."""
    return keras.Sequential(
        [keras.layers.Dense(64, activation="relu"), keras.layers.Dense(LATENTS)]
    )


MAPPINGS = {
    "flat": None,
    "mlp": plain_mlp,
    "groups": functools.partial(mappings.Hierarchical, GROUPS),
}


def celeba_folder():
    """The user's CelebA in INTELVAE_DATA_DIR, or None."""
    root = pathlib.Path(os.environ.get(full.VARIABLE) or os.devnull)
    folders = [root / name for name in ("celeba", "CelebA")]
    return next((folder for folder in folders if folder.is_dir()), None)


def jobs(quick, seeds):
    """A job for each model and seed; on CelebA the flat latent and the groups."""
    data, epochs = image_models.fashion_name(quick), 3 if quick else EPOCHS
    sets = [(data, epochs, ["flat", "groups"] if quick else list(NAMES))]
    if not quick and celeba_folder():
        sets.append(("celeba", CELEBA_EPOCHS, ["flat", "groups"]))
    return [
        {
            "section": "hierarchy",
            "name": f"hierarchy-{data}-{model}-seed{seed}",
            "seed": seed,
            "model": model,
            "data": data,
            "epochs": epochs,
            **settings.chosen("hierarchy", "fashion_mnist", model)._asdict(),
        }
        for data, epochs, models in sets
        for seed in chosen_seeds(quick, seeds, 3)
        for model in models
    ]


def run(job):
    """Trains one model; on CelebA, which has no classes, without the Frechet distance."""
    if job["data"] == "celeba":
        x_train, x_test = _celeba()
    else:
        data = image_models.load(job["data"])
        x_train, x_test = data.x_train, data.x_test
    vae, seconds = fitted(job, x_train)
    result = {"seconds": seconds, "elbo": image_models.elbo(vae, x_test)}
    if job["data"] != "celeba":
        of = image_models.features(job["data"])
        result["frechet"] = image_models.frechet(vae, x_test, of, job["seed"])
        result["frechet_data"] = image_models.frechet_of_data(data.x_validation, x_test, of)
    return result


def fitted(job, x_train):
    """The model of a job, trained; and the seconds of `fit`."""
    return image_models.train(
        x_train,
        job["epochs"],
        job["seed"],
        LATENTS,
        MAPPINGS[job["model"]],
        setting=image_models.setting(job),
    )


def _celeba():
    train, test = datasets.load(
        "celeba", path=str(celeba_folder()), size=CELEBA_SIZE, shuffle=False
    )
    return tuple(
        np.concatenate(list(stream.unbatch().batch(500).take(count // 500).as_numpy_iterator()))
        for stream, count in ((train, CELEBA_IMAGES), (test, 2_000))
    )


# ---------------------------------------------------------------------- the page


def section(results, images, quick):
    """The table and the verdict."""
    fashion = [entry for entry in results if entry["job"]["data"] != "celeba"]
    runs = _by_model(fashion)
    if not {"flat", "groups"} <= set(runs):
        return "Not measured yet.\n"
    job = fashion[0]["job"]
    _figure(runs).savefig(images / "hierarchy.png", dpi=100)
    parts = [
        "**The claim.** Latents in groups, z1 = y1, z2 = f([z1, y2]), z3 = f([z2, y3]), model data "
        "better than one flat latent of the same size.",
        table(
            ["what", "how"],
            [
                ["data", image_models.describe(job["data"])],
                ["training", f"networks and schedule of claim 5, {job['epochs']} epochs"],
                ["latents", f"{LATENTS}"],
                ["seeds", ", ".join(map(str, sorted(runs["flat"])))],
                ["differences", "to the flat latent of the same seed; ±: half of the 95% interval"],
                ["MLP", "what a learned mapping of the same size gives without the groups' order"],
            ],
        ),
        _table(runs),
        "![Test ELBO against the Frechet distance](images/results/hierarchy.png)",
        f"**Verdict: {_verdict(runs)}",
        _celeba_text(_by_model([e for e in results if e["job"]["data"] == "celeba"])),
    ]
    return "\n\n".join(parts) + "\n"


def _by_model(results):
    """{model: {seed: result}}, in the order of the table."""
    runs = {}
    for name in NAMES:
        own = [entry for entry in results if entry["job"]["model"] == name]
        if own:
            runs[name] = {e["job"]["seed"]: e["result"] | {"minutes": e["minutes"]} for e in own}
    return runs


def _values(runs, model, measure):
    return [result[measure] for result in runs[model].values()]


def _changes(runs, model, measure, than="flat"):
    """The model's value less that of another, for each seed of both."""
    other = runs.get(than, {})
    return [r[measure] - other[s][measure] for s, r in runs[model].items() if s in other]


def _table(runs, measures=(("frechet", "Frechet distance"), ("elbo", "test ELBO, nats"))):
    header = ["model", *(t for _, name in measures for t in (name, "difference")), "minutes"]
    real = _of_data(runs)
    rows = [[OF_DATA, f"{real:.1f}", *[""] * (len(header) - 2)]] if real is not None else []
    for model in runs:
        row = [NAMES[model]]
        for measure, _ in measures:
            row.append(cell(_values(runs, model, measure), 1))
            row.append("" if model == "flat" else cell(_changes(runs, model, measure), 1))
        rows.append([*row, f"{mean_ci(_values(runs, model, 'minutes'))[0]:.1f}"])
    return table(header, rows)


def _of_data(runs):
    """The Frechet distance of real images, which is the same for all runs; None where it was not measured."""
    results = (result for by_seed in runs.values() for result in by_seed.values())
    return next((r["frechet_data"] for r in results if "frechet_data" in r), None)


def _figure(runs):
    curves = {
        NAMES[model]: [(None, _values(runs, model, "elbo"), _values(runs, model, "frechet"))]
        for model in runs
    }
    return figures.tradeoff(
        curves, "Test ELBO in nats (right: better)", "Frechet distance of samples (lower: better)"
    )


def _verdict(runs):
    frechet, elbo = _changes(runs, "groups", "frechet"), _changes(runs, "groups", "elbo")
    if len(frechet) < 2:
        return "none from a single seed.**"
    gains = {"Frechet distance": _direction(frechet, -1), "ELBO": _direction(elbo, 1)}
    if all(gain == "better" for gain in gains.values()):
        word = "holds on this data set"
    elif "better" in gains.values() and "worse" not in gains.values():
        word = "holds in part"
    else:
        word = "does not hold" if "better" not in gains.values() else "mixed"
    found = "; ".join(f"{name}: {gain}" for name, gain in gains.items())
    text = f"{word}.** Groups against the flat latent (decided by the 95% interval): {found}."
    if "mlp" in runs:
        against = _changes(runs, "groups", "frechet", "mlp")
        text += (
            f" Against the MLP the Frechet distance of the groups differs by {cell(against, 1)} "
            f"({_direction(against, -1)}): what the order of the groups adds to a learned mapping."
        )
    return text


def _direction(changes, sign):
    """In words: better or worse by the 95% interval, or that it includes 0."""
    mean, half = mean_ci(changes)
    if abs(mean) <= half or not half >= 0:
        return "no difference seen"
    return "better" if sign * mean > 0 else "worse"


def _celeba_text(runs):
    if not {"flat", "groups"} <= set(runs):
        return (
            "CelebA was not measured, as it was not there: with its folder `celeba` in "
            "`INTELVAE_DATA_DIR`, `make claims` measures it too."
        )
    return (
        f"On CelebA ({CELEBA_IMAGES:,} faces of {CELEBA_SIZE} x {CELEBA_SIZE} pixels, "
        f"{CELEBA_EPOCHS} epochs, the same networks; it has no classes for features, so that only the "
        f"ELBO is given):\n\n{_table(runs, (('elbo', 'test ELBO, nats'),))}"
    )
