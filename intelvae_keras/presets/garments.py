"""Recipes for garments, Fashion-MNIST's embedded part: flat, sparse and hierarchical latents."""

from intelvae_keras import InteLVAE, callbacks, mappings, networks
from intelvae_keras.presets.recipes import Recipe, cosine_adam

EXAMPLES, BATCH, RATE = 10_000, 256, 2e-3
WARMUP = 0.08  # of the epochs


def ordinary(epochs: int = 40, seed: int | None = None) -> Recipe:
    """Ordinary VAE with 50 latents."""
    return _recipe(50, None, epochs, seed)


def sparse(epochs: int = 40, seed: int | None = None) -> Recipe:
    """InteL-VAE with 50 latents and gates, of which a garment opens few."""
    return _recipe(50, mappings.Sparse(gamma=3.0), epochs, seed)


def hierarchical(epochs: int = 30, seed: int | None = None) -> Recipe:
    """InteL-VAE with three groups of 16 latents, each built on the one before."""
    return _recipe(48, mappings.Hierarchical([16, 16, 16]), epochs, seed)


def _recipe(latent_dim, mapping, epochs, seed):
    model = InteLVAE(
        latent_dim,
        encoder=networks.mlp_encoder([256, 128]),
        mapping=mapping,
        decoder=networks.mlp_decoder((28, 28, 1), [128, 256]),
        seed=seed,
    )
    model.build((None, 28, 28, 1))
    model.compile(cosine_adam(RATE, EXAMPLES, epochs, BATCH))
    fit = {
        "epochs": epochs,
        "batch_size": BATCH,
        "callbacks": [callbacks.Warmup(kl=WARMUP)],
    }
    return Recipe(model, "fashion_mnist_mini", {}, fit)
