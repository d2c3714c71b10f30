"""What a GPU makes of this package: `make gpu-check`, for whoever has one (about 10 minutes).

    python benchmarks/gpu_check.py                   # writes runs/gpu-check/report.md
    python benchmarks/gpu_check.py --device CPU:0    # a rehearsal without a GPU: the CPU against itself

1. Each mapping is trained on the CPU and on the GPU from the same weights, on the same batches with the
   same noise. Losses must agree at the first step up to rounding, and after training within what
   another seed of the noise changes.
2. Images per second in float32, mixed_float16 and mixed_bfloat16, with and without XLA.
3. The GPU's peak memory after 2 epochs and after 12: it must not grow.

Without a GPU it says so, and stops.
"""

import argparse
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from tqdm import tqdm

from intelvae_keras import InteLVAE, datasets, mappings, networks

REPORT = pathlib.Path("runs/gpu-check/report.md")
EPOCHS, BATCH, IMAGES = 3, 256, 5120
FIRST_STEP = 1e-4  # relative difference of the first loss that rounding may make
POLICIES = ("float32", "mixed_float16", "mixed_bfloat16")
MAPPINGS = {
    "none (ordinary VAE)": lambda: None,
    "Clusters(3)": lambda: mappings.Clusters(3, strength=1.0),
    "Clusters(3), learned": lambda: mappings.Clusters(3, strength=1.0, learn_proportions=True),
    "Circle": mappings.Circle,
    "FigureEight": mappings.FigureEight,
    "Sphere": mappings.Sphere,
    "Torus": mappings.Torus,
    "Star(5)": lambda: mappings.Star(5),
    "TwoRings": mappings.TwoRings,
    "Sparse": mappings.Sparse,
    "Threshold": mappings.Threshold,
    "Hierarchical": lambda: mappings.Hierarchical([2, 2, 4]),
    "Linear": lambda: mappings.Linear(np.tri(8) / 4, trainable=True),
    "Function": lambda: mappings.Function(keras.ops.tanh),
}


def gpu():
    """The name of the first GPU, or None."""
    found = tf.config.list_logical_devices("GPU")
    return found[0].name if found else None


def make(mapping, seed=0, convolutions=False):
    """A model with 8 latents, its weights from seed 0 and its noise from `seed`."""
    keras.utils.set_random_seed(0)
    shape = (28, 28, 1)
    encoder, decoder = networks.mlp_encoder([256, 128]), networks.mlp_decoder(shape, [128, 256])
    if convolutions:
        encoder, decoder = networks.conv_encoder(), networks.conv_decoder(shape)
    return InteLVAE(
        8, encoder=encoder, decoder=decoder, mapping=mapping, posterior="full", seed=seed
    )


def losses(make_mapping, device, x, seed=0):
    """The loss of each epoch, the first step's before them, and the device that holds the weights."""
    with tf.device(device):
        vae = make(make_mapping(), seed)
        vae.compile(keras.optimizers.Adam(1e-3))
        first = vae.fit(x[:BATCH], epochs=1, batch_size=BATCH, shuffle=False, verbose=0)
        history = vae.fit(x, epochs=EPOCHS, batch_size=BATCH, shuffle=False, verbose=0)
    placed = vae.encoder.trainable_weights[0].value.device
    return np.array(first.history["loss"] + history.history["loss"]), placed


def compare(name, device, x):
    """One row: how far the losses on `device` are from the CPU's, and whether they agree."""
    cpu, _ = losses(MAPPINGS[name], "CPU:0", x)
    other, placed = losses(MAPPINGS[name], device, x)
    reseeded, _ = losses(MAPPINGS[name], "CPU:0", x, seed=1)
    first = abs(other[0] - cpu[0]) / abs(cpu[0])
    last, by_chance = abs(other[-1] - cpu[-1]), abs(reseeded[-1] - cpu[-1])
    # By chance two seeds may end alike: at least 0.5 nats are allowed.
    agree = first <= FIRST_STEP and last <= max(3 * by_chance, 0.5)
    on = "GPU" if "GPU" in placed else "CPU"
    return {
        "mapping": name,
        "weights on": on,
        "first loss, relative": first,
        "last loss, nats": last,
        "another seed, nats": by_chance,
        "verdict": "agree" if agree else "DIFFER",
    }


def images_per_second(policy, xla, device, x, convolutions, batch_size=512, epochs=4):
    """Images a second after the first epoch, which compiles; NaN and the error if it cannot run."""
    keras.mixed_precision.set_dtype_policy(policy)
    try:
        with tf.device(device):
            vae = make(mappings.Clusters(3, strength=1.0), convolutions=convolutions)
            vae.compile(keras.optimizers.Adam(1e-3), jit_compile=xla)
            vae.fit(x, epochs=1, batch_size=batch_size, verbose=0)
            start = time.perf_counter()
            history = vae.fit(x, epochs=epochs, batch_size=batch_size, verbose=0)
            seconds = time.perf_counter() - start
        return epochs * len(x) / seconds, float(history.history["loss"][-1]), ""
    except Exception as error:  # what fails is a finding too
        return np.nan, np.nan, f"{type(error).__name__}: {str(error).splitlines()[0][:80]}"
    finally:
        keras.mixed_precision.set_dtype_policy("float32")


def memory_growth(device, x):
    """Peak memory in MB after 2 and after 12 epochs, or None where TensorFlow does not tell."""
    name = device.split("device:")[-1].lstrip("/")
    peaks = []
    with tf.device(device):
        vae = make(mappings.Sparse(), convolutions=True)
        vae.compile("adam")
        for epochs in (2, 10):
            vae.fit(x, epochs=epochs, batch_size=512, verbose=0)
            try:
                peaks.append(tf.config.experimental.get_memory_info(name)["peak"] / 2**20)
            except ValueError:  # TensorFlow counts the memory of GPUs only
                return None
    return peaks


def table(rows):
    """A Markdown table of dictionaries."""
    lines = ["| " + " | ".join(rows[0]) + " |", "|" + "---|" * len(rows[0])]
    for row in rows:
        cells = [f"{v:.2g}" if isinstance(v, float) else str(v) for v in row.values()]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def report(device):
    """Measures everything; the text of the report."""
    (x, _), _ = datasets.load("mnist01")
    x = x[:IMAGES]
    details = {}
    physical = tf.config.list_physical_devices("GPU")
    if physical:
        details = tf.config.experimental.get_device_details(physical[0])
    equal = [compare(name, device, x) for name in tqdm(MAPPINGS, "losses", unit="mapping")]
    settings = [(n, p, j) for n in ("dense", "conv") for p in POLICIES for j in (False, True)]
    rates = []
    for networks_, policy, xla in tqdm(settings, "speed", unit="setting"):
        rate, loss, error = images_per_second(policy, xla, device, x, networks_ == "conv")
        rates.append(
            {
                "networks": networks_,
                "policy": policy,
                "XLA": "yes" if xla else "no",
                "images/s": "" if np.isnan(rate) else f"{rate:,.0f}",
                "last loss, nats": "" if np.isnan(loss) else f"{loss:.1f}",
                "error": error,
            }
        )
    peaks = memory_growth(device, x)
    memory = "TensorFlow does not tell the memory of this device."
    if peaks:
        grown = "does not grow" if peaks[1] <= 1.02 * peaks[0] else "GROWS"
        memory = f"Peak after 2 epochs {peaks[0]:.0f} MB, after 12 {peaks[1]:.0f} MB: it {grown}."
    versions = f"TensorFlow {tf.__version__}, Keras {keras.__version__}"
    return "\n\n".join(
        [
            "# GPU check",
            f"Device `{device}`, {details.get('device_name', 'no GPU: a rehearsal')}; {versions}.",
            "## Losses, this device against the CPU",
            table(equal),
            "## Images per second",
            table(rates),
            "## Memory",
            memory,
        ]
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", help="instead of the first GPU, such as CPU:0 for a rehearsal")
    device = parser.parse_args().device or gpu()
    if device is None:
        print(
            "TensorFlow sees no GPU here, so there is nothing to check. With a GPU in the machine: "
            'pip install "tensorflow[and-cuda]".'
        )
        return
    text = report(device)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(text + "\n")
    print(f"{text}\n\nWritten to {REPORT}.")


if __name__ == "__main__":
    main()
