"""The playground's JavaScript against the package: loss and steps from the same weights and noise."""

import itertools
import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.page import needs_node

from intelvae_keras import InteLVAE, likelihoods, mappings, networks, priors
from intelvae_keras._engine import replicas

HIDDEN, BATCH, STEPS, RATE, KL_WEIGHT, COMPONENTS = 32, 16, 3, 3e-3, 0.7, 10
pytestmark = [pytest.mark.slow, needs_node]


def turned(mapping, degrees):
    """The mapping in a plane turned by an angle, as the page has it."""
    a = np.deg2rad(degrees)
    turn = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    return keras.Sequential([mappings.Linear(turn.T), mapping, mappings.Linear(turn)])


CASES = {
    "none": ({"name": "none"}, lambda: None),
    "circle": ({"name": "circle"}, mappings.Circle),
    "eight": ({"name": "eight"}, mappings.FigureEight),
    "clusters": (
        {"name": "clusters", "K": 5, "strength": 2, "width": 0.1},
        lambda: mappings.Clusters(5, strength=2.0, width=0.1),
    ),
    "clusters turned": (
        {"name": "clusters", "K": 3, "strength": 1, "width": 0.3, "angle": 25},
        lambda: turned(mappings.Clusters(3, strength=1.0, width=0.3), 25),
    ),
    "star": ({"name": "star", "K": 5, "width": 0.1}, lambda: mappings.Star(5, width=0.1)),
    "rings": ({"name": "rings", "width": 0.2}, lambda: mappings.TwoRings(width=0.2)),
}


def build(mapping, posterior, prior):
    vae = InteLVAE(
        latent_dim=2,
        encoder=networks.mlp_encoder([HIDDEN, HIDDEN]),
        mapping=mapping,
        decoder=networks.mlp_decoder((2,), [HIDDEN, HIDDEN]),
        likelihood=likelihoods.Gaussian(scale="learned", initial_scale=0.5),
        posterior=posterior,
        prior=priors.GaussianMixture(COMPONENTS, seed=3) if prior == "mixture" else None,
        seed=1,
    )
    vae.build((None, 2))
    vae.kl_weight.assign(KL_WEIGHT)
    vae.compile(optimizer=keras.optimizers.Adam(RATE, global_clipnorm=5.0))
    return vae


def weights_of(vae, prior):
    """All trained numbers in the page's order: encoder, decoder, the likelihood's scale, the prior's."""
    layers = [*vae.encoder.weights, *vae.posterior_layer.weights, *vae.decoder.weights]
    mixture = [vae.prior.locs, vae.prior.raw_scales, vae.prior.logits] if prior == "mixture" else []
    parts = [*layers, vae.likelihood.raw_scale, *mixture]
    return np.concatenate([np.ravel(keras.ops.convert_to_numpy(part)) for part in parts])


# Each mapping once, and each posterior with each prior. The gradients of all, together, are tested in node.
PAIRS = itertools.cycle(itertools.product(["full", "diagonal"], ["normal", "mixture"]))


@pytest.mark.parametrize(
    ("case", "posterior", "prior"),
    [(case, *pair) for case, pair in zip(CASES, PAIRS, strict=False)],
)
def test_loss_and_steps_are_those_of_keras(in_node, case, posterior, prior, monkeypatch):
    keras.config.set_floatx("float64")  # so that what is left to differ is the mathematics
    keras.config.set_dtype_policy("float64")
    g, make = CASES[case]
    vae = build(make(), posterior, prior)
    rng = np.random.default_rng(0)
    x = rng.normal(0, 0.7, (STEPS, BATCH, 2))
    noise = rng.standard_normal((STEPS, BATCH, 2))
    drawn = iter(noise)
    monkeypatch.setattr(
        replicas, "draw", lambda q, _: q.loc + q.scale.matvec(tf.constant(next(drawn), q.dtype))
    )
    job = {
        "settings": {"hidden": HIDDEN, "covariance": posterior, "prior": prior, "g": g},
        "weights": weights_of(vae, prior).tolist(),
        "x": x.reshape(STEPS, -1).tolist(),
        "noise": noise.reshape(STEPS, -1).tolist(),
        "rate": RATE,
        "kl_weight": KL_WEIGHT,
    }
    page = json.loads(in_node("steps.mjs", given=json.dumps(job)))
    start = weights_of(vae, prior)
    tf.config.run_functions_eagerly(True)  # each step takes the noise of its own
    for step in range(STEPS):
        vae.reset_metrics()
        logs = vae.train_step((tf.constant(x[step]),))
        wanted = [float(logs["reconstruction"]), float(logs["kl"])]
        np.testing.assert_allclose(page["terms"][step], wanted, rtol=1e-5, atol=1e-5)
    assert np.abs(weights_of(vae, prior) - start).max() > RATE  # the steps did something
    np.testing.assert_allclose(page["weights"], weights_of(vae, prior), rtol=1e-5, atol=1e-5)
