"""The patterns on the page of results: tables and verdict."""

import numpy as np

from benchmarks.claims.patterns import models, verdict
from benchmarks.claims.report import cell, table
from benchmarks.claims.sparsity.runs import NAMES, by_configuration, strength, values
from intelvae_keras import datasets

TRUTH = {"truth": "The truth"}


def section(results):
    """Markdown from the records of the runs."""
    sizes = {}
    for record in results:
        job = record["job"]
        sizes.setdefault((job["examples"], job["epochs"]), []).append(record)
    (examples, epochs), full = max(sizes.items())
    runs = by_configuration(full, TRUTH | NAMES)
    less = {
        size: by_configuration(found, NAMES) for size, found in sizes.items() if found is not full
    }
    less = {
        size: found
        for size, found in sorted(less.items(), reverse=True)
        if verdict.ORDINARY in found
    }
    if verdict.ORDINARY not in runs or ("truth", 0, 1) not in runs:
        return "Not measured yet.\n"
    rows = [
        ["data", f"`patterns`: 3 of 20 patterns of 64 values, amplitudes ±(0.5 to 1.5), noise 0.1; "
                 f"{examples:,} to train, {models.TESTED:,} to validate and to test; each seed has others"],
        ["models", f"{models.LATENTS} latents, encoder 512-256, decoder 128, Gaussian of the true noise"],
        ["training", f"{epochs} epochs of batches of {models.BATCH}, Adam with cosine decay"],
        ["KL warm-up, learning rate", "[tuned with one budget](#the-tuning-budget-of-each-model)"],
        ["log p(x)", f"bound of {models.BOUND} test examples by 500 samples; of the truth, the density"],
        ["k, K, n1, used", f"as in claim 5, of {models.NEEDED} test examples"],
        ["directions", "best correlation of each true pattern with what a latent of 1 adds to x, the mean; "
                       f"{models.LATENTS} random directions have {_random():.2f}"],
        ["the truth", "the amplitudes that made the data, and its decoder"],
        ["±", "half of the 95% interval over seeds"],
    ]  # fmt: skip
    parts = [
        "**The claim.** Where each example has few of many features, an InteL-VAE finds that code. Here "
        "it is known: 3 latents an example, 20 in all.",
        table(["what", "how"], rows),
        _table(runs),
    ]
    words = []
    for (few, short), found in less.items():
        text = f"{short} epochs" if few == examples else f"{few:,} examples"
        words.append((text, found))
        parts += [f"With {text}:", _table(found)]
    parts.append(f"**Verdict on patterns: {verdict.statement(runs, words)}")
    return "\n\n".join(parts) + "\n"


def _table(runs):
    measures = {"elbo_test": 1, "log_p": 1, "k_test": 1, "K_test": 1, "n1_test": 1, "used_test": 1}
    header = ["model", "strength", "seeds", "ELBO, nats", "log p(x), nats", "k", "K", "n1", "used"]
    rows = []
    for key, by_seed in runs.items():
        cells = [
            cell(values(by_seed, measure), digits)
            if measure in next(iter(by_seed.values()))
            else ""
            for measure, digits in (measures | {"directions": 2}).items()
        ]
        rows.append([(TRUTH | NAMES)[key[0]], strength(key), len(by_seed), *cells])
    return table([*header, "directions"], rows)


def _random():
    """What as many random directions as there are latents would have."""
    shape = models.LATENTS, datasets.true_patterns().shape[1]
    return models.best_correlations(np.random.default_rng(0).standard_normal(shape))
