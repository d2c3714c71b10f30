"""`Clusters(K)` and `callbacks.Warmup()` with nothing set: in the plane, and in one latent.

Networks, optimizer and epochs are those of the presets; the schedule is that of `Warmup()` alone.
"""

import math

import keras
import numpy as np

from benchmarks.clusters import line
from intelvae_keras import (
    InteLVAE,
    callbacks,
    datasets,
    likelihoods,
    mappings,
    metrics,
    networks,
    posteriors,
)
from intelvae_keras.presets import digits, toy_shapes

RECIPES = ("plane", "line", "digits")  # of the latents and the data
PARTS = (2, 5, 9)
NOISE = 0.1  # of the points
DRAWS = 10_000


def jobs(recipe, seeds, num_clusters=2):
    """One job for each seed."""
    epochs = digits.EPOCHS if recipe == "digits" else toy_shapes.EPOCHS
    return [
        {
            "section": "defaults",
            "name": f"defaults-{recipe}-{num_clusters}-{seed}",
            "recipe": recipe,
            "num_clusters": num_clusters,
            "seed": seed,
            "epochs": epochs,
        }
        for seed in seeds
    ]


def run(job):
    """Trains one model and measures it on validation data."""
    keras.backend.clear_session()
    measure = on_digits if job["recipe"] == "digits" else on_points
    return measure(job["recipe"], job["num_clusters"], job["seed"], job["epochs"])


def on_digits(recipe, k, seed, epochs):
    """MNIST-01 in one latent, or the digits 0 to K-1."""
    x, _, held_out, labels, judge = line.images(k)
    keras.utils.set_random_seed(seed)
    vae = digits.build(mappings.Clusters(k), seed=seed)
    digits.compile_model(vae, epochs, len(x))
    fit(vae, x, epochs, digits.BATCH)
    return {
        "uncertain": metrics.uncertain_fraction(vae.sample(DRAWS, seed=seed), judge),
        "log_p": float(line.log_p(vae, held_out).mean()),
    } | parts(vae, held_out, labels)


def on_points(recipe, k, seed, epochs):
    """K clusters of points on a circle, in two latents, or side by side on a line, in one."""
    x, held_out, reference = (
        draw(recipe, size, k, [seed, part]) for size, part in ((20_000, 0), (4_000, 2), (50_000, 3))
    )
    keras.utils.set_random_seed(seed)
    mapping = mappings.Clusters(k)
    vae = toy_shapes.build(mapping, None, seed) if recipe == "plane" else one_latent(mapping, seed)
    toy_shapes.compile_and_fit(vae, epochs)
    fit(vae, x[0], epochs, toy_shapes.BATCH)
    means = vae.sample(DRAWS, seed=seed)
    scale = float(vae.likelihood.location_and_scale(0.0)[1])
    noise = np.random.default_rng([seed, 4]).standard_normal(means.shape)
    return {
        "off": metrics.off_manifold(means + scale * noise, reference[0]),
        "log_p": float(vae.log_likelihood(held_out[0], num_samples=100, seed=seed).mean()),
        "log_p_data": float(true_log_density(recipe, held_out[0], k).mean()),
        "scale": scale,
    } | parts(vae, *held_out)


def fit(vae, x, epochs, batch_size):
    """What a user would write."""
    vae.fit(x, epochs=epochs, batch_size=batch_size, callbacks=[callbacks.Warmup()], verbose=0)


def one_latent(mapping, seed):
    """The networks of the toys, with one latent."""
    return InteLVAE(
        latent_dim=1,
        encoder=networks.mlp_encoder([64, 64]),
        mapping=mapping,
        decoder=networks.mlp_decoder((2,), [64, 64]),
        likelihood=likelihoods.Gaussian(scale="learned", initial_scale=0.5),
        posterior=posteriors.GaussianPosterior(1, "diagonal", initial_scale=0.1),
        seed=seed,
    )


def centres(recipe, k):
    """The centres of the clusters, shape (K, 2): a circle of radius 1, or a line from -1 to 1."""
    if recipe == "plane":
        angles = 2 * np.pi * np.arange(k) / k
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)
    spacing = max(2.0, 0.6 * (k - 1))  # never closer than six deviations of the noise
    return np.stack([np.linspace(-spacing / 2, spacing / 2, k), np.zeros(k)], axis=1)


def draw(recipe, size, k, seed):
    """(points, labels)."""
    rng = np.random.default_rng(seed)
    if recipe == "plane":
        return datasets.clusters(size, k, NOISE, seed=rng)
    labels = rng.integers(k, size=size)
    points = centres(recipe, k)[labels] + NOISE * rng.normal(size=(size, 2))
    return points.astype("float32"), labels


def true_log_density(recipe, x, k):
    """Log p(x) of the data's own density, nats, shape (N,)."""
    squares = np.square(x[:, None] - centres(recipe, k)).sum(axis=-1)
    log_sum = np.logaddexp.reduce(-squares / (2 * NOISE**2), axis=1)
    return log_sum - math.log(k * 2 * math.pi * NOISE**2)


def parts(vae, x, labels):
    """How many clusters of the data have a part of their own, and how many examples lie in theirs."""
    part = np.asarray(vae.mapping.part(vae.posterior(x).mean()))
    counts = np.zeros((vae.mapping.num_clusters, int(labels.max()) + 1))
    np.add.at(counts, (part, labels), 1)
    return {
        "purity": float(counts.max(axis=1).sum() / len(part)),
        "apart": len(set(counts.argmax(axis=1)[counts.max(axis=1) > 0])),
    }
