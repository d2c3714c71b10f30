"""Likelihoods p(x|z): from the decoder's output to a distribution over data, in nats."""

from intelvae_keras.likelihoods.bernoulli import Bernoulli, ContinuousBernoulli
from intelvae_keras.likelihoods.categorical import Categorical
from intelvae_keras.likelihoods.columns import Columns
from intelvae_keras.likelihoods.counts import NegativeBinomial, Poisson
from intelvae_keras.likelihoods.likelihood import Likelihood
from intelvae_keras.likelihoods.location_scale import Gaussian, Laplace
from intelvae_keras.likelihoods.log_normal import LogNormal

__all__ = [
    "Bernoulli",
    "Categorical",
    "Columns",
    "ContinuousBernoulli",
    "Gaussian",
    "Laplace",
    "Likelihood",
    "LogNormal",
    "NegativeBinomial",
    "Poisson",
    "get",
]

_BY_NAME = {
    "bernoulli": Bernoulli,
    "continuous_bernoulli": ContinuousBernoulli,
    "gaussian": Gaussian,
    "laplace": Laplace,
    "lognormal": LogNormal,
    "negative_binomial": NegativeBinomial,
    "poisson": Poisson,
}


def get(likelihood: str | Likelihood) -> Likelihood:
    """A likelihood from its name, or the one given.

    Args:
        likelihood: "bernoulli", "continuous_bernoulli", "gaussian", "laplace", "lognormal",
            "negative_binomial", "poisson", or an object from this module.

    Raises:
        TypeError: If `likelihood` is neither a name nor an object from this module.
        ValueError: If no likelihood has this name.
    """
    if isinstance(likelihood, Likelihood):
        return likelihood
    if not isinstance(likelihood, str):
        raise TypeError(
            f"likelihood must be a name or an object from intelvae_keras.likelihoods; got {likelihood!r}."
        )
    if likelihood not in _BY_NAME:
        raise ValueError(f"likelihood must be one of {sorted(_BY_NAME)}; got {likelihood!r}.")
    return _BY_NAME[likelihood]()
