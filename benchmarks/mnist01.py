"""The demo over several seeds: mean ± half of its 95% interval, and every seed, as a Markdown table.

    python benchmarks/mnist01.py --seeds 1 2 3 4 5        # about 75 s a seed on two cores

Each seed keeps its models in runs/mnist01/seed-N, so that a killed run goes on where it was.
"""

import argparse
import pathlib

import numpy as np
from scipy import stats

from intelvae_keras.demo import results
from intelvae_keras.demo.experiment import INTEL, ORDINARY, run


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("runs/mnist01"))
    options = parser.parse_args()
    runs = []
    for seed in options.seeds:
        settings, folder = results.Settings(seed=seed), options.folder / f"seed-{seed}"
        runs.append(results.read(settings, folder) or run(settings, folder))
    print(
        f"\nMNIST-01, one latent, test images, seeds {options.seeds}: mean ± half of its 95% interval"
    )
    print("| | test log p(x), nats | uncertain samples | each seed | training |")
    print("|---|---|---|---|---|")
    for name in (ORDINARY, INTEL):
        bound = np.array([result[name].log_likelihood for result in runs])
        uncertain = 100 * np.array([result[name].uncertain for result in runs])
        seconds = np.mean([result[name].seconds for result in runs])
        each = ", ".join(f"{fraction:.2f}" for fraction in uncertain)
        print(
            f"| {name} | {bound.mean():.1f} ± {_half(bound):.1f} "
            f"| {uncertain.mean():.2f}% ± {_half(uncertain):.2f} | {each} | {seconds:.0f} s |"
        )


def _half(values):
    return stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)


if __name__ == "__main__":
    main()
