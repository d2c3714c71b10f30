"""Recipes for points of the plane: an ordinary VAE, a mapping with the data's shape, a learned prior."""

from collections.abc import Callable
from functools import partial
from typing import Any

from intelvae_keras import (
    InteLVAE,
    callbacks,
    datasets,
    likelihoods,
    mappings,
    networks,
    posteriors,
    priors,
)
from intelvae_keras.presets.recipes import Recipe, cosine_adam

EXAMPLES, EPOCHS, BATCH, RATE = 20_000, 76, 256, 3e-3  # 6,000 steps
WARMUP = 0.4  # of the epochs
SHAPING = 0.7  # of the epochs: a star folds, clusters sharpen, until then
TURN, OPEN = 0.25, 0.3  # of the epochs: the rays of clusters turn, and their gaps are open


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
    during = [callbacks.KLWarmup(epochs=WARMUP * epochs)]
    if isinstance(model.mapping, mappings.Star):
        during.append(callbacks.Folding(epochs=SHAPING * epochs))
    return {"epochs": epochs, "batch_size": BATCH, "callbacks": during}


def clusters(epochs: int = EPOCHS, seed: int | None = None) -> Recipe:
    """InteL-VAE with five clusters, whose rays turn to the gaps between the data before they open."""
    r = _recipe(
        "clusters", partial(mappings.Clusters, 5, 1.0, 0.01, turnable=True), None, 0.0, epochs, seed
    )
    turn = round(TURN * epochs)
    if turn >= 1:  # else too few epochs for the rays to know where the data are
        (x_train, _), _ = datasets.load(r.dataset, **r.options)
        opening = callbacks.StrengthAnnealing(epochs=(turn, max(OPEN * epochs, turn + 0.5)))
        r.fit["callbacks"] += [callbacks.RayTurn(x_train, turn), opening]
    r.fit["callbacks"].append(callbacks.WidthAnnealing(epochs=SHAPING * epochs, start=1.0))
    return r


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
    "clusters5": clusters,
    "rings": partial(_recipe, "two_rings", mappings.TwoRings),
}
