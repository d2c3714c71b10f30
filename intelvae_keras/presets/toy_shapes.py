"""Recipes for points of the plane: an ordinary VAE, a mapping with the data's shape, a learned prior."""

from collections.abc import Callable
from functools import partial
from typing import Any

from intelvae_keras import (
    InteLVAE,
    callbacks,
    likelihoods,
    mappings,
    networks,
    posteriors,
    priors,
)
from intelvae_keras.presets.recipes import Recipe, cosine_adam

EXAMPLES, EPOCHS, BATCH, RATE = 20_000, 76, 256, 3e-3  # 6,000 steps


def build(
    mapping: mappings.Mapping | None = None,
    prior: priors.Prior | None = None,
    seed: int | None = None,
    bias_spread: float = 0.0,
) -> InteLVAE:
    """The networks of all toys, with any mapping and prior.

    The posterior starts narrow, so that codes say something from the first step on: from a scale of
    1, a mapping that looks at angles says little at first.
    """
    model = InteLVAE(
        latent_dim=2,
        encoder=networks.mlp_encoder([64, 64]),
        mapping=mapping,
        decoder=networks.mlp_decoder((2,), [64, 64], bias_spread=bias_spread),
        likelihood=likelihoods.Gaussian(scale="learned", initial_scale=0.5),
        posterior=posteriors.GaussianPosterior(2, "full", initial_scale=0.1),
        prior=prior,
        seed=seed,
    )
    model.build((None, 2))
    return model


def compile_and_fit(model: InteLVAE, epochs: int) -> dict[str, Any]:
    """Compiles a model of these points, and gives the arguments of its `fit`."""
    model.compile(cosine_adam(RATE, EXAMPLES, epochs, BATCH, global_clipnorm=5.0))
    return {"epochs": epochs, "batch_size": BATCH, "callbacks": [callbacks.Warmup()]}


def _recipe(
    toy: str,
    mapping: Callable | None = None,
    prior: Callable | None = None,
    bias_spread: float = 0.0,
    epochs: int = EPOCHS,
    seed: int | None = None,
) -> Recipe:
    model = build(mapping and mapping(), prior and prior(seed=seed), seed, bias_spread)
    return Recipe(model, toy, {"num_train": EXAMPLES}, compile_and_fit(model, epochs))


# A figure eight may settle badly: from biases of 0 in two of four trainings, spread in none of four.
RECIPES = {
    "circle-vae": partial(_recipe, "circle"),
    "circle": partial(_recipe, "circle", mappings.Circle),
    "circle-mixture": partial(_recipe, "circle", None, partial(priors.GaussianMixture, 30)),
    "figure-eight": partial(_recipe, "figure_eight", mappings.FigureEight, bias_spread=1.0),
    "star": partial(_recipe, "star", mappings.Star),
    "clusters5": partial(_recipe, "clusters", partial(mappings.Clusters, 5)),
    "rings": partial(_recipe, "two_rings", mappings.TwoRings),
}
