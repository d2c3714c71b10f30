"""Mappings z = g(y) from the Gaussian latents y to latents z that have the structure built in."""

from collections.abc import Callable

import keras

from intelvae_keras._engine import parts
from intelvae_keras._engine.precision import full_precision
from intelvae_keras.mappings.clusters import Clusters
from intelvae_keras.mappings.function import Function
from intelvae_keras.mappings.growth import Growth
from intelvae_keras.mappings.hierarchical import Hierarchical
from intelvae_keras.mappings.linear import Linear
from intelvae_keras.mappings.loops import Circle, FigureEight, Sphere, Torus
from intelvae_keras.mappings.mapping import Mapping, Number
from intelvae_keras.mappings.property_check import check
from intelvae_keras.mappings.rings import TwoRings
from intelvae_keras.mappings.sparse import Sparse, sparsity_loss
from intelvae_keras.mappings.sparsity_penalty import SparsityPenalty  # noqa: F401  a baseline, no bias
from intelvae_keras.mappings.star import Star
from intelvae_keras.mappings.threshold import Threshold

__all__ = [
    "Circle",
    "Clusters",
    "FigureEight",
    "Function",
    "Growth",
    "Hierarchical",
    "Linear",
    "Mapping",
    "Number",
    "Sparse",
    "Sphere",
    "Star",
    "Threshold",
    "Torus",
    "TwoRings",
    "check",
    "get",
    "sparsity_loss",
]


def get(mapping: keras.layers.Layer | Callable | None) -> keras.layers.Layer:
    """The mapping given, as a layer: the identity for None, a `Function` for a function.

    Args:
        mapping: None, a Keras layer, or a function from y, shape (batch, M), to z, shape (batch, D).

    Raises:
        TypeError: If `mapping` is none of these.
    """
    if mapping is None:
        return keras.layers.Identity(dtype=full_precision(), name="identity")
    if isinstance(mapping, keras.layers.Layer):
        parts.pass_unrounded(mapping)
        return mapping
    if callable(mapping) and not isinstance(mapping, type):
        return Function(mapping)
    raise TypeError(
        "mapping must be None, an object from intelvae_keras.mappings, a Keras layer or a function; "
        f"got {mapping!r}."
    )
