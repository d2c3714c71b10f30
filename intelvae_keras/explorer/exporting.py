"""A trained model for the page: its mapping, its decoder, and the mean of its likelihood."""

import base64
import dataclasses
import json
import zlib
from pathlib import Path

import keras
import numpy as np
import tensorflow_probability as tfp
from numpy.typing import ArrayLike

from intelvae_keras import priors
from intelvae_keras._engine import checks
from intelvae_keras.explorer import page_layers, page_likelihoods, page_mappings, tensors
from intelvae_keras.model import InteLVAE

FORMAT = 1  # raise it when a page of before cannot read what is written now


@dataclasses.dataclass(frozen=True)
class Export:
    """A model as the page reads it.

    Attributes:
        spec: What is computed: plain dictionaries, lists and numbers.
        payload: The weights.
    """

    spec: dict
    payload: bytes

    def save(self, folder: Path, name: str) -> list[Path]:
        """Paths of name.json and name.bin, which it writes into the folder."""
        paths = [Path(folder) / f"{name}.json", Path(folder) / f"{name}.bin"]
        spec = self.spec | {"weights": self.spec["weights"] | {"file": f"{name}.bin"}}
        paths[0].write_text(compact(spec), encoding="utf-8")
        paths[1].write_bytes(self.payload)
        return paths

    def inline(self) -> str:
        """One JSON text with the weights in it, for a page that has no server."""
        weights = self.spec["weights"] | {"base64": base64.b64encode(self.payload).decode("ascii")}
        return compact(self.spec | {"weights": weights})


def compact(spec: dict) -> str:
    """JSON without spaces; no NaN, which JSON does not know."""
    return json.dumps(spec, separators=(",", ":"), allow_nan=False)


def export(
    vae: InteLVAE, weights: str = "float16", encoder: bool = False, about: dict | None = None
) -> Export:
    """The model's mapping, decoder and likelihood's mean, for the page.

    The networks' weights are rounded; the mapping's are not, since it may be steep.

    Args:
        vae: An `InteLVAE`.
        weights: "float16", or "int8" with a scale for each unit: half the size, and about 0.01 off.
        encoder: Whether to write encoder and posterior too: small ones only, as of points.
        about: Further entries of the specification.

    Returns:
        An `Export`.

    Raises:
        ValueError: If the page cannot run a layer, an activation, the mapping or the likelihood; the
            message names it.
    """
    checks.model("vae", vae)
    if weights not in tensors.TYPES:
        raise ValueError(f"weights must be one of {tensors.TYPES}; got {weights!r}.")
    store = tensors.Tensors()
    mapping = page_layers.Writer(store, "float32", "mapping")
    decoder = page_layers.Writer(store, weights, "decoder")
    spec = {
        "format": FORMAT,
        "latent_dim": vae.latent_dim,
        "z_dim": vae.z_dim,
        "data_shape": list(vae.data_shape),
        "mapping": page_mappings.write(vae.mapping, vae.latent_dim, mapping),
        "decoder": decoder.network(vae.decoder)
        + page_likelihoods.mean(vae.likelihood, vae.data_shape[-1], store),
        "scale": page_likelihoods.scale(vae.likelihood),
        "prior": _prior(vae.prior, vae.latent_dim),
    } | (about or {})
    if encoder:
        spec |= _encoder(vae, page_layers.Writer(store, weights, "encoder"))
    return _packed(spec, store)


def export_encoder(vae: InteLVAE, weights: str = "int8") -> Export:
    """The model's encoder and posterior alone, for a page that fetches them only when it needs them.

    Args:
        vae: An `InteLVAE`.
        weights: As for `export`.

    Returns:
        An `Export`, which maps and decodes nothing.
    """
    store = tensors.Tensors()
    spec = {
        "format": FORMAT,
        "latent_dim": vae.latent_dim,
        "data_shape": list(vae.data_shape),
        "mapping": [],
        "decoder": [],
    }
    return _packed(spec | _encoder(vae, page_layers.Writer(store, weights, "encoder")), store)


def _encoder(vae, writer):
    return {
        "encoder": writer.network(vae.encoder),
        "posterior": _posterior(vae.posterior_layer, writer),
    }


def _packed(spec, store):
    payload = store.payload()
    # By the checksum, the page knows a damaged file.
    weights = {"bytes": len(payload), "crc32": zlib.crc32(payload)}
    return Export(spec | {"tensors": store.specs, "weights": weights}, payload)


def _prior(prior, latent_dim):
    """N(0, I), a Gaussian mixture with its numbers, or the name of another, which is not drawn from.

    On the line, another prior comes as a table of its density.
    """
    if type(prior) is priors.StandardNormal:
        return {"type": "standard_normal"}
    if type(prior) is priors.GaussianMixture and prior.num_components > 1:
        mixture = prior.distribution(prior.locs.shape[-1])
        components = mixture.components_distribution
        return {
            "type": "mixture",
            "weights": mixture.mixture_distribution.probs_parameter().numpy().tolist(),
            "means": components.mean().numpy().tolist(),
            "scales": components.stddev().numpy().tolist(),
        }
    other = {"type": "other", "name": type(prior).__name__}
    if latent_dim > 1:
        return other
    y = np.linspace(-8, 8, 801, dtype="float32")
    density = np.exp(keras.ops.convert_to_numpy(prior.log_prob(y[:, None])))
    return other | {
        "density": {"from": -8, "step": 0.02, "values": np.round(density, 5).astype(float).tolist()}
    }


def _posterior(layer, writer):
    order = np.arange(layer.latent_dim * (layer.latent_dim + 1) // 2)
    full = layer.covariance == "full"
    return {
        "covariance": layer.covariance,
        "linear": writer.network(layer.linear),
        # Where each entry of the triangle, row by row, stands in the layer's output.
        "triangle": tfp.math.fill_triangular(order).numpy().tolist() if full else None,
    }


def short(tensor: ArrayLike) -> list:
    """The numbers of a tensor to four digits, as lists."""
    values = np.asarray(keras.ops.convert_to_numpy(tensor), dtype="float64")
    return np.round(values, 4).tolist()
