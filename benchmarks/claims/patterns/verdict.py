"""What the patterns say of each means to sparsity, computed from the numbers."""

import numpy as np

from benchmarks.claims.report import cell, mean_ci
from benchmarks.claims.sparsity.runs import NAMES, changes, sign, strength, values

# A good run, as it was put down before the runs: nats above the ordinary VAE's mean log p(x); and latents
# worth 1 nat to an example, of which the data have 3.
ABOVE, MOST = 5.0, 6.0
ORDINARY = ("ordinary", 0, 1)


def good(runs, key):
    """Whether each run of a model has the density and the sparsity of a good one; a list of bools."""
    least = np.mean(values(runs[ORDINARY], "log_p")) + ABOVE
    return [run["log_p"] >= least and run["n1_test"] < MOST for run in runs[key].values()]


def chosen(runs):
    """{model: key} of the strength with the highest mean ELBO on validation data."""
    best = {}
    for key, by_seed in runs.items():
        if key[0] in NAMES:
            score = np.mean(values(by_seed, "elbo_validation"))
            if key[0] not in best or score > best[key[0]][0]:
                best[key[0]] = score, key
    return {model: key for model, (_, key) in best.items()}


def statement(runs, less):
    """The word and the sentences; less: [(words, runs)] of trainings with less to learn from."""
    keys = [key for model, key in chosen(runs).items() if model != "ordinary"]
    if not keys or max(len(changes(runs, key, "log_p")) for key in keys) < 2:
        return "none from a single seed.**"
    sparser = [key for key in keys if _better(runs, key)]
    parts = [
        "holds here.**" if any(key[0] in ("sparse", "threshold") for key in sparser) else "does not hold.**",
        "Against the ordinary VAE of the same seed: " + "; ".join(_told(runs, k) for k in keys) + ".",
    ]  # fmt: skip
    counts = [f"{sum(good(runs, key))} of {len(runs[key])} of {_name(key)}" for key in keys]
    parts.append(
        f"A good run has a log p(x) at least {ABOVE:g} nats above the ordinary VAE's mean, and n1 below "
        f"{MOST:g}. Good are {', '.join(counts)}."
    )
    for words, fewer in less:
        told = [_told(fewer, key) for key in fewer if key != ORDINARY]
        parts.append(f"With {words}: {'; '.join(told)}.")
    return " ".join(parts)


def _better(runs, key):
    """Whether n1 is below the ordinary VAE's beyond the interval, and log p(x) and K are not."""
    kept = min(sign(changes(runs, key, measure)) for measure in ("log_p", "K_test"))
    return sign(changes(runs, key, "n1_test")) < 0 <= kept


def _name(key):
    return ", ".join(filter(None, (NAMES[key[0]], strength(key))))


def _told(runs, key):
    n1, common, log_p = (changes(runs, key, m) for m in ("n1_test", "K_test", "log_p"))
    return (
        f"{_name(key)}: n1 {_signed(n1)} ({_word(n1, 'fewer', 'more')}), "
        f"K {_signed(common)} ({_word(common, 'fewer', 'more')}), "
        f"log p(x) {_signed(log_p)} nats ({_word(log_p, 'worse', 'better')})"
    )


def _word(differences, below, above):
    return {-1: below, 0: "no difference seen", 1: above}[sign(differences)]


def _signed(differences):
    return ("+" if mean_ci(differences)[0] >= 0 else "") + cell(differences, 1)
