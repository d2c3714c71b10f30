"""Learned proportions of two digits: with the boundary search and without, one start or several."""

import keras
import numpy as np

from benchmarks.claims.proportions import SIZE, subsample
from benchmarks.clusters import line
from intelvae_keras import callbacks, datasets, metrics
from intelvae_keras.presets import digits

RECIPES = {  # (the recipe of the strength, whether boundaries are searched)
    "search": ("raised", True),
    "search-1": ("raised-1", True),
    "no-search": ("raised", False),
}
SEARCHED = (0.15, 0.3)  # of the epochs


def jobs(recipe, seeds, proportion, starts=1):
    """One job for each seed of the data and start: initial weights and batches of their own."""
    return [
        {
            "section": "proportions",
            "name": f"proportions-{recipe}-{round(100 * proportion)}-{seed}"
            + (f"-start-{start}" if start else ""),
            "recipe": recipe,
            "proportion": proportion,
            "seed": seed,
            "start": start,
            "epochs": digits.EPOCHS,
        }
        for seed in seeds
        for start in range(starts)
    ]


def run(job):
    """Trains one model on images of which a proportion shows the rarer digit."""
    keras.backend.clear_session()
    recipe, searched = RECIPES[job["recipe"]]
    seed, epochs = job["seed"], job["epochs"]
    (x, labels), _ = datasets.load("mnist01")
    x, is_rarer = subsample(x, labels, job["proportion"], seed % 2, SIZE, seed)
    span = tuple(fraction * epochs for fraction in SEARCHED)
    search = [callbacks.BoundarySearch(x, epochs=span)] if searched else []
    initial = seed + 1000 * job["start"]  # as `restarts.best_of` counts its runs
    vae, seconds = line.train(x, recipe, initial, epochs, extra=search, learn_proportions=True)
    part = np.asarray(vae.mapping.part(vae.posterior(x).mean()))
    own = int(np.bincount(part[is_rarer], minlength=2).argmax())
    return {
        "seconds": seconds,
        "true": float(is_rarer.mean()),
        "learned": float(keras.ops.convert_to_numpy(vae.mapping.proportions)[own]),
        "agreement": float(np.mean((part == own) == is_rarer)),
        "elbo": float(vae.evaluate(x, batch_size=500, verbose=0, return_dict=True)["elbo"]),
        "sharpness": metrics.boundary_sharpness(vae, x),
    }
