"""MNIST-01 in one latent: log p(x) of training images that are held out."""

from benchmarks.claims import mnist01
from benchmarks.clusters import line


def run(job):
    """The score, nats: log p(x) of the last 1,665 training images, on which the model did not train."""
    x, _, held_out, _, _ = line.images(2)
    vae, seconds = mnist01.fitted(job, x)
    bound = vae.log_likelihood(held_out, num_samples=200, seed=job["seed"])
    return {"score": float(bound.mean()), "seconds": seconds}
