"""Exercises of notebook 06, clusters."""

import math

import keras
import numpy as np
from scipy import special, stats

from course.exercise import (
    Exercise,
    GivesNaN,
    Mistake,
    call,
    close,
    desk,
    number,
    numbers,
    run,
)

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


def _g_of_exponentials(y, strength, width):
    up, down = np.exp(y / width), np.exp(-y / width)
    return y + strength * (up - down) / (up + down)


def _g_around_all(y, strength, width):
    return strength * (y + np.tanh(y / width))


def _g_strength_inside(y, strength, width):
    return y + np.tanh(strength * y / width)


def _g_divided_outside(y, strength, width):
    return y + strength * np.tanh(y) / width


def _g_swapped(y, strength, width):
    return y + width * np.tanh(y / strength)


def _judge_g(answer):
    y = np.array([[-2.0], [-1.0], [-0.03], [0.0], [0.004], [0.02], [1.0], [1.5]], "float32")
    cases = [(y, 3.0, 0.01), (y, 0.5, 0.1)]
    try:
        values = [run(answer, *case, shape=y.shape) for case in cases]
    except GivesNaN:
        return (
            "It gives NaN. exp(y / width) is infinite in float32 for y = 1 and a width of 0.01. tanh "
            "has no such trouble."
        )
    right = [numbers(my_g(*case)) for case in cases]
    if close(values, right, 2e-3):  # float16 is near enough
        return None
    known = {
        "y itself is missing: for strength 3, g(1) is 4, not 3.": _g_without_y,
        "The push is added to y, not multiplied with it.": _g_product,
        "Divide y by the width: the smaller it is, the steeper g is at the cut.": _g_times_width,
        "The width is missing: the smaller it is, the steeper g is at the cut.": _g_without_width,
        "The parts are pushed towards each other. The sign of the push is wrong.": _g_inwards,
        "At the cut it jumps, with no slope for training to use. Take tanh, not sign.": _g_sign,
        "At the cut it jumps, with no slope for training to use. Take tanh, not a case for each "
        "side.": _g_two_lines,
        "At its ends the zone has corners. Take tanh, which is smooth.": _g_corner,
        "Both parts are pushed the same way.": _g_upwards,
        "Only the upper part is pushed. The lower one goes the other way.": _g_one_part,
        "The strength belongs to the push alone, not to y.": _g_around_all,
        "The strength belongs in front of tanh: inside it only makes g steeper.": _g_strength_inside,
        "Divide inside of tanh, y / width: outside it makes the push larger, not steeper.": (
            _g_divided_outside
        ),
        "Strength and width have changed places.": _g_swapped,
    }
    for message, mistake in known.items():
        if close(values, [mistake(*case) for case in cases], 2e-3):
            return message
    case = next(i for i in (0, 1) if not close(values[i], right[i], 2e-3))
    worst = np.argmax(np.abs(values[case] - right[case]))
    at = f"For strength {cases[case][1]:g} and width {cases[case][2]:g}, g({y[worst, 0]:g})"
    return f"{at} should be {right[case][worst, 0]:.3f}; yours is {values[case][worst, 0]:.3f}."


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
        "a corner in place of a curve": (_g_corner, "has corners"),
        "an arcus tangent": (
            lambda y, strength, width: y + strength * 2 / np.pi * np.arctan(y / width),
            "should be",
        ),
        "by exponentials, which overflow": (_g_of_exponentials, "It gives NaN"),
        "strength times all": (_g_around_all, "to the push alone"),
        "strength inside": (_g_strength_inside, "in front of tanh"),
        "divided outside": (_g_divided_outside, "Divide inside"),
        "swapped": (_g_swapped, "changed places"),
        "always the same": (lambda y, strength, width: np.full_like(y, 4.0), "g(-2) should be"),
        "always strength 3": (lambda y, strength, width: my_g(y, 3.0, width), "For strength 0.5"),
        "nothing": (lambda y, strength, width: y, "should be"),
    },
    hints=(
        "tanh(y / width) is -1 well below the cut, and +1 well above it.",
        "Times the strength it is the push. Add the push to y.",
    ),
    why="tanh is flat away from the cut, so each part moves as one block and keeps its shape. Only in "
    "the narrow zone is g steep, and there it has the slope by which training finds the gap.",
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


def _cut_two_sided(proportion):
    return stats.norm.ppf(proportion / 2)


def _cut_density(proportion):
    return stats.norm.pdf(proportion)


def _cut_from_draws(proportion):
    return np.quantile(np.random.default_rng(0).normal(size=100_000), proportion)


def _cut_logistic(proportion):
    return math.log(proportion / (1 - proportion))


def _judge_cut(answer):
    proportions = (0.2, 0.5, 0.05, 0.9)
    values = np.array([float(run(answer, proportion, shape=())) for proportion in proportions])
    right = stats.norm.ppf(proportions)
    if close(values, right, 5e-4):  # float16 is near enough
        return None
    known = {
        "You cut a straight line from -1 to 1. The Gaussian has its mass near 0.": _cut_straight,
        "The proportion should lie below the cut. Yours lies above it.": _cut_other_side,
        "The error function belongs to a Gaussian of variance 1/2. A factor sqrt(2) is missing.": (
            _cut_no_root
        ),
        "You take the distribution function. You need its inverse, the quantile.": _cut_cdf,
        "That is the quantile of the logistic distribution, whose tails are longer.": _cut_logistic,
        "You halve the proportion, as for two tails. All of it lies below the cut.": _cut_two_sided,
        "You take the density. You need the quantile, the inverse of the distribution function.": (
            _cut_density
        ),
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
        "two tails": (_cut_two_sided, "You halve the proportion"),
        "the density": (_cut_density, "You take the density"),
    },
    hints=(
        "Half of the mass lies below 0. So for less than one half the cut is below 0.",
        "You look for the inverse of the distribution function: the quantile.",
        "SciPy has it as scipy.stats.norm.ppf.",
    ),
    why="The prior's mass below b is the distribution function at b. You know the mass and want b, so "
    "you need its inverse, the quantile. Equal steps of y would not do: most of the mass is near 0.",
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


def _choice_gap(runs):
    return int(np.argmin([abs(run["training ELBO"] - run["test ELBO"]) for run in runs]))


def _choice_magnitude(runs):
    return int(np.argmin([abs(run["training ELBO"]) for run in runs]))


def _choice_sorts_them(runs):
    runs.sort(key=lambda run: -run["training ELBO"])
    return 0


_RUN = ("training ELBO", "test ELBO", "right side")
_ROWS = [(-70, -70.5, 0.85), (-69, -73, 0.72), (-74, -74.9, 0.95), (-71, -70, 0.9)]
_ROWS += [(-69.5, -70.3, 0.8), (-73, -71, 0.99)]  # each rule below takes another row


def _sets_of_runs():
    """The same runs in each order of a circle, twice: a density may have an ELBO above 0."""
    for more in (0, 71.5):
        rows = [(row[0] + more, row[1] + more, row[2]) for row in _ROWS]
        for shift in range(len(rows)):
            yield [dict(zip(_RUN, row, strict=True)) for row in rows[shift:] + rows[:shift]]


def _judge_choice(answer):
    rows, names, tests = _ROWS, _RUN, list(_sets_of_runs())
    try:  # an answer may sort what it gets; the judge must not see that
        answers = [call(answer, runs) for runs in _sets_of_runs()]
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
        "The smallest gap between training and test lets the test data choose.": _choice_gap,
        "You drop the sign of the ELBO. Higher is better, also above 0.": _choice_magnitude,
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
        "the smallest gap": (_choice_gap, "smallest gap"),
        "without the sign": (_choice_magnitude, "drop the sign"),
        "the place after sorting": (_choice_sorts_them, "the same index, whatever the runs are"),
    },
    hints=(
        "What do you know of a run if you have no labels, and keep the test data for the end?",
        "np.argmax of a list of numbers gives the index of the largest one.",
    ),
    why="The choice is part of training, so it may use training data only. Chosen by the test data, the "
    "run that you keep looks better than it is: you took the luckiest of several.",
)

hint, solution = desk(g, cut, choice)
__all__ = ["choice", "cut", "g", "hint", "solution"]
