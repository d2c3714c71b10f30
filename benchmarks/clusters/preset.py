"""The preset `mnist01-clusters` on fresh seeds, on all training images: how fast may the KL's weight grow?

No test image is read. A classifier of the training images judges what is drawn, at each y of a fine grid.
"""

import functools

import keras
import numpy as np
from keras import ops

from intelvae_keras import callbacks, datasets, mappings, metrics, presets
from intelvae_keras.presets import digits

# (of the epochs: the KL's weight has grown; whether codes are held at the middle while the gap opens)
RECIPES = {
    "kl-30": (0.3, False),
    "kl-20": (0.2, False),
    "kl-15": (0.15, False),
    "kl-10": (0.1, False),
    "centred": (0.3, True),
}
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
    kl, centred = RECIPES[job["recipe"]]
    r = presets.recipe("mnist01-clusters", seed=job["seed"], epochs=job["epochs"])
    vae = r.model
    if centred:
        keras.utils.set_random_seed(job["seed"])
        vae = digits.build(Centred(2), seed=job["seed"])
        digits.compile_model(vae, job["epochs"])
    vae.fit(x, verbose=0, **r.fit | {"callbacks": [callbacks.Warmup(kl=kl)]})
    return measure(vae, x, labels, judge)


class Centred(mappings.Clusters):
    """Two parts in one latent, with a loss that holds as many codes on either side while the gap opens.

    30 * 4 r (1 - r) * mean(tanh(y))^2, in nats, r from 0 to 1 as the strength in force grows. It is 0
    before and after.
    """

    def call(self, y, training=False):
        """Latents z = g(y)."""
        if training:
            opened = self.current_strength / self.strength
            balance = ops.mean(ops.tanh(y))
            self.add_loss(30.0 * 4 * opened * (1 - opened) * ops.square(balance))
        return super().call(y, training=training)


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
    found["wrong"] = wrong_side(np.asarray(vae.mapping.part(y)), labels)
    return found


def uncertain(vae, judge):
    """The prior's mass at which a classifier is sure of no digit, by quadrature over the one latent y."""
    zone = np.linspace(-5, 5, ZONE) * vae.mapping.width  # the steep one
    y = np.union1d(np.linspace(-REACH, REACH, NODES), zone)
    mass = np.exp(-np.square(y) / 2) * np.gradient(y)
    drawn = vae.decode(np.asarray(vae.mapping(y[:, None].astype("float32"))))
    sure = np.asarray(judge(drawn)).max(axis=1) >= SURE
    return float(mass[~sure].sum() / mass.sum())


def wrong_side(part, labels):
    """The larger of the proportions of 0s and of 1s in the other digit's part."""
    wrong = np.array([np.mean(part[labels == digit] != digit) for digit in (0, 1)])
    return float(min(wrong, 1 - wrong, key=np.sum).max())
