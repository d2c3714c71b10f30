"""Five clusters of points in two latents: strength, width, and rays that turn once."""

import keras
import numpy as np

from benchmarks.claims import toys as claims
from intelvae_keras import callbacks, mappings, metrics
from intelvae_keras.presets import toy_shapes
from intelvae_keras.presets.recipes import cosine_adam

# (strength, width, span of the strength, whether the width is annealed, whether the rays turn once)
RECIPES = {
    "vae": None,
    "width-5": (5.0, 0.01, None, True, False),
    "width-2": (2.0, 0.01, None, True, False),
    "width-1": (1.0, 0.01, None, True, False),
    "width-2-narrow": (2.0, 0.005, None, True, False),
    "width-1-narrow": (1.0, 0.005, None, True, False),
    "width-1-narrower": (1.0, 0.002, None, True, False),
    "width-half-narrow": (0.5, 0.005, None, True, False),
    "raised": (2.0, 0.01, (0.25, 0.7), False, False),
    "raised-width": (2.0, 0.01, (0.25, 0.7), True, False),
    "turned": (2.0, 0.01, (0.25, 0.7), False, True),
    "turned-width": (2.0, 0.01, (0.25, 0.7), True, True),
    "turned-width-narrow": (1.0, 0.005, (0.25, 0.7), True, True),
    "turned-soon": (1.0, 0.01, (0.25, 0.3), True, True),
    "turned-soon-narrow": (1.0, 0.005, (0.25, 0.3), True, True),
    "turned-soon-2": (2.0, 0.01, (0.25, 0.3), True, True),
}
PARTS = 5
WARMUP, SHAPING = 0.4, 0.7  # of the epochs: the KL's weight grows, the width narrows until then


def jobs(recipe, seeds):
    """One job for each seed."""
    return [
        {
            "section": "plane",
            "name": f"plane-{recipe}-{seed}",
            "recipe": recipe,
            "seed": seed,
            "epochs": toy_shapes.EPOCHS,
        }
        for seed in seeds
    ]


def run(job):
    """Trains one model and measures it on validation points."""
    keras.backend.clear_session()
    x, held_out, reference = claims.data("clusters", job["seed"], "validation")
    vae = train(x, RECIPES[job["recipe"]], job["seed"], job["epochs"])
    return measure(vae, held_out, reference, job["seed"])


def train(x, recipe, seed, epochs):
    """The trained model of one of the recipes."""
    keras.utils.set_random_seed(seed)
    mapping, during = None, [callbacks.KLWarmup(epochs=WARMUP * epochs)]
    if recipe:
        strength, width, span, narrows, turns = recipe
        mapping = mappings.Clusters(PARTS, strength=strength, width=width, turnable=turns)
        if turns:
            during.append(callbacks.RayTurn(x, int(span[0] * epochs)))
        if span:
            first, last = span
            during.append(callbacks.StrengthAnnealing(epochs=(first * epochs, last * epochs)))
        if narrows:
            during.append(callbacks.WidthAnnealing(epochs=SHAPING * epochs, start=1.0))
    vae = toy_shapes.build(mapping, None, seed)
    vae.compile(cosine_adam(toy_shapes.RATE, len(x), epochs, toy_shapes.BATCH, global_clipnorm=5.0))
    vae.fit(x, epochs=epochs, batch_size=toy_shapes.BATCH, callbacks=during, verbose=0)
    return vae


def measure(vae, held_out, reference, seed, draws=10_000):
    """What decides: samples off the data, log p(x), and how many clusters share a part."""
    means = vae.sample(draws, seed=seed)
    scale = float(vae.likelihood.location_and_scale(0.0)[1])
    noise = np.random.default_rng([seed, 4]).standard_normal(means.shape)
    found = {
        "off": metrics.off_manifold(means + scale * noise, reference),
        "between": claims.measures.between_modes("clusters", means + scale * noise),
        "off_data": metrics.off_manifold(held_out, reference),
        "log_p": float(vae.log_likelihood(held_out, num_samples=100, seed=seed).mean()),
        "log_p_data": float(claims.measures.true_log_density("clusters", held_out).mean()),
        "scale": scale,
    }
    if isinstance(vae.mapping, mappings.Clusters):
        part = np.asarray(vae.mapping.part(vae.posterior(held_out).mean()))
        counts = np.zeros((PARTS, PARTS))
        np.add.at(counts, (part, _own(held_out)), 1)
        found["purity"] = float(counts.max(axis=1).sum() / len(part))
        found["clusters"] = len(set(counts.argmax(axis=1)))  # that have a part of their own
    return found


def _own(x):
    """The nearest cluster's number of each point."""
    complex_x = x[:, 0] + 1j * x[:, 1]
    return np.abs(complex_x[:, None] - claims.measures.CENTRES).argmin(axis=1)
