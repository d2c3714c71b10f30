"""Claim 5 on the page of results: its table, picture and verdict."""

from benchmarks.claims import figures, image_models
from benchmarks.claims.report import cell, table
from benchmarks.claims.sparsity import verdict
from benchmarks.claims.sparsity.runs import NAMES, changes, strength, values


def section(runs, job, images, latents):
    """Markdown; runs: {(model, gamma, beta): {seed: result}}; job: one of theirs."""
    ordinary = runs["ordinary", 0, 1]
    rows = [
        ["data", image_models.describe(job["data"])],
        ["models", f"{latents} latents, MLP 784-512-256-{latents} and back, Bernoulli"],
        ["training", f"{job['epochs']} epochs of batches of {image_models.BATCH}, Adam with cosine decay"],
        ["KL warm-up", f"over the first {image_models.WARMUP:.0%}"],
        ["first biases, learning rate", "[tuned with one budget](#the-tuning-budget-of-each-model)"],
        ["seeds", ", ".join(map(str, sorted(ordinary)))],
        ["k, K", "latents that an example needs, and that all examples together need, for 90% of the nats "
                 "that the code tells (`metrics.latents_needed`)"],
        ["n1, used", "latents whose loss costs an example more than 1 nat; those that 1% of them miss so"],
        ["Hoyer", "0 dense, 1 one-hot; for the literature, it counts dead latents as active ones"],
        ["Frechet", "distance of as many samples as test images, in features of a classifier (low: good)"],
        ["its classifier", "trained on the training images: not comparable with FIDs elsewhere"],
        ["ELBO", "of the test images, in nats, at beta = 1"],
        ["differences", "to the ordinary VAE of the same seed and beta"],
        ["±", "half of the 95% interval over seeds"],
    ]  # fmt: skip
    _figure(runs).savefig(images / "sparsity.png", dpi=110)
    return "\n\n".join(
        [
            "### Claim 5: where codes are sparse, by which means, at what price",
            "**The claim.** The paper says: gates make codes sparse at a Frechet distance no worse; a "
            "penalty or a sparse prior does not. Codes are sparser if an example needs fewer latents (k), "
            "while all examples together do not (K).",
            table(["what", "how"], rows),
            _table(runs),
            "![Latents that an example needs against the ELBO](images/results/sparsity.png)",
            f"**Verdict on claim 5: {verdict.statement(runs)}",
        ]
    )


def _table(runs):
    measures = (("elbo", "ELBO"), ("frechet_test", "Frechet"))
    header = ["model", "strength", "beta", "k", "difference", "K", "n1", "used"]
    header += [text for _, name in measures for text in (name, "difference")] + ["Hoyer"]
    rows = []
    for key, by_seed in runs.items():
        row = [NAMES[key[0]], strength(key), str(key[2]), cell(values(by_seed, "k_test"), 2)]
        row.append(_difference(runs, key, "k_test", 2))
        row += [cell(values(by_seed, f"{name}_test"), 1) for name in ("K", "n1", "used")]
        for measure, _ in measures:
            row += [cell(values(by_seed, measure), 1), _difference(runs, key, measure, 1)]
        rows.append([*row, cell(values(by_seed, "hoyer_test"), 2)])
    return table(header, rows)


def _difference(runs, key, measure, digits):
    return "" if key[0] == "ordinary" else cell(changes(runs, key, measure), digits)


def _figure(runs):
    curves = {}
    for key, by_seed in runs.items():
        if key[2] == 1:
            both = [run for run in by_seed.values() if "k_test" in run]
            if not both:
                continue
            x, y = [run["k_test"] for run in both], [run["elbo"] for run in both]
            curves.setdefault(NAMES[key[0]], []).append((strength(key) or None, x, y))
    return figures.tradeoff(
        curves,
        "Latents that an example needs, k (left: sparser)",
        "ELBO of test images in nats (higher: better)",
    )
