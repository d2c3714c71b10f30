"""The page of claims 1 and 2, with verdicts that are computed from the numbers."""

import math

import numpy as np

from benchmarks.claims import toy_measures
from benchmarks.claims.report import cell, mean_ci, table
from benchmarks.claims.toy_models import LEARNED, MAPPED, NAMES, ORDINARY
from intelvae_keras import plots

_WORDS = {
    "circle": "circle",
    "figure_eight": "figure eight",
    "star": "star",
    "clusters": "5 clusters",
    "two_rings": "two rings",
}
_MODAL = ("clusters", "two_rings")  # the toys with several modes
_PROPERTIES = {
    "circle": "on the unit circle",
    "figure_eight": "on the figure eight",
    "star": "on five rays",
    "clusters": "in one of 5 parts, apart by a gap",
    "two_rings": "on one of two circles",
}
NEAR = 0.1  # nats
_TOLERANCE = 0.01  # of a share: the least that counts as a failed run


class Runs:
    """The results of all jobs, by toy, model and seed: of the first start, and of the best one.

    The best start is the one with the highest ELBO on the training data.
    """

    def __init__(self, results):
        starts = {}
        for run in results:
            job = run["job"]
            starts.setdefault((job["toy"], job["model"], job["seed"]), []).append(run)
        self.of = {
            key: run for key, runs in starts.items() for run in runs if not run["job"]["start"]
        }
        self.best_of = {key: max(runs, key=_training_elbo) for key, runs in starts.items()}
        self.num_starts = max(map(len, starts.values()))
        self.restarted = {key[:2] for key, runs in starts.items() if len(runs) > 1}
        self.toys = [toy for toy in _WORDS if any(key[0] == toy for key in self.of)]
        self.models = [model for model in NAMES if any(key[1] == model for key in self.of)]
        self.learned = [model for model in LEARNED if model in self.models]
        self.mapped = [model for model in MAPPED if model in self.models]
        self.seeds = sorted({key[2] for key in self.of})
        self.steps = results[0]["job"]["steps"]

    def values(self, toy, model, key, best=False):
        """The values of a result over the seeds, of the first or the best start; NaN for a missing run."""
        found = ((self.best_of if best else self.of).get((toy, model, seed)) for seed in self.seeds)
        return np.array([math.nan if run is None else run["result"][key] for run in found])

    def failures(self, toy, model, best=False):
        """Runs of the model that collapsed, diverged, or stand out from its other seeds."""
        off, kl = (self.values(toy, model, key, best) for key in ("off", "kl"))
        stuck = off > max(3 * np.nanmedian(off), _TOLERANCE)
        lost = ~np.isfinite(self.values(toy, model, "log_p", best))
        return int(np.sum(stuck | (kl < 0.1) | lost))


def _training_elbo(run):
    elbo = run["result"]["elbo_train"]
    return elbo if math.isfinite(elbo) else -math.inf


def section(results, images, quick):
    """Markdown of both claims; writes the figure of the samples."""
    runs = Runs(results)
    _figure(runs).savefig(images / "toys.png")
    parts = [_setting(runs), _shape(runs), _costs(runs), _structure(runs)]
    if any(toy in runs.toys for toy in _MODAL):
        parts.append(_modes(runs))
    return "\n\n".join(parts)


def _setting(runs):
    return (
        f"Models of points of the plane with two latents, {runs.steps:,} steps of 256, "
        f"{_count(runs.seeds, 'seed')} (data and weights). All have the same networks (64-64 both ways), "
        "full posterior covariance, a Gaussian likelihood with one learned scale, and one schedule "
        "(Adam 3e-3 to 1e-4 by a cosine, KL warm-up over 40% of the steps); only the prior differs, or "
        "g: y/|y| for the circle, the lemniscate for the figure eight, five sectors pressed onto arms for "
        "the star, `Clusters(5)` with annealed width, and for two rings y/|y| behind a cut at the median of "
        "|y|. The star's and the clusters' g start smooth and sharpen over 70% of the steps. *InteL-VAE* has "
        "N(0, I) on y, as in the paper; *InteL-VAE, mixture of 30* has the same g, and on y the learned "
        "mixture of the model *mixture of 30*. The InteL-VAEs are told the topology, which the others "
        "must find, and had more attention: schedule, start, and the forms of g were chosen on "
        "validation data and the seeds 0 to 4, looking at InteL-VAE and at the ordinary VAE; the learned "
        "priors, that of the last model too, have the package's defaults. "
        f"{_starts(runs)}"
        "Samples are draws from p(x): the decoder's mean plus the likelihood's noise.\n\n"
        "![Samples of each model on each toy](images/results/toys.png)"
    )


def _starts(runs):
    """What the models with several starts had that the others had not."""
    if not runs.restarted:
        return ""
    return (
        f"On {_restarted_toys(runs)}, where a start may settle badly, the InteL-VAEs are trained from "
        f"{runs.num_starts} initial weights on the same data; *best of {runs.num_starts}* is the start "
        "with the highest ELBO on the training data, as `restarts.best_of` keeps it. (These toys were named "
        "after single starts had failed on them on this page's seeds.) All other rows, and "
        "all verdicts that do not say otherwise, are of one start a seed. "
    )


def _restarted_toys(runs):
    toys = {toy for toy, _ in runs.restarted}
    return " and ".join(_WORDS[toy] for toy in runs.toys if toy in toys)


def _shape(runs):
    header = [
        "toy", "model", "log p(x), nats", "off the data, %", "the same of E[x given z], %",
        "prior against codes, AUC", "MMD² × 1000",
    ]  # fmt: skip
    rows = []
    for toy in runs.toys:
        first = runs.models[0]
        rows.append(
            [
                f"**{_WORDS[toy]}**",
                "the data's own distribution",
                cell(runs.values(toy, first, "log_p_data"), 2),
                cell(runs.values(toy, first, "off_data"), 2, percent=True),
                "",
                "",
                "",
            ]  # fmt: skip
        )
        for model in runs.models:
            rows.append(["", model, *_shape_cells(runs, toy, model)])
            if (toy, model) in runs.restarted:
                name = f"the same, best of {runs.num_starts}"
                rows.append(["", name, *_shape_cells(runs, toy, model, best=True)])
    return (
        "### 1. Topology\n\n"
        "*The paper says:* a Gaussian prior gives samples that cannot have the data's holes and gaps; a "
        "mapping that has them built in repairs it; another prior is not enough.\n\n"
        f"{_statements(runs)}\n\n{_topology(runs)}\n\n{table(header, rows)}\n\n"
        "Off the data: further than 0.1 from each of 50,000 fresh points. AUC: how well boosted trees "
        "tell draws of p(y) from codes y of data; 0.5 where the prior is matched."
    )


def _shape_cells(runs, toy, model, best=False):
    return [
        cell(runs.values(toy, model, "log_p", best), 2),
        cell(runs.values(toy, model, "off", best), 2, percent=True),
        cell(runs.values(toy, model, "off_means", best), 2, percent=True),
        cell(runs.values(toy, model, "auc", best), 3),
        cell(1000 * runs.values(toy, model, "mmd", best), 1),
    ]


def _statements(runs):
    lines = []
    for own in runs.mapped:
        lines += [
            _verdict(
                f"{own} has fewer samples off the data than the ordinary VAE",
                {toy: _paired(runs, toy, "off", own, [ORDINARY], sign=-1) for toy in runs.toys},
            ),
            _verdict(
                f"{own} has a higher log p(x) than the ordinary VAE",
                {toy: _paired(runs, toy, "log_p", own, [ORDINARY], sign=1) for toy in runs.toys},
            ),
        ]
        if runs.learned:
            lines += [
                _verdict(
                    f"{own} has fewer samples off the data than each learned prior without g",
                    {toy: _paired(runs, toy, "off", own, runs.learned, -1) for toy in runs.toys},
                ),
                _verdict(
                    f"{own} has a higher log p(x) than each learned prior without g",
                    {toy: _paired(runs, toy, "log_p", own, runs.learned, 1) for toy in runs.toys},
                ),
            ]
        for best in (False, True) if runs.restarted else (False,):
            if runs.learned:
                lines.append(_nearness(runs, own, best))
            if "clusters" in runs.toys:
                lines.append(_off_clusters(runs, own, best))
    return "\n".join(lines)


def _topology(runs):
    """The claim in one sentence a model."""
    lines = []
    for own in runs.mapped:
        off = [_paired(runs, toy, "off", own, [ORDINARY], -1) for toy in runs.toys]
        log_p = [_paired(runs, toy, "log_p", own, [ORDINARY], 1) for toy in runs.toys]
        if None in off:
            lines.append(f"**Verdict on {own}, topology: none from one seed.**")
            continue
        text = (
            f"Fewer samples off the data than the ordinary VAE on {_of(off)} toys, a higher log p(x) on "
            f"{_of(log_p)}"
        )
        enough = []
        if runs.learned:
            enough = [_paired(runs, toy, "off", own, runs.learned, -1) for toy in runs.toys]
            text += (
                f"; fewer off the data than every learned prior on {_of(enough)}, within {NEAR} nat of "
                f"the best of them on {_of(_near(_gaps(runs, own)))}"
            )
            if runs.restarted:
                near = _of(_near(_gaps(runs, own, best=True)))
                text += f" ({near} with the best of {runs.num_starts} starts)"
        lines.append(f"**Verdict on {own}, topology: {_word(off, enough)}.** {text}.")
    return "\n\n".join(lines)


def _of(outcomes):
    return f"{sum(outcome == 1 for outcome in outcomes)} of {len(outcomes)}"


def _word(repairs, enough):
    """What the paper says has two halves: g repairs the ordinary VAE, and another prior would not do."""
    if all(outcome == 1 for outcome in [*repairs, *enough]):
        return "holds"
    return "holds in part" if 1 in repairs else "does not hold"


def _off_clusters(runs, own, best=False):
    """The share off the data on 5 clusters, against the aim of 1% in every seed."""
    worst = runs.values("clusters", own, "off", best).max()
    return (
        f"- Aim: {_named(runs, own, best)} under 1% off the data on 5 clusters in every seed: "
        f"**{_reached(runs, worst < 0.01)}** (worst seed {100 * worst:.1f}%)."
    )


def _named(runs, own, best):
    return f"{own}, best of {runs.num_starts}," if best else own


def _reached(runs, whether):
    if len(runs.seeds) < 2:
        return "no verdict from one seed"
    return "reached" if whether else "not reached"


def _paired(runs, toy, key, own, rivals, sign):
    """1 if the model is better than all rivals, -1 if worse than one, 0 if the seeds leave it open.

    By the 95% interval of the difference over the seeds, which have the same data.
    """
    values = runs.values(toy, own, key)
    outcomes = [_sign(sign * (values - runs.values(toy, rival, key))) for rival in rivals]
    return None if None in outcomes else min(outcomes)


def _sign(differences):
    """1 or -1 if the 95% interval of the mean difference excludes 0, else 0; None for one seed."""
    mean, half_width = mean_ci(differences)
    if len(differences) < 2:
        return None
    return int(np.sign(mean)) if abs(mean) > half_width else 0


def _verdict(statement, outcomes):
    """A line with the verdict, and the toys for which it holds."""
    by_outcome = {
        value: [_WORDS[toy] for toy, outcome in outcomes.items() if outcome == value]
        for value in (1, 0, -1)
    }
    if None in outcomes.values():
        return f"- {statement}: no verdict from one seed."
    if len(by_outcome[1]) == len(outcomes):
        return f"- {statement}: **holds** (on every toy)."
    word = "in part" if by_outcome[1] else "does not hold"
    details = [
        f"{name} on {', '.join(toys)}"
        for name, toys in zip(
            ("yes", "undecided", "the opposite"), by_outcome.values(), strict=True
        )
        if toys
    ]
    return f"- {statement}: **{word}** ({'; '.join(details)})."


def _nearness(runs, own, best=False):
    """How far a model is below the best learned prior, against the aim."""
    gaps = _gaps(runs, own, best)
    reached = _reached(runs, all(_near(gaps)))
    listed = ", ".join(f"{_WORDS[toy]} {cell(gap, 2)}" for toy, gap in gaps.items())
    return (
        f"- Aim: {_named(runs, own, best)} within {NEAR} nat of the best learned prior without g on "
        f"every toy: **{reached}** (nats below it: {listed})."
    )


def _near(gaps):
    """For each toy, 1 if the model is as near to the best learned prior as the aim says, else 0."""
    return [int(gap.mean() <= NEAR) for gap in gaps.values()]


def _gaps(runs, own, best=False):
    """{toy: nats of log p(x) by which each seed is below the best learned prior without g}."""
    gaps = {}
    for toy in runs.toys:
        rival = max(runs.learned, key=lambda model: runs.values(toy, model, "log_p").mean())
        gaps[toy] = runs.values(toy, rival, "log_p") - runs.values(toy, own, "log_p", best)
    return gaps


def _costs(runs):
    rows = []
    for model in runs.models:
        seconds = [runs.values(toy, model, "seconds") for toy in runs.toys]
        failed = sum(runs.failures(toy, model) for toy in runs.toys)
        count = len(runs.toys) * len(runs.seeds)
        rows.append([model, f"{np.nanmedian(seconds):.0f}", f"{failed} of {count}"])
        restarted = [toy for toy in runs.toys if (toy, model) in runs.restarted]
        if restarted:
            there = [runs.values(toy, model, "seconds") for toy in restarted]
            failed = sum(runs.failures(toy, model, best=True) for toy in runs.toys)
            name = f"the same, best of {runs.num_starts} on {_restarted_toys(runs)}"
            in_all = f"{runs.num_starts} × {np.nanmedian(there):.0f} there"
            rows.append([name, in_all, f"{failed} of {count}"])
    return (
        "What it costs: "
        "\n\n"
        + table(["model", "training, s (median)", "failed runs"], rows)
        + "\n\nFailed: KL below 0.1 nat, log p(x) not finite, or more than three times the share off the "
        "data of the model's median seed (and over 1%). Seconds are of one thread beside another one, "
        "tracing included."
    )


def _structure(runs):
    header = ["share of codes z, %", *(f"{_WORDS[toy]}: {_PROPERTIES[toy]}" for toy in runs.toys)]
    rows = [
        [model, *(cell(runs.values(toy, model, "property"), 1, percent=True) for toy in runs.toys)]
        for model in runs.models
    ]
    lowest = min(runs.values(t, m, "property").min() for t in runs.toys for m in runs.mapped)
    others = [model for model in runs.models if model not in MAPPED]
    best = max(runs.values(toy, model, "property").max() for toy in runs.toys for model in others)
    return (
        "**What a prior cannot give.** A property that g builds in belongs to every code, of any data, "
        "trained or not (but for codes in the thin steep zones at a cut: clusters, two rings); under a "
        "prior codes may or may not have it. That this is so for the InteL-VAEs is by construction, not "
        "a finding; the finding is what the others have. Lowest seed of the "
        f"InteL-VAEs {100 * lowest:.1f}%, highest of any other {100 * best:.1f}%.\n\n"
        f"{table(header, rows)}\n\n"
        "Codes are draws of q(y given x) for fresh data, mapped by g. On a shape: within 0.001 of it, "
        "codes of all models scaled and, for the clusters, turned as suits each best. In a part: more "
        "than half as far from the nearest of five boundaries as the middle of a part is. Without g, "
        "codes cannot lie "
        "on a curve, since q has a density in the plane: the numbers say what a decoder may rely on, not "
        "that codes are useless."
    )


def _modes(runs):
    toys = [toy for toy in _MODAL if toy in runs.toys]
    header = ["between the modes, %"]
    header += [f"{_WORDS[toy]}{kind}" for toy in toys for kind in ("", ", of E[x given z]")]
    first = runs.models[0]
    own = [(cell(runs.values(toy, first, "between_data"), 2, percent=True), "") for toy in toys]
    rows = [["the data's own distribution", *(text for pair in own for text in pair)]]
    for model in runs.models:
        keys = [(toy, key) for toy in toys for key in ("between", "between_means")]
        rows.append([model, *(cell(runs.values(t, model, k), 2, percent=True) for t, k in keys)])
    lines = [
        _verdict(
            "The ordinary VAE has mass between the modes that the data do not have",
            {toy: _excess(runs, toy) for toy in toys},
        ),
    ]
    verdicts = []
    for own in runs.mapped:
        less = {toy: _paired(runs, toy, "between", own, [ORDINARY], sign=-1) for toy in toys}
        lines.append(_verdict(f"{own} has less of it than the ordinary VAE", less))
        enough = {}
        if runs.learned:
            enough = {toy: _paired(runs, toy, "between", own, runs.learned, -1) for toy in toys}
            lines.append(
                _verdict(f"{own} has less of it than each learned prior without g", enough)
            )
        verdicts.append(_bridges(own, list(less.values()), list(enough.values())))
    return (
        "### 2. A multimodal generator\n\n"
        "*The paper says:* the ordinary VAE's samples bridge the modes, those of a mapping with gaps "
        "do not.\n\n"
        + "\n".join(lines)
        + "\n\n"
        + "\n\n".join([*verdicts, table(header, rows)])
        + "\n\n"
        "Between the modes: three standard deviations of the data's noise off every mode (clusters: off "
        "every centre, within the disc that holds them; rings: between the two)."
    )


def _bridges(own, less, enough):
    """The claim in one sentence."""
    if None in less:
        return f"**Verdict on {own}, modes: none from one seed.**"
    text = f"Less mass between the modes than the ordinary VAE on {_of(less)} toys"
    if enough:
        text += f", less than every learned prior on {_of(enough)}"
    return f"**Verdict on {own}, modes: {_word(less, enough)}.** {text}."


def _excess(runs, toy):
    own = runs.values(toy, ORDINARY, "between_data")
    return _sign(runs.values(toy, ORDINARY, "between") - own)


def _figure(runs):
    """Samples of the first seed; those off the data are known from the distance to the shape."""
    panels, wrong, notes = [], [], []
    for toy in runs.toys:
        found = [runs.of.get((toy, model, runs.seeds[0])) for model in runs.models]
        points = [None if run is None else np.array(run["result"]["samples"]) for run in found]
        panels.append(points)
        wrong.append([None if p is None else toy_measures.far_from_shape(toy, p) for p in points])
        notes.append(
            [None if run is None else f"{100 * run['result']['off']:.1f}% off" for run in found]
        )
    return plots.point_panels(
        panels,
        rows=[_WORDS[toy] for toy in runs.toys],
        columns=[model.replace(", ", ",\n") for model in runs.models],
        wrong=wrong,
        wrong_name="further from the shape than 3 standard deviations of the data's noise + 0.1",
        notes=notes,
    )


def _count(things, word):
    return f"{len(things)} {word}{'' if len(things) == 1 else 's'}"
