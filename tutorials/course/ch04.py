"""Exercises of notebook 04, another prior."""

import functools
import math

import numpy as np
import tensorflow as tf
from keras import ops
from tensorflow_probability import distributions as tfd

from course.exercise import (
    Exercise,
    Mistake,
    NotAttempted,
    close,
    desk,
    number,
    numbers,
    require_arguments,
)

# ------------------------------------------------------------------ draws of the aggregate posterior


def my_codes(q):
    """One draw of y from each posterior q(y|x_n)."""
    return q.sample()


def _codes_by_hand(q):
    factor = np.linalg.cholesky(q.covariance().numpy())  # (N, M, M)
    noise = np.random.default_rng(1).normal(size=q.mean().shape)
    return q.mean().numpy() + np.einsum("nij,nj->ni", factor, noise)


def _codes_means(q):
    return q.mean()


def _codes_untilted(q):
    return q.mean() + q.stddev() * tf.random.normal(tf.shape(q.mean()))


def _codes_variance(q):
    return q.mean() + q.variance() * tf.random.normal(tf.shape(q.mean()))


def _codes_prior(q):
    return tf.random.normal(tf.shape(q.mean()))


def _codes_one_posterior(q):
    return q[0].sample(len(q.mean()))


def _codes_shared_noise(q):
    return q.mean() + tf.linalg.matvec(q.scale, tf.random.normal((1, 2)))


def _codes_extra_axis(q):
    return q.sample(1)


def _codes_covariance(q):
    return q.mean() + tf.linalg.matvec(q.covariance(), tf.random.normal(tf.shape(q.mean())))


def _codes_uniform(q):
    noise = tf.random.uniform(tf.shape(q.mean()), -math.sqrt(3), math.sqrt(3))  # of variance 1
    return q.mean() + tf.linalg.matvec(tf.linalg.cholesky(q.covariance()), noise)


def _codes_shuffled(q):
    return tf.random.shuffle(q.sample())


def _codes_around_zero(q):
    return q.sample() - q.mean()


def _codes_one_covariance(q):
    factor = tf.linalg.cholesky(q.covariance())[1]
    return q.mean() + tf.random.normal(tf.shape(q.mean())) @ tf.transpose(factor)


def _apply(answer, *arguments):
    """The answer's result, unchanged. Distributions are no tensors, so `call` is of no use here."""
    require_arguments(answer, *arguments)
    result = answer(*arguments)
    if result is ...:
        raise NotAttempted
    if callable(result):
        raise Mistake("It returns a function. Call it.")
    return result


def _judge_codes(answer):
    size = 5_000
    rng = np.random.default_rng(0)
    mean = rng.choice([-2.0, 2.0], size=(size, 2)).astype("float32")
    factor = np.array([[0.5, 0.0], [0.6, 0.3]], "float32")  # tilted: the two latents go together
    factors = np.tile(factor, (size, 1, 1))
    narrow = np.arange(size) % 5 == 4
    factors[narrow] *= 0.2
    q = tfd.MultivariateNormalTriL(mean, factors)
    codes = numbers(_apply(answer, q))
    if codes.ndim == 3:
        return "It has one axis too many. One draw from each posterior is enough: `q.sample()`."
    if codes.shape != (size, 2):
        return f"Its shape must be (N, M), here {(size, 2)}; yours has {codes.shape}."
    offset_narrow = (codes - mean)[narrow]
    codes, mean = codes[~narrow], mean[~narrow]
    offset = codes - mean
    if close(offset, 0):
        return "These are the means of the posteriors. The decoder is trained on draws, so draw."
    spread, right = offset.std(axis=0), np.linalg.norm(factor, axis=1)
    if np.all(spread < 0.01):
        return "All draws are shifted alike: each example needs noise of its own."
    if abs(np.corrcoef(codes[:, 0], mean[:, 0])[0, 1]) < 0.1:
        return _not_from_its_own(codes, right)
    if close(spread, right**2, 0.04):
        return "The draws are as wide as the variance. Take the standard deviation."
    covariance = factor @ factor.T
    if close(np.cov(offset.T), covariance @ covariance, 0.03):
        return "You multiply the noise by the covariance. Take a root of it: the Cholesky factor."
    if not close(spread, right, 0.04):
        return f"Around the means they should spread by {np.round(right, 2)}; yours by {np.round(spread, 2)}."
    if abs(np.corrcoef(offset.T)[0, 1]) < 0.1:
        return "The posteriors are tilted ellipses. Your draws lose the tilt: use the whole covariance."
    if not close(np.cov(offset.T), covariance, 0.03):
        return "Their covariance is not that of the posteriors."
    white = np.linalg.solve(factor, offset.T)
    if abs(np.mean(white**4) - 3) > 0.5:
        return "Mean and covariance are right, but the noise is not Gaussian: it lacks the tails."
    if not close(np.cov(offset_narrow.T) / 0.2**2, covariance, 0.1):
        return "Some posteriors are narrower than others. Give each example its own covariance."
    return None


def _not_from_its_own(codes, right):
    """Why codes do not go with the means of their posteriors."""
    if close(codes.std(axis=0), 1, 0.05):
        return "These are draws from the prior N(0, I). Draw from the posteriors."
    if close(codes.std(axis=0), right, 0.05) and close(codes.mean(axis=0), 0, 0.05):
        return "They lie around 0: the means of the posteriors are missing."
    if close(codes.std(axis=0), right, 0.05):
        return "All draws come from one posterior. Take each posterior once."
    return "Row n has to be a draw from q(y|x_n), the posterior of example n. Yours is not."


codes = Exercise(
    name="codes",
    judge=_judge_codes,
    reference=my_codes,
    second=_codes_by_hand,
    wrong={
        "means only": (_codes_means, "means of the posteriors"),
        "no tilt": (_codes_untilted, "lose the tilt"),
        "variance": (_codes_variance, "wide as the variance"),
        "the prior": (_codes_prior, "draws from the prior"),
        "one posterior": (_codes_one_posterior, "one posterior"),
        "shared noise": (_codes_shared_noise, "noise of its own"),
        "an axis too many": (_codes_extra_axis, "one axis too many"),
        "many draws": (lambda q: q.sample(10), "one axis too many"),
        "the covariance itself": (_codes_covariance, "Cholesky factor"),
        "uniform noise": (_codes_uniform, "not Gaussian"),
        "in another order": (_codes_shuffled, "Row n"),
        "one covariance for all": (_codes_one_covariance, "its own covariance"),
        "no means": (_codes_around_zero, "means of the posteriors are missing"),
        "twice as wide": (lambda q: q.mean() + 2 * (q.sample() - q.mean()), "should spread by"),
    },
    hints=(
        "Each example has a posterior. One draw from each of them is what we want.",
        "`q` holds all of them. A single call of `q.sample` draws from each.",
    ),
    why=(
        "q(y) is a mixture: choose an example, then draw from its posterior. With one draw for each "
        "example, each is chosen once. The means alone would leave out the posteriors' widths."
    ),
)

# ------------------------------------------------------------------ which AUC is matched

_SCALE = "An AUC is a probability, between 0 and 1."


def _judge_matched_auc(answer):
    value = number(answer)
    if close(value, 0.5):
        return None
    if close(value, 1):
        return "At 1 the classifier tells every code from every draw: they do not overlap at all."
    if close(value, 0):
        return "At 0 the classifier tells all of them apart too, with the names swapped."
    if close(value, 50):
        return f"{_SCALE} Give a fraction, not per cent."
    if not 0 <= value <= 1:
        return _SCALE
    return "If nothing tells codes and draws apart, how often is the code's score the higher one?"


matched_auc = Exercise(
    name="matched_auc",
    judge=_judge_matched_auc,
    reference=0.5,
    second=np.float32(1) / 2,
    wrong={
        "1": (1.0, "do not overlap"),
        "0": (0, "names swapped"),
        "per cent": (50, "not per cent"),
        "no probability": (-1, "between 0 and 1"),
        "something between": (0.75, "how often"),
    },
    hints=(
        "If both are the same distribution, the scores of the two have the same distribution too.",
        "Of two numbers drawn alike, how often is the first one the larger?",
    ),
    why=(
        "It is a coin toss: of two scores drawn alike, each is the larger one half of the time. So 0.5 "
        "is the best that a prior can reach, and 1 the worst."
    ),
)

# ------------------------------------------------------------------ the Monte Carlo KL


def my_kl(q, log_p, num_samples):
    """The Monte Carlo estimate of KL(q || p) in nats, shape (N,)."""
    y = q.sample(num_samples)  # (S, N, M)
    return ops.mean(q.log_prob(y) - log_p(y), axis=0)


def _kl_in_a_loop(q, log_p, num_samples):
    total, left = 0.0, num_samples
    while left > 0:
        y = q.sample(min(left, 50))
        total = total + np.sum(q.log_prob(y) - log_p(y), axis=0)
        left -= 50
    return total / num_samples


def _kl_sign(q, log_p, num_samples):
    y = q.sample(num_samples)
    return tf.reduce_mean(log_p(y) - q.log_prob(y), axis=0)


def _kl_sum(q, log_p, num_samples):
    y = q.sample(num_samples)
    return tf.reduce_sum(q.log_prob(y) - log_p(y), axis=0)


def _kl_one_number(q, log_p, num_samples):
    return tf.reduce_mean(my_kl(q, log_p, num_samples))


def _kl_over_examples(q, log_p, num_samples):
    y = q.sample(num_samples)
    return tf.reduce_mean(q.log_prob(y) - log_p(y), axis=1)


def _kl_no_q(q, log_p, num_samples):
    return -tf.reduce_mean(log_p(q.sample(num_samples)), axis=0)


def _kl_two_draws(q, log_p, num_samples):
    draws = q.log_prob(tf.random.normal((num_samples, 3, 2))) - log_p(q.sample(num_samples))
    return tf.reduce_mean(draws, axis=0)


def _kl_absolute(q, log_p, num_samples):
    y = q.sample(num_samples)
    return tf.reduce_mean(tf.abs(q.log_prob(y) - log_p(y)), axis=0)


def _kl_at_mean(q, log_p, num_samples):
    y = q.mean()[tf.newaxis]
    return (q.log_prob(y) - log_p(y))[0]


def _kl_every_draw(q, log_p, num_samples):
    y = q.sample(num_samples)
    return q.log_prob(y) - log_p(y)


def _kl_weighted(q, log_p, num_samples):
    y = q.sample(num_samples)
    return tf.reduce_mean(tf.exp(q.log_prob(y)) * (q.log_prob(y) - log_p(y)), axis=0)


def _kl_never_negative(q, log_p, num_samples):
    y = q.sample(num_samples)
    return tf.reduce_mean(tf.maximum(q.log_prob(y) - log_p(y), 0), axis=0)


def _kl_by_formula(q, log_p, num_samples):
    return tfd.kl_divergence(q, tfd.MultivariateNormalDiag([0.5, -0.5], [1.0, 1.2]))


def _kl_unbiased(q, log_p, num_samples):
    return my_kl(q, log_p, num_samples) * (num_samples / (num_samples - 1))


class _Watched:
    """log p, which keeps the y that it was asked for: an estimate must look at each of its draws."""

    def __init__(self, p):
        self.p, self.seen = p, []

    def __call__(self, y):
        self.seen.append(np.asarray(y))
        return self.p.log_prob(y)

    def fault(self, num_examples, num_samples):
        """What is wrong with the number of draws, or None. One y may be looked at twice."""
        if not self.seen:
            return "It never asks `log_p`, so it cannot know p. Take the mean over draws of q."
        rows = np.concatenate([y.reshape(-1, y.shape[-1]) for y in self.seen])
        draws = len(np.unique(rows, axis=0)) / num_examples
        if draws == num_samples:
            return None
        return f"With num_samples={num_samples} it draws {draws:g} times. Draw as often as asked."


@functools.cache
def _gaussians():
    """q, p and their KL. q is the wider one: log q - log p is often below 0, and p / q has a bound."""
    mean, factor = [[0.0, 1.0], [-1.0, 0.5], [0.2, 0.0]], [[1.2, 0.0], [0.5, 1.5]]
    q = tfd.MultivariateNormalTriL(mean, [factor] * 3)
    p = tfd.MultivariateNormalDiag([0.5, -0.5], [1.0, 1.2])
    return q, p, tfd.kl_divergence(q, p).numpy()


def _judge_kl(answer):
    q, p, right = _gaussians()
    log_p, samples = _Watched(p), 1000  # not many, so that a loop over them will do
    tf.random.set_seed(0)
    value = numbers(_apply(answer, q, log_p, samples))
    noise = 0.2  # at noise / 2, relative and absolute, four standard errors
    if value.shape == ():
        return "It gives one number for all examples. Give one for each, shape (N,)."
    if value.shape == (samples,):
        return "You average over the examples. Average over the draws, the first axis."
    if value.shape == (samples, 3):
        return "It gives one number for each draw and example. Take the mean over the draws."
    if value.shape != (3,):
        return f"Its shape must be (3,) for three examples; yours has {value.shape}."
    if close(value, right, noise / 2):
        return log_p.fault(3, samples) or _judge_few_draws(answer, q, p, right)
    if close(value, -right, noise / 2):
        return "The sign is wrong: a KL divergence is never below 0."
    if close(value / samples, right, noise / 2):
        return "You add the draws up. Take their mean."
    if close(value, right + q.entropy(), noise / 2):
        return "log q(y) is missing: that is the cross-entropy, not the KL."
    if close(value, _kl_at_mean(q, p.log_prob, 1)):
        return "You look at the mean of q alone. Take the mean over draws."
    if close(value, _kl_absolute(q, p.log_prob, samples), noise / 2):
        return "You take absolute values. Single draws may be negative: let them."
    if close(value, _kl_never_negative(q, p.log_prob, samples), noise / 2):
        return "You cut off what is below 0. Single draws may be negative: let them."
    if close(value, _kl_weighted(q, p.log_prob, samples), 0.02):
        return "You weigh each draw by q(y). Likely draws are frequent already: take a plain mean."
    return f"In a test it should be near {np.round(right, 2)}; yours is {np.round(value, 2)}."


def _judge_few_draws(answer, q, p, right):
    """With two draws, it is the plain mean over them, or right in the mean over many examples."""
    log_p = _Watched(p)
    value = numbers(_apply(answer, q, log_p, 2), (3,))
    if fault := log_p.fault(3, 2):
        return fault
    sizes = {y.shape for y in log_p.seen}
    if sizes in ({(2, 3, 2)}, {(1, 3, 2)}, {(3, 2)}):  # all draws at once, or one after another
        y = np.concatenate([y.reshape(-1, 3, 2) for y in log_p.seen])[:2]
    elif sizes == {(2, 2)} and len(log_p.seen) == 3:  # one example after another
        y = np.stack(log_p.seen, axis=1)
    else:
        y = None
    if y is not None and close(value, np.mean(q.log_prob(y) - p.log_prob(y), axis=0), 1e-3):
        return None
    many = tfd.MultivariateNormalTriL(tf.tile(q.mean(), (200, 1)), q.scale.to_dense()[0])
    value = numbers(_apply(answer, many, p.log_prob, 2), (600,)).reshape(200, 3).mean(axis=0)
    if abs(value.sum() - right.sum()) < 0.6:  # four standard errors
        return None
    return "With few draws it is wrong in the mean. Divide by the number of draws: is it S?"


kl = Exercise(
    name="kl",
    judge=_judge_kl,
    reference=my_kl,
    second=_kl_in_a_loop,
    wrong={
        "sign": (_kl_sign, "sign is wrong"),
        "sum": (_kl_sum, "Take their mean"),
        "one number": (_kl_one_number, "one number for all"),
        "mean over the examples": (_kl_over_examples, "over the examples"),
        "no log q": (_kl_no_q, "log q(y) is missing"),
        "absolute values": (_kl_absolute, "absolute values"),
        "at the mean": (_kl_at_mean, "mean of q alone"),
        "cut off at 0": (_kl_never_negative, "cut off what is below 0"),
        "weighted by q": (_kl_weighted, "plain mean"),
        "every draw": (_kl_every_draw, "for each draw and example"),
        "half of it": (lambda q, log_p, num_samples: my_kl(q, log_p, num_samples) / 2, "near"),
        "another y for q": (_kl_two_draws, "should be near"),
        "any number of draws": (
            lambda q, log_p, num_samples: my_kl(q, log_p, 5000),
            "it draws 5000 times",
        ),
        "a thousand draws": (lambda q, log_p, num_samples: my_kl(q, log_p, 1000), "=2 it draws"),
        "the formula": (_kl_by_formula, "never asks `log_p`"),
        "divided by S - 1": (_kl_unbiased, "is it S?"),
    },
    hints=(
        "Draw once: y = q.sample(num_samples). Both densities need this same y.",
        "The integrand is q.log_prob(y) - log_p(y), shape (S, N).",
        "Take the mean over the draws, axis 0.",
    ),
    why=(
        "An expectation under q is the mean over draws of q. Likely y are drawn more often, so they need "
        "no other weight. The same y must stand in both densities: the KL is about their ratio at y."
    ),
)

hint, solution = desk(codes, matched_auc, kl)
__all__ = ["codes", "hint", "kl", "matched_auc", "solution"]
