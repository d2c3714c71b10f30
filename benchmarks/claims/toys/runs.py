"""The runs of the toys by toy, model and seed, and which of them failed."""

import math

import numpy as np

from benchmarks.claims.toys.models import LEARNED, MAPPED, NAMES

WORDS = {
    "circle": "circle",
    "figure_eight": "figure eight",
    "star": "star",
    "clusters": "5 clusters",
    "two_rings": "two rings",
}
_TOLERANCE = 0.01  # of the samples: the least that counts as a failed run


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
        self.toys = [toy for toy in WORDS if any(key[0] == toy for key in self.of)]
        self.models = [model for model in NAMES if any(key[1] == model for key in self.of)]
        self.learned = [model for model in LEARNED if model in self.models]
        self.mapped = [model for model in MAPPED if model in self.models]
        self.seeds = sorted({key[2] for key in self.of})
        self.steps = results[0]["job"]["steps"]

    def values(self, toy, model, key, best=False):
        """The values of a result over the seeds, of the first or the best start; NaN for a missing one."""
        found = ((self.best_of if best else self.of).get((toy, model, seed)) for seed in self.seeds)
        return np.array(
            [math.nan if run is None else run["result"].get(key, math.nan) for run in found]
        )

    def failures(self, toy, model, best=False):
        """Runs of the model that collapsed, diverged, or stand out from its other seeds."""
        off, kl = (self.values(toy, model, key, best) for key in ("off", "kl"))
        stuck = off > max(3 * np.nanmedian(off), _TOLERANCE)
        lost = ~np.isfinite(self.values(toy, model, "log_p", best))
        return int(np.sum(stuck | (kl < 0.1) | lost))


def _training_elbo(run):
    elbo = run["result"]["elbo_train"]
    return elbo if math.isfinite(elbo) else -math.inf
