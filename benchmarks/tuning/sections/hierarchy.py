"""Groups of latents: the ELBO of validation images."""

from benchmarks.claims import hierarchy, image_models


def run(job):
    """The score, nats: the ELBO."""
    data = image_models.load(job["data"])
    vae, seconds = hierarchy.fitted(job, data.x_train)
    return {"score": image_models.elbo(vae, data.x_validation), "seconds": seconds}
