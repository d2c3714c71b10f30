"""Exercises of notebook 06, clusters."""

import math

import keras
import numpy as np
from scipy import special, stats

from course.exercise import Exercise, Mistake, call, close, desk, number, numbers, run

# ------------------------------------------------------------------ g for two parts


def my_g(y, strength, width):
    """g(y) = y + strength tanh(y / width), for one latent cut at 0: the shape of y."""
    return y + strength * keras.ops.tanh(y / width)


def _g_in_loops(y, strength, width):
    rows = [float(value) for value in np.ravel(y)]
    return [[value + strength * math.tanh(value / width)] for value in rows]


def _g_without_y(y, strength, width):
    return strength * np.tanh(y / width)


def _g_product(y, strength, width):
    return y * strength * np.tanh(y / width)


def _g_times_width(y, strength, width):
    return y + strength * np.tanh(y * width)


def _g_inwards(y, strength, width):
    return y - strength * np.tanh(y / width)


def _g_sign(y, strength, width):
    return y + strength * np.sign(y)


def _g_upwards(y, strength, width):
    return y + strength * np.abs(np.tanh(y / width))


def _g_two_lines(y, strength, width):
    return np.where(y > 0, y + strength, y - strength)


def _g_one_part(y, strength, width):
    return y + strength / (1 + np.exp(-y / width))


def _g_without_width(y, strength, width):
    return y + strength * np.tanh(y)


def _g_corner(y, strength, width):
    return y + strength * np.clip(y / width, -1, 1)


def _judge_g(answer):
    y = np.array([[-2.0], [-1.0], [-0.03], [0.0], [0.01], [1.0], [1.5]], "float32")
    for strength, width in ((3.0, 0.02), (0.5, 0.1)):
        arguments = y, strength, width
        value, right = run(answer, *arguments, shape=y.shape), numbers(my_g(*arguments))
        if close(value, right, 1e-3):
            continue
        known = {
            "y itself is missing: for strength 3, g(1) is 4, not 3.": _g_without_y,
            "The push is added to y, not multiplied with it.": _g_product,
            "Divide y by the width: the smaller it is, the steeper g is at the cut.": _g_times_width,
            "The width is missing: the smaller it is, the steeper g is at the cut.": _g_without_width,
            "The parts are pushed towards each other. The sign of the push is wrong.": _g_inwards,
            "At the cut it jumps, with no slope for training to use. Take tanh, not sign.": _g_sign,
            "At the cut it jumps, with no slope for training to use. Take tanh, not a case for each "
            "side.": _g_two_lines,
            "Both parts are pushed the same way.": _g_upwards,
            "Only the upper part is pushed. The lower one goes the other way.": _g_one_part,
        }
        for message, mistake in known.items():
            if close(value, mistake(*arguments), 1e-3):
                return message
        worst = np.argmax(np.abs(value - right))
        at = f"For strength {strength:g} and width {width:g}, g({y[worst, 0]:g})"
        return f"{at} should be {right[worst, 0]:.3f}; yours is {value[worst, 0]:.3f}."
    return None


g = Exercise(
    name="g",
    judge=_judge_g,
    reference=my_g,
    second=_g_in_loops,
    wrong={
        "y is missing": (_g_without_y, "g(1) is 4, not 3"),
        "a product": (_g_product, "not multiplied"),
        "times the width": (_g_times_width, "Divide y by the width"),
        "inwards": (_g_inwards, "towards each other"),
        "a jump": (_g_sign, "Take tanh, not sign"),
        "one way": (_g_upwards, "same way"),
        "a case for each side": (_g_two_lines, "not a case for each side"),
        "one part": (_g_one_part, "Only the upper part"),
        "no width": (_g_without_width, "The width is missing"),
        "a corner in place of a curve": (_g_corner, "g(-0.03) should be"),
        "always the same": (lambda y, strength, width: np.full_like(y, 4.0), "g(-2) should be"),
        "always strength 3": (lambda y, strength, width: my_g(y, 3.0, width), "For strength 0.5"),
        "nothing": (lambda y, strength, width: y, "should be"),
    },
    hints=(
        "tanh(y / width) is -1 well below the cut, and +1 well above it.",
        "Times the strength it is the push. Add the push to y.",
    ),
)

# ------------------------------------------------------------------ the place of the cut


def my_cut(proportion):
    """The b for which a y ~ N(0, 1) is below b with this probability."""
    return stats.norm.ppf(proportion)


def _cut_by_halving(proportion):
    low, high = -10.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        below = 0.5 * (1 + math.erf(middle / math.sqrt(2)))
        low, high = (middle, high) if below < proportion else (low, middle)
    return middle


def _cut_straight(proportion):
    return 2 * proportion - 1


def _cut_other_side(proportion):
    return -stats.norm.ppf(proportion)


def _cut_no_root(proportion):
    return special.erfinv(2 * proportion - 1)


def _cut_cdf(proportion):
    return stats.norm.cdf(proportion)


def _cut_from_draws(proportion):
    return np.quantile(np.random.default_rng(0).normal(size=100_000), proportion)


def _cut_logistic(proportion):
    return math.log(proportion / (1 - proportion))


def _judge_cut(answer):
    proportions = (0.2, 0.5, 0.05, 0.9)
    values = np.array([float(run(answer, proportion, shape=())) for proportion in proportions])
    right = stats.norm.ppf(proportions)
    if close(values, right, 3e-4):
        return None
    known = {
        "You cut a straight line from -1 to 1. The Gaussian has its mass near 0.": _cut_straight,
        "The proportion should lie below the cut. Yours lies above it.": _cut_other_side,
        "The error function belongs to a Gaussian of variance 1/2. A factor sqrt(2) is missing.": (
            _cut_no_root
        ),
        "You take the distribution function. You need its inverse, the quantile.": _cut_cdf,
        "That is the quantile of the logistic distribution, whose tails are longer.": _cut_logistic,
    }
    for message, mistake in known.items():
        if close(values, [mistake(proportion) for proportion in proportions], 2e-3):
            return message
    worst = np.argmax(np.abs(values - right))
    at = f"For a proportion of {proportions[worst]:g}"
    if close(values, right, 0.03):
        off = abs(values[worst] - right[worst])
        return (
            f"{at} it is off by {off:.4f}: near, but the steep zone is narrow. Compute it exactly."
        )
    return f"{at} it should be {right[worst]:.3f}; yours is {values[worst]:.3f}."


cut = Exercise(
    name="cut",
    judge=_judge_cut,
    reference=my_cut,
    second=_cut_by_halving,
    wrong={
        "a straight line": (_cut_straight, "straight line"),
        "the other side": (_cut_other_side, "Yours lies above"),
        "no sqrt(2)": (_cut_no_root, "sqrt(2)"),
        "the distribution function": (_cut_cdf, "its inverse"),
        "always 0": (lambda proportion: 0.0, "should be"),
        "the right one, whatever is asked": (lambda proportion: -0.8416, "should be"),
        "counted from draws": (_cut_from_draws, "Compute it exactly"),
        "the logistic distribution": (_cut_logistic, "tails are longer"),
    },
    hints=(
        "Half of the mass lies below 0. So for less than one half the cut is below 0.",
        "You look for the inverse of the distribution function: the quantile.",
        "SciPy has it as scipy.stats.norm.ppf.",
    ),
)

# ------------------------------------------------------------------ which restart to keep


def my_choice(runs):
    """The index of the run to keep: the one with the highest ELBO on the training data."""
    return int(np.argmax([run["training ELBO"] for run in runs]))


def _choice_in_a_loop(runs):
    best = 0
    for index, candidate in enumerate(runs):
        if candidate["training ELBO"] > runs[best]["training ELBO"]:
            best = index
    return np.int64(best)


def _choice_labels(runs):
    return int(np.argmax([run["right side"] for run in runs]))


def _choice_test(runs):
    return int(np.argmax([run["test ELBO"] for run in runs]))


def _choice_lowest(runs):
    return int(np.argmin([run["training ELBO"] for run in runs]))


def _choice_value(runs):
    return max(run["training ELBO"] for run in runs)


def _choice_from_one(runs):
    return my_choice(runs) + 1


def _choice_run(runs):
    return max(runs, key=lambda run: run["training ELBO"])


def _choice_sum(runs):
    return int(np.argmax([run["training ELBO"] + run["test ELBO"] for run in runs]))


def _judge_choice(answer):
    rows = [(-70, -72, 0.99), (-69, -73, 0.72), (-74, -74.5, 0.95), (-71, -70, 0.9)]
    rows += [(-69.5, -70.5, 0.8), (-73, -71, 0.85)]
    names = ("training ELBO", "test ELBO", "right side")
    tests = [
        [dict(zip(names, row, strict=True)) for row in rows[shift:] + rows[:shift]]
        for shift in range(len(rows))
    ]
    try:
        answers = [call(answer, runs) for runs in tests]
    except Mistake as mistake:
        if "KeyError" not in str(mistake):
            raise
        raise Mistake(f"{mistake}. Each run has the keys {', '.join(names)}.") from mistake
    if all(isinstance(chosen, dict) for chosen in answers):
        return "You return the run. Return its index, from 0."
    values, right = [number(chosen) for chosen in answers], [my_choice(runs) for runs in tests]
    if close(values, right):
        return None
    known = {
        "You choose by the labels (right side). Whoever has no labels could not do that.": (
            _choice_labels
        ),
        "You choose by the test data. Then they can no longer say how good the choice is.": (
            _choice_test
        ),
        "The test data have a say in your choice. Keep them for the end.": _choice_sum,
        "You take the lowest ELBO. It is a bound on log p(x): higher is better.": _choice_lowest,
        "You return the ELBO. Return the index of the run, from 0.": _choice_value,
        "You count from 1. The index counts from 0.": _choice_from_one,
        "You choose the same index, whatever the runs are.": lambda runs: values[0],
    }
    for message, mistake in known.items():
        if close(values, [mistake(runs) for runs in tests]):
            return message
    first = next(i for i, value in enumerate(values) if not close(value, right[i]))
    return f"Of {len(rows)} runs it should choose number {right[first]}; yours chooses {values[first]:g}."


choice = Exercise(
    name="choice",
    judge=_judge_choice,
    reference=my_choice,
    second=_choice_in_a_loop,
    wrong={
        "by labels": (_choice_labels, "choose by the labels"),
        "by test data": (_choice_test, "choose by the test data"),
        "the lowest": (_choice_lowest, "higher is better"),
        "the value": (_choice_value, "Return the index"),
        "no such key": (lambda runs: runs[0]["elbo"], "has the keys training ELBO"),
        "the run": (_choice_run, "Return its index"),
        "from 1": (_choice_from_one, "count from 1"),
        "training and test": (_choice_sum, "have a say"),
        "always the first": (lambda runs: 0, "whatever the runs are"),
        "outside": (lambda runs: my_choice(runs) - 7, "it should choose"),
    },
    hints=(
        "What do you know of a run if you have no labels, and keep the test data for the end?",
        "np.argmax of a list of numbers gives the index of the largest one.",
    ),
    why="The choice is part of training, so it may use training data only.",
)

hint, solution = desk(g, cut, choice)
__all__ = ["choice", "cut", "g", "hint", "solution"]
