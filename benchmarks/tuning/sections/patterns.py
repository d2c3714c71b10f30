"""Sums of few patterns: the ELBO of validation examples."""

from benchmarks.claims import image_models
from benchmarks.claims.patterns import models

GAMMA = {"sparse": 1, "penalty": 3, "threshold": 0.3}  # of the models that have a strength


def run(job):
    """The score, nats: the ELBO at beta = 1."""
    vae, seconds = models.fitted(job | {"gamma": GAMMA.get(job["model"], 0)})
    x = models.data(models.TESTED, job["seed"], "validation")
    return {"score": image_models.elbo(vae, x), "seconds": seconds}
