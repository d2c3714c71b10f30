"""One model in a process of its own, trained by one epoch for each line of standard input.

Started by `speed.py`. It answers each line with a line of JSON: the seconds of the epoch, and, if the
line says "elbo", the ELBO of the test images in nats. The first line tells of the first step.
"""

import argparse
import json
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from intelvae_keras import InteLVAE, networks

BATCH, LATENTS = 128, 50
SHAPE = (28, 28, 1)


class PlainVAE(keras.Model):
    """The baseline: a VAE with the training loop of the Keras documentation's example.

    A Sampling layer, one Mean per term, KL and cross-entropy written out; Keras' own `fit` feeds it.
    """

    def __init__(self):
        super().__init__()
        self.encoder = networks.mlp_encoder([512, 256])
        self.mean, self.log_variance = layers.Dense(LATENTS), layers.Dense(LATENTS)
        self.decoder = networks.mlp_decoder(SHAPE, [256, 512])
        self.seed_generator = keras.random.SeedGenerator(0)
        self.trackers = [keras.metrics.Mean(name) for name in ("loss", "reconstruction", "kl")]

    @property
    def metrics(self):
        return self.trackers

    def terms(self, x):
        features = self.encoder(x)
        mean, log_variance = self.mean(features), self.log_variance(features)
        noise = keras.random.normal(ops.shape(mean), seed=self.seed_generator)
        logits = self.decoder(mean + ops.exp(0.5 * log_variance) * noise)
        cross_entropy = tf.nn.sigmoid_cross_entropy_with_logits(x, logits)
        reconstruction = ops.mean(ops.sum(cross_entropy, axis=(1, 2, 3)))
        kl = 0.5 * (ops.square(mean) + ops.exp(log_variance) - 1 - log_variance)
        return reconstruction, ops.mean(ops.sum(kl, axis=1))

    def train_step(self, x):
        with tf.GradientTape() as tape:
            reconstruction, kl = self.terms(x)
            loss = reconstruction + kl
        gradients = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
        return self.track(loss, reconstruction, kl)

    def test_step(self, x):
        reconstruction, kl = self.terms(x)
        return self.track(reconstruction + kl, reconstruction, kl)

    def track(self, *values):
        for tracker, value in zip(self.trackers, values, strict=True):
            tracker.update_state(value)
        return {tracker.name: tracker.result() for tracker in self.trackers}


class EpochTime(keras.callbacks.Callback):
    """The seconds of the last epoch; what `fit` takes besides is measured in `speed_inside.py`."""

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds = time.perf_counter() - self.start


def mlp():
    return networks.mlp_encoder([512, 256]), networks.mlp_decoder(SHAPE, [256, 512])


def conv():
    return networks.conv_encoder(), networks.conv_decoder(SHAPE)


def conv_same_widths(patch=4):
    """The channels of the peer's network, in the building style of ours."""
    return (
        networks.conv_encoder((32, 64, 128), patch=patch),
        networks.conv_decoder(SHAPE, (128, 64, 32), patch=patch),
    )


def conv_same_grids():
    """The channels of the peer's network on its grids, too: 14 x 14, 7 x 7 and 4 x 4."""
    return conv_same_widths(patch=2)


NETWORKS = {
    "mlp": mlp,
    "mlp_bfloat16": mlp,
    "conv": conv,
    "conv_same_widths": conv_same_widths,
    "conv_same_grids": conv_same_grids,
}


def build(name):
    """The model of this name, not yet trained."""
    if name == "keras_mlp":
        return PlainVAE()
    encoder, decoder = NETWORKS[name]()
    return InteLVAE(LATENTS, encoder=encoder, decoder=decoder, seed=0)


def multiplications(layer):
    """Multiply-adds of the dense and convolutional layers in a network, per example."""
    if isinstance(layer, keras.Sequential):
        return sum(multiplications(part) for part in layer.layers)
    if isinstance(layer, layers.Dense):
        return int(np.prod(layer.kernel.shape))
    if isinstance(layer, layers.Conv2D):
        return int(np.prod(layer.kernel.shape) * np.prod(layer.output.shape[1:3]))
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=[*NETWORKS, "keras_mlp"])
    parser.add_argument("train", help="a .npy file of images, float32 in [0, 1]")
    parser.add_argument("test", help="likewise")
    parser.add_argument("learning_rate", type=float)
    options = parser.parse_args()
    x, x_test = np.load(options.train), np.load(options.test)
    keras.utils.set_random_seed(0)
    if options.model.endswith("bfloat16"):
        keras.config.set_dtype_policy("mixed_bfloat16")

    start = time.perf_counter()
    model = build(options.model)
    model.compile(optimizer=keras.optimizers.Adam(options.learning_rate))
    model.fit(x[:BATCH], batch_size=BATCH, verbose=0)
    first = time.perf_counter() - start
    # Trace what runs several steps, then go back to where one step has led.
    variables = [*model.variables, *model.optimizer.variables]
    values = [np.array(variable) for variable in variables]
    model.fit(x[: 64 * BATCH], batch_size=BATCH, verbose=0)
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
    count = sum(map(multiplications, [model.encoder, model.decoder]))
    count += 256 * 2 * LATENTS  # from the features to mean and scale
    print(json.dumps({"first_step": first, "multiplications": count}), flush=True)
    epoch = EpochTime()
    for line in sys.stdin:
        model.fit(x, batch_size=BATCH, verbose=0, callbacks=[epoch])
        seconds, elbo = epoch.seconds, None
        if "elbo" in line:
            values = model.evaluate(x_test, batch_size=1000, verbose=0, return_dict=True)
            elbo = -values["loss"]
        print(json.dumps({"seconds": seconds, "elbo": elbo}), flush=True)


if __name__ == "__main__":
    main()
