"""The models of claims 1 and 2: same networks, likelihood and training; the prior or g differs."""

import keras
import numpy as np

from intelvae_keras import InteLVAE, callbacks, likelihoods, mappings, networks, priors

ORDINARY = "ordinary VAE"
MIXTURE = "mixture of 30"
VAMP = "VampPrior of 30"
FLOW = "flow"
INTEL = "InteL-VAE"
BOTH = "InteL-VAE, mixture of 30"  # g, and a learned prior on y
NAMES = (ORDINARY, MIXTURE, VAMP, FLOW, INTEL, BOTH)
LEARNED = (MIXTURE, VAMP, FLOW)
MAPPED = (INTEL, BOTH)

BATCH = 256
EPOCHS = 20
TURNED = 5  # the epoch at whose beginning the rays of `Clusters` turn
LAST_RATE = 1e-4  # of the cosine
WARMUP = 0.4  # of the steps: a longer one, 0.7, cost the ordinary VAE up to 0.3 nats


def mapping_for(toy):
    """The g whose image has the shape of the toy."""
    return {
        "circle": mappings.Circle,
        "figure_eight": mappings.FigureEight,
        "star": mappings.Star,
        "clusters": lambda: mappings.Clusters(5, strength=1.0, width=0.01, turnable=True),
        "two_rings": mappings.TwoRings,
    }[toy]()


def build(toy, model, x_train, seed, bias_spread=0.0):
    """One of the models, with two latents, for points of the plane."""
    keras.utils.set_random_seed(seed)
    prior = {
        MIXTURE: lambda: priors.GaussianMixture(30, seed=seed),
        VAMP: lambda: priors.VampPrior(30, x_train, seed=seed),
        FLOW: lambda: priors.Flow(seed=seed),
        BOTH: lambda: priors.GaussianMixture(30, seed=seed),
    }.get(model, lambda: None)()
    vae = InteLVAE(
        latent_dim=2,
        encoder=networks.mlp_encoder([64, 64]),
        mapping=mapping_for(toy) if model in MAPPED else None,
        decoder=networks.mlp_decoder((2,), [64, 64], bias_spread=bias_spread),
        likelihood=likelihoods.Gaussian(scale="learned", initial_scale=0.5),
        posterior="full",
        prior=prior,
        seed=seed,
    )
    vae.build((None, 2))
    _start_narrow(vae)
    return vae


def _start_narrow(vae, scale=0.1):
    """Starts q(y|x) narrow, so that codes say something from the first step on.

    From the default scale of 1, most codes of a mapping that looks at angles say nothing at first.
    """
    bias = vae.posterior_layer.linear.bias  # the means, then L_22, L_21, L_11
    diagonal = np.log(np.expm1(scale)) - np.log(np.expm1(1.0))
    bias.assign([0.0, 0.0, diagonal, 0.0, diagonal])


def train(vae, x_train, steps, seed, rate=3e-3):
    """The one schedule of all: Adam, `rate` to 1e-4 by a cosine, KL warm-up over 40% of the steps."""
    cosine = keras.optimizers.schedules.CosineDecay(rate, steps, alpha=LAST_RATE / rate)
    vae.compile(optimizer=keras.optimizers.Adam(cosine, global_clipnorm=5.0))
    watchers = [callbacks.KLWarmup(steps=WARMUP * steps)]
    if isinstance(vae.mapping, mappings.Clusters):
        watchers += [
            callbacks.RayTurn(x_train, TURNED),
            callbacks.StrengthAnnealing(steps=(TURNED / EPOCHS * steps, 0.3 * steps)),
            callbacks.WidthAnnealing(steps=0.7 * steps, start=1.0),
        ]
    if isinstance(vae.mapping, mappings.Star):
        watchers.append(callbacks.Folding(steps=0.7 * steps))
    # Few, long epochs: nothing but the training itself takes time.
    rows = np.random.default_rng(seed).integers(len(x_train), size=steps // EPOCHS * BATCH)
    fit = {"epochs": EPOCHS, "batch_size": BATCH, "shuffle": False, "verbose": 0}
    vae.fit(x_train[rows], callbacks=watchers, **fit)
