"""Exercises of notebook 08, what sparsity buys."""

import numpy as np
import tensorflow as tf
from scipy import stats

from course import strips
from course.exercise import Exercise, call, choice, close, desk, number, numbers


def records():
    """The runs of the claims on sparsity, at beta = 1: [{"job": ..., "result": ...}]."""
    return strips.runs("sparsity", beta=1)


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
    if isinstance(answer, dict):
        answer = {str(key).removesuffix(".0"): value for key, value in answer.items()}
    if not isinstance(answer, dict) or set(answer) != {"50", "5000"}:
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
        "another number of labels": ({50: "sparse", 500: "ordinary"}, "must be a dictionary"),
        "one answer": ("sparse", "must be a dictionary"),
        "a number": ({50: 56.2, 5_000: 80.0}, "must be one of"),
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


# Arrays are what it gets, so np.asarray may be left out: equivalent, as is len(a) for n.


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


def _interval_of_magnitudes(a, b):
    return np.abs(np.mean(a - b)), _half(a - b)


def _interval_of_absolute_differences(a, b):
    return np.mean(np.abs(a - b)), _half(np.abs(a - b))


def _interval_standard_error_twice(a, b):
    return np.mean(a - b), _half(a - b) / np.sqrt(len(a))


def _interval_of_ratio(a, b):
    return np.mean(a / b), _half(a / b)


def _interval_n(a, b):
    return np.mean(a - b), _half(a - b, factor=stats.t.ppf(0.975, len(a)))


def _judge_interval(answer):
    rng = np.random.default_rng(0)
    cases = [(np.array([3.0, 5.0, 4.0]), np.array([1.0, 2.0, 3.0]))]
    level = rng.normal(0, 5, size=6)  # seeds differ much, pairs little
    cases.append((level + rng.normal(1, 1, size=6), level + rng.normal(size=6)))
    level = rng.normal(70, 5, size=4)  # here b is the better one, but not in each seed
    cases.append((level + np.array([1.0, -6.0, -2.5, -4.0]), level))
    given = [numbers(call(answer, a, b)) for a, b in cases]
    if any(g.shape != (2,) for g in given):
        return "It must return two numbers: the mean of a - b, and half of its interval."
    if all(close(g, my_interval(a, b), 2e-3) for g, (a, b) in zip(given, cases, strict=True)):
        return None  # 4.303 and 1.960 suffice, as does float16
    if all(close(g, _interval_ends(a, b), 2e-3) for g, (a, b) in zip(given, cases, strict=True)):
        return "Those are the two ends. Return the mean, and half of the interval."
    means = [np.mean(a - b) for a, b in cases]
    if close([g[0] for g in given], np.negative(means), 2e-3):
        return "The difference has the wrong sign: a less b."
    signless = np.abs(means), [np.mean(np.abs(a - b)) for a, b in cases]
    if any(close([g[0] for g in given], values, 2e-3) for values in signless):
        return "Keep the sign of the differences. Where b is the better one, their mean is below 0."
    if not close([g[0] for g in given], means, 2e-3):
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
        "The standard deviation is divided by sqrt(n) once, not twice.": _interval_standard_error_twice,
        "4.303 is for three seeds. Other n have another factor: t.ppf(0.975, n - 1).": _interval_three,
    }
    for message, mistake in known.items():
        if all(close(g, mistake(a, b), 2e-3) for g, (a, b) in zip(given, cases, strict=True)):
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
        "no sign": (_interval_of_magnitudes, "Keep the sign"),
        "no sign in each pair": (_interval_of_absolute_differences, "Keep the sign"),
        "divided twice": (_interval_standard_error_twice, "once, not twice"),
        "a ratio": (_interval_of_ratio, "The mean difference of"),
        "half twice": (lambda a, b: (np.mean(a - b), my_interval(a, b)[1] / 2), "2.484"),
    },
    hints=(
        "First the differences, seed by seed. Then their mean and standard deviation (ddof=1).",
        "Half the interval is t * deviation / sqrt(n).",
        "t is scipy.stats.t.ppf(0.975, n - 1): 4.303 for n = 3.",
    ),
    why="What makes a seed easy for both models cancels in its difference. The factor is larger than 1.96, "
    "since s itself is a guess from n differences. With three it is often far too small.",
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


# A mean of squares has its largest where their sum has it, and decode gives arrays: equivalent.


def _active_at_once(z, decode):
    without = z * (1 - np.eye(len(z), dtype="float32"))  # row j lacks latent j
    change = decode(without) - decode(z[None])
    return tf.argmax(tf.norm(tf.reshape(change, (len(z), -1)), axis=1))


def _active_by_magnitude(z, decode):
    return np.argmax(np.abs(z))


def _active_by_weight(z, decode):
    return np.argmax(np.linalg.norm(decode.first, axis=1))


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


def _alone(z):
    return z * np.eye(len(z), dtype="float32")  # row j has latent j only


def _without(z, value=0.0):
    return np.where(np.eye(len(z), dtype=bool), np.float32(value), z)


def _change(decode, codes, reference):
    return np.sum((decode(codes) - decode(reference)) ** 2, axis=(1, 2, 3))


def _active_by_step(z, decode):
    return np.argmax(_change(decode, z + np.eye(len(z), dtype="float32"), z[None]))


def _active_alone(z, decode):
    return np.argmin(_change(decode, _alone(z), z[None]))


def _active_alone_most(z, decode):
    return np.argmax(_change(decode, _alone(z), z[None]))


def _active_from_nothing(z, decode):
    return np.argmax(_change(decode, _alone(z), 0 * z[None]))


def _active_against_nothing(z, decode):
    return np.argmax(_change(decode, _without(z), 0 * z[None]))


def _active_set_to_one(z, decode):
    return np.argmax(_change(decode, _without(z, 1.0), z[None]))


def _active_turned(z, decode):
    return np.argmax(_change(decode, z * (1 - 2 * np.eye(len(z), dtype="float32")), z[None]))


def _active_by_magnitudes(z, decode):
    return np.argmax(np.sum(np.abs(decode(_without(z)) - decode(z[None])), axis=(1, 2, 3)))


def _active_by_one_pixel(z, decode):
    return np.argmax(np.max(np.abs(decode(_without(z)) - decode(z[None])), axis=(1, 2, 3)))


class _Decoder:
    """Decodes as `vae.decode` does: codes of shape (batch, 6) to pictures, NumPy, (batch, 3, 4, 1).

    Latents work together, as in a real decoder: what one says depends on the others, and no picture is
    a sum of parts. So a latent that matters alone need not matter beside the others.
    """

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        size = np.array([0.1, 2.0, 0.7, 3.0, 1.2, 0.6])  # of the weights of each latent
        self.first = (size[:, None] * rng.normal(size=(6, 8))).astype("float32")
        self.second = rng.normal(size=(8, 12)).astype("float32")
        self.bias = rng.normal(size=8).astype("float32")

    def __call__(self, z):
        z = np.asarray(z, "float32")
        if z.ndim != 2 or z.shape[1] != 6:
            raise ValueError(f"decode takes codes of shape (batch, D), here D = 6; got {z.shape}.")
        pixels = 1 / (1 + np.exp(-np.tanh(z @ self.first + self.bias) @ self.second))
        return pixels.reshape(-1, 3, 4, 1)


def _made_up_codes():
    """Codes with latents of all sizes, and decoders: each mistake below takes another latent in one."""
    for seed in _SEEDS:
        z = np.random.default_rng(1_000 + seed).normal(size=6) * [9.0, 0.3, 1.5, 0.1, 1.0, 3.0]
        yield z.astype("float32"), _Decoder(seed)


_SEEDS = (0, 47, 160, 201, 253, 265)


def _judge_active(answer):
    given = [number(call(answer, z, decode)) for z, decode in _made_up_codes()]
    right = [my_active(z, decode) for z, decode in _made_up_codes()]
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
        "You keep one latent and switch off the others. Switch off one, and keep the others.": (
            _active_alone
        ),
        "You keep one latent and switch off the others, and ask which picture is furthest off.": (
            _active_alone_most
        ),
        "You switch one latent on where all are 0. Switch one off where the others are on.": (
            _active_from_nothing
        ),
        "Compare with the picture of z, not with that of a code of zeros.": _active_against_nothing,
        "You set the latent to 1. Switched off means 0.": _active_set_to_one,
        "You turn the latent's sign. Switched off means 0.": _active_turned,
        "You sum magnitudes. Asked is the sum of squared differences.": _active_by_magnitudes,
        "You look at the one pixel that changes most. Sum the squares over all pixels.": (
            _active_by_one_pixel
        ),
    }
    for message, mistake in known.items():
        if given == [float(mistake(z, decode)) for z, decode in _made_up_codes()]:
            return message
    if any(g not in range(6) for g in given):
        if given == [j + 1.0 for j in right]:
            return "Count the latents from 0, as Python does."
        shown = next(g for g in given if g not in range(6))
        return f"It must return the index of a latent, 0 to 5 here; yours gives {shown:g}."
    shown = ", ".join(f"{g:g}" for g in given)
    return f"For made-up codes the latents are {', '.join(map(str, right))}; yours gives {shown}."


active = Exercise(
    name="active",
    judge=_judge_active,
    reference=my_active,
    second=_active_at_once,
    wrong={
        "largest magnitude": (_active_by_magnitude, "largest magnitude"),
        "largest weight": (_active_by_weight, "yours gives"),
        "keep one": (_active_alone, "Switch off one, and keep"),
        "keep one, furthest off": (_active_alone_most, "which picture is furthest"),
        "from nothing": (_active_from_nothing, "where all are 0"),
        "against nothing": (_active_against_nothing, "not with that of a code of zeros"),
        "set to 1": (_active_set_to_one, "set the latent to 1"),
        "turned": (_active_turned, "turn the latent's sign"),
        "magnitudes of differences": (_active_by_magnitudes, "You sum magnitudes"),
        "one pixel": (_active_by_one_pixel, "one pixel"),
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
    why="What a latent says depends on the others, so ask in the code itself: with all others as they "
    "are. A large number may meet a small weight, and a large weight a number near 0.",
)

hint, solution = desk(ways, interval, active)
__all__ = ["active", "hint", "interval", "records", "solution", "ways"]
