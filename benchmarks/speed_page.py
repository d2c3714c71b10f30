"""The page docs/speed.md, from what `speed.py` has measured."""

import statistics

from speed_measures import BATCH, MODELS, RATES, ratio, time_to_quality


def page(measured):
    """The page, in Markdown, from what is in results/speed.json."""
    lines = [
        *_models(measured),
        *_peers(measured),
        *_learning_rates(measured["rates"]),
        *_other_times(measured),
    ]
    return "\n".join(lines)


def _models(measured):
    """How it was measured, and a row for each model."""
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
    return lines


def _days(dates):
    """The days of all but the models, as "first" or "first to last"."""
    days = sorted(date for part, date in dates.items() if part != "runs")
    return days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"


def _peers(measured):
    """The ratios to the peers, and why some aims are missed."""
    runs = measured["runs"]
    lines = ["", "## Beside the peers", "", "| | measured | aim |", "|---|---|---|"]
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
    return [
        *lines,
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
    ]


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


def _learning_rates(elbos):
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


def _other_times(measured):
    """The end of `fit`, the mappings, the import, the demo and `log_likelihood`."""
    lines = [
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
    return [
        *lines,
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


def _seconds_of_decoder(measured):
    """Seconds that the decoder's products take at least in `log_likelihood`."""
    bound, rate = measured["log_likelihood"], measured["matmul"]["float32"]
    return 2e-9 * bound["multiplications"] * bound["images"] * bound["samples"] / rate


def _growth(memory):
    return f"{memory['peak'] - memory['before']:.0f}"
