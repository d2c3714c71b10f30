"""What the KL's weight does to copies and to samples, over seeds: the strip and the slider of notebook 01.

    python -m benchmarks.kl_weight       # 40 trainings: 2 minutes on two quiet cores

The VAE is that of notebook 01: 8 latents, dense layers, 8 epochs of the 10,000 garments that the package
carries. Each weight is trained with five seeds. The Frechet distance is that between 10,000 samples (the
decoder's probabilities, y ~ N(0, I)) and the 10,000 training images, in the 50 directions in which the
training images vary most (PCA). The row "data" holds test images in place of samples: what a perfect model
would get. Results go to benchmarks/results/kl_weight.json, those of seed 0 with a picture. Results of single
runs lie in runs/: a killed run goes on where it was.
"""

import base64
import functools
import io
import itertools
import pathlib

import keras
import numpy as np
from PIL import Image

from benchmarks.claims.runner import archive, read, run_jobs
from intelvae_keras import InteLVAE, datasets, metrics, networks

FOLDER = pathlib.Path("runs")
RESULTS = pathlib.Path(__file__).parent / "results" / "kl_weight.json"
WEIGHTS = (0, 0.01, 0.03, 0.1, 0.3, 1, 3, 10)
SEEDS = range(5)
LATENTS, EPOCHS, COMPONENTS = 8, 8, 50
SHOWN = slice(8, 15)  # the test images of the notebook's headline figure


def jobs():
    """One job for each weight and seed, and one for the data, whose weight is None."""
    data = {"section": "kl_weight", "name": "data", "weight": None, "seed": 0}
    return [data] + [
        {"section": "kl_weight", "name": f"{weight:g}-{seed}", "weight": weight, "seed": seed}
        for weight, seed in itertools.product(WEIGHTS, SEEDS)
    ]


def run(job):
    """Trains one model and measures it; or measures the data."""
    keras.backend.clear_session()
    (x_train, _), (x_test, _) = datasets.load("fashion_mnist_mini")
    if job["weight"] is None:
        return {"frechet": distance(x_test)}
    vae = trained(x_train, job["weight"], job["seed"])
    result = measured(vae, x_test)
    return result | ({"picture": picture(vae, x_test)} if job["seed"] == 0 else {})


def trained(x, weight, seed):
    """The VAE of notebook 01 with this weight of the KL."""
    keras.utils.set_random_seed(seed)
    vae = InteLVAE(
        LATENTS,
        encoder=networks.mlp_encoder((256, 128)),
        decoder=networks.mlp_decoder((28, 28, 1), (128, 256)),
        likelihood="bernoulli",
        beta=weight,
    )
    vae.compile(optimizer=keras.optimizers.Adam(2e-3))
    vae.fit(x, epochs=EPOCHS, batch_size=128, verbose=0)
    return vae


@functools.cache
def pca():
    """The mean of the training images, their main directions, and their coordinates along these."""
    (x, _), _ = datasets.load("fashion_mnist_mini")
    flat = x.reshape(len(x), -1)
    mean = flat.mean(axis=0)
    directions = np.linalg.svd(flat - mean, full_matrices=False)[2][:COMPONENTS].T
    return mean, directions, (flat - mean) @ directions


def distance(images):
    """The Frechet distance of images from the training images."""
    mean, directions, of_training = pca()
    return metrics.frechet_distance(
        of_training, (images.reshape(len(images), -1) - mean) @ directions
    )


def measured(vae, x_test):
    """Nats per test image, and the distance of the samples from the training images."""
    result = vae.evaluate(x_test, verbose=0, return_dict=True)
    y = np.random.default_rng(0).normal(size=(10_000, LATENTS)).astype("float32")
    terms = {term: result[term] for term in ("reconstruction", "kl", "elbo")}
    return terms | {"frechet": distance(decoded(vae, y))}


def decoded(vae, y):
    """The decoder's probability for each pixel, shape (N, 28, 28, 1)."""
    return keras.ops.sigmoid(vae.decoder.predict(y, batch_size=2_000, verbose=0)).numpy()


def picture(vae, x):
    """Seven copies of test images above seven new images: a grey PNG of 196 x 56 pixels, in base64."""
    y = np.random.default_rng(1).normal(size=(7, LATENTS)).astype("float32")
    rows = [decoded(vae, vae.posterior(x[SHOWN]).mean().numpy()), decoded(vae, y)]
    image = np.concatenate([np.concatenate(list(row[..., 0]), axis=1) for row in rows])
    buffer = io.BytesIO()
    Image.fromarray(np.round(255 * image).astype("uint8")).save(buffer, "PNG", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode()


def main():
    """Runs what has no result yet, and adds it to the file."""
    failures = run_jobs(jobs(), FOLDER, package="benchmarks")
    archive([record for job in jobs() if (record := read(job, FOLDER))], RESULTS)
    for name, error in failures.items():
        print(f"{name} failed:\n{error}")


if __name__ == "__main__":
    main()
