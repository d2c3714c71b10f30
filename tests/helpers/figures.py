"""Small models and data that figures are drawn of, and what a figure shows, read back."""

import keras
import numpy as np

from intelvae_keras import InteLVAE, networks

RNG = np.random.default_rng(0)
X = RNG.random((40, 6, 5, 1)).astype("float32")
POINTS = RNG.normal(size=(40, 2)).astype("float32")
LABELS = np.arange(40) % 3


def make_model(latent_dim=1, shape=(6, 5, 1), mapping=None, **kwargs):
    likelihood = "gaussian" if len(shape) == 1 else "bernoulli"
    model = InteLVAE(
        latent_dim,
        encoder=networks.mlp_encoder([8]),
        mapping=mapping,
        decoder=networks.mlp_decoder(shape, [8]),
        likelihood=likelihood,
        seed=0,
        **kwargs,
    )
    model.build((None, *shape))
    return model


def drawn_images(ax):
    return np.stack([image.get_array() for image in ax.images])


def texts(ticks):
    return [label.get_text().replace("−", "-") for label in ticks]


def scattered(ax, index=0):
    return np.asarray(ax.collections[index].get_offsets())


def decode(model, y):
    y = np.asarray(y, "float32").reshape(-1, model.latent_dim)
    return model.decode(keras.ops.convert_to_numpy(model.mapping(keras.ops.array(y))))
