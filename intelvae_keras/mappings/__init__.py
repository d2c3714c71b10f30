"""Mappings z = g(y) from the Gaussian latents y to latents z that have the structure built in."""

from intelvae_keras.mappings.base import Mapping
from intelvae_keras.mappings.clusters import Clusters
from intelvae_keras.mappings.function import Function
from intelvae_keras.mappings.hierarchical import Hierarchical
from intelvae_keras.mappings.linear import Linear
from intelvae_keras.mappings.loops import Circle, FigureEight, Sphere, Torus
from intelvae_keras.mappings.sparse import Sparse, sparsity_loss
from intelvae_keras.mappings.sparsity_penalty import SparsityPenalty

__all__ = [
    "Circle",
    "Clusters",
    "FigureEight",
    "Function",
    "Hierarchical",
    "Linear",
    "Mapping",
    "Sparse",
    "SparsityPenalty",
    "Sphere",
    "Torus",
    "sparsity_loss",
]
