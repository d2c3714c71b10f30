"""What is measured within one process: matmul, the MLP's floor, the end of `fit`, mappings, log p(x).

    python benchmarks/speed_inside.py mapping --images train.npy --rounds 7     # prints JSON

Started by `speed.py`, each in a process of its own.
"""

import argparse
import json
import os
import resource
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from speed_worker import BATCH, LATENTS, mlp, multiplications

from intelvae_keras import InteLVAE, mappings


def model(mapping=None):
    """The MLP, compiled."""
    keras.utils.set_random_seed(0)
    encoder, decoder = mlp()
    vae = InteLVAE(LATENTS, encoder=encoder, mapping=mapping, decoder=decoder, seed=0)
    vae.compile(optimizer="adam")
    return vae


def seconds(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


# ---------------------------------------------------------------------- the machine


def matmul(x, rounds):
    """GFLOP/s of a product of two 2048 x 2048 matrices."""
    rates = {}
    for dtype in ("float32", "bfloat16"):
        a = tf.cast(tf.random.normal((2048, 2048)), dtype)
        product = tf.function(lambda a=a: tf.matmul(a, a))
        product()
        best = min(seconds(product) for _ in range(2 * rounds))
        rates[dtype] = 2 * 2048**3 / best / 1e9
    return rates


def floor(x, rounds, num_calls=50):
    """What the MLP's step cannot do without: its matrix products and Adam's update, each alone.

    Milliseconds, at the shapes and the batch of the model, by the operations that the step itself
    uses. The data stay in the caches better than in a step.
    """
    vae = model()
    vae.build(x[:BATCH].shape)
    vae.optimizer.build(vae.trainable_variables)
    kernels = [weight for weight in vae.trainable_variables if len(weight.shape) == 2]
    inputs = [tf.random.normal((BATCH, kernel.shape[0])) for kernel in kernels]
    outputs = [tf.random.normal((BATCH, kernel.shape[1])) for kernel in kernels]
    gradients = [tf.random.normal(weight.shape) for weight in vae.trainable_variables]

    def products():
        forward = [tf.matmul(a, w) for a, w in zip(inputs, kernels, strict=True)]
        to_kernels = [
            tf.matmul(a, b, transpose_a=True) for a, b in zip(inputs, outputs, strict=True)
        ]
        to_inputs = [  # but for the first layer's: nobody asks for the gradient of x
            tf.matmul(b, w, transpose_b=True)
            for a, b, w in zip(inputs, outputs, kernels, strict=True)
            if a.shape[1] != x[0].size
        ]
        return [*forward, *to_kernels, *to_inputs]

    def update():
        vae.optimizer.apply_gradients(zip(gradients, vae.trainable_variables, strict=True))
        return []

    return {
        "products": _alone(products, rounds, num_calls),
        "update": _alone(update, rounds, num_calls),
    }


def _alone(function, rounds, num_calls):
    """Milliseconds of a function of TensorFlow, many calls of it in one."""

    @tf.function
    def calls():
        for index in tf.range(num_calls):
            # Without something to print, outputs that nobody uses would be removed.
            with tf.control_dependencies(function()):
                tf.debugging.assert_non_negative(index)

    calls()
    return 1e3 * statistics.median(seconds(calls) for _ in range(rounds)) / num_calls


# ---------------------------------------------------------------------- fit against its steps


class Steps(keras.callbacks.Callback):
    """The seconds within the steps of training and validation."""

    every_batch = False  # it looks at each call of TensorFlow, however many steps that runs

    def __init__(self):
        super().__init__()
        self.total = 0.0

    def on_train_batch_begin(self, batch, logs=None):
        self.start = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        self.total += time.perf_counter() - self.start

    on_test_batch_begin, on_test_batch_end = on_train_batch_begin, on_train_batch_end


def fit(x, rounds, epochs=3):
    """Wall time of `fit` over the sum of its steps, three epochs, for each kind of input."""
    vae = model()
    pipeline = tf.data.Dataset.from_tensor_slices(x).shuffle(1000, seed=0).batch(BATCH)
    tuned = tf.data.Options()
    tuned.autotune.enabled = True
    kinds = {
        "NumPy array": {"x": x, "batch_size": BATCH},
        "NumPy array with validation": {
            "x": x,
            "batch_size": BATCH,
            "validation_data": x[: len(x) // 4],
        },
        "tf.data": {"x": pipeline},
        "tf.data, its autotuning left on": {"x": pipeline.with_options(tuned)},
    }
    ratios = {name: [] for name in kinds}
    for index in range(rounds + 1):
        for name, data in kinds.items():
            steps = Steps()
            wall = seconds(
                lambda data=data, steps=steps: vae.fit(
                    **data, epochs=epochs, verbose=0, callbacks=[steps]
                )
            )
            if index:  # the first round traces
                ratios[name].append(wall / steps.total)
    return {name: statistics.median(values) for name, values in ratios.items()}


# ---------------------------------------------------------------------- the mapping's fraction


def mapping(x, rounds, num_steps=10):
    """The fraction of a training step that goes into g, measured in two ways.

    "beside": against the same VAE without g, blocks of steps by turns; "none" is a second model
    without g, and shows the noise. "alone": g's own seconds, forward and backward, over those of a step.
    """
    models = {
        "Circle": model(mappings.Circle()),
        "FigureEight": model(mappings.FigureEight()),
        "Sphere": model(mappings.Sphere()),
        "Torus": model(mappings.Torus()),
        "Clusters(10)": model(mappings.Clusters(10)),
        "Linear": model(mappings.Linear(np.eye(LATENTS))),
        "Sparse": model(mappings.Sparse()),
        "Hierarchical([10] * 5)": model(mappings.Hierarchical([10] * 5)),
        "none": model(),
    }
    batch = tf.constant(x[:BATCH])
    without = _block(model(), batch, num_steps)
    blocks = {name: _block(vae, batch, num_steps) for name, vae in models.items()}
    fractions = {name: [] for name in blocks}
    for index in range(10 * rounds + 1):
        for name, block in blocks.items():
            before, own, after = seconds(without), seconds(block), seconds(without)
            if index:  # the first round traces
                fractions[name].append(1 - (before + after) / 2 / own)
    step = min(seconds(without) for _ in range(rounds)) / num_steps
    return {
        name: {
            "beside": statistics.median(fractions[name]),
            "alone": _seconds_alone(vae.mapping, rounds) / step,
        }
        for name, vae in models.items()
    }


def _seconds_alone(g, rounds, num_calls=200):
    """The seconds of g and its gradient for one batch, less those of the loop around it."""
    y = tf.random.normal((BATCH, LATENTS))

    def of(function):
        @tf.function
        def calls(y):
            for _ in tf.range(num_calls):
                with tf.GradientTape() as tape:
                    tape.watch(y)
                    loss = tf.reduce_sum(y * function(y))
                y += 1e-6 * tape.gradient(loss, y)
            return y

        calls(y)
        return min(seconds(lambda: calls(y)) for _ in range(rounds)) / num_calls

    return of(g) - of(tf.identity)


def _block(vae, batch, num_steps):
    """A function that takes so many training steps in one call of TensorFlow."""
    vae.build(batch.shape)
    vae.optimizer.build(vae.trainable_variables)

    @tf.function
    def block():
        for _ in tf.range(num_steps):
            vae.train_step((batch,))

    return block


# ---------------------------------------------------------------------- log p(x)


def plain_log_likelihood(vae, x, num_samples):
    """The bound as one would write it down: a loop over batches and, within, over samples."""

    @tf.function
    def log_weight(batch):
        q = vae.q(batch)
        y = q.sample()
        log_p = vae.likelihood.log_prob(batch, vae.parameters_of(vae.mapping(y)))
        return log_p + vae.prior.log_prob(y) - q.log_prob(y)

    bounds = []
    for start in range(0, len(x), BATCH):
        batch = tf.constant(x[start : start + BATCH])
        weights = np.stack([log_weight(batch).numpy() for _ in range(num_samples)])
        largest = weights.max(axis=0)
        bounds.append(largest + np.log(np.mean(np.exp(weights - largest), axis=0)))
    return np.concatenate(bounds)


def log_likelihood(x, rounds, num_images=10_000, num_samples=500):
    """Seconds for all images and samples; the plain loop on a tenth of the samples, times ten."""
    vae = model()
    vae.fit(x, batch_size=BATCH, epochs=3, verbose=0)
    x = x[:num_images]
    vae.log_likelihood(x[:BATCH], num_samples=num_samples)
    plain_log_likelihood(vae, x[:BATCH], 2)
    ours, plain, bounds, tenth = [], [], {}, num_samples // 10
    for _ in range(min(rounds, 2)):
        ours.append(
            seconds(lambda: bounds.update(ours=vae.log_likelihood(x, num_samples=num_samples)))
        )
        plain.append(10 * seconds(lambda: bounds.update(plain=plain_log_likelihood(vae, x, tenth))))
    return {
        "images": len(x),
        "samples": num_samples,
        "multiplications": multiplications(vae.decoder),
        "ours": statistics.median(ours),
        "plain": statistics.median(plain),
        "ours_nats": float(bounds["ours"].mean()),
        "plain_nats_with_a_tenth": float(bounds["plain"].mean()),
    }


def log_likelihood_memory(x, rounds, num_samples):
    """The peak memory of a process that computes log p(x) with so many samples, in MB."""
    vae = model()
    vae.fit(x[: 64 * BATCH], batch_size=BATCH, verbose=0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    vae.log_likelihood(x[:1000], num_samples=num_samples)
    return {"before": before, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def main():
    measures = {
        "matmul": matmul,
        "floor": floor,
        "fit": fit,
        "mapping": mapping,
        "log_likelihood": log_likelihood,
        "memory_50": lambda x, rounds: log_likelihood_memory(x, rounds, 50),
        "memory_1000": lambda x, rounds: log_likelihood_memory(x, rounds, 1000),
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("measure", choices=measures)
    parser.add_argument("--images", required=True, help="a .npy file, float32 in [0, 1]")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    print(json.dumps(measures[options.measure](np.load(options.images), options.rounds)))


if __name__ == "__main__":
    main()
