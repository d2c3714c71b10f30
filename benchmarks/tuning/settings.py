"""What is tuned, which values are tried, and what was chosen."""

import functools
import pathlib
from typing import NamedTuple

import numpy as np

from intelvae_keras._engine import json_files

ARCHIVE = pathlib.Path(__file__).parents[1] / "results" / "tuning.json"


class Setting(NamedTuple):
    """How a decoder's first biases start, and the first learning rate of the cosine."""

    bias_spread: float
    rate: float


class Schedule(NamedTuple):
    """Proportion of the epochs over which the KL's weight grows; the first learning rate of the cosine."""

    warmup: float
    rate: float


# Each section's default comes first: it is used where nothing was measured.
GRIDS = {
    "toys": [Setting(spread, rate) for rate in (3e-3, 6e-3) for spread in (0.0, 1.0)],
    "mnist01": [Setting(spread, rate) for rate in (4e-3, 2e-3) for spread in (1.0, 0.0)],
    "sparsity": [Setting(spread, rate) for rate in (2e-3, 4e-3) for spread in (0.0, 1.0)],
    "hierarchy": [Setting(spread, rate) for rate in (2e-3, 4e-3) for spread in (0.0, 1.0)],
    "patterns": [Schedule(warmup, 4e-3) for warmup in (0.1, 0.0, 0.4)],
}
SEEDS = dict.fromkeys(GRIDS, (900,))


def chosen(section, task, model):
    """The setting with the highest mean score of a model on a task; the default without figures.

    Args:
        section: One of `GRIDS`.
        task: The toy, or the data set.
        model: The model's name in its section.
    """
    means = scores().get((section, task, model))
    return max(means, key=means.get) if means else GRIDS[section][0]


@functools.cache
def scores():
    """{(section, task, model): {Setting: mean score over the seeds}} of the archive, in nats."""
    if not ARCHIVE.exists():
        return {}
    runs = {}
    for record in json_files.read(ARCHIVE, "git restore it, or run make tune")["jobs"]:
        job = record["job"]
        key = (job["section"], job["task"], job["model"])
        kind = type(GRIDS[job["section"]][0])
        setting = kind(*(job[field] for field in kind._fields))
        runs.setdefault(key, {}).setdefault(setting, []).append(record["result"]["score"])
    return {
        # A run that diverged speaks against its setting.
        key: {setting: _mean(found) for setting, found in settings.items()}
        for key, settings in runs.items()
    }


def _mean(found):
    return float(np.mean(found)) if np.isfinite(found).all() else -np.inf
