"""Exercises of notebook 01b, one latent on a grid."""

import numpy as np
import tensorflow as tf
from keras import ops

from course.exercise import Exercise, NotFinite, call, close, desk, number

GRID = np.linspace(-6, 6, 1_201)
STEP = GRID[1] - GRID[0]
ANOTHER = np.linspace(-8, 9, 341)  # a step of 0.05: five times as wide


def _normal(y, mean, width):
    return -0.5 * ((y - mean) / width) ** 2 - np.log(width) - 0.5 * np.log(2 * np.pi)


def _takes_arrays(*arguments):
    """Whether the cells below, which hand over arrays, can use an answer."""

    def fits(answer):
        try:
            float(answer(*arguments))
        except Exception:  # a right answer that wants tensors
            return False
        return True

    return fits


# ------------------------------------------------------------------ log p(x)


def my_log_p(log_joint, step):
    """Log p(x) in nats, from log p(x|y) + log p(y) on a grid of y: one number."""
    return ops.logsumexp(log_joint) + np.log(step)


def _log_p_by_hand(log_joint, step):
    largest = max(log_joint)
    return largest + np.log(sum(np.exp(value - largest) for value in log_joint) * step)


def _log_p_plain(log_joint, step):
    return np.log(np.sum(np.exp(log_joint)) * step)


def _log_p_no_step(log_joint, step):
    return np.log(np.sum(np.exp(log_joint)))


def _log_p_mean(log_joint, step):
    return np.log(np.mean(np.exp(log_joint)))


def _log_p_of_logs(log_joint, step):
    return np.sum(log_joint) * step


def _log_p_divided(log_joint, step):
    return np.log(np.sum(np.exp(log_joint)) / step)


def _log_p_step_outside(log_joint, step):
    return np.log(np.sum(np.exp(log_joint))) * step


def _log_p_not_logged(log_joint, step):
    return np.sum(np.exp(log_joint)) * step


def _log_p_largest(log_joint, step):
    return np.max(log_joint)


def _judge_log_p(answer):
    joint = 0.4 + _normal(GRID, 0.5, 0.7)  # its integral is exp(0.4)
    value = number(call(answer, joint, STEP))
    known = {
        "The step is missing: each point stands for a strip of this width.": _log_p_no_step,
        "This is a mean over the points. The integral is a sum, times the step.": _log_p_mean,
        "You add up logarithms. Add up the densities, exp(log_joint).": _log_p_of_logs,
        "You divide by the step. Each density is *multiplied* by the width of its strip.": _log_p_divided,
        "The step belongs inside of the logarithm; or add log(step) at the end.": _log_p_step_outside,
        "This is p(x). Take its logarithm.": _log_p_not_logged,
        "This is the largest term alone. Add up all of them.": _log_p_largest,
    }
    for message, mistake in known.items():
        if close(value, mistake(joint, STEP)):
            return message
    if not close(value, 0.4, 1e-3):
        return f"For a joint density with the sum exp(0.4) it should give 0.400; yours gives {value:.3f}."
    joint = -2_000 + _normal(ANOTHER, -1, 1.5)
    try:
        value = number(call(answer, joint, ANOTHER[1] - ANOTHER[0]))
    except NotFinite:
        return (
            "For logarithms near -2000, exp gives 0, and its log is infinite. Subtract the largest one "
            "first, and add it at the end; or take a logsumexp."
        )
    if not close(value + 2_000, 0, 1e-2):
        return f"On another grid, near -2000, it should give -2000.00; yours gives {value:.2f}."
    return None


log_p = Exercise(
    name="log_p",
    judge=_judge_log_p,
    reference=my_log_p,
    second=_log_p_by_hand,
    wrong={
        "no step": (_log_p_no_step, "step is missing"),
        "mean": (_log_p_mean, "mean over the points"),
        "sum of logs": (_log_p_of_logs, "add up logarithms"),
        "divided by the step": (_log_p_divided, "divide by the step"),
        "step outside": (_log_p_step_outside, "inside of the logarithm"),
        "not logged": (_log_p_not_logged, "Take its logarithm"),
        "the largest": (_log_p_largest, "largest term alone"),
        "underflow": (_log_p_plain, "near -2000, exp gives 0"),
        "clipped": (
            lambda log_joint, step: _log_p_plain(np.maximum(log_joint, -700.0), step),
            "On another grid",
        ),
        "its own step": (
            lambda log_joint, step: my_log_p(log_joint, 0.01),
            "On another grid",
        ),
        "half": (lambda log_joint, step: my_log_p(log_joint, step) / 2, "it should give 0.400"),
    },
    hints=(
        "p(x) = sum of exp(log_joint), times the step. Then the logarithm.",
        "log(sum * step) = log(sum) + log(step).",
        "ops.logsumexp(log_joint), of keras, is a log of a sum that does not underflow.",
    ),
    why=(
        "Each point of the grid stands for a strip of the width `step`, so the integral is the sum of "
        "height times width. A logsumexp takes the largest term out first, so that not all are 0."
    ),
    fits=_takes_arrays(_normal(GRID, 0, 1), STEP),
)

# ------------------------------------------------------------------ the ELBO


def my_elbo(log_q, log_joint, step):
    """The ELBO of q in nats, from log q(y) and log p(x|y) + log p(y) on a grid: one number."""
    return np.sum(np.exp(log_q) * (log_joint - log_q)) * step


def _elbo_in_two_terms(log_q, log_joint, step):
    q = tf.exp(log_q)
    energy = tf.reduce_sum(q * log_joint) * step
    entropy = -tf.reduce_sum(q * log_q) * step
    return energy + entropy


def _elbo_sign(log_q, log_joint, step):
    return -my_elbo(log_q, log_joint, step)


def _elbo_no_entropy(log_q, log_joint, step):
    return np.sum(np.exp(log_q) * log_joint) * step


def _elbo_plus_log_q(log_q, log_joint, step):
    return np.sum(np.exp(log_q) * (log_joint + log_q)) * step


def _elbo_no_step(log_q, log_joint, step):
    return np.sum(np.exp(log_q) * (log_joint - log_q))


def _elbo_unweighted(log_q, log_joint, step):
    return np.sum(log_joint - log_q) * step


def _elbo_under_the_joint(log_q, log_joint, step):
    return np.sum(np.exp(log_joint) * (log_joint - log_q)) * step


def _elbo_log_outside(log_q, log_joint, step):
    return np.log(np.sum(np.exp(log_q) * np.exp(log_joint - log_q)) * step)


def _elbo_weighed_by_logs(log_q, log_joint, step):
    return np.sum(log_q * (log_joint - log_q)) * step


def _elbo_swapped(log_q, log_joint, step):
    return my_elbo(log_joint, log_q, step)


def _judge_elbo(answer):
    for grid, evidence, (mean, width) in ((GRID, -1.3, (0.8, 0.5)), (ANOTHER, 2.0, (-1.0, 1.4))):
        step = grid[1] - grid[0]
        log_q, log_joint = _normal(grid, mean, width), evidence + _normal(grid, 0.1, 0.9)
        value = number(call(answer, log_q, log_joint, step))
        known = {
            "The sign is wrong: this is log q - log joint, which is minus the ELBO.": _elbo_sign,
            "The term with log q is missing: line 3 divides by q.": _elbo_no_entropy,
            "Dividing by q is *subtracting* log q.": _elbo_plus_log_q,
            "The step is missing: each point stands for a strip of this width.": _elbo_no_step,
            "The mean over q weighs each point by q = exp(log_q). Yours weighs all alike.": _elbo_unweighted,
            "You weigh by the joint density. The mean is over q.": _elbo_under_the_joint,
            "This is line 2, log p(x), the log of a mean. Take the mean of the log.": _elbo_log_outside,
            "You weigh by log q. Weigh by q = exp(log_q).": _elbo_weighed_by_logs,
            "You take `log_joint` for `log_q`, and the other way round.": _elbo_swapped,
        }
        for message, mistake in known.items():
            if close(value, mistake(log_q, log_joint, step)):
                return message
        kl = np.log(0.9 / width) + (width**2 + (mean - 0.1) ** 2) / (2 * 0.9**2) - 0.5
        if not close(value, evidence - kl, 1e-3):
            return f"It should give {evidence - kl:.3f} nats for two Gaussians; yours gives {value:.3f}."
    return None


elbo = Exercise(
    name="elbo",
    judge=_judge_elbo,
    reference=my_elbo,
    second=_elbo_in_two_terms,
    wrong={
        "sign": (_elbo_sign, "sign is wrong"),
        "no entropy": (_elbo_no_entropy, "term with log q is missing"),
        "plus log q": (_elbo_plus_log_q, "*subtracting* log q"),
        "no step": (_elbo_no_step, "step is missing"),
        "unweighted": (_elbo_unweighted, "weighs all alike"),
        "under the joint": (_elbo_under_the_joint, "weigh by the joint"),
        "log outside": (_elbo_log_outside, "Take the mean of the log"),
        "weighed by logs": (_elbo_weighed_by_logs, "weigh by log q"),
        "swapped": (_elbo_swapped, "other way round"),
        "its own step": (
            lambda log_q, log_joint, step: my_elbo(log_q, log_joint, 0.01),
            "for two Gaussians",
        ),
        "0": (lambda log_q, log_joint, step: 0.0, "for two Gaussians"),
    },
    hints=(
        "The log of the ratio is log_joint - log_q. Its mean over q is wanted.",
        "A mean over q is a sum with the weights q(y) times step; q = exp(log_q).",
    ),
    why=(
        "exp(log_q) * step is the probability of a strip, so the sum is the mean over q. It is the log of "
        "the ratio that is averaged: a mean of the ratio itself would be p(x), for any q."
    ),
    fits=_takes_arrays(_normal(GRID, 0, 1), _normal(GRID, 0, 1), STEP),
)

# ------------------------------------------------------------------ the price of a mode


def my_price(weights, kept):
    """The gap of the best q that covers only the modes kept: one number, in nats."""
    return -np.log(np.sum(weights[kept]))


def _price_in_loops(weights, kept):
    total = 0.0
    for weight, covered in zip(weights, kept, strict=True):
        total += float(weight) if covered else 0.0
    return np.log(1 / total)


def _price_sign(weights, kept):
    return np.log(np.sum(weights[kept]))


def _price_of_left_out(weights, kept):
    return -np.log(np.sum(weights[~kept]))


def _price_lost(weights, kept):
    return np.sum(weights[~kept])


def _price_of_numbers(weights, kept):
    return np.log(len(weights) / np.sum(kept))


def _price_bits(weights, kept):
    return -np.log2(np.sum(weights[kept]))


def _price_mean_of_logs(weights, kept):
    return -np.mean(np.log(weights[kept]))


def _price_sum_of_logs(weights, kept):
    return -np.sum(np.log(weights[kept]))


def _price_entropy(weights, kept):
    return -np.sum(weights[kept] * np.log(weights[kept]))


def _judge_price(answer):
    cases = [
        (np.array([0.6, 0.2, 0.15, 0.05]), np.array([True, False, True, True])),
        (np.array([0.5, 0.5]), np.array([True, False])),
        (np.array([0.9, 0.1]), np.array([True, True])),
    ]
    known = {
        "The sign is wrong: a gap is never below 0.": _price_sign,
        "You take the modes that q leaves out. What matters is how much q keeps.": _price_of_left_out,
        "This is the probability left out. The gap is in nats, so a logarithm is missing.": _price_lost,
        "You count the modes. They have different weights.": _price_of_numbers,
        "This is in bits. Nats have the natural logarithm.": _price_bits,
        "Add the weights that are kept up before the logarithm.": _price_mean_of_logs,
        "Add the weights that are kept up before the logarithm, not their logarithms.": _price_sum_of_logs,
        "This is the entropy of the weights. q pays the same factor wherever it draws.": _price_entropy,
    }
    weights, kept = cases[0]
    value = number(call(answer, weights, kept))
    for message, mistake in known.items():
        if close(value, mistake(weights, kept)):
            return message
    for weights, kept in cases:
        value, right = number(call(answer, weights, kept)), my_price(weights, kept)
        if not close(value, right):
            given = ", ".join(f"{w:g}" for w in weights)
            which = ", ".join(f"{w:g}" for w in weights[kept])
            return (
                f"For the weights {given}, of which {which} kept, it should be {right:.3f} nats; "
                f"yours is {value:.3f}."
            )
    return None


price = Exercise(
    name="price",
    judge=_judge_price,
    reference=my_price,
    second=_price_in_loops,
    wrong={
        "sign": (_price_sign, "sign is wrong"),
        "left out": (_price_of_left_out, "how much q keeps"),
        "no log": (_price_lost, "a logarithm is missing"),
        "numbers of modes": (_price_of_numbers, "count the modes"),
        "bits": (_price_bits, "in bits"),
        "mean of logs": (_price_mean_of_logs, "before the logarithm"),
        "sum of logs": (_price_sum_of_logs, "not their logarithms"),
        "entropy": (_price_entropy, "entropy of the weights"),
        "log 2": (lambda weights, kept: np.log(2), "it should be 0.223"),
        "the first case": (lambda weights, kept: 0.223144, "it should be 0.693"),
    },
    hints=(
        "Let k be the sum of the weights kept. On those modes, q = p(y|x) / k, so that q sums to 1.",
        "log q - log p(y|x) = -log k, wherever q draws.",
    ),
    why=(
        "Where q draws at all, it is higher than the truth by the factor 1 / k, with k the probability "
        "that it keeps. The KL is the mean over q of the log of this factor, the same everywhere."
    ),
    fits=_takes_arrays(np.array([0.5, 0.5]), np.array([True, False])),
)

hint, solution = desk(log_p, elbo, price)
__all__ = ["elbo", "hint", "log_p", "price", "solution"]
