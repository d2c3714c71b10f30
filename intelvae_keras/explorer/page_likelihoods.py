"""From the decoder's output to E[x|z], as instructions for the page."""

import numpy as np

from intelvae_keras import likelihoods
from intelvae_keras.explorer.tensors import Tensors
from intelvae_keras.likelihoods.counts import RAW_OF_ONE, Counts
from intelvae_keras.likelihoods.likelihood import Likelihood
from intelvae_keras.likelihoods.location_scale import LocationScale


def mean(likelihood: Likelihood, num_channels: int, store: Tensors) -> list[dict]:
    """The steps that the page runs after the decoder.

    Args:
        likelihood: The model's.
        num_channels: D, the entries of x's last axis.
        store: Where the numbers of each column go, unrounded.

    Raises:
        ValueError: If the page cannot compute this likelihood's mean.
    """
    if isinstance(likelihood, likelihoods.Columns):
        return [{"type": "columns", "parts": _parts(likelihood, store)}]
    kind = type(likelihood)
    if kind is likelihoods.Bernoulli:
        return [{"type": "activation", "name": "sigmoid"}]
    if kind is likelihoods.ContinuousBernoulli:
        return [{"type": "activation", "name": "continuous_bernoulli_mean"}]
    if kind is likelihoods.Categorical:
        return [{"type": "most_probable", "categories": likelihood.num_categories}]
    affine = _Affine(store, num_channels)
    if isinstance(likelihood, Counts):
        softplus = {"type": "activation", "name": "softplus"}
        return [affine(1.0, RAW_OF_ONE), softplus, affine(likelihood.unit, 0.0)]
    if kind is likelihoods.LogNormal and likelihood.num_parameters == 1:
        scale = np.asarray(likelihood.location_and_scale(np.zeros((1, num_channels), "float32"))[1])
        shift = np.asarray(likelihood.centre) + scale.reshape(-1) ** 2 / 2
        return [affine(likelihood.unit, shift), {"type": "activation", "name": "exponential"}]
    if kind in (likelihoods.Gaussian, likelihoods.Laplace):
        steps = [{"type": "first_half"}] if likelihood.num_parameters == 2 else []
        if likelihood.centre == 0 and likelihood.unit == 1:
            return steps
        return [*steps, affine(likelihood.unit, likelihood.centre)]
    raise ValueError(
        f"likelihood: the page cannot compute the mean of this {kind.__name__}. It knows Bernoulli, "
        "ContinuousBernoulli, Categorical, Gaussian, Laplace, NegativeBinomial, Poisson, Columns of "
        "these, and a LogNormal whose scale is not predicted."
    )


def scale(likelihood: Likelihood) -> float | None:
    """The one scale of a Gaussian or Laplace likelihood; None where there is none, or more than one."""
    one = isinstance(likelihood, LocationScale) and likelihood.num_parameters == 1
    if not one or isinstance(likelihood, likelihoods.LogNormal):
        return None
    width = len(likelihood.unit) if isinstance(likelihood.unit, list) else 1
    scales = np.ravel(likelihood.location_and_scale(np.zeros((1, width), "float32"))[1])
    return float(scales[0]) if len(scales) == 1 else None


def _parts(likelihood, store):
    parts, start = [], 0
    for columns, part in zip(likelihood.columns, likelihood.likelihoods, strict=True):
        width = part.parameters_shape((len(columns),))[0]
        steps = mean(part, len(columns), store)
        parts.append({"start": start, "width": width, "columns": list(columns), "steps": steps})
        start += width
    return parts


class _Affine:
    """Makes steps x -> scale x + shift, one number for each channel."""

    def __init__(self, store, num_channels):
        self.store, self.num_channels = store, num_channels

    def __call__(self, scale, shift):
        numbers = [np.broadcast_to(value, self.num_channels) for value in (scale, shift)]
        at = [self.store.add(np.asarray(value, "float32"), "float32") for value in numbers]
        return {"type": "affine", "scale": at[0], "shift": at[1]}
