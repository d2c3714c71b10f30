"""The page of claims 1 and 2."""

import numpy as np

from benchmarks.claims import figures
from benchmarks.claims.report import cell, draw, slug, table
from benchmarks.claims.toys import measures, verdicts
from benchmarks.claims.toys.models import ORDINARY
from benchmarks.claims.toys.runs import WORDS, Runs

TUNING = slug("The tuning budget of each model")
_MODAL = ("clusters", "two_rings")  # the toys with several modes
_STRUCTURES = {
    "circle": "from a circle",
    "figure_eight": "from a figure eight",
    "star": "from five rays",
    "clusters": "% outside of 5 parts",
    "two_rings": "from two circles",
}


def section(results, images, quick):
    """Markdown of both claims; writes the figure of the samples."""
    runs = Runs(results)
    draw(lambda: _figure(runs), images / "toys.png")
    parts = [_setting(runs), _shape(runs), _costs(runs), _structure(runs)]
    if any(toy in runs.toys for toy in _MODAL):
        parts.append(_modes(runs))
    return "\n\n".join(parts)


def _setting(runs):
    rows = [
        ["models", "two latents; MLPs 64-64 both ways; full posterior covariance, first scale 0.1"],
        ["likelihood", "Gaussian, one learned scale"],
        ["training", f"{runs.steps:,} steps of 256; Adam, by a cosine down to 1e-4; KL warm-up over 40%"],
        ["first biases, learning rate", f"[tuned with one budget](#{TUNING})"],
        ["data", f"20,000 points for training, 4,000 for the test; {_count(runs.seeds, 'seed')}"],
        ["circle", "z = y/\\|y\\|"],
        ["figure eight", "the lemniscate"],
        ["star", "five sectors pressed onto arms, over 70% of the steps"],
        ["5 clusters", "`Clusters(5, strength=1.0, width=0.01)`; z = y until 25%, then the rays turn once"],
        ["two rings", "y/\\|y\\| behind a cut at the median of \\|y\\|"],
        ["*InteL-VAE*", "this g, and N(0, I) on y, as in the paper"],
        ["*InteL-VAE, mixture of 30*", "this g, and on y the learned mixture of the model *mixture of 30*"],
        ["samples", "draws from p(x): the decoder's mean plus the likelihood's noise"],
    ]  # fmt: skip
    return (
        f"{table(['what', 'how'], rows)}\n\n"
        "The InteL-VAEs are told the topology, which the others must find.\n\n"
        f"{_starts(runs)}"
        "![Samples of each model on each toy](images/results/toys.png)"
    )


def _starts(runs):
    """What the models with several starts had that the others had not."""
    if not runs.restarted:
        return ""
    return (
        f"On {_restarted_toys(runs)}, where a start may settle badly, the InteL-VAEs train from "
        f"{runs.num_starts} initial weights on the same data. *Best of {runs.num_starts}* is the start with "
        "the highest ELBO on the training data, as `restarts.best_of` keeps it. All other rows, and all "
        "verdicts that do not say otherwise, are of one start a seed.\n\n"
    )


def _restarted_toys(runs):
    toys = {toy for toy, _ in runs.restarted}
    return " and ".join(WORDS[toy] for toy in runs.toys if toy in toys)


def _shape(runs):
    header = [
        "toy", "model", "log p(x), nats", "off the data, %", "the same of E[x given z], %",
        "prior against codes, AUC in y", "AUC in z", "MMD² × 1000",
    ]  # fmt: skip
    rows = []
    for toy in runs.toys:
        first = runs.models[0]
        rows.append(
            [
                f"**{WORDS[toy]}**",
                "the data's own distribution",
                cell(runs.values(toy, first, "log_p_data"), 2),
                cell(runs.values(toy, first, "off_data"), 2, percent=True),
                "",
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
        f"{verdicts.topology(runs)}\n\n{table(header, rows)}\n\n{verdicts.statements(runs)}\n\n"
        "Off the data: further than 0.1 from each of 50,000 fresh points. AUC: how well boosted trees tell "
        "the codes of data from draws of the prior; 0.5 where they cannot. In y it asks whether the codes "
        "follow the prior. In z it asks what the decoder meets: a g that drops a part of y (the circle's "
        "drops |y|) can fail in y and be right in z."
    )


def _shape_cells(runs, toy, model, best=False):
    return [
        cell(runs.values(toy, model, "log_p", best), 2),
        cell(runs.values(toy, model, "off", best), 2, percent=True),
        cell(runs.values(toy, model, "off_means", best), 2, percent=True),
        cell(runs.values(toy, model, "auc", best), 3),
        cell(runs.values(toy, model, "auc_z", best), 3),
        cell(1000 * runs.values(toy, model, "mmd", best), 1),
    ]


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
        + "\n\nFailed: KL below 0.1 nat, log p(x) not finite, or more than three times the fraction off the "
        "data of the model's median seed (and over 1%). Seconds are of one thread beside another one, "
        "tracing included."
    )


def _structure(runs):
    # Runs of before lack this measure: a toy is shown once all of its models have it.
    toys = [
        toy
        for toy in runs.toys
        if all(np.isfinite(runs.values(toy, model, "structure")).all() for model in runs.models)
    ]
    if not toys:
        return ""
    header = [
        "codes z, % of the shape's size",
        *(f"{WORDS[toy]}: {_STRUCTURES[toy]}" for toy in toys),
    ]
    own = [runs.values(toy, runs.models[0], "structure_data") for toy in toys]
    rows = [["the data themselves", *(cell(values, 1, percent=True) for values in own)]]
    for model in runs.models:
        found = [runs.values(toy, model, "structure") for toy in toys]
        rows.append([model, *(cell(values, 1, percent=True) for values in found)])
    return (
        "**How near codes are to the structure.** A structure that g builds in belongs to every code, of "
        "any data, trained or not (but for codes in the thin steep zones at a cut: clusters, two rings). "
        "So the InteL-VAEs' zeros are by construction, and no finding. The finding is how near the others "
        "come without g, beside the data, which are noisy and not on their shape either.\n\n"
        f"{table(header, rows)}\n\n"
        "Codes are draws of q(y given x) for fresh data, mapped by g, scaled and (star, clusters) turned "
        "as suits each model best. Numbers are the root mean square distance from the shape. Clusters: the "
        "percentage of codes that are less than 0.4 times as far from the nearest of five boundaries as "
        "the middle of a part is."
    )


def _modes(runs):
    toys = [toy for toy in _MODAL if toy in runs.toys]
    header = ["between the modes, %"]
    header += [f"{WORDS[toy]}{kind}" for toy in toys for kind in ("", ", of E[x given z]")]
    first = runs.models[0]
    own = [(cell(runs.values(toy, first, "between_data"), 2, percent=True), "") for toy in toys]
    rows = [["the data's own distribution", *(text for pair in own for text in pair)]]
    for model in runs.models:
        keys = [(toy, key) for toy in toys for key in ("between", "between_means")]
        rows.append([model, *(cell(runs.values(t, model, k), 2, percent=True) for t, k in keys)])
    lines = [
        verdicts.verdict(
            "The ordinary VAE has mass between the modes that the data do not have",
            {toy: verdicts.excess(runs, toy) for toy in toys},
        ),
    ]
    summary = []
    for own in runs.mapped:
        less = {
            toy: verdicts.paired(runs, toy, "between", own, [ORDINARY], sign=-1) for toy in toys
        }
        lines.append(verdicts.verdict(f"{own} has less of it than the ordinary VAE", less))
        enough = {}
        if runs.learned:
            enough = {
                toy: verdicts.paired(runs, toy, "between", own, runs.learned, -1) for toy in toys
            }
            lines.append(
                verdicts.verdict(f"{own} has less of it than each learned prior without g", enough)
            )
        summary.append(verdicts.bridges(own, list(less.values()), list(enough.values())))
    return (
        "### 2. A multimodal generator\n\n"
        "*The paper says:* the ordinary VAE's samples bridge the modes, those of a mapping with gaps "
        "do not.\n\n"
        + "\n".join(lines)
        + "\n\n"
        + "\n\n".join([*summary, table(header, rows)])
        + "\n\n"
        "Between the modes: three standard deviations of the data's noise off every mode (clusters: off "
        "every centre, within the disc that holds them; rings: between the two)."
    )


def _figure(runs):
    """Samples of the first seed; those off the data are known from the distance to the shape."""
    panels, wrong, notes = [], [], []
    for toy in runs.toys:
        found = [runs.of.get((toy, model, runs.seeds[0])) for model in runs.models]
        points = [None if run is None else np.array(run["result"]["samples"]) for run in found]
        panels.append(points)
        wrong.append([None if p is None else measures.far_from_shape(toy, p) for p in points])
        notes.append(
            [None if run is None else f"{100 * run['result']['off']:.1f}% off" for run in found]
        )
    return figures.point_panels(
        panels,
        rows=[WORDS[toy] for toy in runs.toys],
        columns=[model.replace(", ", ",\n") for model in runs.models],
        wrong=wrong,
        wrong_name="further from the shape than 3 standard deviations of the data's noise + 0.1",
        notes=notes,
    )


def _count(things, word):
    return f"{len(things)} {word}{'' if len(things) == 1 else 's'}"
