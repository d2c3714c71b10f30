"""What it costs as it grows: writes docs/scaling.md and its figure (about 10 minutes on two cores).

    python benchmarks/scaling.py            # or `make scaling`

Each point is a process of its own (`scaling_worker.py`), so that its peak memory is its own.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import time

import numpy as np
from tqdm import tqdm

HERE = pathlib.Path(__file__).parent
AXES = {
    "images": ("images in the stream", [10**3, 10**4, 10**5, 10**6]),
    "size": ("side of an image, pixels", [28, 64, 128]),
    "latents": ("latent dimensions", [2, 8, 32, 128, 512]),
    "clusters": ("clusters K", [2, 8, 32, 128, 256]),
    "samples": ("samples S of log p(x)", [10, 50, 250, 1000]),
    "batch": ("batch size", [16, 64, 256, 1024]),
}
# For the paper estimate: a data-centre GPU, at the fraction of its matmul rate that a step reaches here.
GPU = {"flops": 19.5e12, "batch": 128}
LINKS = {8: ("one machine, 200 GB/s between GPUs", 200e9), 256: ("32 machines, 25 GB/s each", 25e9)}
IMAGENET = 1_281_167


def measure(along, value):
    command = [sys.executable, str(HERE / "scaling_worker.py"), along, str(value)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return json.loads(output.strip().splitlines()[-1])


def exponent(values, costs):
    """The slope of log cost over log value, by least squares."""
    return float(np.polyfit(np.log(values), np.log(costs), 1)[0])


def summary(along, points):
    """Fitted exponents of time and memory."""
    values = [point["value"] for point in points]
    seconds = [1 / point["rate"] for point in points]
    memory = [point["memory"] for point in points]
    if along == "images":  # the cost of all of them, an epoch
        seconds = [value / point["rate"] for value, point in zip(values, points, strict=True)]
    return exponent(values, seconds), exponent(values, memory)


def figure(measured, path):
    """Images per second and peak memory along each axis, in one figure."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.ticker import LogLocator

    fig, axes = plt.subplots(2, 3, figsize=(11, 6), layout="constrained")
    for ax, (along, points) in zip(axes.flat, measured.items(), strict=False):
        values = [point["value"] for point in points]
        (rate,) = ax.loglog(values, [p["rate"] for p in points], "o-", color="C0")
        beside = ax.twinx()
        (memory,) = beside.plot(values, [p["memory"] for p in points], "s--", color="C1")
        beside.set_ylim(0, 1.2 * max(p["memory"] for p in points))
        time_exponent, memory_exponent = summary(along, points)
        ax.set_xlabel(AXES[along][0])
        ax.set_title(f"time ~ n^{time_exponent:.2f}, memory ~ n^{memory_exponent:.2f}", fontsize=10)
        ax.set_xticks(values, [f"{value:,}" for value in values])
        ax.minorticks_off()
        rates = [p["rate"] for p in points]
        # Wide enough that noise does not look like a trend.
        ax.set_ylim(min(rates) / 3, 3 * max(rates))
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 3)))
        ax.yaxis.set_major_formatter("{x:,.0f}")
        ax.set_ylabel("images/s", color="C0")
        beside.set_ylabel("peak memory, MB", color="C1")
    fig.legend(
        [rate, memory], ["images per second", "peak memory"], loc="outside upper center", ncols=2
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    fig.savefig(path, dpi=80)
    plt.close(fig)


def estimate(parameters, multiplications, fraction):
    """Rows of the paper estimate: (GPUs, link, step in ms, all-reduce in ms, epoch in s)."""
    compute = GPU["batch"] * 6 * multiplications / (GPU["flops"] * fraction)
    rows = []
    for gpus, (link, bandwidth) in LINKS.items():
        # A ring moves each byte twice, less the fraction that stays.
        exchange = 4 * parameters * 2 * (gpus - 1) / gpus / bandwidth
        epoch = IMAGENET / (gpus * GPU["batch"]) * (compute + exchange)
        rows.append((gpus, link, 1e3 * compute, 1e3 * exchange, epoch))
    return rows


def cost_of_a_step():
    """Parameters and multiply-adds per image of the default networks on 64 x 64 x 3; GFLOP/s here."""
    from scaling_worker import convolutional
    from speed_inside import matmul
    from speed_worker import multiplications

    vae = convolutional(64)
    vae.build((None, 64, 64, 3))
    macs = multiplications(vae.encoder) + multiplications(vae.decoder)
    return vae.count_params(), macs, matmul(None, rounds=7)["float32"]


def report(measured, parameters, macs, gflops):
    """The page, in Markdown."""
    lines = [
        "# Cost as it grows",
        "",
        f"Written by `make scaling` on {time.strftime('%Y-%m-%d')}. Each point is a process of its own; "
        "peak memory includes about 700 MB of TensorFlow itself. An exponent of 1 means that twice "
        "the size costs twice, 0 that it costs the same.",
        "",
        "![Images per second and peak memory along six axes](images/scaling.png)",
        "",
        "| along | exponent of the time | of the memory | measured: images/s (peak MB) |",
        "|---|---|---|---|",
    ]
    what = {"images": " of an epoch"}
    for along, points in measured.items():
        time_exponent, memory_exponent = summary(along, points)
        each = ", ".join(f"{p['value']:,}: {p['rate']:,.0f} ({p['memory']:,.0f})" for p in points)
        lines.append(
            f"| {AXES[along][0]} | {time_exponent:.2f}{what.get(along, ' per image')} "
            f"| {memory_exponent:.2f} | {each} |"
        )
    rate = next(p["rate"] for p in measured["size"] if p["value"] == 64)
    fraction = 6 * macs * rate / (1e9 * gflops)
    lines += [
        "",
        "The stream, the latents, the clusters, the samples and the batch are measured with dense layers "
        "784-256-128 and back, the size of images with the default convolutions at batch 128. Fixed costs "
        "hide the growth at small sizes; that is why some exponents lie far below 1.",
        "",
        "## On paper: ImageNet at 64 x 64 on many GPUs",
        "",
        f"Not measured. The default networks have {parameters:,} parameters and {macs / 1e6:.1f} million "
        f"multiply-adds per image of 64 x 64 x 3; a step costs 6 FLOP for each. Measured here: "
        f"{rate:,.0f} images/s, {1e3 * GPU['batch'] / rate:.0f} ms a step of {GPU['batch']}, which is "
        f"{100 * fraction:.0f}% of this machine's matmul rate of {gflops:.0f} GFLOP/s. Assumed: a GPU of "
        f"{GPU['flops'] / 1e12:.1f} TFLOP/s in float32 at the same fraction, batches of {GPU['batch']} on "
        f"each; the gradients, {4 * parameters / 1e6:.1f} MB, go around a ring.",
        "",
        "| GPUs | link | compute a step | all-reduce a step | an epoch of 1.28 million images |",
        "|---|---|---|---|---|",
    ]
    for gpus, link, compute, exchange, epoch in estimate(parameters, macs, fraction):
        lines.append(
            f"| {gpus} | {link} | {compute:.2f} ms | {exchange:.2f} ms | {epoch:.1f} s "
            f"({IMAGENET / epoch:,.0f} images/s to be read) |"
        )
    lines += [
        "",
        "At such rates reading and decoding the images, and the launch of each small operation, which the "
        "estimate leaves out, cost more than the arithmetic: it is a bound from below.",
        "",
    ]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--along", nargs="+", choices=AXES, default=list(AXES))
    parser.add_argument("--docs", type=pathlib.Path, default=HERE.parent / "docs")
    options = parser.parse_args()
    if "size" not in options.along:
        parser.error("--along must hold size: the estimate on paper is made from it.")
    todo = [(along, value) for along in options.along for value in AXES[along][1]]
    measured = {along: [] for along in options.along}
    for along, value in tqdm(todo):
        measured[along].append({"value": value, **measure(along, value)})
    (HERE / "results/scaling.json").write_text(json.dumps(measured, indent=1))
    figure(measured, options.docs / "images/scaling.png")
    page = report(measured, *cost_of_a_step())
    (options.docs / "scaling.md").write_text(page)
    print(page)


if __name__ == "__main__":
    main()
