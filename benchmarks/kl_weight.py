"""What the KL's weight does to copies and to samples, over seeds: the strip and the slider of notebook 01.

    python benchmarks/kl_weight.py

The VAE is that of notebook 01: 8 latents, dense layers, 8 epochs of the 10,000 garments that the package
carries. Each weight is trained with five seeds; runs that the results hold already are kept. The Frechet
distance is that between 10,000 samples (the decoder's probabilities, y ~ N(0, I)) and the 10,000 training
images, in the 50 directions in which the training images vary most (PCA). The row "data" holds test images
in place of samples: what a perfect model would get. Results go to benchmarks/results/kl_weight.json, and
the pictures of seed 0 beside them.
"""

import itertools
import json
import pathlib

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

from intelvae_keras import InteLVAE, datasets, metrics, networks

RESULTS = pathlib.Path(__file__).parent / "results"
WEIGHTS = (0, 0.01, 0.03, 0.1, 0.3, 1, 3, 10)
SEEDS = range(5)
LATENTS, EPOCHS, COMPONENTS = 8, 8, 50
SHOWN = slice(8, 15)  # the test images of the notebook's headline figure


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


def pca(x):
    """A function from images to their coordinates along the main directions of x."""
    flat = x.reshape(len(x), -1)
    mean = flat.mean(axis=0)
    _, _, directions = np.linalg.svd(flat - mean, full_matrices=False)
    return lambda images: (images.reshape(len(images), -1) - mean) @ directions[:COMPONENTS].T


def measured(vae, x_train, x_test, features):
    """Nats per test image, and the distance of the samples from the training images."""
    result = vae.evaluate(x_test, verbose=0, return_dict=True)
    y = np.random.default_rng(0).normal(size=(10_000, LATENTS)).astype("float32")
    drawn = decoded(vae, y)
    distance = metrics.frechet_distance(features(x_train), features(drawn))
    return {
        "reconstruction": result["reconstruction"],
        "kl": result["kl"],
        "elbo": result["elbo"],
        "frechet": distance,
    }


def decoded(vae, y):
    """The decoder's probability for each pixel, shape (N, 28, 28, 1)."""
    return keras.ops.sigmoid(vae.decoder.predict(y, batch_size=2_000, verbose=0)).numpy()


def pictures(vae, x):
    """Seven copies of test images above seven new images, 8-bit grey, shape (56, 196)."""
    y = np.random.default_rng(1).normal(size=(7, LATENTS)).astype("float32")
    rows = [decoded(vae, vae.posterior(x[SHOWN]).mean().numpy()), decoded(vae, y)]
    image = np.concatenate([np.concatenate(list(row[..., 0]), axis=1) for row in rows])
    return np.round(255 * image).astype("uint8")


def main():
    tf.config.threading.set_intra_op_parallelism_threads(1)
    (x_train, _), (x_test, _) = datasets.load("fashion_mnist_mini")
    features = pca(x_train)
    file, strips = RESULTS / "kl_weight.json", {}
    kept = json.loads(file.read_text())["jobs"] if file.exists() else []
    runs = {(r["job"]["weight"], r["job"]["seed"]): r for r in kept if "weight" in r["job"]}
    data = metrics.frechet_distance(features(x_train), features(x_test))
    for weight, seed in itertools.product(WEIGHTS, SEEDS):
        if (weight, seed) in runs:
            continue
        vae = trained(x_train, weight, seed)
        job = {"section": "weights", "weight": weight, "seed": seed}
        result = measured(vae, x_train, x_test, features)
        runs[weight, seed] = {"job": job, "result": result}
        print(job, result, flush=True)
        if seed == 0:
            strips[weight] = pictures(vae, x_test)
        jobs = [{"job": {"section": "data"}, "result": {"frechet": data}}]
        jobs += [runs[key] for key in sorted(runs)]
        file.write_text(json.dumps({"jobs": jobs}, indent=1) + "\n")
    if len(strips) == len(WEIGHTS):  # of one run of this script, from nothing
        rows = np.concatenate([strips[weight] for weight in WEIGHTS])
        Image.fromarray(rows).save(RESULTS / "kl_weight.png", optimize=True)


if __name__ == "__main__":
    main()
