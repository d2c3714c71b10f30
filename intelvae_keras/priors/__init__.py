"""Priors p(y) over the intermediary latents: N(0, I), and the baselines to compare it with."""

from intelvae_keras.priors.flow import Flow
from intelvae_keras.priors.laplace import Laplace
from intelvae_keras.priors.mixture import GaussianMixture
from intelvae_keras.priors.prior import Prior
from intelvae_keras.priors.standard_normal import StandardNormal
from intelvae_keras.priors.vamp import VampPrior

__all__ = [
    "Flow",
    "GaussianMixture",
    "Laplace",
    "Prior",
    "StandardNormal",
    "VampPrior",
    "get",
]


def get(prior: Prior | None) -> Prior:
    """The prior given, or N(0, I) for None.

    Args:
        prior: None, or an object from this module.

    Raises:
        TypeError: If `prior` is neither None nor an object from this module.
    """
    if prior is None:
        return StandardNormal()
    if not isinstance(prior, Prior):
        raise TypeError(
            f"prior must be None, for N(0, I), or an object from intelvae_keras.priors; got {prior!r}."
        )
    return prior
