"""The part of the page of results on the tuning budget: what was tried, and what each model took."""

import numpy as np

from benchmarks.claims import hierarchy, report, sparsity
from benchmarks.claims.mnist01 import page as digits
from benchmarks.claims.toys.runs import WORDS
from benchmarks.tuning.settings import GRIDS, SEEDS, scores

TITLE = "The tuning budget of each model"
CLAIMS = {
    "toys": "1, 2",
    "mnist01": "3",
    "sparsity": "5, 6",
    "hierarchy": "7",
    "patterns": "5, patterns",
}
NAMES = {"mnist01": digits.NAMES, "sparsity": sparsity.NAMES, "hierarchy": hierarchy.NAMES}
NAMES["patterns"] = sparsity.NAMES
TASKS = WORDS | {"mnist01": "MNIST-01", "fashion_mnist": "Fashion-MNIST", "patterns": "patterns"}


def section():
    """Markdown: the budget, a table by model, and one with every task."""
    found = scores()
    if not found:
        return (
            "No figures: `make tune` measures them. Until then all models have the defaults: "
            + "; ".join(f"{name} {_words(grid[0])}" for name, grid in GRIDS.items())
            + "."
        )
    return "\n\n".join(
        [
            "Each model of claims 1 to 3 and 5 to 7 had the same budget, the ordinary VAE too. `make tune` "
            "does it.\n\n"
            "- Every setting of the grid trains on seeds that this page does not use.\n"
            "- It is scored on validation data, by log p(x); for claims 5 to 7 by the ELBO. In nats.\n"
            "- The setting with the highest mean score is taken.\n"
            "- A setting is the range of the decoder's first biases (0: all start at 0; 1: uniform in "
            "[-1, 1]), and the first learning rate of the cosine. On the patterns it is the proportion of "
            "the epochs over which the KL's weight grows, and that rate.",
            _grids(),
            "*Gain*: the score of the chosen setting, less that of the section's default (the first of the "
            "grid), mean over the tasks.",
            _by_model(found),
            "**What had more attention.** Schedule, first scale of q, and forms of g were chosen on other "
            "seeds and validation data, with an eye on the InteL-VAEs and the ordinary VAE: see the "
            "[study of clusters](clusters-study.md). The learned priors have the package's defaults.\n\n"
            "**What had none.** Claim 4 has one model, and was not tuned here. All strengths of a penalty "
            "share one setting, and beta = 4 has that of beta = 1.",
            '<details markdown="1">\n<summary>Each task</summary>\n\n'
            + _by_task(found)
            + "\n\n</details>",
        ]
    )


def _grids():
    rows = []
    for name, grid in GRIDS.items():
        seeds = ", ".join(map(str, SEEDS[name]))
        rows.append([CLAIMS[name], "; ".join(map(_words, grid)), seeds])
    return report.table(["claims", "settings (first biases, learning rate)", "seeds"], rows)


def _words(setting):
    return ", ".join(map("{:g}".format, setting))


def _name(section, model):
    return NAMES.get(section, {}).get(model, model)


def _best(means):
    return max(means, key=means.get)


def _by_model(found):
    groups = {}
    for (section, task, model), means in found.items():
        groups.setdefault((section, model), {})[task] = means
    rows = []
    for (section, model), tasks in groups.items():
        chosen = [_best(means) for means in tasks.values()]
        default = GRIDS[section][0]
        gains = [means[_best(means)] - means.get(default, np.nan) for means in tasks.values()]
        rows.append(
            [
                CLAIMS[section],
                _name(section, model),
                *(_counts([getattr(c, field) for c in chosen]) for field in default._fields),
                report.cell([np.mean(gains)], 2),
            ]
        )
    header = [
        "claims",
        "model",
        "first biases (patterns: KL warm-up) taken",
        "learning rate taken",
        "gain, nats",
    ]
    return report.table(header, rows)


def _counts(values):
    """The values, and how often each was taken where there are several tasks."""
    kinds = sorted(set(values))
    if len(values) == 1:
        return f"{kinds[0]:g}"
    return ", ".join(f"{kind:g} ({values.count(kind)} of {len(values)})" for kind in kinds)


def _by_task(found):
    rows = []
    for (section, task, model), means in found.items():
        best, default = _best(means), GRIDS[section][0]
        digits_ = 2 if section == "toys" else 1
        numbers = [means[best], means.get(default, np.nan), min(means.values())]
        cells = [report.cell([number], digits_) for number in numbers]
        rows.append([TASKS[task], _name(section, model), _words(best), *cells])
    header = ["data", "model", "taken", "its score, nats", "the default's", "the lowest"]
    return report.table(header, rows)
