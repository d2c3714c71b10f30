"""The page docs/tables.md, written from the results."""

import numpy as np

from benchmarks.claims.report import cell, table
from benchmarks.tables import sets, text, vaes

MODELS = {
    "truth": "the truth, which only simulated data have",
    "independent": "independent columns",
    "gaussian": "Gaussian, full covariance (shrunk)",
    "factors": "factor analysis",
    "mixture": "mixture of products, by EM",
    "poisson": "VAE, Poisson in place of negative binomial",
    "clusters": "VAE with `Clusters(3)`",
    "vae": "**VAE**",
}


def page(records):
    """Markdown with a table for each question that has results."""
    density = [record for record in records if record["job"]["section"] == "density"]
    holes = [record for record in records if record["job"]["section"] == "holes"]
    seeds = sorted({record["job"]["seed"] for record in records})
    parts = [
        text.INTRODUCTION,
        f"Mean over the seeds {', '.join(map(str, seeds))}, [±](reference/glossary.md) half of its 95% "
        "t-interval. The rows differ from split to split, so most of the spread is common to all models of a "
        "table. "
        "All numbers: `benchmarks/results/tables.json`.",
        text.SETS,
        _recipes(),
        text.DENSITY,
        _density(density),
        _differences(density),
        text.HOLES,
        _holes(holes, "rmse"),
        text.LABELS,
        _holes(holes, "accuracy"),
        text.LOSSES,
        _losses(density, holes),
        text.GROUPS,
        _groups(density),
        text.MEASURED,
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _of(records, name):
    return [record["result"] for record in records if record["job"]["set"] == name]


def _recipes():
    rows = [[name, *recipe] for name, recipe in vaes.RECIPES.items()]
    return table(["table", "latents", "epochs"], rows)


def _density(records):
    rows = []
    for model, words in MODELS.items():
        found = [[r["log_p"].get(model) for r in _of(records, name)] for name in sets.SETS]
        cells = [cell(values, 2) if values and None not in values else "" for values in found]
        rows.append([words, *cells])
    return table(["log p of a test row, nats", *sets.SETS], rows)


def _differences(records):
    """How far the VAE is ahead of each other model, split by split, so that the spread is its own."""
    rows = []
    for model, words in MODELS.items():
        cells = []
        for name in sets.SETS:
            pairs = [(r["log_p"]["vae"], r["log_p"].get(model)) for r in _of(records, name)]
            ahead = (
                [] if not pairs or pairs[0][1] is None else [vae - other for vae, other in pairs]
            )
            cells.append(f"{cell(ahead, 2)} ({_wins(ahead)})" if ahead else "")
        if model != "vae" and any(cells):
            rows.append([words, *cells])
    return table(["nats that the VAE is ahead (in how many splits) of", *sets.SETS], rows)


def _losses(density, holes):
    """What is ahead of the VAE in the mean: a line for each, with by how much."""
    lines = []
    for name in sets.SETS:
        runs = _of(density, name)
        for model, words in MODELS.items():
            if model not in ("vae", "truth") and runs and model in runs[0]["log_p"]:
                behind = [r["log_p"][model] - r["log_p"]["vae"] for r in runs]
                if np.mean(behind) > 0:
                    lines.append(f"- {name}, log p: {words}, by {cell(behind, 2)} nats a row")
        for key, sign, what in (("rmse", 1, "error of numbers"), ("accuracy", -1, "labels")):
            runs = [r for r in _of(holes, name) if r[key]]
            for method in runs[0][key] if runs else []:
                behind = [sign * (r[key]["VAE"] - r[key][method]) for r in runs]
                if method != "VAE" and np.mean(behind) > 0:
                    lines.append(f"- {name}, holes, {what}: {method}, by {cell(behind, 3)}")
    return "\n".join(lines) or "None of them is, in any table."


def _wins(ahead):
    return f"{int(np.sum(np.array(ahead) > 0))} of {len(ahead)}"


def _holes(records, key):
    names = [name for name in sets.SETS if any(r[key] for r in _of(records, name))]
    if not names:
        return ""
    methods = list(_of(records, names[0])[0][key])
    rows = []
    for method in methods:
        cells = [cell([r[key][method] for r in _of(records, name)], 3) for name in names]
        rows.append([f"**{method}**" if method == "VAE" else method, *cells])
    return table(["error of numbers" if key == "rmse" else "labels that are right", *names], rows)


def _groups(records):
    found = [r["rand"] for r in _of(records, "wine") if "rand" in r]
    if not found:
        return ""
    rows = [
        [words, cell([r[words] for r in found], 2), ", ".join(f"{r[words]:.2f}" for r in found)]
        for words in found[0]
    ]
    return table(["adjusted Rand index with the three cultivars", "mean", "each split"], rows)
