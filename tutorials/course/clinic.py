"""The clinic of notebook 10: data drawn through a known g, models with it and without, and diagnostics.

`benchmarks/clinic.py` runs the same over seeds.
"""

import keras
import numpy as np
from keras import ops
from scipy.spatial import cKDTree

from intelvae_keras import InteLVAE, callbacks, likelihoods, metrics, networks

NOISE = 0.05  # standard deviation of x around the strip
TRUE, BAND, ORDINARY, TWO = "true g", "wrong g", "none", "none, two latents"
MODELS = (TRUE, BAND, ORDINARY, TWO)


def _around(y, twist):
    """Z = ((1 + v_1) cos t, (1 + v_1) sin t, v_2): t the angle of (y_1, y_2), v the place across."""
    plane, u = y[:, :2], y[:, 2:4]
    length = ops.norm(plane, axis=1, keepdims=True)
    cos, sin = ops.split(
        ops.where(length > 1e-6, plane / ops.maximum(length, 1e-6), [1.0, 0.0]), 2, 1
    )
    if (
        twist
    ):  # the direction (cos t/2, sin t/2) turns by half while t goes round once: P u = e (e'u)
        v = (
            ops.concatenate(
                [(1 + cos) * u[:, :1] + sin * u[:, 1:], sin * u[:, :1] + (1 - cos) * u[:, 1:]], 1
            )
            / 2
        )
    else:
        v = ops.concatenate([0 * u[:, :1], u[:, 1:]], 1)
    v = (
        0.5 * v / ops.sqrt(1 + ops.sum(v**2, axis=1, keepdims=True))
    )  # nearer than 1/2 to the middle
    return ops.concatenate([(1 + v[:, :1]) * cos, (1 + v[:, :1]) * sin, v[:, 1:]], 1)


def moebius(y):
    """A strip with half a twist: y, shape (N, 4), to z, shape (N, 3)."""
    return _around(y, twist=True)


def band(y):
    """A strip without a twist: y, shape (N, 4), to z, shape (N, 3)."""
    return _around(y, twist=False)


def data(number, seed):
    """x, shape (N, 3): points of the Moebius strip at y ~ N(0, I), and noise."""
    rng = np.random.default_rng([seed, 7])
    z = np.asarray(moebius(rng.normal(size=(number, 4)).astype("float32")))
    return (z + rng.normal(0, NOISE, z.shape)).astype("float32")


def train(model, x, seed, steps=2_000, extra=()):
    """One of the models: the same networks and schedule, but for g and the number of latents."""
    keras.utils.set_random_seed(seed)
    vae = InteLVAE(
        2 if model == TWO else 4,
        encoder=networks.mlp_encoder([64, 64]),
        mapping={TRUE: moebius, BAND: band}.get(model),
        decoder=networks.mlp_decoder((3,), [64, 64]),
        likelihood=likelihoods.Gaussian("learned", initial_scale=0.3),
        posterior="full",
        seed=seed,
    )
    batch, epochs = 256, 20
    decay = keras.optimizers.schedules.CosineDecay(5e-3, steps, alpha=0.02)
    vae.compile(keras.optimizers.Adam(decay, global_clipnorm=5.0))
    rows = np.random.default_rng(seed).integers(len(x), size=steps // epochs * batch)
    vae.fit(
        x[rows],
        batch_size=batch,
        epochs=epochs,
        shuffle=False,
        verbose=0,
        callbacks=[callbacks.Warmup(), *extra],
    )
    return vae


def tear(codes, x):
    """Proportion of points whose nearest neighbour in x has a code far off: over half a typical distance."""
    nearest = cKDTree(x).query(x, 2)[1][:, 1]
    jump = np.linalg.norm(codes - codes[nearest], axis=1)
    other = np.random.default_rng(0).permutation(len(x))
    return float(np.mean(jump > np.median(np.linalg.norm(codes - codes[other], axis=1)) / 2))


def strays(drawn, x):
    """Proportion of draws farther from the data than 99% of the data are from each other."""
    tree = cKDTree(x)
    limit = np.quantile(tree.query(x, 2)[0][:, 1], 0.99)
    return float(np.mean(tree.query(drawn)[0] > limit))


def diagnose(vae, x, x_test, history=None):
    """All diagnostics of a model, a number each."""
    seed = 0
    y = vae.posterior(x).sample(seed=seed).numpy()
    y_drawn = np.random.default_rng(1).normal(size=y.shape).astype("float32")
    z, z_drawn = (np.asarray(vae.mapping(latents)) for latents in (y, y_drawn))
    drawn = vae.sample(len(x), seed=1, noise=True)
    return {
        "elbo": float(vae.evaluate(x_test, verbose=0, return_dict=True)["elbo"]),
        "log_p": float(vae.log_likelihood(x_test, num_samples=500, seed=0).mean()),
        "auc_y": metrics.two_sample_auc(y_drawn, y),
        "auc_z": metrics.two_sample_auc(z_drawn, z),
        "auc_x": metrics.two_sample_auc(drawn, x),
        "strays": strays(drawn, x),
        "tear": tear(vae.encode(x), x),
    }
