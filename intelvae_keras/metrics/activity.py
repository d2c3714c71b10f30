"""How many latents a model uses."""

import numpy as np
from numpy.typing import ArrayLike

from intelvae_keras._engine import checks
from intelvae_keras.model import InteLVAE


def active_units(model: InteLVAE, x: ArrayLike, threshold: float = 0.01) -> int:
    """The number of intermediary latents that change with the data.

    Latent j is active if Var_x( E[y_j | x] ) > threshold: the posterior of an unused one stays at
    the prior, with mean 0 for every x.

    Source: Burda, Grosse and Salakhutdinov (2016), "Importance weighted autoencoders", section 5.2.

    Args:
        model: An `InteLVAE`.
        x: Data, shape (N, *shape).
        threshold: The least variance, >= 0, in units of the prior's variance.

    Returns:
        An int in 0..M.

    Raises:
        ValueError: If x does not fit the model, or threshold < 0.
    """
    checks.model("model", model)
    threshold = checks.number("threshold", threshold)
    means = model.posterior(x).mean().numpy()  # (N, M)
    return int(np.sum(means.var(axis=0) > threshold))
