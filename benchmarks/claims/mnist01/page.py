"""The page's part on MNIST-01 in one latent: table, figures, and a verdict from the numbers."""

import math

import numpy as np

from benchmarks.claims import figures
from benchmarks.claims.report import cell, draw, mean_ci, slug, table

NAMES = {
    "ordinary": "Ordinary VAE",
    "mixture": "GaussianMixture(30)",
    "vamp": "VampPrior(30)",
    "flow": "Flow",
    "intel": "InteL-VAE, Clusters(2)",
    "intel_mixture": "InteL-VAE, Clusters(2), GaussianMixture(30)",
}
TUNING = slug("The tuning budget of each model")
LEARNED, MAPPED = ("mixture", "vamp", "flow"), ("intel", "intel_mixture")
COLLAPSED, LEAST = 1.0, 0.25  # nats; fraction of samples


def section(results, images, quick):
    """Markdown with the claims, the table, two figures and the verdicts."""
    runs = {}
    for entry in sorted(results, key=lambda entry: entry["job"]["seed"]):
        runs.setdefault(entry["job"]["model"], []).append(entry)
    runs = {model: runs[model] for model in NAMES if model in runs}
    seeds = sorted({entry["job"]["seed"] for entry in results})
    draw(lambda: _scatter(runs), images / "mnist01-tradeoff.png", dpi=110)
    draw(lambda: _rows(runs), images / "mnist01-sweep.png", dpi=110)
    minutes = sum(entry["minutes"] for entry in results)
    return "\n\n".join(
        [
            "What the paper says: with one latent, a VAE with N(0, I) bridges the digits 0 "
            "and 1 by images that are neither; another prior does not help enough; the clustering "
            "mapping separates them.",
            _setting(runs, seeds, results, minutes),
            _table(runs),
            _each_seed(runs, seeds),
            "![Uncertain samples against log p(x)](images/results/mnist01-tradeoff.png)",
            f"![Decoded quantiles of each prior, seed {seeds[0]}](images/results/mnist01-sweep.png)",
            _verdicts(runs),
        ]
    )


def _setting(runs, seeds, results, minutes):
    job = results[0]["job"]
    rows = [
        ["data", "all 0s and 1s of MNIST; figures of the test images"],
        ["seeds", f"{seeds[0]} to {seeds[-1]}"],
        ["training", f"{job['epochs']} epochs; networks and schedule of the presets `mnist01-...`"],
        ["first biases, learning rate", f"[tuned with one budget](#{TUNING})"],
        ["`Clusters(2)`", "the preset's: strength 0.5, width 0.005, opens until 70% of the epochs"],
        ["beside the mixture", "a wider gap: strength 3, width 0.01, opens until 30%"],
        ["uncertain", "of 10,000 samples, those to which a classifier gives neither digit 0.8"],
        ["between modes", "the prior's mass whose decoding is uncertain, by 10,000 quantiles"],
        ["log p(x)", f"importance-weighted bound of {job['likelihood_samples']} samples"],
        ["failed", f"not finite, KL under {COLLAPSED:g} nat, or a digit in under {LEAST:.0%} of samples"],
        ["computing", f"{minutes:.0f} minutes"],
    ]  # fmt: skip
    return table(["what", "how"], rows)


def _each_seed(runs, seeds):
    rows = []
    for model, entries in runs.items():
        by_seed = {entry["job"]["seed"]: entry["result"]["uncertain"] for entry in entries}
        rows.append([NAMES[model], *(f"{100 * by_seed.get(s, math.nan):.2f}" for s in seeds)])
    return table(["uncertain samples, %", *(f"seed {seed}" for seed in seeds)], rows)


def _get(entries, key):
    return [entry["result"].get(key, math.nan) for entry in entries]


def failed(result):
    """Whether a run is of no use: see the text of the section."""
    numbers = [result[key] for key in ("log_p", "uncertain", "between")]
    one_digit = not LEAST <= result["ones"] <= 1 - LEAST
    return not np.isfinite(numbers).all() or result["kl"] < COLLAPSED or one_digit


def _table(runs):
    header = [
        "model",
        "uncertain %",
        "between modes %",
        "log p(x), nats",
        "KL, nats",
        "s",
        "failed",
    ]
    real = next(iter(runs.values()))[0]["result"]["uncertain_test"]
    rows = [["the real test images", f"{100 * real:.2f}", *[""] * (len(header) - 2)]]
    for model, entries in runs.items():
        failures = sum(failed(entry["result"]) for entry in entries)
        rows.append(
            [
                NAMES[model],
                cell(_get(entries, "uncertain"), 2, percent=True),
                cell(_get(entries, "between"), 2, percent=True),
                cell(_get(entries, "log_p"), 1),
                cell(_get(entries, "kl"), 2),
                f"{np.mean(_get(entries, 'seconds')):.0f}",
                f"{failures} of {len(entries)}",
            ]
        )
    return table(header, rows)


def _scatter(runs):
    curves = {
        NAMES[model]: [
            (
                None,
                [100 * fraction for fraction in _get(entries, "between")],
                _get(entries, "log_p"),
            )
        ]
        for model, entries in runs.items()
    }
    return figures.tradeoff(
        curves,
        "prior mass between the modes, % (left: better)",
        "test log p(x), nats (higher: better)",
    )


def _rows(runs):
    rows = {
        NAMES[model]: np.array(entries[0]["result"]["shown"], "uint8")
        for model, entries in runs.items()
    }
    count = len(next(iter(rows.values())))
    columns = [f"{100 * (index + 0.5) / count:.0f}" for index in range(count)]
    title = "Decoded at quantiles of each model's prior"
    return figures.image_rows(rows, title, columns, "quantile of the prior, %")


# ---------------------------------------------------------------------- the verdicts


def difference(runs, own, other, key):
    """Mean of one model minus another, paired by seed, and the half width of its interval."""
    theirs = {entry["job"]["seed"]: entry["result"][key] for entry in runs[other]}
    pairs = [
        entry["result"][key] - theirs[entry["job"]["seed"]]
        for entry in runs[own]
        if entry["job"]["seed"] in theirs
    ]
    return mean_ci(pairs)


def word(mean, half_width, lower_is_better):
    """What an interval of one model minus another says of the first."""
    if math.isnan(half_width):
        return "undecided (one seed)"
    if abs(mean) <= half_width:
        return "no difference seen"
    return "better" if (mean < 0) == lower_is_better else "worse"


def _verdicts(runs):
    mapped = [model for model in MAPPED if model in runs]
    if not mapped or "ordinary" not in runs:
        return "No verdict: a model is missing."
    return "\n\n".join(part for own in mapped for part in _comparison(runs, own))


def _comparison(runs, own):
    rows = []
    for other in runs:
        if other == own:
            continue
        row = [NAMES[other]]
        for key, scale, digits, unit, lower in (
            ("uncertain", 100, 2, "points", True),
            ("between", 100, 2, "points", True),
            ("log_p", 1, 1, "nats", False),
        ):
            mean, half = difference(runs, own, other, key)
            mean, half = scale * mean, scale * half
            spread = "" if math.isnan(half) else f" ± {half:.{digits}f}"
            number = f"{mean:+.{digits}f}{spread} {unit}".replace("-", "−")
            row.append(f"{number}: {word(mean, half, lower)}")
        rows.append(row)
    title = f"{NAMES[own]} minus each other model, paired by seed:"
    return [
        title,
        table(["against", "uncertain", "between modes", "log p(x)"], rows),
        _claim(runs, own),
    ]


def _claim(runs, own):
    """The claims in words: each follows from the paired intervals."""

    def says(other, key, lower):
        return word(*difference(runs, own, other, key), lower)

    fewer = says("ordinary", "between", True)
    learned = [model for model in LEARNED if model in runs]
    beaten = [model for model in learned if says(model, "between", True) == "better"]
    if "one seed" in fewer:
        return f"**Verdict on {NAMES[own]}: none from one seed.**"
    ratio = np.mean(_get(runs["ordinary"], "between")) / max(
        np.mean(_get(runs[own], "between")), 1e-9
    )
    holds = fewer == "better"
    # The paper's second half: a learned prior is not enough.
    enough = (
        "holds" if holds and len(beaten) == len(learned) else "holds in part" if holds else None
    )
    against = ", ".join(NAMES[model] for model in beaten) or "none of the learned priors"
    mean, half = difference(runs, own, "ordinary", "log_p")
    cost = f"{mean:+.1f} ± {half:.1f} nats, {word(mean, half, False)}".replace("-", "−")
    best = max(runs, key=lambda model: np.mean(_get(runs[model], "log_p")))
    return (
        f"**Verdict on {NAMES[own]}: {enough or 'does not hold'}.** It has {ratio:.1f} times less mass "
        f"between the modes than the ordinary VAE, and less than {against} (of {len(learned)} tried). Its "
        f"log p(x) against the ordinary VAE's: {cost}. The best mean is that of {NAMES[best]}."
    )
