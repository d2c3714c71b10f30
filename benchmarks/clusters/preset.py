"""The preset `mnist01-clusters` on fresh seeds, on all training images: how fast may the KL's weight grow?

No test image is read. A classifier of the training images judges what is drawn, at each y of a fine grid.
"""

import functools

import keras
import numpy as np

from intelvae_keras import callbacks, datasets, metrics, presets
from intelvae_keras.presets import digits

# Of the epochs: the KL's weight has grown, for the preset and for the ordinary VAE beside it.
RECIPES = {"kl-30": 0.3, "kl-10": 0.1, "vae-30": 0.3, "vae-10": 0.1}
SURE = 0.8  # a classifier's probability
NODES, REACH, ZONE = 1001, 5.0, 201  # of the grid of y, and of the steep zone


def jobs(recipe, seeds):
    """One job for each seed."""
    return [
        {
            "section": "preset",
            "name": f"preset-{recipe}-{seed}",
            "recipe": recipe,
            "seed": seed,
            "epochs": digits.EPOCHS,
        }
        for seed in seeds
    ]


def run(job):
    """Trains the preset with one seed, and measures it."""
    keras.backend.clear_session()
    x, labels, judge = images()
    name = "mnist01-vae" if job["recipe"].startswith("vae") else "mnist01-clusters"
    r = presets.recipe(name, seed=job["seed"], epochs=job["epochs"])
    r.fit["callbacks"] = [callbacks.Warmup(kl=RECIPES[job["recipe"]])]
    r.model.fit(x, verbose=0, **r.fit)
    return measure(r.model, x, labels, judge)


@functools.cache
def images():
    """All training images, their labels, and a classifier of them."""
    (x, labels), _ = datasets.load("mnist01")
    return x, labels, metrics.train_classifier(x, labels)


def measure(vae, x, labels, judge):
    """What decides: samples between the digits, digits on the wrong side, and the price."""
    y = np.asarray(vae.posterior(x).mean())
    found = {
        "uncertain": uncertain(vae, judge),
        "elbo": float(vae.evaluate(x, batch_size=1000, verbose=0, return_dict=True)["elbo"]),
        "spread": float(y.std()),  # of the codes; 1 under the prior
    }
    if hasattr(vae.mapping, "part"):
        found["wrong"] = wrong_side(np.asarray(vae.mapping.part(y)), labels)
    return found


def uncertain(vae, judge):
    """The prior's mass at which a classifier is sure of no digit, by quadrature over the one latent y."""
    y = np.linspace(-REACH, REACH, NODES)
    if hasattr(vae.mapping, "part"):  # resolve the steep zone
        y = np.union1d(y, np.linspace(-5, 5, ZONE) * vae.mapping.width)
    mass = np.exp(-np.square(y) / 2) * np.gradient(y)
    drawn = vae.decode(np.asarray(vae.mapping(y[:, None].astype("float32"))))
    sure = np.asarray(judge(drawn)).max(axis=1) >= SURE
    return float(mass[~sure].sum() / mass.sum())


def wrong_side(part, labels):
    """The larger of the proportions of 0s and of 1s in the other digit's part."""
    wrong = np.array([np.mean(part[labels == digit] != digit) for digit in (0, 1)])
    return float(min(wrong, 1 - wrong, key=np.sum).max())
