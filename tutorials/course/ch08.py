"""Exercises of notebook 08, what sparsity buys."""

import json
import pathlib

import numpy as np
import tensorflow as tf
from scipy import stats

from course.exercise import Exercise, call, choice, close, desk, number, numbers

RESULTS = pathlib.Path(__file__).parents[2] / "benchmarks" / "results" / "claims.json"


def records():
    """The runs of the claims on sparsity, at beta = 1: [{"job": ..., "result": ...}]."""
    jobs = json.loads(RESULTS.read_text("utf8"))["jobs"]
    return [r for r in jobs if r["job"]["section"] == "sparsity" and r["job"]["beta"] == 1]


# ------------------------------------------------------------------ which way?

my_ways = {50: "sparse", 5_000: "ordinary"}


def _truth():
    """Which codes a logistic regression is more often right with, in the mean over seeds."""
    accuracy = {"sparse": [], "ordinary": []}
    for record in records():
        job = record["job"]
        if (job["model"], job["gamma"]) in (("sparse", 3), ("ordinary", 0)):
            accuracy[job["model"]].append(record["result"]["few_labels"]["logistic"])
    means = {name: np.mean(values, axis=0) for name, values in accuracy.items()}
    return {n: max(means, key=lambda name: means[name][i]) for n, i in ((50, 0), (5_000, 3))}


def _judge_ways(answer):
    if isinstance(answer, tuple | list) and len(answer) == 2:
        answer = dict(zip((50, 5_000), answer, strict=True))
    if not isinstance(answer, dict) or {str(key) for key in answer} != {"50", "5000"}:
        return 'It must be a dictionary: {50: "sparse" or "ordinary", 5_000: the same}.'
    given = {int(key): choice(value, "sparse", "ordinary") for key, value in answer.items()}
    truth = _truth()
    if given == truth:
        return None
    if set(given.values()) == {"sparse"}:
        return "Sparse both times? Read the row of 5,000 labels again: which mean is higher?"
    if set(given.values()) == {"ordinary"}:
        return "Ordinary both times? Read the row of 50 labels again: which mean is higher?"
    return "It is the other way round, both times."


ways = Exercise(
    name="ways",
    judge=_judge_ways,
    reference=my_ways,
    second=("Sparse", "ordinary"),
    wrong={
        "sparse is better": ({50: "sparse", 5_000: "sparse"}, "Sparse both times"),
        "sparse is worse": ({50: "ordinary", 5_000: "ordinary"}, "Ordinary both times"),
        "reversed": ({50: "ordinary", 5_000: "sparse"}, "other way round"),
        "another word": ({50: "up", 5_000: "down"}, "must be one of"),
    },
    hints=(
        "Look at the table above: a row for each number of labels.",
        "With few labels, a classifier of 50 features has much to guess. Few active ones help.",
        "With many labels it can use every feature, and gates have thrown something away.",
    ),
    why="Few labels favour codes with few active features; many labels favour those that keep more.",
)

# ------------------------------------------------------------------ a paired interval


def my_interval(a, b):
    """The mean of a - b, and half of its 95% t-interval; a and b are of the same seeds."""
    differences = np.asarray(a) - np.asarray(b)
    n = len(differences)
    factor = stats.t.ppf(0.975, n - 1)  # 4.303 for n = 3
    return np.mean(differences), factor * np.std(differences, ddof=1) / np.sqrt(n)


def _interval_of_scipy(a, b):
    interval = stats.ttest_rel(a, b).confidence_interval(0.95)
    return [(interval.low + interval.high) / 2, (interval.high - interval.low) / 2]


def _half(differences, factor=None, ddof=1, root=True):
    n = len(differences)
    factor = stats.t.ppf(0.975, n - 1) if factor is None else factor
    return factor * np.std(differences, ddof=ddof) / (np.sqrt(n) if root else 1)


def _interval_normal(a, b):
    return np.mean(a - b), _half(a - b, factor=1.96)


def _interval_ddof(a, b):
    return np.mean(a - b), _half(a - b, ddof=0)


def _interval_no_root(a, b):
    return np.mean(a - b), _half(a - b, root=False)


def _interval_unpaired(a, b):
    pooled = np.sqrt((np.var(a, ddof=1) + np.var(b, ddof=1)) / len(a))
    return np.mean(a) - np.mean(b), stats.t.ppf(0.975, 2 * len(a) - 2) * pooled


def _interval_one_sided(a, b):
    return np.mean(a - b), _half(a - b, factor=stats.t.ppf(0.95, len(a) - 1))


def _interval_three(a, b):
    return np.mean(a - b), _half(a - b, factor=4.303)


def _interval_ends(a, b):
    mean, half = my_interval(a, b)
    return mean - half, mean + half


def _interval_whole(a, b):
    mean, half = my_interval(a, b)
    return mean, 2 * half


def _interval_no_factor(a, b):
    return np.mean(a - b), _half(a - b, factor=1.0)


def _interval_variance(a, b):
    return np.mean(a - b), stats.t.ppf(0.975, len(a) - 1) * np.var(a - b, ddof=1) / np.sqrt(len(a))


def _interval_n(a, b):
    return np.mean(a - b), _half(a - b, factor=stats.t.ppf(0.975, len(a)))


def _judge_interval(answer):
    rng = np.random.default_rng(0)
    cases = [(np.array([3.0, 5.0, 4.0]), np.array([1.0, 2.0, 3.0]))]
    level = rng.normal(0, 5, size=6)  # seeds differ much, pairs little
    cases.append((level + rng.normal(1, 1, size=6), level + rng.normal(size=6)))
    given = [numbers(call(answer, a, b)) for a, b in cases]
    if any(g.shape != (2,) for g in given):
        return "It must return two numbers: the mean of a - b, and half of its interval."
    if all(close(g, my_interval(a, b), 1e-3) for g, (a, b) in zip(given, cases, strict=True)):
        return None
    if all(close(g, _interval_ends(a, b), 1e-3) for g, (a, b) in zip(given, cases, strict=True)):
        return "Those are the two ends. Return the mean, and half of the interval."
    means = [np.mean(a - b) for a, b in cases]
    if close([g[0] for g in given], np.negative(means)):
        return "The difference has the wrong sign: a less b."
    if not close([g[0] for g in given], means):
        return f"The mean difference of (3, 5, 4) and (1, 2, 3) is 2; yours is {given[0][0]:.3f}."
    known = {
        "1.96 is for many seeds. With three, the factor is 4.303 (2 degrees of freedom).": _interval_normal,
        "Take the standard deviation with ddof=1: you divide by n, not by n - 1.": _interval_ddof,
        "Divide by sqrt(n): it is the uncertainty of the mean, not of one seed.": _interval_no_root,
        "You treat a and b as unrelated. Take the differences seed by seed first.": _interval_unpaired,
        "That is a 90% interval: leave 2.5% on each side, so t at 0.975.": _interval_one_sided,
        "That is the whole interval. Return half of it.": _interval_whole,
        "The factor t is missing: 4.303 for n = 3.": _interval_no_factor,
        "You take the variance for s. s is the standard deviation, its root.": _interval_variance,
        "The degrees of freedom are n - 1, one less than the seeds.": _interval_n,
        "4.303 is for three seeds. Other n have another factor: t.ppf(0.975, n - 1).": _interval_three,
    }
    for message, mistake in known.items():
        if all(close(g, mistake(a, b), 1e-3) for g, (a, b) in zip(given, cases, strict=True)):
            return message
    return f"For (3, 5, 4) and (1, 2, 3) half the interval is 2.484; yours is {given[0][1]:.3f}."


interval = Exercise(
    name="interval",
    judge=_judge_interval,
    reference=my_interval,
    second=_interval_of_scipy,
    wrong={
        "1.96": (_interval_normal, "1.96 is for many seeds"),
        "ddof=0": (_interval_ddof, "ddof=1"),
        "no root of n": (_interval_no_root, "Divide by sqrt(n)"),
        "unpaired": (_interval_unpaired, "unrelated"),
        "90%": (_interval_one_sided, "90% interval"),
        "4.303 for any n": (_interval_three, "4.303 is for three seeds"),
        "both ends": (_interval_ends, "the two ends"),
        "n degrees of freedom": (_interval_n, "n - 1, one less"),
        "the whole interval": (_interval_whole, "Return half of it"),
        "the mean alone": (lambda a, b: np.mean(a - b), "two numbers"),
        "no factor": (_interval_no_factor, "factor t is missing"),
        "variance": (_interval_variance, "the variance for s"),
        "reversed": (lambda a, b: my_interval(b, a), "wrong sign"),
    },
    hints=(
        "First the differences, seed by seed. Then their mean and standard deviation (ddof=1).",
        "Half the interval is t * deviation / sqrt(n).",
        "t is scipy.stats.t.ppf(0.975, n - 1): 4.303 for n = 3.",
    ),
)

# ------------------------------------------------------------------ the active latent


def my_active(z, decode):
    """The latent of z, shape (D,), whose switching off changes the decoded picture most."""
    whole = np.asarray(decode(z[None]))
    changes = []
    for j in range(len(z)):
        without = np.array(z)
        without[j] = 0.0
        changes.append(np.sum((np.asarray(decode(without[None])) - whole) ** 2))
    return int(np.argmax(changes))


def _active_at_once(z, decode):
    without = z * (1 - np.eye(len(z), dtype="float32"))  # row j lacks latent j
    change = decode(without) - decode(z[None])
    return tf.argmax(tf.norm(tf.reshape(change, (len(z), -1)), axis=1))


def _active_by_magnitude(z, decode):
    return np.argmax(np.abs(z))


def _active_by_weight(z, decode):
    return np.argmax(np.linalg.norm(decode.kernel, axis=1))


def _active_without_copy(z, decode):
    whole, changes = decode(z[None]), []
    for j in range(len(z)):
        z[j] = 0
        changes.append(np.sum((decode(z[None]) - whole) ** 2))
    return np.argmax(changes)


def _active_least(z, decode):
    without = z * (1 - np.eye(len(z), dtype="float32"))
    return np.argmin(np.sum((decode(without) - decode(z[None])) ** 2, axis=(1, 2, 3)))


def _active_by_sum(z, decode):
    without = z * (1 - np.eye(len(z), dtype="float32"))
    return np.argmax(np.sum(decode(without) - decode(z[None]), axis=(1, 2, 3)))


def _active_by_value(z, decode):
    return np.argmax(z)


def _active_by_step(z, decode):
    moved = np.asarray(decode(z + np.eye(len(z), dtype="float32")))
    return np.argmax(np.sum((moved - np.asarray(decode(z[None]))) ** 2, axis=(1, 2, 3)))


class _Decoder:
    """Decodes as `vae.decode` does: codes of shape (batch, 5) to pictures, NumPy, (batch, 2, 3, 1)."""

    lengths = np.array([0.1, 4.0, 1.0, 5.0, 2.0], "float32")  # the decoder's weight of each latent
    kernel = lengths[:, None] * np.eye(5, 6, dtype="float32")
    kernel[1, [1, 5]] = np.float32(4 / np.sqrt(2)) * np.array([1, -1], "float32")

    def __call__(self, z):
        z = np.asarray(z, "float32")
        if z.ndim != 2 or z.shape[1] != 5:
            raise ValueError(f"decode takes codes of shape (batch, D), here D = 5; got {z.shape}.")
        return (z @ self.kernel + np.float32(0.5)).reshape(-1, 2, 3, 1)


def _judge_active(answer):
    decode = _Decoder()
    codes = np.array([[9, -1.5, -3, 0.1, 1], [-8, 0.2, 1, 0.3, -2.4]], "float32")
    given = [number(call(answer, z, decode)) for z in codes]
    right = [my_active(z, decode) for z in codes]
    if given == right:
        return None
    known = {
        "You took the largest magnitude. The decoder may hardly look at this latent.": _active_by_magnitude,
        "You took the latent that the decoder weighs most, as one finds by moving each by one step. In "
        "this code it is nearly 0. Switch each off instead.": _active_by_step,
        "You switch off one latent after the other, and none on again: z[j] = 0 changes z itself. "
        "Take a copy for each j.": _active_without_copy,
        "That is the latent that matters least.": _active_least,
        "Square the differences before you sum them: else darker and brighter cancel.": _active_by_sum,
        "You took the largest value. A latent far below 0 is active too.": _active_by_value,
    }
    for message, mistake in known.items():
        if given == [float(mistake(z.copy(), decode)) for z in codes]:
            return message
    if any(g not in range(5) for g in given):
        if given == [j + 1.0 for j in right]:
            return "Count the latents from 0, as Python does."
        shown = next(g for g in given if g not in range(5))
        return f"It must return the index of a latent, 0 to 4 here; yours gives {shown:g}."
    return f"For two made-up codes the latents are {right}; yours gives {given}."


active = Exercise(
    name="active",
    judge=_judge_active,
    reference=my_active,
    second=_active_at_once,
    wrong={
        "largest magnitude": (_active_by_magnitude, "largest magnitude"),
        "largest weight": (_active_by_weight, "the decoder weighs most"),
        "no copy": (_active_without_copy, "Take a copy"),
        "the least": (_active_least, "matters least"),
        "from 1": (lambda z, decode: my_active(z, decode) + 1, "from 0"),
        "no squares": (_active_by_sum, "Square the differences"),
        "a change in place of an index": (lambda z, decode: np.max(np.abs(z)), "index of a latent"),
        "largest value": (_active_by_value, "largest value"),
        "a step": (_active_by_step, "moving each by one step"),
        "a change": (lambda z, decode: 7.5, "index of a latent"),
    },
    hints=(
        "Decode the code, and decode it again with latent j set to 0.",
        "The change is the sum of squared differences of the two pictures.",
        "Do it for each j, and return the j with the largest change (np.argmax).",
    ),
)

hint, solution = desk(ways, interval, active)
__all__ = ["active", "hint", "interval", "records", "solution", "ways"]
