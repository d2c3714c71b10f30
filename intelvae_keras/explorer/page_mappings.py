"""Mappings z = g(y) as the page's instructions: each kind with the numbers that it stands at."""

import math

import keras
import numpy as np
from keras import ops

from intelvae_keras import mappings
from intelvae_keras.explorer.page_layers import Writer
from intelvae_keras.mappings import sectors
from intelvae_keras.mappings.rings import _MEDIAN


def write(mapping: keras.layers.Layer, latent_dim: int, writer: Writer) -> list[dict]:
    """The instructions of a mapping, or of a `keras.Sequential` or functional chain of mappings and layers.

    Raises:
        ValueError: If it holds a function, a mapping of your own, or a layer that the page cannot run.
    """
    layers = writer.layers(mapping)
    if layers is not None:
        steps = []
        for layer in layers:
            steps += write(layer, latent_dim, writer)
            latent_dim = layer.compute_output_spec(keras.KerasTensor((None, latent_dim))).shape[-1]
        return steps
    if type(mapping) is mappings.Function:
        name = getattr(mapping.fn, "__name__", repr(mapping.fn))
        raise ValueError(
            f"mapping: the page cannot run the Python function {name!r} of mappings.Function. Build "
            "the mapping from those in intelvae_keras.mappings and Keras layers, in a keras.Sequential."
        )
    make = _MAPPINGS.get(type(mapping))
    if make is not None:
        return make(mapping, latent_dim, writer)
    if isinstance(mapping, mappings.Mapping):
        known = ", ".join(sorted(kind.__name__ for kind in _MAPPINGS))
        raise ValueError(
            f"mapping: the page cannot run {type(mapping).__name__}, a mapping of your own. "
            f"It runs {known}, Keras layers, and keras.Sequential of them."
        )
    return writer.network(mapping)


def _numbers(tensor):
    return np.asarray(ops.convert_to_numpy(tensor), dtype="float64").tolist()


def _sectors(proportions):
    """The rays that bound the sectors, the unit vectors of their middles, their first turns."""
    rays = sectors.ray_angles(proportions)
    middles = rays + math.pi * proportions
    return {
        "first_angle": _numbers(rays[0]),
        "rays": _numbers(ops.stack([ops.cos(rays), ops.sin(rays)], axis=-1)),
        "units": _numbers(ops.stack([ops.cos(middles), ops.sin(middles)], axis=-1)),
        "turns": _numbers(ops.cumsum(proportions)[:-1]),
    }


def _clusters(mapping, latent_dim, writer):
    step = {
        "strength": float(mapping.current_strength),
        "width": float(mapping.current_width),
        "power": mapping.power,
        "proportions": _numbers(mapping.proportions),
    }
    if latent_dim == 1:
        boundaries = _numbers(sectors.interval_boundaries(mapping.proportions))
        return [{"type": "intervals", "boundaries": boundaries} | step]
    turn = float(mapping.turn) if mapping.turnable else 0.0
    turned = {"turn": [math.cos(turn), math.sin(turn)]}
    return [{"type": "sectors"} | turned | _sectors(mapping.proportions) | step]


def _star(mapping, latent_dim, writer):
    proportions = ops.full((mapping.num_rays,), 1 / mapping.num_rays, dtype="float32")
    fold, width = float(mapping.current_fold), float(mapping.width)
    return [{"type": "star", "width": width, "fold": fold} | _sectors(proportions)]


def _two_rings(mapping, latent_dim, writer):
    radii = {name: float(getattr(mapping, name)) for name in ("inner", "outer", "width")}
    return [{"type": "two_rings", "median": _MEDIAN} | radii]


def _threshold(mapping, latent_dim, writer):
    threshold, scale = (float(value) for value in mapping.threshold_and_scale())
    return [{"type": "threshold", "threshold": threshold, "scale": scale}]


def _sparse(mapping, latent_dim, writer):
    return [{"type": "sparse", "gates": writer.network(mapping.selector)}]


def _hierarchical(mapping, latent_dim, writer):
    networks = [writer.network(network) for network in mapping.refine]
    return [{"type": "hierarchical", "groups": list(mapping.groups), "networks": networks}]


def _linear(mapping, latent_dim, writer):
    kernel = writer.weight(ops.transpose(mapping.kernel))
    return [{"type": "dense", "kernel": kernel, "bias": None}]


def _plain(kind):
    return lambda mapping, latent_dim, writer: [{"type": kind}]


_MAPPINGS = {
    mappings.Clusters: _clusters,
    mappings.Circle: _plain("circle"),
    mappings.FigureEight: _plain("figure_eight"),
    mappings.Sphere: _plain("sphere"),
    mappings.Torus: _plain("torus"),
    mappings.TwoRings: _two_rings,
    mappings.Star: _star,
    mappings.Sparse: _sparse,
    mappings.Threshold: _threshold,
    mappings.SparsityPenalty: lambda mapping, latent_dim, writer: [],
    mappings.Hierarchical: _hierarchical,
    mappings.Linear: _linear,
}
