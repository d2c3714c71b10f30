"""What claims 5 to 8 have in common: images, one network and schedule; and the classifiers."""

import math
import os
import pathlib
import time
from typing import NamedTuple

import keras
import numpy as np

from benchmarks.tuning.settings import GRIDS, Setting
from intelvae_keras import InteLVAE, callbacks, datasets, metrics, networks
from intelvae_keras.datasets import full
from intelvae_keras.metrics import cache

CACHE = pathlib.Path("runs/claims/cache")  # of the features, beside the runs
BATCH, WARMUP = 256, 0.08  # the warm-up in fractions of all epochs


DEFAULT = GRIDS["sparsity"][0]


class Images(NamedTuple):
    """A data set; settings are chosen on the validation part, the page reports the test part."""

    name: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_validation: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


def fashion_name(quick):
    """The full Fashion-MNIST where the user has it, else the part that ships: nothing is downloaded."""
    return "fashion_mnist" if not quick and full.on_disk("fashion_mnist") else "fashion_mnist_mini"


def load(name):
    """Trains on 20,000 images of a full set, 8,000 of the embedded one; validates on the next ones."""
    (x, labels), (x_test, y_test) = datasets.load(name)
    size, end = (8_000, 10_000) if name == "fashion_mnist_mini" else (20_000, 30_000)
    return Images(name, x[:size], labels[:size], x[size:end], x_test, y_test)


def describe(name):
    """The data in words, for the page."""
    if name == "fashion_mnist_mini":
        return "`fashion_mnist_mini`: 8,000 training, 2,000 validation and 2,000 test images"
    return (
        "Fashion-MNIST: the first 20,000 training images, the next 10,000 for validation, "
        "10,000 test images"
    )


def features(name, **training):
    """The features of the Frechet distance: of a classifier of the training part, cached."""
    os.environ.setdefault(cache.VARIABLE, str(CACHE.resolve()))
    return metrics.load_features(name, **training)


def train(x, epochs, seed, latent_dim, mapping=None, prior=None, beta=1.0, setting=DEFAULT):
    """An MLP, trained: every model of claims 5 to 8 has these networks and this schedule.

    The first biases and the learning rate are those of `setting`, see `benchmarks.tuning`.

    Returns:
        The model and the seconds of `fit`. No XLA, so that a seed gives the same model again.
    """
    keras.utils.set_random_seed(seed)
    vae = InteLVAE(
        latent_dim,
        encoder=networks.mlp_encoder([512, 256]),
        mapping=mapping() if mapping else None,
        decoder=networks.mlp_decoder(x.shape[1:], [256, 512], bias_spread=setting.bias_spread),
        likelihood="bernoulli",
        prior=prior,
        beta=beta,
        seed=seed,
    )
    steps = epochs * math.ceil(len(x) / BATCH)
    vae.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(setting.rate, steps)))
    start = time.perf_counter()
    warmup = callbacks.KLWarmup(epochs=WARMUP * epochs)
    vae.fit(x, batch_size=BATCH, epochs=epochs, callbacks=[warmup], verbose=0)
    return vae, time.perf_counter() - start


def setting(job):
    """The `Setting` that a job names."""
    return Setting(job["bias_spread"], job["rate"])


def elbo(vae, x):
    """The mean ELBO in nats, at beta = 1 whatever the model was trained with."""
    return float(vae.evaluate(x, batch_size=1000, verbose=0, return_dict=True)["elbo"])


def frechet(vae, real, of, seed):
    """The Frechet distance of as many samples as there are real images, in the features `of`."""
    return metrics.frechet_distance(of(real), of(vae.sample(len(real), seed=seed)))


def frechet_of_data(one, other, of):
    """The Frechet distance of two sets of real images, in the features `of`: what the best samples have."""
    size = min(len(one), len(other))
    return metrics.frechet_distance(of(one[:size]), of(other[:size]))
