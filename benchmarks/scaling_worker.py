"""One point of `scaling.py`, in a process of its own so that its peak memory is its own. Prints JSON.

python benchmarks/scaling_worker.py latents 64
"""

import argparse
import json
import os
import resource
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf

from intelvae_keras import InteLVAE, mappings, networks

SECONDS = 4.0  # that training is timed for, at least


def dense(latents=16, mapping=None, shape=(28, 28, 1)):
    return InteLVAE(
        latents,
        encoder=networks.mlp_encoder([256, 128]),
        mapping=mapping,
        decoder=networks.mlp_decoder(shape, [128, 256]),
        seed=0,
    )


def convolutional(size):
    shape = (size, size, 3)
    return InteLVAE(
        16, encoder=networks.conv_encoder(), decoder=networks.conv_decoder(shape), seed=0
    )


def stream(num_images, shape, batch_size):
    """Generated images that are never held together in memory."""

    def batch(index):
        seed = tf.stack([0, tf.cast(index, tf.int32)])
        return tf.random.stateless_uniform((batch_size, *shape), seed)

    return tf.data.Dataset.range(-(-num_images // batch_size)).map(batch).prefetch(2)


def train(vae, num_images=2**15, batch_size=128, once=False):
    """Images per second of `fit` on a stream, without the first epoch, which traces."""
    vae.compile(optimizer="adam")
    data = stream(num_images, vae.data_shape, batch_size)
    vae.fit(stream(64 * batch_size, vae.data_shape, batch_size), verbose=0)
    images, start = 0, time.perf_counter()
    while images == 0 or (not once and time.perf_counter() - start < SECONDS):
        vae.fit(data, verbose=0)
        images += num_images
    return {"rate": images / (time.perf_counter() - start), "parameters": vae.count_params()}


def log_likelihood(num_samples):
    """Images times samples per second of the importance-weighted bound."""
    vae = dense()
    x = np.random.default_rng(0).uniform(size=(1024, 28, 28, 1)).astype("float32")
    vae.log_likelihood(x[:64], num_samples=num_samples)
    images, start = 0, time.perf_counter()
    while time.perf_counter() - start < SECONDS:
        vae.log_likelihood(x[:256], num_samples=num_samples)
        images += 256
    return {"rate": images / (time.perf_counter() - start)}


POINTS = {
    "images": lambda n: train(dense(), num_images=n, batch_size=256, once=True),
    "size": lambda n: train(convolutional(n), num_images=2**10),
    "latents": lambda n: train(dense(n)),
    "clusters": lambda n: train(dense(2, mappings.Clusters(n))),
    "samples": log_likelihood,
    "batch": lambda n: train(dense(), batch_size=n),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("along", choices=POINTS)
    parser.add_argument("value", type=int)
    options = parser.parse_args()
    keras.utils.set_random_seed(0)
    point = POINTS[options.along](options.value)
    point["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # MB
    print(json.dumps(point))


if __name__ == "__main__":
    main()
