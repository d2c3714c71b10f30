"""Digits in one latent: K parts for K digits, beside the ordinary VAE, as in the presets.

Validation images are the last part of the training images, which no model sees. No test image is read.
"""

import functools
import time

import keras
import numpy as np
import scipy.special
import tensorflow as tf

from intelvae_keras import callbacks, datasets, mappings, metrics, priors
from intelvae_keras.presets import digits

# (strength, width, the fractions of the epochs between which the gap opens; None: open from the start)
RECIPES = {
    "vae": None,
    "raised": (0.5, 0.005, (0.3, 0.7)),
    "raised-early": (0.5, 0.005, (0.0, 0.7)),
    "raised-1": (1.0, 0.005, (0.3, 0.7)),
    "fixed": (1.0, 0.005, None),
    "wide": (3.0, 0.01, None),
    "vae-mixture": None,
    "raised-mixture": (0.5, 0.005, (0.3, 0.7)),
    "fixed-mixture": (1.0, 0.005, None),
    "wide-mixture": (3.0, 0.01, None),
    "wide-early-mixture": (3.0, 0.01, (0.0, 0.3)),
    # each differs from one above in one thing alone: the schedule, the schedule, the width
    "small-start": (0.5, 0.005, None),
    "wide-early": (3.0, 0.01, (0.0, 0.7)),
    "raised-early-wider": (0.5, 0.01, (0.0, 0.7)),
}
WARMUP = 0.3  # of the epochs, as in the presets when the runs that are stored were made
HELD_OUT = {2: 1665}  # of 12,665 images of MNIST-01
TRAINED, VALIDATION = 8000, 2000  # of the digits 0 to K-1, K > 2
DRAWS = 10_000


def jobs(recipe, seeds, num_clusters=2):
    """One job for each seed."""
    return [
        {
            "section": "line",
            "name": f"line-{num_clusters}-{recipe}-{seed}",
            "recipe": recipe,
            "num_clusters": num_clusters,
            "seed": seed,
            "epochs": digits.EPOCHS,
        }
        for seed in seeds
    ]


def run(job):
    """Trains one model and measures it on validation images."""
    keras.backend.clear_session()
    x, labels, held_out, held_out_labels, judge = images(job["num_clusters"])
    vae, seconds = train(x, job["recipe"], job["seed"], job["epochs"], job["num_clusters"])
    y = np.asarray(vae.posterior(held_out).mean())
    found = {
        "seconds": seconds,
        "uncertain": metrics.uncertain_fraction(vae.sample(DRAWS, seed=job["seed"]), judge),
        "uncertain_data": metrics.uncertain_fraction(held_out, judge),
        "log_p": float(log_p(vae, held_out).mean()),
        "spread": float(y.std()),  # of the codes; 1 under the prior
    }
    if isinstance(vae.mapping, mappings.Clusters):
        part = np.asarray(vae.mapping.part(y))
        counts = np.zeros((job["num_clusters"], int(held_out_labels.max()) + 1))
        np.add.at(counts, (part, held_out_labels), 1)
        found["purity"] = float(counts.max(axis=1).sum() / len(y))
        found["digits"] = len(set(counts.argmax(axis=1)))  # that have a part of their own
    return found


@functools.cache
def images(num_clusters):
    """Training images and labels, validation images and labels, and a judge that saw the former alone."""
    if num_clusters == 2:
        (x, labels), _ = datasets.load("mnist01")
        rows = np.random.default_rng(0).permutation(len(x))
        held_out = HELD_OUT[2]
    else:
        (x, labels), _ = datasets.load("mnist")
        rows = np.random.default_rng(0).permutation(np.flatnonzero(labels < num_clusters))
        rows, held_out = rows[: TRAINED + VALIDATION], VALIDATION
    x, labels = x[rows], labels[rows]
    judge = metrics.train_classifier(x[:-held_out], labels[:-held_out])
    return x[:-held_out], labels[:-held_out], x[-held_out:], labels[-held_out:], judge


def train(x, recipe, seed, epochs, num_clusters=2, extra=(), **options):
    """The trained model and the seconds."""
    keras.utils.set_random_seed(seed)
    during, mapping = [callbacks.KLWarmup(epochs=WARMUP * epochs), *extra], None
    if RECIPES[recipe]:
        strength, width, opening = RECIPES[recipe]
        mapping = mappings.Clusters(num_clusters, strength=strength, width=width, **options)
        if opening:
            first, last = opening
            during.append(callbacks.StrengthAnnealing(epochs=(first * epochs, last * epochs)))
    prior = priors.GaussianMixture(30) if recipe.endswith("mixture") else None
    vae = digits.build(mapping, prior, seed)
    digits.compile_model(vae, epochs, len(x))
    start = time.perf_counter()
    vae.fit(x, epochs=epochs, batch_size=digits.BATCH, callbacks=during, verbose=0)
    return vae, time.perf_counter() - start


def log_p(vae, x, nodes=6001, reach=6.0):
    """Log p(x) in nats, shape (N,): the integral over the one latent y, by the trapezoid rule."""
    y = np.linspace(-reach, reach, nodes)
    if isinstance(vae.mapping, mappings.Clusters):  # resolve the steep zones
        proportions = keras.ops.convert_to_numpy(vae.mapping.proportions)
        boundaries = scipy.special.ndtri(np.cumsum(proportions)[:-1])
        zone = np.linspace(-5, 5, 201) * vae.mapping.width
        y = np.concatenate([y, np.ravel(boundaries[:, None] + zone)])
    if vae.prior.__class__ is not priors.StandardNormal:  # resolve narrow components
        drawn = vae.prior.sample(3000, 1, tf.constant([0, 0], tf.int32)).numpy()[:, 0]
        y = np.concatenate([y, drawn, np.linspace(drawn.min() - 1, drawn.max() + 1, nodes)])
    y = np.unique(y.astype("float32"))[:, None]
    z = [vae.mapping(tf.constant(part)) for part in np.array_split(y, 10)]
    logits = np.concatenate([np.asarray(vae.parameters_of(part)) for part in z])
    logits = logits.reshape(len(y), -1)
    log_prior = vae.prior.log_prob(tf.constant(y)).numpy().astype("float64")
    log_weight = np.log(np.gradient(y[:, 0].astype("float64")))
    constant = log_prior + log_weight - np.logaddexp(0, logits).sum(axis=1)
    rows = x.reshape(len(x), -1)
    return np.concatenate(
        [
            scipy.special.logsumexp(batch @ logits.T + constant, axis=1)
            for batch in np.array_split(rows, max(1, len(rows) // 200))
        ]
    )
