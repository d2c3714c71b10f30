"""Every prior but N(0, I), by name, for data of `models.SHAPE`, and a model that has one."""

import numpy as np
import pytest
import tensorflow as tf

from helpers.models import binary, small_vae
from intelvae_keras import priors

MAKE = {
    "mixture": lambda: priors.GaussianMixture(4, seed=1),
    "vamp": lambda: priors.VampPrior(5, binary(24), seed=1),
    "flow": lambda: priors.Flow(num_bins=6, hidden=[8], seed=1),
    "laplace": priors.Laplace,
}
ALL = pytest.mark.parametrize("name", MAKE)
SEED = tf.constant([0, 1])


def model_with(name, latent_dim=1, **kwargs):
    """A small model whose prior and posterior are far from those that training starts with."""
    vae = small_vae(latent_dim, prior=MAKE[name](), **{"compile": False} | kwargs)
    vae.build((None, 6))
    rng = np.random.default_rng(latent_dim)
    size = 0.5 if latent_dim == 1 else 0.2
    for weight in [*vae.prior.weights, *vae.posterior_layer.weights]:
        if "values" not in weight.path:  # the pseudo-inputs stay in the support
            weight.assign(weight + size * rng.normal(size=weight.shape))
    return vae


def bent(name, latent_dim=1, **kwargs):
    return model_with(name, latent_dim, **kwargs).prior
