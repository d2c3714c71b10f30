"""A short training run that may be killed and started again."""

import keras
from helpers.models import SHAPE, binary, small_vae, weights_of

from intelvae_keras import callbacks, mappings


def make():
    """The model: with random numbers of its own (Dropout), schedules, and an optimizer with state."""
    keras.utils.set_random_seed(0)
    encoder = keras.Sequential([keras.layers.Dense(8, "relu"), keras.layers.Dropout(0.2)])
    vae = small_vae(encoder=encoder, mapping=mappings.Clusters(3, learn_proportions=True))
    vae.build((None, *SHAPE))
    return vae


def train(vae, backup, epochs, *more_callbacks):
    """Trains, with a backup after each epoch and with everything that changes over time."""
    schedules = [
        callbacks.KLWarmup(epochs=0.7 * epochs),
        callbacks.WidthAnnealing(steps=2 * epochs, start=0.6),
    ]
    x = binary(40)
    vae.fit(
        x,
        validation_data=(x, None),
        batch_size=16,
        epochs=epochs,
        callbacks=[backup, *schedules, *more_callbacks],
        verbose=0,
    )
    return weights_of(vae)
