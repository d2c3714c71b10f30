"""Our reshaping in `networks.DepthToSpace` beside `keras.ops.depth_to_space`: milliseconds a call.

Run it with `python benchmarks/depth_to_space.py` (a minute).
"""

import statistics
import time

import keras
import numpy as np
import tensorflow as tf

from intelvae_keras.networks import DepthToSpace

SHAPES = {(128, 7, 7, 16): 4, (128, 7, 7, 128): 2, (1024, 7, 7, 16): 4}  # to the factor of growth
ROUNDS, CALLS = 25, 4


def milliseconds(function, shape, with_gradient):
    x = tf.constant(np.random.default_rng(0).uniform(size=shape).astype("float32"))

    @tf.function
    def run():
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(function(x) ** 2)
        return tape.gradient(y, x) if with_gradient else y

    run()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(CALLS):
            run()
        times.append((time.perf_counter() - start) / CALLS)
    return 1e3 * statistics.median(times)


def main():
    for shape, size in SHAPES.items():
        ours = DepthToSpace(size)
        for with_gradient in (False, True):
            pair = [
                milliseconds(function, shape, with_gradient)
                for function in (ours, lambda x, size=size: keras.ops.depth_to_space(x, size))
            ]
            what = "forward and back" if with_gradient else "forward"
            print(f"{shape} by {size}, {what}: ours {pair[0]:.2f}, keras.ops {pair[1]:.2f}")


if __name__ == "__main__":
    main()
