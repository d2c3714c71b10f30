"""The page's part on claim 6: tables, the map of advantages, and the verdict from the numbers."""

from benchmarks.claims import figures
from benchmarks.claims.report import cell, mean_ci, table
from benchmarks.claims.sparsity import codes
from intelvae_keras import plots

SPARSE = {"sparse": "γ = {}", "threshold": "threshold {}"}  # the models that the claim is about
OTHERS = {"penalty": "penalty {}"}
# What is compared: all latents of both models, or the live ones of both.
ALL, ALONE = "all latents", "live latents"
COLUMNS = [
    *(("few_labels", i, f"{count:,} labels") for i, count in enumerate(codes.LABELS)),
    *(("pixel_noise", i, f"noise {level:g}") for i, level in enumerate(codes.NOISE)),
    *(("dropped", i, f"{fraction:.0%} dropped") for i, fraction in enumerate(codes.DROPPED)),
]


def section(runs, images):
    """The tables, the map of advantages, the verdict; runs: {(model, gamma, beta): {seed: result}}."""
    title = "### Claim 6: what sparse codes buy"
    if not all("live" in result for by_seed in runs.values() for result in by_seed.values()):
        return f"{title}\n\nThese runs lack the control, the live latents alone: `make claims` measures it."
    rows = [key for key in runs if key[0] in SPARSE and ("ordinary", 0, key[2]) in runs]
    maps = {
        (latents, kind): [[_gain(runs, key, latents, kind, c) for c in COLUMNS] for key in rows]
        for latents in (ALL, ALONE)
        for kind in codes.CLASSIFIERS
    }
    _figure(maps, rows).savefig(images / "sparse-codes.png", dpi=100)
    parts = [
        title,
        "**The claim.** Sparse codes serve later tasks better: they need fewer labels, and stand noise "
        "in the data and the loss of dimensions.",
        "The models of claim 5. The numbers are the test accuracy, in %, of simple classifiers of the codes:",
        f"- *labels*: trained on so many codes with their labels, mean of {codes.DRAWS} draws of labels;\n"
        f"- *noise*: trained on {codes.LABELS[-1]:,} clean codes, tested with Gaussian noise of that "
        "standard deviation in the pixels, clipped to [0, 1];\n"
        "- *dropped*: the same, tested with that part of each code set to 0 at random.",
        f"**The control.** *{ALONE.capitalize()}*: the same classifiers, on those latents alone whose KL to "
        f"the prior is at least {codes.LIVE:g} nats, in the mean of the validation images. No label is "
        "used. A dead latent is noise to a classifier. So a gain that is left when both models lose theirs "
        "comes from sparsity.",
    ]
    for latents, kind in maps:
        name = f"{codes.CLASSIFIERS[kind].capitalize()}, {latents}"
        parts.append(_table(runs, latents, kind, name))
    parts += [
        "![Accuracy of sparse codes less that of ordinary ones](images/results/sparse-codes.png)",
        f"**Verdict on claim 6: {verdict(maps, rows, _control(runs))}",
    ]
    return "\n\n".join(parts)


def _accuracy(result, latents, kind, column):
    measure, index, _ = column
    return (result["live"] if latents == ALONE else result)[measure][kind][index]


def _gain(runs, key, latents, kind, column):
    """Points of accuracy more than the ordinary VAE of the same beta, one for each seed."""
    ordinary = runs["ordinary", 0, key[2]]
    return [
        100
        * (
            _accuracy(result, latents, kind, column)
            - _accuracy(ordinary[seed], latents, kind, column)
        )
        for seed, result in runs[key].items()
        if seed in ordinary
    ]


def _control(runs):
    """Points that the ordinary VAE gains by its live latents alone, at the fewest labels, for each seed."""
    place = (next(iter(codes.CLASSIFIERS)), COLUMNS[0])
    return [
        100 * (_accuracy(result, ALONE, *place) - _accuracy(result, ALL, *place))
        for result in runs["ordinary", 0, 1].values()
    ]


def _clear(gains):
    """1 or -1 where the 95% interval excludes 0, else 0, as for a single seed."""
    if len(gains) < 2:
        return 0
    mean, half = mean_ci(gains)
    return (mean > half) - (mean < -half)


def _name(key):
    model, gamma, beta = key
    name = (SPARSE | OTHERS).get(model, model).format(gamma)
    return name + (f", β = {beta}" if beta != 1 else "")


def _table(runs, latents, kind, name):
    rows = []
    for key, by_seed in runs.items():
        found = [
            cell([_accuracy(r, latents, kind, c) for r in by_seed.values()], 1, percent=True)
            for c in COLUMNS
        ]
        if latents == ALONE:
            found.insert(0, cell([r["live"]["latents"] for r in by_seed.values()], 1))
        rows.append([_name(key), *found])
    header = [name, *(["live"] if latents == ALONE else []), *(text for _, _, text in COLUMNS)]
    return table(header, rows)


def _figure(maps, rows):
    """One map for each kind of latents and each classifier, all with one scale of colours."""
    figure = plots.Picture((10.5, 1.6 + 1.1 * len(rows)))
    means = {
        name: [[mean_ci(gains)[0] for gains in row] for row in cells]
        for name, cells in maps.items()
    }
    largest = max(abs(mean) for cells in means.values() for row in cells for mean in row)
    panels = figure.subplots(2, len(maps) // 2, sharex=True, sharey=True)
    for ax, ((latents, kind), cells) in zip(panels.flat, maps.items(), strict=True):
        figures.difference_map(
            means[latents, kind],
            [[_clear(gains) != 0 for gains in row] for row in cells],
            [_name(key) for key in rows],
            [name for _, _, name in COLUMNS],
            title=f"{codes.CLASSIFIERS[kind].capitalize()}, {latents} of both models",
            ax=ax,
            largest=largest,
        )
    figures.colour_key(figure, panels, "points more than the ordinary VAE")
    return figure


def verdict(maps, rows, control):
    """The verdict's word, decided by the live latents, and the sentences with its figures.

    Args:
        maps: {(latents, classifier): gains over the seeds, by rows and `COLUMNS`}.
        rows: The sparse models' keys.
        control: The ordinary VAE's gain from its live latents alone, one for each seed.
    """
    every = {latents: _places(maps, rows, latents) for latents in (ALL, ALONE)}
    alone = every[ALONE]
    if max(len(gains) for _, gains in alone) < 2:
        return "none from a single seed.**"
    better, worse = (
        {
            latents: [(name, mean_ci(gains)[0]) for name, gains in places if _clear(gains) == sign]
            for latents, places in every.items()
        }
        for sign in (1, -1)
    )
    by_chance = 0.025 * len(alone)
    counts = (
        f"Of {len(alone)} comparisons with the ordinary VAE of the same beta, {len(better[ALONE])} are "
        f"better and {len(worse[ALONE])} worse beyond the 95% interval, each by its live latents alone (by "
        f"all latents: {len(better[ALL])} and {len(worse[ALL])}). Chance alone would give about "
        f"{by_chance:.0f} of each: the comparisons are not independent, and not corrected for their number. "
        f"The ordinary VAE itself gains {cell(control, 1)} points at {COLUMNS[0][2]} "
        f"({next(iter(codes.CLASSIFIERS.values()))}) if only its live latents are read."
    )
    if len(better[ALONE]) <= 2 * by_chance:
        word = "does not hold"
        why = "With the control, there is no advantage beyond chance: no difference seen."
    else:
        most = len(better[ALONE]) > len(alone) / 2
        word = "holds" if most and len(worse[ALONE]) <= by_chance else "holds in part"
        largest = sorted(better[ALONE], key=lambda place: -place[1])[:5]
        why = f"The largest gains: {'; '.join(f'{name} (+{gain:.1f} points)' for name, gain in largest)}."
    return f"{word}.** {counts} {why}"


def _places(maps, rows, latents):
    return [
        (f"{_name(key)}, {codes.CLASSIFIERS[kind]}, {column[2]}", gains)
        for kind in codes.CLASSIFIERS
        for key, row in zip(rows, maps[latents, kind], strict=True)
        for column, gains in zip(COLUMNS, row, strict=True)
    ]
