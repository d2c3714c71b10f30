"""The models of the patterns: data, training, and what is measured."""

import math
import time

import keras
import numpy as np

from benchmarks.claims.patterns import truth
from benchmarks.claims.sparsity import MAPPINGS
from intelvae_keras import (
    InteLVAE,
    callbacks,
    datasets,
    likelihoods,
    metrics,
    networks,
    priors,
)

LATENTS, BATCH = 40, 256
TESTED, NEEDED, BOUND = 2_000, 200, 500  # examples; for `latents_needed`; and for log p(x)


def data(count, seed, part):
    """Examples of one part, other ones for each seed."""
    number = ("training", "test", "validation").index(part)
    return datasets.patterns(count, truth.NOISE, np.random.default_rng([seed, number]))[0]


def measure(vae, x):
    """How sparse the codes are, and how well the decoder has found the patterns."""
    needed = metrics.latents_needed(vae, x[:NEEDED])._asdict()
    return {f"{name}_test": value for name, value in needed.items()} | {
        "directions": directions(vae)
    }


def directions(vae):
    """The mean over the true patterns of the best correlation with what a latent of 1 adds to x."""
    zero = np.zeros((1, vae.z_dim), np.float32)
    step = vae.decode(np.eye(vae.z_dim, dtype=np.float32)) - vae.decode(zero)
    return best_correlations(step)


def best_correlations(steps):
    """The mean over the true patterns of the greatest |correlation| with one of the rows, in [0, 1]."""
    length = np.linalg.norm(steps, axis=1, keepdims=True)
    steps = np.divide(steps, length, out=np.zeros_like(steps), where=length > 0)
    return float(np.abs(datasets.true_patterns() @ steps.T).max(axis=1).mean())


def fitted(job):
    """The model of a job, trained; and the seconds of `fit`."""
    seed, epochs = job["seed"], job["epochs"]
    keras.utils.set_random_seed(seed)
    x = data(job["examples"], seed, "training")
    mapping = MAPPINGS.get(job["model"])
    vae = InteLVAE(
        LATENTS,
        encoder=networks.mlp_encoder([512, 256]),
        mapping=mapping(job["gamma"]) if mapping else None,
        decoder=networks.mlp_decoder(x.shape[1:], [128]),
        likelihood=likelihoods.Gaussian(scale=truth.NOISE),
        prior=priors.Laplace() if job["model"] == "laplace" else None,
        seed=seed,
    )
    steps = epochs * math.ceil(len(x) / BATCH)
    vae.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(job["rate"], steps)))
    start = time.perf_counter()
    warmup = [callbacks.KLWarmup(epochs=job["warmup"] * epochs)] if job["warmup"] else []
    vae.fit(x, batch_size=BATCH, epochs=epochs, callbacks=warmup, verbose=0)
    return vae, time.perf_counter() - start
