"""Claims 1 and 2, on toys of the plane: the shape of the data, and several modes."""

import functools
import time

import keras
import numpy as np

from benchmarks.claims.seeds import chosen_seeds
from benchmarks.claims.toys import measures, models
from benchmarks.claims.toys.models import BOTH, INTEL, MAPPED, MIXTURE, NAMES, ORDINARY
from benchmarks.claims.toys.page import section
from benchmarks.tuning import settings
from intelvae_keras import metrics
from intelvae_keras.datasets import toys

__all__ = ["TITLE", "jobs", "run", "section"]

TITLE = "Claims 1 and 2: the shape of the data, and its modes"
TOYS = ("circle", "figure_eight", "star", "clusters", "two_rings")
STEPS, QUICK_STEPS = 6000, 1500
CODES = 10_000
SHOWN = 1500  # samples kept for the figure
STARTS = 3  # of the InteL-VAEs on these toys, where one start may settle badly
RESTARTED = ("figure_eight",)


def jobs(quick, seeds=None):
    """One job for each toy, model, seed, and start: initial weights and batches of their own."""
    shapes, models = (
        (TOYS, NAMES) if not quick else (("circle", "clusters"), (ORDINARY, MIXTURE, INTEL, BOTH))
    )
    return [
        {
            "section": "toys",
            "name": _name(toy, model, seed, start),
            "toy": toy,
            "model": model,
            "seed": seed,
            "start": start,
            "steps": QUICK_STEPS if quick else STEPS,
            "split": "test",
            **settings.chosen("toys", toy, model)._asdict(),
        }
        for seed in chosen_seeds(quick, seeds, 5)
        for toy in shapes
        for model in models
        for start in range(STARTS if not quick and model in MAPPED and toy in RESTARTED else 1)
    ]


def _name(toy, model, seed, start):
    words = model.lower().replace(",", "").replace(" ", "-")
    return f"{toy}-{words}-{seed}" + (f"-start-{start}" if start else "")


def data(toy, seed, split):
    """(training, held out, reference): 20,000, 4,000 and 50,000 points, all drawn apart."""
    draw = getattr(toys, toy)
    held_out = {"test": 1, "validation": 2}[split]
    return [
        draw(size, seed=np.random.default_rng([seed, part]))[0]
        for size, part in ((20_000, 0), (4_000, held_out), (50_000, 3))
    ]


def run(job):
    """Trains one model and measures it; data and initial weights follow from seed and start."""
    vae, (x_train, x_held_out, reference), seconds = fitted(job)
    measured = measure(vae, job["toy"], x_held_out, reference, job["seed"])
    measured |= of_the_data(job["toy"], job["seed"], job["split"])
    terms = vae.evaluate(x_train, batch_size=1000, verbose=0, return_dict=True)
    return {"seconds": seconds, "elbo_train": float(terms["elbo"])} | measured


def fitted(job):
    """The trained model, the data, and the seconds of `fit`."""
    keras.backend.clear_session()
    parts = x_train, _, _ = data(job["toy"], job["seed"], job["split"])
    initial = job["seed"] + 1000 * job["start"]  # as `restarts.best_of` counts its runs
    vae = models.build(job["toy"], job["model"], x_train, initial, job["bias_spread"])
    start = time.perf_counter()
    models.train(vae, x_train, job["steps"], initial, job["rate"])
    return vae, parts, time.perf_counter() - start


@functools.lru_cache(maxsize=2)
def of_the_data(toy, seed, split):
    """The same measures of the data themselves: one row for all models of a toy and a seed."""
    _, x, reference = data(toy, seed, split)
    return {
        "log_p_data": float(measures.true_log_density(toy, x).mean()),
        "off_data": metrics.off_manifold(x, reference),
        "between_data": measures.between_modes(toy, reference),
        "structure_data": measures.distance_from_structure(toy, reference[:CODES]),
    }


def measure(vae, toy, x, reference, seed, num_samples=CODES):
    """All measures; `generated` are draws from p(x): the decoder's mean plus the likelihood's noise."""
    z_prior = vae.sample_latents(num_samples, seed=seed)
    means = vae.decode(z_prior)
    scale = float(vae.likelihood.location_and_scale(0.0)[1])
    noise = np.random.default_rng([seed, 4]).standard_normal(means.shape)
    generated = means + scale * noise
    # The aggregate posterior of data that the model has not seen, y and z = g(y) of the same draw.
    y = vae.posterior(reference[:num_samples]).sample(seed=[0, seed]).numpy()
    y_prior = keras.ops.convert_to_numpy(
        vae.prior.sample(num_samples, 2, np.array([0, seed], "int32"))
    )
    z = keras.ops.convert_to_numpy(vae.mapping(y))
    z_generated = keras.ops.convert_to_numpy(vae.mapping(y_prior))
    half = 5000
    return {
        "log_p": float(vae.log_likelihood(x, num_samples=200, seed=seed).mean()),
        "kl": float(vae.evaluate(x, batch_size=1000, verbose=0, return_dict=True)["kl"]),
        "off": metrics.off_manifold(generated, reference),
        "off_means": metrics.off_manifold(means, reference),
        "between": measures.between_modes(toy, generated),
        "between_means": measures.between_modes(toy, means),
        "auc": metrics.two_sample_auc(y_prior[:half], y[:half], seed=seed),
        "auc_z": metrics.two_sample_auc(z_generated[:half], z[:half], seed=seed),
        "mmd": metrics.mmd(y_prior[:2500], y[:2500], seed=seed),
        "structure": measures.distance_from_structure(toy, z),
        "scale": scale,
        "samples": np.round(generated[:SHOWN], 3).tolist(),
    }
