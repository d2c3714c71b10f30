"""Every prior but N(0, I), by name, for data of `models.SHAPE`."""

from helpers.models import binary
from intelvae_keras import priors

MAKE = {
    "mixture": lambda: priors.GaussianMixture(4, seed=1),
    "vamp": lambda: priors.VampPrior(5, binary(24), seed=1),
    "flow": lambda: priors.Flow(num_bins=6, hidden=[8], seed=1),
    "laplace": priors.Laplace,
}
