"""Claim 6: what sparse codes buy, read off the models of claim 5 by simple classifiers."""

from benchmarks.claims import figures
from benchmarks.claims.report import cell, mean_ci, table
from intelvae_keras import metrics, plots

CLASSIFIERS = {"logistic": "logistic regression", "tree": "decision tree"}
LABELS = (50, 100, 500, 5_000)
NOISE = (0.1, 0.2, 0.3)
DROPPED = (0.1, 0.25, 0.5)
DRAWS = 5


def measure(vae, data, seed):
    """The accuracy from few labels, under noise in the pixels, and without some dimensions.

    The last two are of a probe that was trained on the clean codes of the most labels.
    """
    z_train, z_test = vae.encode(data.x_train), vae.encode(data.x_test)
    few, noise, dropped = {}, {}, {}
    for kind in CLASSIFIERS:
        few[kind] = [
            metrics.linear_probe(
                z_train, data.y_train, z_test, data.y_test, count, kind, DRAWS, seed
            ).accuracy
            for count in LABELS
        ]
        most = slice(LABELS[-1])
        probe = metrics.train_probe(z_train[most], data.y_train[most], kind, seed, z_train)
        noise[kind] = metrics.noise_robustness(
            vae, data.x_test, data.y_test, probe, NOISE, seed
        ).tolist()
        dropped[kind] = metrics.dropout_robustness(
            z_test, data.y_test, probe, DROPPED, seed=seed
        ).tolist()
    return {"few_labels": few, "pixel_noise": noise, "dropped": dropped}


COLUMNS = [
    *(("few_labels", i, f"{count:,} labels") for i, count in enumerate(LABELS)),
    *(("pixel_noise", i, f"noise {level:g}") for i, level in enumerate(NOISE)),
    *(("dropped", i, f"{fraction:.0%} dropped") for i, fraction in enumerate(DROPPED)),
]


# ---------------------------------------------------------------------- the page


def section(runs, images):
    """The tables, the map of advantages, the verdict; runs: {(model, gamma, beta): {seed: result}}."""
    rows = [key for key in runs if key[0] == "sparse" and ("ordinary", 0, key[2]) in runs]
    maps = {
        kind: [[_gain(runs, key, kind, c) for c in COLUMNS] for key in rows] for kind in CLASSIFIERS
    }
    _figure(maps, rows).savefig(images / "sparse-codes.png", dpi=100)
    parts = [
        "### Claim 6: what sparse codes buy",
        "**The claim.** Sparse codes serve later tasks better: they need fewer labels, and stand noise "
        "in the data and the loss of dimensions.",
        "The models of claim 5. The numbers are the test accuracy, in %, of simple classifiers of the codes:",
        f"- *labels*: trained on so many codes with their labels, mean of {DRAWS} draws of the labels;\n"
        f"- *noise*: trained on {LABELS[-1]:,} clean codes, tested with Gaussian noise of that standard "
        "deviation in the pixels, clipped to [0, 1];\n"
        "- *dropped*: the same, tested with that part of each code set to 0 at random.",
    ]
    for kind, name in CLASSIFIERS.items():
        parts += [f"{name.capitalize()}:", _table(runs, kind)]
    parts += [
        "![Accuracy of sparse codes less that of ordinary ones](images/results/sparse-codes.png)",
        f"**Verdict on claim 6: {_verdict(maps, rows)}",
    ]
    return "\n\n".join(parts)


def _accuracy(result, kind, column):
    measure, index, _ = column
    return result[measure][kind][index]


def _gain(runs, key, kind, column):
    """Points of accuracy more than the ordinary VAE of the same beta, one for each seed."""
    ordinary = runs["ordinary", 0, key[2]]
    return [
        100 * (_accuracy(result, kind, column) - _accuracy(ordinary[seed], kind, column))
        for seed, result in runs[key].items()
        if seed in ordinary
    ]


def _clear(gains):
    """1 or -1 where the 95% interval excludes 0, else 0, as for a single seed."""
    if len(gains) < 2:
        return 0
    mean, half = mean_ci(gains)
    return (mean > half) - (mean < -half)


def _name(key):
    model, gamma, beta = key
    name = {"sparse": f"γ = {gamma}", "penalty": f"penalty {gamma}"}.get(model, model)
    return name + (f", β = {beta}" if beta != 1 else "")


def _table(runs, kind):
    rows = [
        [
            _name(key),
            *(
                cell([_accuracy(r, kind, c) for r in by_seed.values()], 1, percent=True)
                for c in COLUMNS
            ),
        ]
        for key, by_seed in runs.items()
    ]
    return table(["codes", *(name for _, _, name in COLUMNS)], rows)


def _figure(maps, rows):
    figure = plots.Picture((10, 1.1 + 0.6 * len(rows)))
    panels = figure.subplots(1, len(maps), sharey=True)
    for ax, (kind, cells) in zip(panels, maps.items(), strict=True):
        figures.difference_map(
            [[mean_ci(gains)[0] for gains in row] for row in cells],
            [[_clear(gains) != 0 for gains in row] for row in cells],
            [_name(key) for key in rows],
            [name for _, _, name in COLUMNS],
            title=f"{CLASSIFIERS[kind].capitalize()}: points more than the ordinary VAE",
            ax=ax,
        )
    return figure


def _verdict(maps, rows):
    places = [
        (f"{_name(key)}, {CLASSIFIERS[kind]}, {column[2]}", gains)
        for kind, cells in maps.items()
        for key, row in zip(rows, cells, strict=True)
        for column, gains in zip(COLUMNS, row, strict=True)
    ]
    if max(len(gains) for _, gains in places) < 2:
        return "none from a single seed.**"
    better = [(name, mean_ci(gains)[0]) for name, gains in places if _clear(gains) > 0]
    worse = sum(_clear(gains) < 0 for _, gains in places)
    by_chance = 0.025 * len(places)
    counts = (
        f"Of {len(places)} comparisons with the ordinary VAE of the same beta, {len(better)} are better and "
        f"{worse} worse beyond the 95% interval. Chance alone would give about {by_chance:.0f} of each: the "
        "comparisons are not independent, and not corrected for their number."
    )
    if len(better) <= 2 * by_chance:
        return f"does not hold.** {counts} There is no advantage beyond what chance gives."
    better.sort(key=lambda place: -place[1])
    largest = "; ".join(f"{name} (+{gain:.1f} points)" for name, gain in better[:5])
    word = "holds" if worse <= by_chance and len(better) > len(places) / 2 else "holds in part"
    return f"{word}.** {counts} The largest gains: {largest}."
