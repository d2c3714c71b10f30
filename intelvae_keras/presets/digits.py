"""Recipes for MNIST-01 in one latent: the 0s and 1s, as one blob or as two parts with a gap."""

from intelvae_keras import InteLVAE, callbacks, mappings, networks, priors
from intelvae_keras.presets.recipes import Recipe, cosine_adam

EXAMPLES, EPOCHS, BATCH, RATE = 12_665, 20, 128, 4e-3
WARMUP = 0.2  # of the epochs: the KL's weight grows until then (docs/clusters-study.md)


def ordinary(epochs: int = EPOCHS, seed: int | None = None) -> Recipe:
    """Ordinary VAE with one latent."""
    return _recipe(None, epochs, seed)


def clusters(epochs: int = EPOCHS, seed: int | None = None) -> Recipe:
    """InteL-VAE with `Clusters(2)`, whose gap opens while it trains."""
    return _recipe(two_parts(), epochs, seed)


def two_parts() -> mappings.Clusters:
    """The mapping of the recipe: in one latent it has a small gap, very steep."""
    return mappings.Clusters(2)


def build(
    mapping: mappings.Mapping | None,
    prior: priors.Prior | None = None,
    seed: int | None = None,
    bias_spread: float = 1.0,
) -> InteLVAE:
    """The networks of both recipes, small enough for a page of the site, with any mapping and prior."""
    model = InteLVAE(
        latent_dim=1,
        encoder=networks.mlp_encoder([160, 64]),
        mapping=mapping,
        decoder=networks.mlp_decoder((28, 28, 1), [64, 160], bias_spread=bias_spread),
        prior=prior,
        seed=seed,
    )
    model.build((None, 28, 28, 1))
    return model


def compile_model(
    model: InteLVAE, epochs: int, examples: int = EXAMPLES, rate: float = RATE
) -> None:
    """Compiles a model of these images for so many epochs of so many examples."""
    model.compile(cosine_adam(rate, examples, epochs, BATCH))


def schedule() -> list:
    """The callbacks of one training: the KL's weight grows; a gap, if there is one, opens."""
    return [callbacks.Warmup(kl=WARMUP)]


def _recipe(mapping, epochs, seed):
    model = build(mapping, seed=seed)
    compile_model(model, epochs)
    fit = {"epochs": epochs, "batch_size": BATCH, "callbacks": schedule()}
    return Recipe(model, "mnist01", {}, fit)
