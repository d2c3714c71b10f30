"""The control of the parts of `Clusters`: what KMeans finds in the data, and in an ordinary VAE's codes."""

import numpy as np
from sklearn.cluster import KMeans

from intelvae_keras.presets import digits


def controls(x, is_rarer, epochs, seed):
    """The `score` of two groups of the images, and of the codes of an ordinary VAE, trained as the others.

    Args:
        x: Images, shape (N, H, W, 1).
        is_rarer: Whether each shows the rarer digit, shape (N,).
        epochs: Epochs of the ordinary VAE.
        seed: Integer seed.
    """
    vae = digits.build(None, seed=seed)
    digits.compile_model(vae, epochs, len(x))
    vae.fit(x, epochs=epochs, batch_size=digits.BATCH, callbacks=digits.schedule(), verbose=0)
    rows = {"images": x.reshape(len(x), -1), "codes": vae.posterior(x).mean().numpy()}
    return {name: score(_two_groups(values, seed), is_rarer) for name, values in rows.items()}


def score(part, is_rarer):
    """The proportion of the part with most images of the rarer digit, and the images on the right side."""
    # Parts have no names. Both digits in one part, or a digit cut in two, show in the agreement.
    own = int(np.bincount(part[is_rarer], minlength=2).argmax())
    agreement = float(np.mean((part == own) == is_rarer))
    return {"found": float(np.mean(part == own)), "agreement": agreement}


def _two_groups(rows, seed):
    return KMeans(2, n_init=10, random_state=seed).fit(rows).labels_
