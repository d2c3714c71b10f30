"""The clinic of notebook 10: data drawn through a known g, models with it and without, and diagnostics.

`benchmarks/clinic.py` runs the same over seeds.
"""

import keras
import numpy as np
import scipy.special
from keras import ops
from scipy.spatial import cKDTree

from intelvae_keras import InteLVAE, callbacks, likelihoods, mappings, metrics, networks, posteriors

NOISE = 0.05  # standard deviation of x around the strip
DRAWS = 100  # of y for each test point: with one, the ELBO of the true g is noisy by half a nat
TRUE, BAND, CLUSTERS = "true g", "ring without a twist", "three clusters"
ORDINARY, TWO = "none", "none, two latents"
MODELS = (TRUE, ORDINARY, BAND, TWO, CLUSTERS)


def _scale(v):
    return ops.maximum(ops.max(ops.abs(v), axis=1, keepdims=True), 1.0)


def _around(y, across):
    """((1 + v_1) cos t, (1 + v_1) sin t, v_2): t is the angle of (y_1, y_2), and v lies across the ring."""
    plane, u = y[:, :2] / _scale(y[:, :2]), y[:, 2:4]  # scaled, so that no square overflows
    length = ops.norm(plane, axis=1, keepdims=True)
    circle = ops.where(length > 1e-6, plane / ops.maximum(length, 1e-6), [1.0, 0.0])
    cos, sin = circle[:, :1], circle[:, 1:]
    v = across(cos, sin, u[:, :1], u[:, 1:])
    small = v / _scale(v)  # and v / 2 / sqrt(1 + |v|^2): nearer than 1/2 to the middle of the strip
    v = small / 2 / ops.sqrt(_scale(v) ** -2 + ops.sum(small**2, axis=1, keepdims=True))
    return ops.concatenate([(1 + v[:, :1]) * cos, (1 + v[:, :1]) * sin, v[:, 1:]], axis=1)


def _turning(cos, sin, u_1, u_2):
    """E (e'u), with e = (cos t/2, sin t/2), which turns by half while t goes round once."""
    return ops.concatenate([(1 + cos) * u_1 + sin * u_2, sin * u_1 + (1 - cos) * u_2], axis=1) / 2


def _upright(cos, sin, u_1, u_2):
    return ops.concatenate([0 * u_1, u_2], axis=1)


def moebius(y):
    """A strip with half a twist: y, shape (N, 4), to z, shape (N, 3)."""
    return _around(y, _turning)


def band(y):
    """A strip without a twist: y, shape (N, 4), to z, shape (N, 3)."""
    return _around(y, _upright)


def data(number, seed):
    """x, shape (N, 3): points of the Moebius strip at y ~ N(0, I), and noise."""
    rng = np.random.default_rng([seed, 7])
    z = np.asarray(moebius(rng.normal(size=(number, 4)).astype("float32")))
    return (z + rng.normal(0, NOISE, z.shape)).astype("float32")


def train(model, x, seed, steps=2_500, extra=()):
    """One of the models: the same networks and schedule, but for g and the number of latents."""
    keras.utils.set_random_seed(seed)
    latents = 2 if model == TWO else 4
    vae = InteLVAE(
        latents,
        encoder=networks.mlp_encoder([64, 64]),
        mapping={TRUE: moebius, BAND: band, CLUSTERS: mappings.Clusters(3)}.get(model),
        decoder=networks.mlp_decoder((3,), [64, 64]),
        likelihood=likelihoods.Gaussian("learned", initial_scale=0.3),
        posterior=posteriors.GaussianPosterior(latents, "full", initial_scale=0.1),
        seed=seed,
    )
    batch, epochs = 256, 20
    decay = keras.optimizers.schedules.CosineDecay(1e-2, steps, alpha=0.01)
    vae.compile(keras.optimizers.Adam(decay, global_clipnorm=5.0))
    rows = np.random.default_rng(seed).integers(len(x), size=steps // epochs * batch)
    vae.fit(
        x[rows],
        batch_size=batch,
        epochs=epochs,
        shuffle=False,
        verbose=0,
        callbacks=[callbacks.Warmup(kl=0.7), *extra],
    )
    return vae


def log_p_of_data(x, angles=360, across=161):
    """The true log p(x) of each point, shape (N,), in nats: the integral over the strip, by quadrature."""
    t = np.linspace(-np.pi, np.pi, angles, endpoint=False)
    w = np.linspace(-4, 4, across)
    weight = np.exp(-(w**2) / 2)
    t, w = np.meshgrid(t, w, indexing="ij")
    e = np.stack([np.cos(t), np.sin(t), w * np.cos(t / 2), w * np.sin(t / 2)], axis=-1)
    z = np.asarray(moebius(e.reshape(-1, 4).astype("float32")))
    log_weight = np.tile(np.log(weight / weight.sum() / angles), angles)
    log_scale = 1.5 * np.log(2 * np.pi * NOISE**2)
    squares = [((z - point) ** 2).sum(axis=1) for point in np.asarray(x)]
    return (
        np.array([scipy.special.logsumexp(log_weight - s / (2 * NOISE**2)) for s in squares])
        - log_scale
    )


def strays(drawn, x):
    """Proportion of draws farther from the data x than 99% of the data are from their nearest neighbour."""
    tree = cKDTree(x)
    limit = np.quantile(tree.query(x, 2)[0][:, 1], 0.99)
    return float(np.mean(tree.query(drawn)[0] > limit))


def stretch(codes, x):
    """How far apart codes of neighbours lie at the worst places: 99.9% quantile over median of dz / dx."""
    distance, near = cKDTree(x).query(x, 6)
    apart = np.linalg.norm(codes[near[:, 1:]] - codes[:, None], axis=-1)
    ratio = (apart / distance[:, 1:]).max(axis=1)
    return float(np.quantile(ratio, 0.999) / np.median(ratio))


def diagnose(vae, x, x_test):
    """What people look at, a number each: x are training data, x_test are not."""
    y = vae.posterior(x).sample(seed=0).numpy()
    y_drawn = np.random.default_rng(1).normal(size=y.shape).astype("float32")
    z, z_drawn = (np.asarray(vae.mapping(latents)) for latents in (y, y_drawn))
    drawn = vae.sample(len(x), seed=1, noise=True)
    many = np.repeat(x_test, DRAWS, axis=0)
    of_test = vae.evaluate(many, batch_size=1000, verbose=0, return_dict=True)
    error = np.linalg.norm(vae.predict(x_test, verbose=0) - x_test, axis=1)
    return {
        "elbo": float(of_test["elbo"]),
        "kl": float(of_test["kl"]),
        "log_p": float(vae.log_likelihood(x_test, num_samples=200, seed=0).mean()),
        "error": float(np.sqrt((error**2).mean())),
        "worst": float(np.quantile(error, 0.99)),
        "auc_y": metrics.two_sample_auc(y_drawn, y),
        "auc_z": metrics.two_sample_auc(z_drawn, z),
        "auc_x": metrics.two_sample_auc(drawn, x),
        "strays": strays(drawn, x),
        "stretch": stretch(vae.encode(x), x),
        "live": int(metrics.active_units(vae, x_test)),
    }
