"""Exercises of notebook 02, what the ELBO knows."""

import numpy as np
import tensorflow as tf

from course.exercise import Exercise, NotFinite, call, close, desk, number, numbers, run

# ------------------------------------------------------------------ log-mean-exp


def my_log_mean_exp(log_weights):
    """Log of the mean of exp(log_weights) over the first axis: (S, batch) to (batch,)."""
    num_samples = len(log_weights)
    return tf.reduce_logsumexp(log_weights, axis=0) - np.log(num_samples)


def _lme_by_hand(log_weights):
    largest = np.max(log_weights, axis=0)
    return largest + np.log(np.mean(np.exp(log_weights - largest), axis=0))


def _lme_mean_of_logs(log_weights):
    return np.mean(log_weights, axis=0)


def _lme_no_log_s(log_weights):
    return tf.reduce_logsumexp(log_weights, axis=0)


def _lme_naive(log_weights):
    return np.log(np.mean(np.exp(log_weights), axis=0))


def _lme_over_batch(log_weights):
    return tf.reduce_logsumexp(log_weights, axis=1) - np.log(log_weights.shape[1])


def _lme_log_of_batch(log_weights):
    return tf.reduce_logsumexp(log_weights, axis=0) - np.log(np.shape(log_weights)[1])


def _lme_plus(log_weights):
    return tf.reduce_logsumexp(log_weights, axis=0) + np.log(len(log_weights))


def _lme_divided(log_weights):
    return tf.reduce_logsumexp(log_weights, axis=0) / len(log_weights)


def _lme_one_maximum(log_weights):
    largest = np.max(log_weights)  # of all examples
    return largest + np.log(np.mean(np.exp(log_weights - largest), axis=0))


def _lme_smallest(log_weights):
    smallest = np.min(log_weights, axis=0)
    return smallest + np.log(np.mean(np.exp(log_weights - smallest), axis=0))


def _lme_clipped(log_weights):
    return np.log(np.mean(np.exp(np.maximum(log_weights, -700.0).astype("float64")), axis=0))


def _judge_log_mean_exp(answer):
    rng = np.random.default_rng(0)
    small = rng.normal(size=(7, 4)).astype("float32")
    value, right = run(answer, small), _lme_by_hand(small)
    if value.shape == (7,):
        return "You average over the examples. Average over the samples, the first axis."
    if value.shape != (4,):
        return f"For log weights of shape (7, 4) its shape should be (4,); yours has {value.shape}."
    known = {
        "This is the mean of the logs. You want the log of the mean.": _lme_mean_of_logs,
        "It is a log-sum-exp. To make it a mean, subtract log S.": _lme_no_log_s,
        "You subtract the log of the number of examples. S is the first axis.": _lme_log_of_batch,
        "You add log S. A mean is a sum divided by S: subtract log S.": _lme_plus,
        "You divide the logarithm by S. Dividing the mean by S is subtracting log S.": _lme_divided,
    }
    for message, mistake in known.items():
        if close(value, mistake(small)):
            return message
    if not close(value, right):
        return f"For the first example it should give {right[0]:.3f}; yours gives {value[0]:.3f}."
    # Near -2000; then far apart, within an example and between examples. (A density may be above 1.)
    for base, spread in (([-2000.0] * 4, 1), ([-1000.0, 200.0, 0.0, -2000.0], 100)):
        far = np.float32(spread * small + base)
        try:
            value = numbers(call(answer, far), (4,))
        except NotFinite:
            if spread > 1:
                return (
                    "It is infinite where log weights lie far apart: -2000 in one example, 200 in another. "
                    "Subtract the largest one of each example: not one number for all, nor the mean."
                )
            return (
                "For log weights near -2000, as images have them, exp gives 0, and its log is infinite. "
                "Subtract the largest log weight first, and add it at the end."
            )
        if not close(value - base, _lme_by_hand(far) - base, 2e-3) and not close(
            value, _lme_by_hand(far), 1e-7
        ):
            return f"It is wrong for log weights near {base[0]:.0f}: {value[0]:.3f}."
    return None


log_mean_exp = Exercise(
    name="log_mean_exp",
    judge=_judge_log_mean_exp,
    reference=my_log_mean_exp,
    second=_lme_by_hand,
    wrong={
        "mean of logs": (_lme_mean_of_logs, "mean of the logs"),
        "no -log S": (_lme_no_log_s, "subtract log S"),
        "log of the batch": (_lme_log_of_batch, "number of examples"),
        "plus log S": (_lme_plus, "You add log S"),
        "divided by S": (_lme_divided, "divide the logarithm by S"),
        "over the batch": (_lme_over_batch, "over the samples"),
        "underflow": (_lme_naive, "near -2000"),
        "one maximum for all": (_lme_one_maximum, "of each example"),
        "the smallest subtracted": (_lme_smallest, "of each example"),
        "clipped": (_lme_clipped, "wrong for log weights near"),
        "the largest": (lambda log_weights: np.max(log_weights, axis=0), "should give"),
    },
    hints=(
        "log(mean of w) = log(sum of w) - log S.",
        "tf.reduce_logsumexp(log_weights, axis=0) is a stable log of a sum.",
    ),
    why=(
        "A mean is a sum divided by S, and dividing is subtracting log S. A logsumexp takes the largest "
        "term out first, for each example, so that at least one term is exp(0) = 1 and none is infinite."
    ),
)

# ------------------------------------------------------------------ the gap


class _Linear:
    """A model with the three things that the exercise may use, two of them wrong on purpose."""

    def __init__(self):
        rng = np.random.default_rng(3)
        self.matrix = rng.normal(size=(2, 5))

    def q(self, x):
        return x @ self.matrix.T * 0.3, np.array([[0.2, -0.1], [-0.1, 0.5]])

    def true_posterior(self, x):
        return x @ self.matrix.T * 0.4, np.array([[0.5, 0.3], [0.3, 0.6]])

    def prior(self, x):
        return np.zeros((len(x), 2)), np.eye(2)


def gaussian_kl(mean, covariance, other_mean, other_covariance):
    """KL(N(mean, covariance) || N(other_mean, other_covariance)) for each row of the means."""
    precision = np.linalg.inv(other_covariance)
    shift = other_mean - mean
    squares = np.sum(shift @ precision * shift, axis=-1)
    log_dets = np.linalg.slogdet(other_covariance)[1] - np.linalg.slogdet(covariance)[1]
    return 0.5 * (np.trace(precision @ covariance) + squares - len(covariance) + log_dets)


def my_gap(model, x):
    """Gap: log p(x) - ELBO(x) in nats, shape (batch,)."""
    return gaussian_kl(*model.q(x), *model.true_posterior(x))


def _gap_with_loops(model, x):
    (means, covariance), (true_means, true_covariance) = model.q(x), model.true_posterior(x)
    pairs = zip(means, true_means, strict=True)
    return [gaussian_kl(m[None], covariance, t[None], true_covariance)[0] for m, t in pairs]


def _gap_to_prior(model, x):
    return gaussian_kl(*model.q(x), *model.prior(x))


def _gap_reversed(model, x):
    return gaussian_kl(*model.true_posterior(x), *model.q(x))


def _gap_true_to_prior(model, x):
    return gaussian_kl(*model.true_posterior(x), *model.prior(x))


def _gap_averaged(model, x):
    return np.mean(my_gap(model, x))


def _judge_gap(answer):
    x, model = np.random.default_rng(4).normal(size=(3, 5)), _Linear()
    value = run(answer, model, x)
    if value.shape == ():
        return "Give one number per example, not one for all of them."
    if value.shape != (3,):
        return f"Its shape should be (3,) for three examples; yours has {value.shape}."
    known = {
        "This is the KL to the prior, a term *of* the ELBO. The gap is another KL.": _gap_to_prior,
        "The order matters: KL(q || true posterior), with q first.": _gap_reversed,
        "q must occur in it: a perfect q would close the gap.": _gap_true_to_prior,
    }
    for message, mistake in known.items():
        if close(value, mistake(model, x)):
            return message
    if close(value, -my_gap(model, x)):
        return "The sign is wrong: the ELBO lies *below* log p(x)."
    if close(value, my_gap(model, x)):
        return None
    if close(value, my_gap(model, x), 0.02):
        return "It is near the gap, and not the gap itself. `gaussian_kl` is exact, without draws."
    return (
        "It is not the gap. Look again at what is left of the log weight: a KL of two posteriors."
    )


gap = Exercise(
    name="gap",
    judge=_judge_gap,
    reference=my_gap,
    second=_gap_with_loops,
    wrong={
        "KL to the prior": (_gap_to_prior, "KL to the prior"),
        "reversed": (_gap_reversed, "with q first"),
        "without q": (_gap_true_to_prior, "q must occur"),
        "sign": (lambda model, x: -my_gap(model, x), "sign is wrong"),
        "averaged": (_gap_averaged, "one number per example"),
        "summed": (lambda model, x: np.sum(my_gap(model, x)), "one number per example"),
        "0": (lambda model, x: np.zeros(len(x)), "not the gap"),
        "half of it": (lambda model, x: my_gap(model, x) / 2, "not the gap"),
    },
    hints=(
        "Write p(x|y) p(y) = p(y|x) p(x) into the ELBO, and take log p(x) out of the expectation.",
        "What is left is E_q[log p(y|x) - log q(y|x)]. Which KL is that?",
        "gaussian_kl(*model.q(x), *model.true_posterior(x))",
    ),
    why=(
        "log w = log p(x) + log p(y|x) - log q(y|x). The mean of the last two over q is minus this KL, "
        "so the bound is tight exactly where q is the true posterior."
    ),
)

# ------------------------------------------------------------------ bits per dimension


def my_bits(log_p, num_values):
    """Bits per dimension, for log p(x) in nats of an x with num_values values."""
    return -log_p / (num_values * np.log(2))


def _bits_with_log2(log_p, num_values):
    return -(log_p * np.log2(np.e)) / num_values


def _bits_log10(log_p, num_values):
    return -log_p / (num_values * np.log(10))


def _bits_no_dimension(log_p, num_values):
    return -log_p / np.log(2)


def _bits_sign(log_p, num_values):
    return log_p / (num_values * np.log(2))


def _bits_times(log_p, num_values):
    return -log_p * np.log(2) / num_values


def _bits_nats(log_p, num_values):
    return -log_p / num_values


def _bits_swapped(log_p, num_values):
    return my_bits(num_values, log_p)


def _judge_bits(answer):
    value = number(call(answer, -110.0, 784))
    known = {
        "Bits have the base 2, so divide by log(2); you divide by log(10).": _bits_log10,
        "These are bits per *image*. Divide by the number of values, too.": _bits_no_dimension,
        "The sign is wrong: a less probable image costs more bits.": _bits_sign,
        "You multiply by log(2). A bit is smaller than a nat, so there are more: divide.": _bits_times,
        "These are nats per dimension. Divide by log(2), too.": _bits_nats,
        "You take the number of values for log p(x), and the other way round.": _bits_swapped,
    }
    for message, mistake in known.items():
        if close(value, mistake(-110.0, 784), 1e-3):
            return message
    for log_p, num_values in ((-110.0, 784), (-1000.0, 3072), (5.0, 2)):
        right, yours = my_bits(log_p, num_values), number(call(answer, log_p, num_values))
        if not close(yours, right, 1e-3):
            return f"For {log_p} nats, {num_values} values: {right:.3f}; yours gives {yours:.3f}."
    return None


bits = Exercise(
    name="bits",
    judge=_judge_bits,
    reference=my_bits,
    second=_bits_with_log2,
    wrong={
        "log10": (_bits_log10, "base 2"),
        "no D": (_bits_no_dimension, "bits per *image*"),
        "sign": (_bits_sign, "costs more bits"),
        "times log 2": (_bits_times, "multiply by log(2)"),
        "nats": (_bits_nats, "nats per dimension"),
        "arguments swapped": (_bits_swapped, "other way round"),
        "the value of the text": (lambda log_p, num_values: 0.202, "yours gives 0.202"),
        "constant": (lambda log_p, num_values: 0.5, "yours gives 0.500"),
    },
    hints=(
        "1 bit = log(2) nats = 0.693 nats.",
        "The cost is -log p. Divide it by log(2), and by the number of values.",
    ),
    why=(
        "-log2 p is the length of the best code for x, in bits. Dividing by the number of values lets you "
        "compare images of different sizes."
    ),
)

hint, solution = desk(log_mean_exp, gap, bits)
__all__ = ["bits", "gap", "hint", "log_mean_exp", "solution"]
