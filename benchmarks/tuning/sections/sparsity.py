"""Sparse codes of Fashion-MNIST: the ELBO of validation images."""

from benchmarks.claims import image_models, sparsity

GAMMA = {"sparse": 3, "penalty": 10, "threshold": 0.5}  # of the models that have a strength


def run(job):
    """The score, nats: the ELBO at beta = 1."""
    data = image_models.load(job["data"])
    job = {**job, "gamma": GAMMA.get(job["model"], 0), "beta": 1}
    vae, seconds = sparsity.fitted(job, data.x_train)
    return {"score": image_models.elbo(vae, data.x_validation), "seconds": seconds}
