"""What `speed.py` measures: training by turns, at the best learning rate, and what else takes time."""

import os
import pathlib
import statistics
import subprocess
import sys
import time

import numpy as np
from speed_processes import HERE, Worker
from tqdm import tqdm

BATCH = 128  # as in the workers, which this process does not import: they load TensorFlow
EPOCHS_TO_QUALITY = 5
RATES = (1e-3, 2e-3, 3e-3)  # of Adam: each model trains with the one that suits it best
INSIDE = ("matmul", "floor", "fit", "mapping", "log_likelihood", "memory_50", "memory_1000")
MODELS = {
    "mlp": "ours, MLP",
    "mlp_bfloat16": "ours, MLP, mixed_bfloat16",
    "keras_mlp": "plain Keras loop, MLP",
    "pythae_mlp": "pythae, MLP",
    "conv": "ours, default `conv_*`",
    "conv_same_widths": "ours, conv 32-64-128, patches of 4 x 4",
    "conv_same_grids": "ours, conv 32-64-128, patches of 2 x 2",
    "pythae_conv": "pythae, conv 32-64-128, BatchNorm",
}


def images(folder, number):
    """Fashion-MNIST as .npy files for the workers; the part that ships if the full set is not there."""
    from intelvae_keras import datasets

    try:
        (x, _), (x_test, _) = datasets.load("fashion_mnist")
        name = "Fashion-MNIST"
    except Exception:  # offline, and no INTELVAE_DATA_DIR
        (x, _), (x_test, _) = datasets.load("fashion_mnist_mini")
        name = "fashion_mnist_mini"
    paths = [pathlib.Path(folder) / f"{part}.npy" for part in ("train", "test")]
    for path, array in zip(paths, (x[:number], x_test), strict=True):
        np.save(path, array)
    return name, min(number, len(x)), paths


def elbos_by_rate(names, train, folder, pythae):
    """{model: {rate: ELBO}} after 5 epochs on nine tenths of the training images, of the last tenth."""
    x = np.load(train)
    parts = [pathlib.Path(folder) / f"{part}.npy" for part in ("most", "held_out")]
    for path, array in zip(parts, np.split(x, [9 * len(x) // 10]), strict=True):
        np.save(path, array)
    found = {}
    for name in tqdm(names, "learning rates"):
        found[name] = {}
        for rate in RATES:
            worker = Worker(name, *parts, rate, pythae)
            for _ in range(EPOCHS_TO_QUALITY - 1):
                worker.epoch()
            found[name][f"{rate:g}"] = worker.epoch(elbo=True)["elbo"]
            worker.stop()
    return found


def best_rate(elbos):
    """The learning rate with the highest ELBO."""
    return float(max(elbos, key=elbos.get))


def throughput(names, rates, train, test, rounds, pythae, num_images):
    """Images per second of each model in each round, ELBO per epoch and seconds of the first step."""
    workers = {
        name: Worker(name, train, test, rates[name], pythae)
        for name in tqdm(names, "starting workers")
    }
    runs = {name: [] for name in names}
    # The first epochs also give the ELBO that is reached from a fresh start.
    for index in tqdm(range(max(rounds, EPOCHS_TO_QUALITY)), "rounds of one epoch each"):
        for name, worker in workers.items():
            runs[name].append(worker.epoch(elbo=index < EPOCHS_TO_QUALITY))
    abouts = {name: worker.about for name, worker in workers.items()}
    for worker in workers.values():
        worker.stop()
    return {
        name: {
            "rates": [num_images / run["seconds"] for run in runs[name]],
            "seconds": [run["seconds"] for run in runs[name]],
            "elbo": [run["elbo"] for run in runs[name][:EPOCHS_TO_QUALITY]],
            "learning_rate": rates[name],
            **abouts[name],
        }
        for name in names
    }


def ratio(runs, name, peer):
    """Median over the rounds of the ratio of the two rates."""
    pairs = zip(runs[name]["rates"], runs[peer]["rates"], strict=True)
    return statistics.median(a / b for a, b in pairs)


def time_to_quality(runs, name, peer):
    """Our seconds until the peer's last ELBO, over the peer's seconds; None if not reached."""
    goal = runs[peer]["elbo"][-1]
    reached = [index for index, elbo in enumerate(runs[name]["elbo"]) if elbo >= goal]
    if not reached:
        return None
    ours = sum(runs[name]["seconds"][: reached[0] + 1])
    return ours / sum(runs[peer]["seconds"][:EPOCHS_TO_QUALITY])


def import_seconds(rounds):
    """Seconds of a process that imports TensorFlow, Keras and TFP; and of one that adds ours."""
    below = "import tensorflow, keras, tensorflow_probability"
    times = {"without": [], "with": []}
    for _ in tqdm(range(rounds), "imports"):
        for name, code in (("without", below), ("with", below + ", intelvae_keras")):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True, stderr=subprocess.DEVNULL)
            times[name].append(time.perf_counter() - start)
    # The fastest of each: what else the machine does can only add.
    without, with_ours = min(times["without"]), min(times["with"])
    return {"without": without, "with": with_ours, "difference": with_ours - without}


def second_demo(folder):
    """Seconds of `make demo`'s command where its results stand already."""
    root = HERE.parent
    results = [sys.executable, str(root / "intelvae_keras/demo/results.py"), str(folder)]
    if subprocess.run(results, capture_output=True).returncode:
        return None
    start = time.perf_counter()
    subprocess.run(results, capture_output=True, check=True)
    return time.perf_counter() - start


def cores():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
