"""The presets, trained from seeds and measured: intelvae_keras/presets/trained and docs/presets.md.

    python -m benchmarks.presets                      # all that have no figures yet, 6 minutes on two cores
    python -m benchmarks.presets circle star --anew   # these again
    python -m benchmarks.presets --measure            # no training: the figures of the shipped models

A killed run goes on where it was, in runs/presets.
"""

import argparse
import pathlib
import shutil
import time

import keras
import numpy as np
from tqdm import tqdm

from intelvae_keras import callbacks, datasets, metrics, presets
from intelvae_keras.demo import results
from intelvae_keras.presets import shipped

RUNS, PAGE = pathlib.Path("runs/presets"), pathlib.Path("docs/presets.md")
SEED = 0  # of every preset: none was chosen by its figures
DRAWS = 10_000  # samples that are judged
ELBO_DRAWS = 20  # of y for each test example


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*presets.names(), []], help="all by default")
    parser.add_argument("--anew", action="store_true", help="train again what has figures")
    parser.add_argument("--measure", action="store_true", help="measure anew what ships")
    options = parser.parse_args()
    for name in tqdm(options.names or presets.names(), unit="preset"):
        if options.measure:
            measure_again(name)
            continue
        if options.anew:
            shutil.rmtree(RUNS / name, ignore_errors=True)
        elif has_figures(name):
            continue
        make(name)
    PAGE.write_text(page())


def has_figures(name, folder=shipped.FOLDER):
    """Whether a preset has weights and their figures: a kill may have left weights alone."""
    try:
        return bool(shipped.checked(name, folder))
    except OSError:
        return False


def make(name):
    """Trains, measures and keeps one preset."""
    r = presets.recipe(name, seed=SEED)
    (x_train, _), _ = data = datasets.load(r.dataset, **r.options)
    backup = callbacks.BackupAndRestore(RUNS / name / "backup")
    clock = Clock(RUNS / name / "seconds.json")
    r.fit["callbacks"] += [clock, backup]
    r.model.fit(x_train, verbose=0, **r.fit)
    vae = shipped.rounded(r.model)
    shipped.keep(vae, name, measure(vae, r, clock.seconds, data))


def measure_again(name):
    """Measures a shipped model; its weights stay."""
    r, vae = presets.recipe(name), presets.load(name)
    data = datasets.load(r.dataset, **r.options)
    shipped.keep(vae, name, measure(vae, r, presets.figures(name)["seconds"], data))


class Clock(keras.callbacks.Callback):
    """The seconds of training, over interruptions too."""

    def __init__(self, path):
        super().__init__()
        self.path = path

    @property
    def seconds(self):
        return results.saved(self.path) or 0.0

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        results.save(self.seconds + time.perf_counter() - self.start, self.path)


def measure(vae, recipe, seconds, data):
    """The figures of one model, on the test data."""
    (x_train, y_train), (x_test, _) = data
    # Of many draws: on a circle, one y beyond the origin costs hundreds of nats, so that a single draw
    # for each example moves the mean by tenths of a nat.
    repeated = np.concatenate([x_test] * ELBO_DRAWS)
    terms = vae.evaluate(repeated, batch_size=1000, verbose=0, return_dict=True)
    figures = {
        "seed": SEED,
        "seconds": round(seconds, 1),
        "parameters": vae.count_params(),
        "elbo": terms["elbo"],
        "kl": terms["kl"],
        "log_likelihood": float(np.mean(vae.log_likelihood(x_test, num_samples=500))),
    }
    if recipe.dataset == "mnist01":
        samples = vae.sample(DRAWS, seed=SEED)
        judge = metrics.train_classifier(x_train, y_train, seed=SEED)
        figures["uncertain"] = metrics.uncertain_fraction(samples, judge)
    elif recipe.dataset == "fashion_mnist_mini":
        figures["hoyer"] = metrics.hoyer_sparsity(vae.encode(x_test))
    else:
        noisy = draw(vae)
        truth, _ = getattr(datasets, recipe.dataset)(50_000, seed=SEED + 1)
        figures["off_manifold"] = metrics.off_manifold(noisy, truth)
    return {key: round(value, 5) for key, value in figures.items()}


def draw(vae):
    """Samples of p(x), with the likelihood's noise."""
    z = vae.sample_latents(DRAWS, seed=SEED)
    return vae.likelihood.distribution(vae.parameters_of(z)).sample(seed=SEED).numpy()


def page():
    """The table of all presets, as a page of the docs."""
    lines = [
        "# Presets",
        "",
        "Written by `make presets`. Each was trained once, from seed 0: no seed was chosen by its figures.",
        "Figures are means over the test data; log p(x) is the importance-weighted bound of 500 samples.",
        "Bad samples, of 10,000: for MNIST-01 those that a classifier is unsure of, for points those further",
        "than 0.1 from the data. Hoyer's sparsity is 1 for a code with a single active latent. It takes",
        "dead latents for active ones: see [Sparsity](explanation/sparsity.md).",
        "",
        "| name | log p(x), nats | ELBO, nats | KL, nats | bad samples | Hoyer | weights | training |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in filter(has_figures, presets.names()):
        f = presets.figures(name)
        bad = f.get("uncertain", f.get("off_manifold"))
        bad = "" if bad is None else f"{bad:.2%}"
        hoyer = f"{f['hoyer']:.2f}" if "hoyer" in f else ""
        lines.append(
            f"| `{name}` | {f['log_likelihood']:.2f} | {f['elbo']:.2f} | {f['kl']:.2f} | {bad} | {hoyer} "
            f"| {f['parameters']:,} | {f['seconds']:.0f} s |"
        )
    lines += [
        "",
        "Real data are bad samples, too: [Results](results.md) has them in a row beside the models.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
