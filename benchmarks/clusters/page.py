"""The page of the study: docs/clusters-study.md."""

import numpy as np

from benchmarks.claims.report import table
from benchmarks.clusters import line, plane, proportions

WORDS = {
    "vae": "ordinary VAE",
    "vae-mixture": "ordinary VAE, mixture of 30 as prior",
}


def page(records):
    """Markdown with a table for each section that has results."""
    groups = {}
    for record in sorted(records, key=lambda record: record["job"]["seed"]):
        groups.setdefault(record["job"]["section"], []).append(record)
    parts = [_INTRODUCTION]
    if "line" in groups:
        parts += [_LINE, _line(groups["line"])]
    if "plane" in groups:
        parts += [_PLANE, _plane(groups["plane"])]
    if "proportions" in groups:
        parts += [_PROPORTIONS, _proportions(groups["proportions"])]
    return "\n\n".join(parts) + "\n"


_INTRODUCTION = """# Clusters that do not fail: how strength, width and schedule were chosen

All figures are of validation data, which no model saw in training. No test image was read. Made by
`python -m benchmarks.clusters`; each training is in `benchmarks/results/clusters.json`."""

_LINE = """## Digits in one latent

Networks and schedule are those of the presets `mnist01-vae` and `mnist01-clusters`, 20 epochs. K = 2
is MNIST-01. For K > 2 the data are 8,000 images of the digits 0 to K-1.

- *Uncertain*: of 10,000 samples, those to which a classifier gives no digit 0.8.
- *log p(x)*: exact, by quadrature over y, in nats.
- *Cost*: log p(x) of the ordinary VAE of the same seed, less that of this model: the mean, and in
  brackets the largest.
- *Digits apart*: digits that have a part of their own, from the worst seed to the best.
- *Failed*: more than 0.5% uncertain, for K = 2."""

_PLANE = """## Five clusters in the plane

Networks and schedule are those of the preset `clusters5`, one training a seed.

- *Off the data*: samples further than 0.1 from 50,000 points of the data.
- *Cost*: log p(x) of the data's own density, less that of the model, in nats: the mean.
- *Clusters apart*: clusters that have a part of their own, from the worst seed to the best.
- *Scale*: the learned scale of the likelihood. The noise of the data is 0.1.
- *Rays turn*: the strength is 0 at first. At a quarter of the epochs the rays turn once, to where the
  fewest codes lie. Then the strength rises."""

_PROPORTIONS = """## Learned proportions

6,000 images of 0s and 1s, one latent. The rarer digit is 0 for even seeds and 1 for odd ones.

- *Learned*: the proportion of the prior's mass in the rarer digit's part.
- *Right side*: images in their own digit's part.
- *Sharpness*: `metrics.boundary_sharpness`, which takes no label."""


def _settings(recipe):
    if recipe is None:
        return "", "", ""
    strength, width, span = recipe[:3]
    rises = f"rises, {100 * span[0]:.0f} to {100 * span[1]:.0f}%" if span else "from the start"
    if len(recipe) > 3 and recipe[3]:
        rises = f"{rises}; width narrows to 70%" if span else "width narrows to 70%"
    if len(recipe) > 3 and recipe[4]:
        rises += "; rays turn"
    return f"{strength:g}", f"{width:g}", rises


def _seeds(records):
    seeds = sorted(record["job"]["seed"] for record in records)
    whole = len(seeds) > 1 and seeds == list(range(seeds[0], seeds[-1] + 1))
    return f"{seeds[0]}-{seeds[-1]}" if whole else ", ".join(map(str, seeds))


def _get(records, key):
    return np.array([record["result"].get(key, np.nan) for record in records], dtype="float64")


def _span(values, digits):
    low, high = f"{min(values):.{digits}f}", f"{max(values):.{digits}f}"
    return low if low == high else f"{low} to {high}"


def _line(records):
    header = ["K", "model", "strength", "width", "gap", "seeds", "uncertain %", "log p(x)", "cost",
              "digits apart", "failed"]  # fmt: skip
    rows = []
    for k in sorted({record["job"]["num_clusters"] for record in records}):
        of_k = [record for record in records if record["job"]["num_clusters"] == k]
        ordinary = {
            r["job"]["seed"]: r["result"]["log_p"] for r in of_k if r["job"]["recipe"] == "vae"
        }
        for name, recipe in line.RECIPES.items():
            own = [record for record in of_k if record["job"]["recipe"] == name]
            if not own:
                continue
            uncertain = 100 * _get(own, "uncertain")
            costs = [
                ordinary[r["job"]["seed"]] - r["result"]["log_p"]
                for r in own
                if r["job"]["seed"] in ordinary
            ]
            cost = f"{np.mean(costs):.2f} ({max(costs):.2f})" if costs and name != "vae" else ""
            apart = _get(own, "digits")
            rows.append(
                [
                    str(k),
                    WORDS.get(name, _mixture(name)),
                    *_settings(recipe),
                    _seeds(own),
                    _span(uncertain, 2),
                    f"{_get(own, 'log_p').mean():.1f}",
                    cost,
                    "" if np.isnan(apart).any() else f"{_span(apart, 0)} of {k}",
                    f"{np.sum(uncertain > 0.5)} of {len(own)}" if k == 2 else "",
                ]
            )
    return table(header, rows)


def _mixture(name):
    return "Clusters, mixture of 30 as prior" if name.endswith("mixture") else "Clusters"


def _plane(records):
    header = ["model", "strength", "schedule", "seeds", "off the data %", "under 1%", "cost",
              "clusters apart", "scale"]  # fmt: skip
    rows = []
    for name, recipe in plane.RECIPES.items():
        own = [record for record in records if record["job"]["recipe"] == name]
        if not own:
            continue
        off, apart = 100 * _get(own, "off"), _get(own, "clusters")
        strength, _, schedule = _settings(recipe)
        rows.append(
            [
                WORDS.get(name, "Clusters"),
                strength,
                schedule,
                _seeds(own),
                _span(off, 2),
                f"{np.sum(off < 1)} of {len(own)}",
                f"{(_get(own, 'log_p_data') - _get(own, 'log_p')).mean():.3f}",
                "" if np.isnan(apart).any() else f"{_span(apart, 0)} of 5",
                _span(_get(own, "scale"), 3),
            ]
        )
    return table(header, rows)


def _proportions(records):
    header = ["true", "strength", "boundary search", "start", "seeds", "learned", "within 0.03",
              "right side %"]  # fmt: skip
    rows = []
    for true in sorted({record["job"]["proportion"] for record in records}, reverse=True):
        for name, (recipe, searched) in proportions.RECIPES.items():
            runs = {}
            for record in records:
                if record["job"]["recipe"] == name and record["job"]["proportion"] == true:
                    runs.setdefault(record["job"]["seed"], []).append(record)
            for start, own in _starts(runs).items():
                learned = _get(own, "learned")
                hits = np.sum(np.abs(learned - _get(own, "true")) < 0.03)
                rows.append(
                    [
                        f"{true:g}",
                        f"{line.RECIPES[recipe][0]:g}",
                        "yes" if searched else "no",
                        start,
                        _seeds(own),
                        _span(learned, 3),
                        f"{hits} of {len(own)}",
                        _span(100 * _get(own, "agreement"), 1),
                    ]
                )
    return table(header, rows)


def _starts(runs):
    """The runs of each seed that count: the first start, and the best of several by two criteria."""
    if not runs:
        return {}
    found = {"first": [min(own, key=lambda run: run["job"]["start"]) for own in runs.values()]}
    several = [own for own in runs.values() if len(own) > 1]
    if several:
        for words, key in (("sharpness", "sharpness"), ("ELBO", "elbo")):
            best = [max(own, key=lambda run: run["result"][key]) for own in several]
            found[f"best of {len(several[0])} by {words}"] = best
    return found
