"""The VAE of a table: one recipe, but for the numbers of latents and epochs."""

import keras

from intelvae_keras import InteLVAE, callbacks, networks

# Latents and epochs: about 1,000 to 2,000 steps. Nothing else differs from table to table.
RECIPES = {"penguins": (4, 200), "wine": (2, 200), "breast cancer": (6, 150), "cells": (4, 60)}
_UNITS = [64, 64]
_BATCH = 32
_RATE = 3e-3
_WARMUP = 0.4  # of the epochs, in which the KL's weight rises


def fit(name, table, x, seed, epochs=None, mapping=None, likelihood=None):
    """The trained VAE of rows x, shape (N, D), NaN for holes."""
    keras.utils.set_random_seed(seed)
    latents, all_epochs = RECIPES[name]
    epochs = epochs or all_epochs
    likelihood = likelihood or table.likelihood
    vae = InteLVAE(
        latents,
        encoder=networks.mlp_encoder(_UNITS),
        mapping=mapping,
        decoder=networks.mlp_decoder(likelihood.parameters_shape((x.shape[1],)), _UNITS),
        likelihood=likelihood,
        seed=seed,
    )
    steps = epochs * -(-len(x) // _BATCH)
    rate = keras.optimizers.schedules.CosineDecay(_RATE, steps)
    vae.compile(keras.optimizers.Adam(rate))
    warmup = callbacks.Warmup(kl=_WARMUP)  # and what a mapping lets grow
    vae.fit(x, epochs=epochs, batch_size=_BATCH, callbacks=[warmup], verbose=0)
    return vae
