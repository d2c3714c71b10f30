"""Claim 3, and claim 2 on images: MNIST-01 in one latent, six models under one schedule.

The prior and the mapping differ, and what `benchmarks.tuning` chose for each. The schedule is that of the
presets, whose settings were chosen on validation data and other seeds. The learned priors have the package's
defaults.
"""

import time

import keras
import numpy as np
import tensorflow as tf

from benchmarks.claims import image_models
from benchmarks.claims.mnist01.page import section
from benchmarks.claims.seeds import chosen_seeds
from benchmarks.tuning import settings
from intelvae_keras import callbacks, datasets, mappings, metrics, priors
from intelvae_keras._engine import array_batches
from intelvae_keras.demo.results import Settings
from intelvae_keras.presets import digits

__all__ = ["TITLE", "jobs", "run", "section"]

TITLE = "Claim 3, and claim 2 on images: MNIST-01 in one latent"
MODELS = ("ordinary", "mixture", "vamp", "flow", "intel", "intel_mixture")
QUICK = ("ordinary", "mixture", "intel", "intel_mixture")
COMPONENTS = 30
WIDE_OPENS = 0.3  # of the epochs: until then the gap beside a learned prior is open
SWEEP, SHOWN = 10_000, 16  # quantiles of the prior that are judged, and shown


def jobs(quick, seeds):
    """One job for each model and seed."""
    return [
        {
            "section": "mnist01",
            "name": f"mnist01-{model}-{seed}",
            "seed": seed,
            "model": model,
            "epochs": 4 if quick else Settings().epochs,
            "likelihood_samples": 20 if quick else Settings().likelihood_samples,
            **settings.chosen("mnist01", "mnist01", model)._asdict(),
        }
        for seed in chosen_seeds(quick, seeds, 5)
        for model in (QUICK if quick else MODELS)
    ]


def mapping_for(model):
    """The two parts of the preset; a wider gap beside a learned prior, whose codes spread wider."""
    wide = mappings.Clusters(2, strength=3.0, width=0.01)
    return {"intel": digits.two_parts(), "intel_mixture": wide}.get(model)


def schedule(model, mapping, epochs):
    """That of the preset; beside a learned prior the gap opens at once, while codes still move."""
    if model != "intel_mixture":
        return digits.schedule()
    opening = callbacks.StrengthAnnealing(epochs=WIDE_OPENS * epochs)
    return [*digits.schedule(), opening]


def fitted(job, x_train):
    """The model of a job, trained; and the seconds of `fit`."""
    seed, epochs = job["seed"], job["epochs"]
    keras.utils.set_random_seed(seed)
    prior = {
        "mixture": lambda: priors.GaussianMixture(COMPONENTS),
        "intel_mixture": lambda: priors.GaussianMixture(COMPONENTS),
        "vamp": lambda: priors.VampPrior(COMPONENTS, x_train),
        "flow": priors.Flow,
    }.get(job["model"], lambda: None)()
    vae = digits.build(mapping_for(job["model"]), prior, seed, job["bias_spread"])
    digits.compile_model(vae, epochs, len(x_train), job["rate"])
    during, start = schedule(job["model"], vae.mapping, epochs), time.perf_counter()
    vae.fit(x_train, epochs=epochs, batch_size=digits.BATCH, callbacks=during, verbose=0)
    return vae, time.perf_counter() - start


def run(job):
    """Trains one model and measures it on the test images."""
    keras.backend.clear_session()
    (x_train, _), (x_test, y_test) = datasets.load("mnist01")
    judge = image_models.features("mnist01", epochs=3).classifier  # 3 are plenty for two digits
    seed = job["seed"]
    vae, seconds = fitted(job, x_train)
    mapping = vae.mapping
    bound = vae.log_likelihood(x_test, num_samples=job["likelihood_samples"], seed=seed)
    terms = vae.evaluate(x_test, batch_size=512, verbose=0, return_dict=True)
    samples = vae.sample(Settings().prior_samples, seed=seed)
    swept, mass = sweep(vae, SWEEP)
    # Evenly spaced among them, of which none is the median: that is a boundary between clusters.
    shown = swept[np.arange(SHOWN) * SWEEP // SHOWN + SWEEP // (2 * SHOWN)]
    result = {
        "seconds": seconds,
        "log_p": float(np.mean(bound)),
        "kl": float(terms["kl"]),
        "elbo": float(terms["elbo"]),
        "uncertain": metrics.uncertain_fraction(samples, judge),
        "between": metrics.uncertain_fraction(swept, judge),
        "sweep_mass": mass,
        "ones": float(np.mean(array_batches.in_batches(samples, judge)[:, 1] > 0.5)),
        "uncertain_test": metrics.uncertain_fraction(x_test, judge),
        "shown": np.rint(255 * shown[..., 0]).astype(int).tolist(),
    }
    if isinstance(mapping, mappings.Clusters):
        part = np.asarray(mapping.part(vae.posterior(x_test).mean()))
        agreement = float(np.mean(part == y_test))
        result["agreement"] = max(agreement, 1 - agreement)  # the parts have no names
    return result


def sweep(vae, count):
    """Decodings at the middles of `count` parts of the prior, equal ones, in the order of y.

    Returns:
        The decodings, shape (count, H, W, 1), and the mass of the density on the grid, which is 1 if
        density, sampler and grid agree.
    """
    drawn = vae.prior.sample(100_000, 1, tf.constant([0, 0], tf.int32)).numpy()[:, 0]
    # Nodes where the prior has its mass, so that narrow components are resolved, and beyond.
    width = np.ptp(drawn)
    even = np.linspace(drawn.min() - width, drawn.max() + width, 100_001)
    nodes = np.unique(np.concatenate([drawn, even]).astype("float32"))
    density = np.exp(vae.prior.log_prob(tf.constant(nodes[:, None])).numpy().astype("float64"))
    pieces = (density[1:] + density[:-1]) / 2 * np.diff(nodes.astype("float64"))
    cumulative = np.concatenate([[0.0], np.cumsum(pieces)])
    parts = (np.arange(count) + 0.5) / count * cumulative[-1]
    y = np.interp(parts, cumulative, nodes)[:, None].astype("float32")
    z = vae.mapping(tf.constant(y)).numpy()
    return vae.decode(z), float(cumulative[-1])
