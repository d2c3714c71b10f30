"""Claim 4: the proportions of two clusters, learned from unlabelled images.

Networks and schedule are those of the presets `mnist01-...`; the mapping is
Clusters(2, learn_proportions=True) with its defaults, which starts from equal proportions. An early
search sets the boundary (`callbacks.BoundarySearch`), and then the proportions learn. Each seed
trains several times on the same images (`restarts.best_of`); the run with the sharpest boundary
(`metrics.boundary_sharpness`) counts, which takes no label. The first run is reported too, and the run with
the highest ELBO.
"""

import time

import keras
import numpy as np

from benchmarks.claims import figures, kmeans
from benchmarks.claims.report import cell, table
from benchmarks.claims.seeds import chosen_seeds
from intelvae_keras import callbacks, datasets, mappings, metrics, restarts
from intelvae_keras.demo.results import Settings
from intelvae_keras.presets import digits

TITLE = "Claim 4: learned proportions"
RARER = (0.5, 0.2, 0.05)  # true proportions of the rarer digit
SIZE = 6000  # training images: what both digits have enough of, in each of the proportions
RESTARTS = 3
SEARCHED = (0.15, 0.3)  # of the epochs: the boundary is searched at the beginning of those between
OPENED = (0.3, 0.7)  # of the epochs: the gap opens between them, after the last search
AIM = 0.03
_GROUPINGS = {
    "model": "parts of `Clusters(2)`",
    "images": "KMeans of the images",
    "codes": "KMeans of an ordinary VAE's codes",
}


def jobs(quick, seeds):
    """One job for each proportion and seed. The rarer digit is 0 for even seeds and 1 for odd ones."""
    return [
        {
            "section": "proportions",
            "name": f"proportions-{round(100 * proportion)}-{seed}",
            "seed": seed,
            "proportion": proportion,
            "rarer_digit": seed % 2,
            "size": SIZE,
            "epochs": 4 if quick else Settings().epochs,
            "restarts": 1 if quick else RESTARTS,
        }
        for seed in chosen_seeds(quick, seeds, 5)
        for proportion in ((0.2,) if quick else RARER)
    ]


def subsample(images, labels, proportion, rarer_digit, size, seed):
    """`size` images, of which `proportion` show the rarer digit; and whether each of them does."""
    generator = np.random.default_rng([seed, 0])
    counts = {
        rarer_digit: round(proportion * size),
        1 - rarer_digit: size - round(proportion * size),
    }
    chosen = np.concatenate(
        [
            generator.permutation(np.flatnonzero(labels == digit))[:count]
            for digit, count in counts.items()
        ]
    )
    if len(chosen) < size:
        raise ValueError(f"size must leave enough images of both digits; got {size}.")
    return images[chosen], labels[chosen] == rarer_digit


def run(job):
    """Trains `restarts` times; the results of each run, and which the sharpness chooses."""
    (images, labels), _ = datasets.load("mnist01")
    x, is_rarer = subsample(
        images, labels, job["proportion"], job["rarer_digit"], job["size"], job["seed"]
    )
    keras.backend.clear_session()
    found, start = [], time.perf_counter()

    def make_model(seed):
        vae = digits.build(mappings.Clusters(2, learn_proportions=True), seed=seed)
        digits.compile_model(vae, job["epochs"], len(x))
        return vae

    def measure(vae, elbo):
        part = np.asarray(vae.mapping.part(vae.posterior(x).mean()))
        learned = keras.ops.convert_to_numpy(vae.mapping.proportions)
        # Parts have no names: the rarer digit's is the one that holds most of its images.
        own = int(np.bincount(part[is_rarer], minlength=2).argmax())
        agreement = kmeans.score(part, is_rarer)["agreement"]
        found.append({"learned": float(learned[own]), "elbo": elbo, "agreement": agreement})

    best = restarts.best_of(
        make_model,
        x,
        num_runs=job["restarts"],
        seed=job["seed"],
        criterion=metrics.boundary_sharpness,
        callbacks=lambda seed: [
            *digits.schedule(),
            callbacks.BoundarySearch(x, epochs=_span(SEARCHED, job)),
            callbacks.StrengthAnnealing(epochs=_span(OPENED, job)),
        ],
        after_run=measure,
        epochs=job["epochs"],
        batch_size=digits.BATCH,
        verbose=0,
    )
    return {
        "true": float(np.mean(is_rarer)),
        "runs": found,
        "chosen": best.run,
        "learned": found[best.run]["learned"],
        "seconds": time.perf_counter() - start,
        "kmeans": kmeans.controls(x, is_rarer, job["epochs"], job["seed"]),
    }


def _span(fractions, job):
    return tuple(fraction * job["epochs"] for fraction in fractions)


def section(results, images, quick):
    """Markdown with the table, a figure, each seed, and the verdict."""
    groups = {}
    for entry in sorted(
        results, key=lambda entry: (-entry["job"]["proportion"], entry["job"]["seed"])
    ):
        groups.setdefault(entry["job"]["proportion"], []).append(entry["result"])
    job = results[0]["job"]
    seeds = sorted({entry["job"]["seed"] for entry in results})
    learned = {
        proportion: [result["learned"] for result in group] for proportion, group in groups.items()
    }
    figure = figures.error_lines(learned, AIM, "rarer digit")
    figure.savefig(images / "proportions.png", dpi=110)
    minutes = sum(entry["minutes"] for entry in results)
    return "\n\n".join(
        [
            "What the paper says: the proportions of the clusters can be learned with the model.",
            _setting(job, seeds, minutes),
            _table(groups),
            "![Learned against true proportions](images/results/proportions.png)",
            _controls(groups),
            _each_seed(groups, seeds),
            _verdict(groups, quick),
        ]
    )


def _chosen(result):
    return result["runs"][result["chosen"]]


def _first(result):
    return result["runs"][0]


def _by_elbo(result):
    return max(result["runs"], key=lambda run: run["elbo"])


def misses(results, run_of=_chosen):
    """The results with an error of AIM or more, of the run that `run_of` takes of each."""
    return [
        result for result in results if not abs(run_of(result)["learned"] - result["true"]) < AIM
    ]


def _table(groups):
    header = ["true", "learned", "largest error", f"error < {AIM}", "agreement %"]
    header += [f"first run: error < {AIM}", f"by ELBO: error < {AIM}"]
    header += [f"all runs: error < {AIM}", "s a run"]
    rows = []
    for proportion, group in groups.items():
        chosen = [result["runs"][result["chosen"]] for result in group]
        runs = [(result["true"], run) for result in group for run in result["runs"]]
        hits = sum(abs(run["learned"] - true) < AIM for true, run in runs)
        rows.append(
            [
                f"{proportion:.2f}",
                cell([result["learned"] for result in group], 3),
                f"{max(abs(result['learned'] - result['true']) for result in group):.3f}",
                f"{len(group) - len(misses(group))} of {len(group)}",
                cell([run["agreement"] for run in chosen], 1, percent=True),
                f"{len(group) - len(misses(group, _first))} of {len(group)}",
                f"{len(group) - len(misses(group, _by_elbo))} of {len(group)}",
                f"{hits} of {len(runs)}",
                f"{sum(result['seconds'] for result in group) / len(runs):.0f}",
            ]
        )
    return table(header, rows)


def _setting(job, seeds, minutes):
    rows = [
        ["data", f"{job['size']:,} training images of 0s and 1s"],
        ["rarer digit", "0 for even seeds, 1 for odd ones"],
        ["seeds", f"{seeds[0]} to {seeds[-1]}"],
        ["model", "one latent, `Clusters(2, learn_proportions=True)`; networks and schedule of the presets"],
        ["training", f"{job['epochs']} epochs; `callbacks.BoundarySearch` at 15 to 30% of them"],
        ["runs", f"{job['restarts']} a seed; the highest `metrics.boundary_sharpness` counts (no label)"],
        ["learned", "the prior's mass in the part with most images of the rarer digit"],
        ["agreement", "images on the right side, by that part"],
        ["first run", "what a single training gives"],
        ["by ELBO", "had the run with the highest ELBO on these images counted"],
        ["computing", f"{minutes:.0f} minutes"],
    ]  # fmt: skip
    return table(["what", "how"], rows)


def _each_seed(groups, seeds):
    rows = [
        [f"{proportion:.2f}", *(f"{result['learned']:.3f}" for result in group)]
        for proportion, group in groups.items()
    ]
    return table(["learned, for the true", *(f"seed {seed}" for seed in seeds)], rows)


def _controls(groups):
    """What needs no mapping: two groups of the images, or of an ordinary VAE's codes, by KMeans."""
    if not _measured(groups):
        return "These runs lack KMeans beside the parts."
    header = [
        "true",
        *(f"{name}, {what}" for name in _GROUPINGS.values() for what in ("found", "agreement %")),
    ]
    rows = []
    for proportion, group in groups.items():
        row = [f"{proportion:.2f}"]
        for key in _GROUPINGS:
            of = [result["kmeans"][key] if key != "model" else _parts(result) for result in group]
            row += [
                cell([one["found"] for one in of], 3),
                cell([one["agreement"] for one in of], 1, percent=True),
            ]
        rows.append(row)
    return (
        "Does it need the model? *KMeans* makes two groups of the same images, and of the codes of an "
        f"ordinary VAE with the same networks and schedule:\n\n{table(header, rows)}"
    )


def _parts(result):
    chosen = _chosen(result)
    return {"found": chosen["learned"], "agreement": chosen["agreement"]}


def _verdict(groups, quick):
    if quick or min(map(len, groups.values())) < 2:
        return "**Verdict: none from one seed.**"
    missed = {proportion: len(misses(group)) for proportion, group in groups.items()}
    control = by_kmeans(groups)
    if not any(missed.values()):
        return f"**Verdict: holds.** The error is below {AIM} in every seed, for every proportion.{control}"
    good = [f"{proportion:.2f}" for proportion, count in missed.items() if not count]
    bad = [
        f"{proportion:.2f} it misses in {count} of {len(groups[proportion])} seeds"
        for proportion, count in missed.items()
        if count
    ]
    start = "holds in part" if good else "does not hold"
    within = (
        f"The error is below {AIM} in every seed for {', '.join(good)}; for " if good else "For "
    )
    several = len(next(iter(groups.values()))[0]["runs"]) > 1
    # Whether the sharpness can tell the runs apart: where it misses, did another run hit?
    saved = sum(
        any(abs(run["learned"] - result["true"]) < AIM for run in result["runs"])
        for group in groups.values()
        for result in misses(group)
    )
    choice = (
        f" In {saved} of these {sum(missed.values())} seeds another run was right, but had a "
        "less sharp boundary."
    )
    return f"**Verdict: {start}.** {within}{', '.join(bad)}.{choice if several else ''}{control}"


def by_kmeans(groups):
    """How often the control, two groups of the images, has the proportion; "" if it was not measured."""
    if not _measured(groups):
        return ""
    hits = [
        f"{_hits(groups[true])} of {len(groups[true])} for {true:.2f}"
        for true in sorted(groups, reverse=True)
    ]
    return f" KMeans of the images is as near in {', '.join(hits)}."


def _hits(group):
    return sum(abs(result["kmeans"]["images"]["found"] - result["true"]) < AIM for result in group)


def _measured(groups):
    return all("kmeans" in result for group in groups.values() for result in group)
