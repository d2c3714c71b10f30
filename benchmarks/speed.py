"""How fast is it? Measures training beside its peers and writes docs/speed.md (about 20 minutes).

    python benchmarks/speed.py                      # ours and plain Keras
    python benchmarks/speed.py --pythae .venv-pythae/bin/python      # pythae too; see `make speed`

The processes train by turns, an epoch each, so that the machine's moods meet all alike; ratios are
medians over the rounds of the ratio within a round.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
from tqdm import tqdm

HERE = pathlib.Path(__file__).parent
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


class Worker:
    """A process that trains one model by one epoch whenever asked."""

    def __init__(self, name, train, test, learning_rate, pythae=None):
        if name.startswith("pythae"):
            command = [pythae, HERE / "pythae_worker.py", name.removeprefix("pythae_")]
        else:
            command = [sys.executable, HERE / "speed_worker.py", name]
        self.process = subprocess.Popen(
            [str(part) for part in [*command, train, test, learning_rate]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.about = self.answer()

    def answer(self):
        for line in self.process.stdout:
            if line.startswith("{"):
                return json.loads(line)
        raise RuntimeError(
            f"{self.process.args[1:3]} ended without an answer; run it by hand to see why."
        )

    def epoch(self, elbo=False):
        """Trains by an epoch; {"seconds": ..., "elbo": ... or None}."""
        self.process.stdin.write("elbo\n" if elbo else "go\n")
        self.process.stdin.flush()
        return self.answer()

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


# ---------------------------------------------------------------------- measurements


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


def inside(measure, train, rounds):
    command = [sys.executable, HERE / "speed_inside.py", measure, "--images", train]
    output = subprocess.run(
        [*map(str, command), "--rounds", str(rounds)],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(output.stdout.strip().splitlines()[-1])


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


# ---------------------------------------------------------------------- the page


def report(measured):
    """The page, in Markdown."""
    runs, rate = measured["runs"], measured["matmul"]["float32"]
    lines = [
        "# Speed",
        "",
        f"Written by `make speed`, the models on {measured['dates']['runs']}, all else on "
        f"{_days(measured['dates'])}: {measured['data']}, {measured['num_images']:,} "
        f"training images, batches of 128, 50 latents, Bernoulli likelihood, Adam, float32, "
        f"{measured['cores']} cores. The models train by turns, one epoch each, {measured['rounds']} "
        "rounds; medians, with the smallest and the largest round. One seed: about one nat between "
        "ELBOs is chance. The learning rate is the best of three for each model, see below.",
        "",
        f"This machine multiplies 2048 x 2048 matrices at {rate:.0f} GFLOP/s in float32, "
        f"{measured['matmul']['bfloat16']:.0f} in bfloat16. The fraction below is 6 FLOP per multiply-add "
        "of the networks (forward, and twice that backward) over this rate.",
        "",
        "| model | images/s | fraction of matmul | learning rate | test ELBO after 5 epochs, nats "
        "| first step, s |",
        "|---|---|---|---|---|---|",
    ]
    for name, run in runs.items():
        middle = statistics.median(run["rates"])
        fraction, first = "", ""
        if "multiplications" in run:
            fraction = f"{100 * middle * 6 * run['multiplications'] / rate / 1e9:.0f}%"
            first = f"{run['first_step']:.1f}"
        lines.append(
            f"| {MODELS[name]} | {middle:,.0f} ({min(run['rates']):,.0f} to {max(run['rates']):,.0f}) "
            f"| {fraction} | {run['learning_rate']:g} | {run['elbo'][-1]:.1f} | {first} |"
        )
    lines += ["", "## Beside the peers", "", "| | measured | aim |", "|---|---|---|"]
    for name, peer, aim in (
        ("mlp", "pythae_mlp", "2.0"),
        ("conv_same_widths", "pythae_conv", "1.6"),
        ("conv_same_grids", "pythae_conv", "1.6"),
        ("conv", "pythae_conv", "3.0"),
        ("mlp", "keras_mlp", "-"),
        ("mlp_bfloat16", "mlp", "1.3, to be used by default"),
    ):
        if name in runs and peer in runs:
            lines.append(
                f"| {MODELS[name]}, against {MODELS[peer]} | {ratio(runs, name, peer):.2f} times | {aim} |"
            )
    for name, peer in (("mlp", "pythae_mlp"), ("conv", "pythae_conv")):
        if peer in runs:
            fraction = time_to_quality(runs, name, peer)
            shown = "not reached in 5 epochs" if fraction is None else f"{fraction:.2f} of its time"
            lines.append(
                f"| {MODELS[name]}: time to the ELBO of {MODELS[peer]} after 5 epochs | {shown} | 0.33 |"
            )
    lines += [
        "",
        "pythae's loop here is the barest that trains its model; its own trainer was as fast or slower. "
        "The first five rounds are also the five epochs whose ELBO is compared.",
        "",
        f"Where an aim is missed: {_ceiling(measured)}"
        "On the peer's grids our network of its widths has more multiply-adds (3 x 3 where it writes the "
        "pixels, two dense layers); with patches of 4 x 4 pixels it has far fewer, on smaller grids, "
        "and a lower ELBO. The default network has one convolution at each end; "
        "it needs its learning rate: at 1e-3 it learns more slowly than the peer's, see below.",
        "",
        *_rates(measured["rates"]),
        "## What else takes time",
        "",
        "A mapping's fraction of a training step is measured beside a VAE without one, blocks of steps by "
        "turns, and alone: the time of g and its gradient with respect to y over that of a step.",
        "",
        "| | measured | aim |",
        "|---|---|---|",
    ]
    for name, value in measured["fit"].items():
        aim = "-" if "left on" in name else "1.03"
        lines.append(
            f"| `fit` over the sum of its steps, three epochs, {name} | {value:.3f} | {aim} |"
        )
    for name, value in measured["mapping"].items():
        aim = "10%" if name == "Sparse" else "5%" if "Hier" not in name else "- (it is a network)"
        what = f"fraction of the mapping {name} in a training step"
        alone = f"; alone {100 * value['alone']:.1f}%"
        if name == "none":
            what, alone, aim = "the same of a second model without a mapping: the noise", "", "-"
        lines.append(f"| {what} | {100 * value['beside']:.1f}%{alone} | {aim} |")
    imports, bound = measured["import"], measured["log_likelihood"]
    lines.append(
        f"| `import intelvae_keras` on top of TensorFlow, Keras and TFP ({imports['without']:.1f} s) "
        f"| {imports['difference']:.2f} s | 0.3 s |"
    )
    if measured["demo"] is not None:
        lines.append(f"| the demo's second run | {measured['demo']:.1f} s | 8 s |")
    lines += [
        f"| `log_likelihood`, {bound['images']:,} images, {bound['samples']} samples | "
        f"{bound['ours']:.0f} s, {bound['plain'] / bound['ours']:.1f} times faster than a plain loop "
        f"({bound['plain']:.0f} s) | 5 times |",
        f"| its memory above that of training, 50 and 1,000 samples "
        f"| {_growth(measured['memory_50'])} and {_growth(measured['memory_1000'])} MB | flat |",
        "",
        f"Each sample goes through the decoder: its matrix products alone would take "
        f"{_seconds_of_decoder(measured):.0f} s at the matmul rate above, and five times faster than the "
        f"plain loop would be {bound['plain'] / 5:.0f} s in all.",
        "",
    ]
    return "\n".join(lines)


def _seconds_of_decoder(measured):
    """Seconds that the decoder's products take at least in `log_likelihood`."""
    bound, rate = measured["log_likelihood"], measured["matmul"]["float32"]
    return 2e-9 * bound["multiplications"] * bound["images"] * bound["samples"] / rate


def _ceiling(measured):
    """What twice the rate of the peer's MLP would ask of the machine, if that was measured."""
    runs = measured["runs"]
    if "mlp" not in runs or "pythae_mlp" not in runs:
        return ""
    twice = 2 * statistics.median(runs["pythae_mlp"]["rates"])
    fraction = twice * 6 * runs["mlp"]["multiplications"] / (1e9 * measured["matmul"]["float32"])
    floor = measured["floor"]
    return (
        f"twice pythae's rate for the MLP would be {100 * fraction:.0f}% of this machine's matmul rate on "
        f"large matrices, {1e3 * BATCH / twice:.1f} ms a step. The step's matrix products alone take "
        f"{floor['products']:.1f} ms, Adam's update alone {floor['update']:.1f} ms; ours takes "
        f"{1e3 * BATCH / statistics.median(runs['mlp']['rates']):.1f} ms with biases, activations, noise, "
        "likelihood, gradients of all these, metrics and the input besides. "
    )


def _days(dates):
    """The days of all but the models, as "first" or "first to last"."""
    days = sorted(date for part, date in dates.items() if part != "runs")
    return days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"


def _rates(elbos):
    """The table behind the choice of learning rates."""
    rows = [
        f"| {MODELS[name]} | " + " | ".join(f"{elbo:.1f}" for elbo in found.values()) + " |"
        for name, found in elbos.items()
    ]
    return [
        "## Learning rates",
        "",
        "ELBO in nats of the last tenth of the training images, after 5 epochs of the others: the best "
        "rate of each model is the one it has above. Keras' and pythae's own default is 1e-3 for Adam "
        "and 1e-4 for its trainer.",
        "",
        "| model | " + " | ".join(f"{rate:g}" for rate in RATES) + " |",
        "|---" * (1 + len(RATES)) + "|",
        *rows,
        "",
    ]


def _growth(memory):
    return f"{memory['peak'] - memory['before']:.0f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--images", type=int, default=20_000)
    parser.add_argument("--pythae", help="a Python that has torch and pythae")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument(
        "--only",
        nargs="+",
        choices=["rates", "runs", *INSIDE, "import"],
        help="keep the rest of the page",
    )
    parser.add_argument("--output", type=pathlib.Path, default=HERE.parent / "docs/speed.md")
    options = parser.parse_args()
    names = [n for n in options.models if options.pythae or not n.startswith("pythae")]
    archive = HERE / "results/speed.json"
    measured = json.loads(archive.read_text()) if archive.exists() and options.only else {}
    todo = options.only or ["rates", "runs", *INSIDE, "import"]
    today = time.strftime("%Y-%m-%d")
    measured["dates"] = measured.get("dates", {}) | dict.fromkeys(todo, today)
    with tempfile.TemporaryDirectory() as folder:
        data, num_images, (train, test) = images(folder, options.images)
        known = {} if "rates" in todo else measured.get("rates", {})
        unknown = [name for name in names if name not in known]
        if unknown and {"rates", "runs"} & set(todo):
            measured["rates"] = known | elbos_by_rate(unknown, train, folder, options.pythae)
            archive.write_text(json.dumps(measured, indent=1))  # lest a killed run lose it
        if "runs" in todo:
            rates = {name: best_rate(measured["rates"][name]) for name in names}
            runs = throughput(names, rates, train, test, options.rounds, options.pythae, num_images)
            about = {"data": data, "num_images": num_images, "rounds": options.rounds}
            measured |= {"runs": runs, **about}
            archive.write_text(json.dumps(measured, indent=1))  # lest a killed run lose it
        for measure in tqdm([measure for measure in INSIDE if measure in todo], "in one process"):
            measured[measure] = inside(measure, train, options.rounds)
    if "import" in todo:
        measured["import"] = import_seconds(options.rounds)
    measured["demo"] = second_demo(HERE.parent / "runs/demo")
    measured["cores"] = _cores()
    archive.write_text(json.dumps(measured, indent=1))
    options.output.write_text(report(measured))
    print(report(measured))


def _cores():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


if __name__ == "__main__":
    main()
