"""Inductive biases for variational autoencoders: InteL-VAE in Keras 3."""

import importlib

from intelvae_keras._engine import backend as _backend  # noqa: F401  first: others fail without telling

# isort: split

from intelvae_keras import inference as _inference
from intelvae_keras import likelihoods, mappings, networks, posteriors, priors, tables
from intelvae_keras.model import InteLVAE

__version__ = "0.1.0"
__all__ = [
    "InteLVAE",
    "callbacks",
    "datasets",
    "distributed",
    "explorer",
    "likelihoods",
    "mappings",
    "metrics",
    "networks",
    "plots",
    "posteriors",
    "presets",
    "priors",
    "restarts",
    "tables",
]


def __getattr__(name):
    """Imports the other modules when first used: matplotlib alone takes half a second."""
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _open_page(*arguments):
    return importlib.import_module(f"{__name__}.explorer").explore(*arguments)


_inference.open_page = _open_page
