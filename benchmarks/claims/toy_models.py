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
WARMUP = 0.4  # of the steps: a longer one, 0.7, cost the ordinary VAE up to 0.3 nats


@keras.saving.register_keras_serializable(package="claims")
class Star(mappings.Mapping):
    r"""Straight arms that meet at the origin: each sector of the plane is pressed onto its middle.

    g(y) = (y . u_k) tanh( d(y) / width ) u_k,

    with u_k the unit vector along the middle of y's sector k, and d the distance from y to the nearest
    boundary of that sector, as in `mappings.Clusters`. All boundaries go to the origin, so g is
    continuous; its image is the star. Where a code of the data may lie, off the boundaries, is a
    straight line across the sector, which a Gaussian posterior can follow; with d(y) in the place of
    both factors it would be bent, which cost 0.7 nats.

    While it trains, `Folding` moves g from the identity to this, as `callbacks.WidthAnnealing` does for
    the clusters: pressed from the start, two arms of the data may settle on one arm of the latents.

    Shapes: (batch, 2) to (batch, 2).
    """

    def __init__(self, num_arms=5, width=0.05, **kwargs):
        super().__init__(**kwargs)
        self.num_arms = num_arms
        self.width = width
        self.sectors = mappings.Clusters(num_arms)  # for its geometry alone

    def call(self, y):
        middle = self._middle(y)
        along = keras.ops.sum(y * middle, axis=-1, keepdims=True)
        inside = keras.ops.tanh(self.sectors.boundary_distance(y)[:, None] / self.width)
        return self.fold * along * inside * middle + (1 - self.fold) * y

    def build(self, input_shape):
        self.sectors.build(input_shape)
        self.fold = self.add_weight(shape=(), initializer="ones", trainable=False, name="fold")
        super().build(input_shape)

    def _middle(self, y):
        part = keras.ops.cast(self.sectors.part(y), y.dtype)
        angle = np.pi / 2 + 2 * np.pi * (part + 0.5) / self.num_arms
        return keras.ops.stack([keras.ops.cos(angle), keras.ops.sin(angle)], axis=-1)

    def get_config(self):
        return super().get_config() | {"num_arms": self.num_arms, "width": self.width}


class Folding(keras.callbacks.Callback):
    """Moves a `Star` from the identity to its final form, linearly over so many steps."""

    every_batch = False  # a few steps at a time will do

    def __init__(self, steps):
        super().__init__()
        self.steps = steps

    def on_train_batch_begin(self, batch, logs=None):
        share = int(self.model.optimizer.iterations.numpy()) / self.steps
        self.model.mapping.fold.assign(min(share, 1.0))


@keras.saving.register_keras_serializable(package="claims")
class TwoRings(mappings.Mapping):
    r"""Two rings: the plane is cut at the median of |y|, and each part is glued to a circle.

    g(y) = r(|y|) y / |y|,    r = 1.5 + 0.5 tanh( (|y| - m) / width ),    m = sqrt(2 log 2),

    so that each of the circles with the radii 1 and 2 carries half of the prior's mass: the same cut as of
    `mappings.Clusters`, along the radius, behind the gluing of `mappings.Circle`.

    Shapes: (batch, 2) to (batch, 2).
    """

    def __init__(self, width=0.01, **kwargs):
        super().__init__(**kwargs)
        self.width = width
        self.circle = mappings.Circle()

    def call(self, y):
        radius = keras.ops.sqrt(keras.ops.sum(y**2, axis=-1, keepdims=True) + 1e-12)
        step = keras.ops.tanh((radius - np.sqrt(2 * np.log(2))) / self.width)
        return (1.5 + 0.5 * step) * self.circle(y)

    def get_config(self):
        return super().get_config() | {"width": self.width}


def mapping_for(toy):
    """The g whose image has the shape of the toy."""
    return {
        "circle": mappings.Circle,
        "figure_eight": mappings.FigureEight,
        "star": Star,
        "clusters": lambda: mappings.Clusters(5, strength=5.0),
        "two_rings": TwoRings,
    }[toy]()


def build(toy, model, x_train, seed):
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
        decoder=networks.mlp_decoder((2,), [64, 64]),
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
    bias = vae.posterior_layer.linear.bias  # the means, then L_11, L_21, L_22
    diagonal = np.log(np.expm1(scale)) - np.log(np.expm1(1.0))
    bias.assign([0.0, 0.0, diagonal, 0.0, diagonal])


def train(vae, x_train, steps, seed):
    """The one schedule of all: Adam, 3e-3 to 1e-4 by a cosine, KL warm-up over 40% of the steps."""
    cosine = keras.optimizers.schedules.CosineDecay(3e-3, steps, alpha=1e-4 / 3e-3)
    vae.compile(optimizer=keras.optimizers.Adam(cosine, global_clipnorm=5.0))
    watchers = [callbacks.KLWarmup(steps=WARMUP * steps)]
    if isinstance(vae.mapping, mappings.Clusters):
        watchers.append(callbacks.WidthAnnealing(steps=0.7 * steps, start=1.0))
    if isinstance(vae.mapping, Star):
        watchers.append(Folding(steps=0.7 * steps))
    # All steps in one epoch: nothing but the training itself takes time.
    rows = np.random.default_rng(seed).integers(len(x_train), size=steps * BATCH)
    vae.fit(x_train[rows], batch_size=BATCH, shuffle=False, callbacks=watchers, verbose=0)
