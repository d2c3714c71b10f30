"""Exercises of notebook 05, InteL-VAE."""

import functools

import numpy as np
import tensorflow as tf
from keras import ops
from tensorflow_probability import distributions as tfd

from course.exercise import Exercise, Mistake, call, close, desk, numbers, run, trains
from course.gradients import gradients, wrong_gradient

# ------------------------------------------------------------------ the mapping


def my_circle(y):
    """The direction of each y, shape (batch, 2): a point of the unit circle."""
    length = tf.norm(y, axis=-1, keepdims=True)
    safe = tf.where(length > 1e-6, y, [1.0, 0.0])  # before the division, so that no gradient is NaN
    return safe / tf.norm(safe, axis=-1, keepdims=True)


def _circle_by_angle(y):
    at_origin = ops.sum(y * y, axis=-1) < 1e-12
    angle = ops.arctan2(ops.where(at_origin, 0.0, y[:, 1]), ops.where(at_origin, 1.0, y[:, 0]))
    return ops.stack([ops.cos(angle), ops.sin(angle)], axis=-1)


def _circle_of_batch(y):
    return y / tf.norm(y + 1e-9)


def _circle_soft(y):
    return y / (1.0 + tf.norm(y, axis=-1, keepdims=True))


def _circle_squared(y):
    return y / (tf.reduce_sum(y**2, axis=-1, keepdims=True) + 1e-9)


def _circle_nan(y):
    return y / tf.norm(y, axis=-1, keepdims=True)


def _circle_nan_gradient(y):
    length = tf.norm(y, axis=-1, keepdims=True)
    return tf.where(length > 0, y / length, [1.0, 0.0])


def _circle_epsilon(y):
    return y / (tf.norm(y, axis=-1, keepdims=True) + 1e-6)


def _circle_angle_unsafe(y):
    angle = tf.math.atan2(y[:, 1], y[:, 0])
    return tf.stack([tf.cos(angle), tf.sin(angle)], axis=-1)


def _circle_constant(y):
    return tf.zeros_like(y) + [1.0, 0.0]


def _circle_length_stopped(y):
    safe = tf.where(tf.norm(y, axis=-1, keepdims=True) > 1e-6, y, [1.0, 0.0])
    return safe / tf.stop_gradient(tf.norm(safe, axis=-1, keepdims=True))


def _circle_in_place(y):
    y[np.linalg.norm(y, axis=-1) < 1e-9] = (1, 0)
    return y / np.linalg.norm(y, axis=-1, keepdims=True)


def _circle_swapped(y):
    return my_circle(y)[:, ::-1]


def _circle_with_a_disc(y):
    length = tf.norm(y, axis=-1, keepdims=True)
    safe = tf.where(length > 0.01, y, [1.0, 0.0])
    return safe / tf.norm(safe, axis=-1, keepdims=True)


def _circle_safe_at_0_alone(y):
    safe = tf.where(tf.reduce_all(y == 0, axis=-1, keepdims=True), [1.0, 0.0], y)
    return safe / tf.norm(safe, axis=-1, keepdims=True)


def _judge_circle(answer):
    y = np.random.default_rng(0).normal(size=(8, 2)).astype("float32")
    y[:6] = (3, 4), (-0.2, 0.1), (0, -2), (-12, 16), (0.03, -0.04), (3e-6, 4e-6)
    z = run(answer, y, shape=(8, 2))
    if close(z, y / np.linalg.norm(y)):
        return "You divide by the length of the whole batch. Each row has a length of its own."
    precise = (
        len(z) if type(z) is np.ndarray else 5
    )  # half precision cannot tell the last ones from 0
    for row, ours, yours in zip(y[:precise], _circle_by_angle(y).numpy(), z, strict=False):
        at = f"y = ({row[0]:.3g}, {row[1]:.3g})"
        if not close(np.linalg.norm(yours), 1, 0.02 if precise < 8 else 1e-4):
            return f"z must have length 1. For {at} yours has {np.linalg.norm(yours):.3f}."
        if not close(yours, ours):
            return f"For {at} it should give {_pair(ours)}; yours gives {_pair(yours)}."
    tiny = np.array([(0, 0), (1e-21, 0), (1e-21, -1e-21), (0, 1e-10), (-1e-30, 1e-40)], "float32")
    for row, yours in zip(tiny, np.asarray(call(answer, tiny), np.float64), strict=True):
        at = f"y = ({row[0]:.0e}, {row[1]:.0e})" if row.any() else "y = 0"
        if not np.all(np.isfinite(yours)):
            return (
                f"At {at} it divides by 0, which gives NaN. Choose any point of the circle there."
            )
        if not close(np.linalg.norm(yours), 1, 0.02 if precise < 8 else 1e-4):
            return f"At {at}, too, z must have length 1; yours has {np.linalg.norm(yours):.3f}."
    return _judge_gradient(answer, y, tiny)


def _pair(row):
    return f"({row[0]:.3g}, {row[1]:.3g})"


def _judge_gradient(answer, y, tiny):
    try:
        (gradient,) = gradients(answer, np.concatenate([tiny, y]))
    except Mistake as mistake:  # only NumPy's arrays can pass
        return f"No gradient passes through it. For a tensor: {mistake}"
    if gradient is None:
        return (
            "No gradient passes through it. "
            "Use TensorFlow's operations, without NumPy's and without stop_gradient."
        )
    at_tiny = np.all(np.isfinite(gradient[: len(tiny)]), axis=1)
    if not np.all(at_tiny):
        at = tiny[np.argmin(at_tiny)]
        return (
            f"Its gradient at y = {_pair(at) if at.any() else 0} is NaN or infinite: replace so short "
            "a y *before* anything else. (A tf.where at the end is too late: it differentiates the "
            "branch that it does not take, too. And the square of 1e-21 is 0 in float32.)"
        )
    if wrong_gradient(answer, my_circle, y[:5]):
        return "z is right, but its gradient is not. Is a part of it stopped, or taken from NumPy?"
    return None


circle = Exercise(
    name="circle",
    judge=_judge_circle,
    reference=my_circle,
    second=_circle_by_angle,
    wrong={
        "length of the batch": (_circle_of_batch, "the whole batch"),
        "the length stopped": (_circle_length_stopped, "its gradient is not"),
        "written into y": (_circle_in_place, "For a tensor: It raises TypeError"),
        "a softened length": (_circle_soft, "must have length 1"),
        "the squared length": (_circle_squared, "must have length 1"),
        "NaN at 0": (_circle_nan, "At y = 0 it divides by 0"),
        "NaN gradient at 0": (_circle_nan_gradient, "replace so short a y *before*"),
        "a disc around 0": (_circle_with_a_disc, "For y = (3e-06, 4e-06) it should give"),
        "safe at 0 alone": (_circle_safe_at_0_alone, "At y = (1e-21, 0e+00) it divides"),
        "the angle, unsafe at 0": (_circle_angle_unsafe, "Its gradient at y = 0 is NaN"),
        "stopped": (lambda y: tf.stop_gradient(my_circle(y)), "without stop_gradient"),
        "an epsilon below": (_circle_epsilon, "For y = (3e-06, 4e-06)"),
        "0 at 0": (lambda y: tf.math.l2_normalize(y, -1, 1e-24), "At y = 0, too"),
        "another direction": (_circle_constant, "should give (0.6, 0.8)"),
        "coordinates swapped": (_circle_swapped, "should give (0.6, 0.8)"),
        "NumPy": (lambda y: np.array(my_circle(y)), "No gradient passes"),
    },
    hints=(
        "The length is per row: tf.norm(y, axis=-1, keepdims=True).",
        "First replace rows that are 0 by (1, 0), with tf.where. Then divide by the length.",
        "An epsilon in the denominator avoids NaN, but the length is then 0 at y = 0, not 1.",
    ),
    why=(
        "tf.where computes both branches, and differentiates both. A NaN of the branch that is not taken "
        "would still reach the gradient as 0 times NaN. So y is made safe before it is divided."
    ),
    fits=lambda answer: trains(answer, np.ones((3, 2), "float32")),
)

# ------------------------------------------------------------------ the KL divergence


def my_kl_term(mean, log_variance, g):
    """The KL term of the InteL-VAE with the mapping g: shape (batch,). It does not depend on g."""
    per_latent = 0.5 * (tf.exp(log_variance) + tf.square(mean) - 1.0 - log_variance)
    return tf.reduce_sum(per_latent, axis=-1)


def _kl_numpy(mean, log_variance, g):
    return 0.5 * np.sum(np.exp(log_variance) + mean**2 - 1 - log_variance, axis=-1)


def _kl_on_z(mean, log_variance, g):
    return my_kl_term(g(mean), log_variance, g)


def _kl_log_det(mean, log_variance, g):
    return my_kl_term(mean, log_variance, g) - tf.math.log(tf.norm(g(mean), axis=-1) + 1e-9)


def _kl_averaged(mean, log_variance, g):
    return my_kl_term(mean, log_variance, g) / mean.shape[-1]


def _kl_reversed(mean, log_variance, g):
    return -my_kl_term(mean, log_variance, g)


def _judge_kl_term(answer):
    rng = np.random.default_rng(1)
    mean = rng.normal(size=(4, 3)).astype("float32")  # so that a mean over latents is no half
    log_variance = rng.normal(-1, 0.5, size=(4, 3)).astype("float32")
    right = _kl_numpy(mean, log_variance, None)
    values = [
        run(answer, mean, log_variance, g, shape=(4,))
        for g in (lambda y: y, lambda y: 2 * tf.tanh(y), lambda y: 10 * tf.tanh(y))
    ]
    if not close(values[0], values[1]) or not close(values[1], values[2]):
        on_z = run(_kl_on_z, mean, log_variance, lambda y: 2 * tf.tanh(y))
        if close(values[1], on_z):
            return "You take the KL on z = g(y). It lives in y, where the posterior is a Gaussian."
        return "It changes with g. The KL compares q(y|x) with p(y), and g occurs in neither."
    if close(values[0], right / 3):
        return (
            "It is a third of what it should be, for three latents: sum over them, do not average."
        )
    if close(values[0], right / 2):
        return "It is half of what it should be. The factor 1/2 occurs once."
    if close(values[0], 2 * right):
        return "It is twice too large. Where is the factor 1/2?"
    if close(values[0], -right):
        return "The sign is wrong: a KL divergence is never below 0."
    if not close(values[0], right):
        return "It does not depend on g, which is right. But it is not the KL of notebook 01."
    return None


kl_term = Exercise(
    name="kl_term",
    judge=_judge_kl_term,
    reference=my_kl_term,
    second=_kl_numpy,
    wrong={
        "KL on z": (_kl_on_z, "on z = g(y)"),
        "a log-determinant": (_kl_log_det, "changes with g"),
        "averaged": (_kl_averaged, "do not average"),
        "half of it": (lambda m, v, g: my_kl_term(m, v, g) / 2, "occurs once"),
        "sign": (_kl_reversed, "never below 0"),
        "no half": (lambda m, v, g: 2 * my_kl_term(m, v, g), "factor 1/2"),
        "0, since g is free": (lambda m, v, g: np.zeros(len(m)), "not the KL of notebook 01"),
        "another number": (lambda mean, log_variance, g: np.ones(4), "not the KL of notebook 01"),
    },
    hints=(
        "What does the KL compare? Look at its two arguments in the ELBO above.",
        "q(y|x) and p(y) are both distributions over y. Is g used in either?",
        "It is the KL of notebook 01, exercise 1. The argument g is not used.",
    ),
    why=(
        "q(y|x) and p(y) are both distributions over y, and g comes after y. So 5 g has the same KL: what "
        "g does to z, the reconstruction term alone feels."
    ),
)

# ------------------------------------------------------------------ the terms


class _Posterior(tfd.MultivariateNormalDiag):
    """A Gaussian whose draw is known, so that the terms are, too."""

    def sample(self, sample_shape=(), seed=None, name="sample"):
        noise = tf.cos(5.0 * tf.range(tf.size(self.mean()), dtype="float32"))
        return self.mean() + self.stddev() * tf.reshape(noise, tf.shape(self.mean()))


class _Parts:
    """The parts of a model: x has four values, y and z have two.

    Its g is not linear, not idempotent, and without symmetry: g twice, or g elsewhere, is something else.
    """

    posterior = staticmethod(lambda x: _Posterior(x[:, :2] - 0.3 * x[:, 2:], 0.2 + x[:, 1:3] ** 2))
    draw = staticmethod(lambda q: q.sample())
    mapping = staticmethod(lambda y: tf.exp(0.3 * y) - 0.5 * tf.reverse(y, [-1]))
    decoder = staticmethod(lambda z: tf.sin(tf.concat([z, 2.0 * z - 1.0], axis=-1)))
    log_likelihood = staticmethod(
        lambda x, p: tf.reduce_sum(x * p - tf.math.softplus(3.0 * p), axis=-1)
    )

    def kl(self, q):
        if not isinstance(q, tfd.Distribution):
            raise TypeError("self.kl takes the distribution q(y|x), not numbers.")
        return tfd.kl_divergence(q, tfd.MultivariateNormalDiag(tf.zeros(2), tf.ones(2)))


def my_terms(self, x):
    """-log p(x|z) and the KL, each of shape (batch,)."""
    q = self.posterior(x)
    y = self.draw(q)
    z = self.mapping(y)
    return -self.log_likelihood(x, self.decoder(z)), self.kl(q)


def _terms_nested(self, x):
    q = self.posterior(x)
    parameters = self.decoder(self.mapping(self.draw(q)))
    return [-1.0 * self.log_likelihood(x, parameters), self.kl(q)]


def _terms_fed_y(self, x):
    q = self.posterior(x)
    y = self.draw(q)
    self.mapping(y)
    return -self.log_likelihood(x, self.decoder(y)), self.kl(q)


def _terms_kl_on_z(self, x):
    q = self.posterior(x)
    z = self.mapping(self.draw(q))
    return -self.log_likelihood(x, self.decoder(z)), self.kl(_Posterior(z, q.stddev()))


def _terms_kl_of_z(self, x):
    z = self.mapping(self.draw(self.posterior(x)))
    return -self.log_likelihood(x, self.decoder(z)), self.kl(z)


def _terms_mean_kl(self, x):
    reconstruction, kl = my_terms(self, x)
    return reconstruction, tf.reduce_mean(kl)


def _terms_minus_kl(self, x):
    reconstruction, kl = my_terms(self, x)
    return reconstruction, -kl


def _terms_g_first(self, x):
    q = self.posterior(x)
    y = self.draw(_Posterior(self.mapping(q.mean()), q.stddev()))
    return -self.log_likelihood(x, self.decoder(y)), self.kl(q)


def _terms_g_last(self, x):
    q = self.posterior(x)
    parameters = self.mapping(self.decoder(self.draw(q)))
    return -self.log_likelihood(x, parameters), self.kl(q)


def _terms_g_twice(self, x):
    q = self.posterior(x)
    z = self.mapping(self.mapping(self.draw(q)))
    return -self.log_likelihood(x, self.decoder(z)), self.kl(q)


def _terms_of_the_mean(self, x):
    q = self.posterior(x)
    return -self.log_likelihood(x, self.decoder(self.mapping(q.mean()))), self.kl(q)


def _terms_swapped(self, x):
    q = self.posterior(x)
    return -self.log_likelihood(self.decoder(self.mapping(self.draw(q))), x), self.kl(q)


def _terms_stopped(self, x):
    q = self.posterior(x)
    z = tf.stop_gradient(self.mapping(self.draw(q)))
    return -self.log_likelihood(x, self.decoder(z)), self.kl(q)


def _terms_sign(self, x):
    reconstruction, kl = my_terms(self, x)
    return -reconstruction, kl


def _terms_summed(self, x):
    return sum(my_terms(self, x))


_X = np.random.default_rng(2).normal(size=(5, 4)).astype("float32")


@functools.cache
def _right_terms():
    return my_terms(_Parts(), tf.constant(_X))


@functools.cache
def _mistaken_terms():
    """{what is wrong: the first term that comes of it}."""
    known = {
        "The decoder still gets y. It should get z = g(y).": _terms_fed_y,
        "You map the mean before the draw. First draw y, then map it.": _terms_g_first,
        "You map the decoder's output. g stands before the decoder.": _terms_g_last,
        "self.log_likelihood takes x first, then the decoder's output.": _terms_swapped,
        "You apply g twice. z = g(y), once, goes to the decoder.": _terms_g_twice,
        "You map the mean of q, without a draw. First draw y, then map it.": _terms_of_the_mean,
        "The sign of the first term is wrong: it is *minus* log p(x|z).": _terms_sign,
    }
    x = tf.constant(_X)
    return {message: mistake(_Parts(), x)[0] for message, mistake in known.items()}


def _judge_terms(answer):
    x, model = _X, _Parts()
    result = call(answer, model, tf.constant(x))
    if result is None:
        return "It returns nothing (None). Is a `return` missing?"
    if not isinstance(result, tuple | list) or len(result) != 2:
        return "It should return two things: -log p(x|z), and the KL."
    given = []
    for name, term in zip(("The first term", "The KL"), result, strict=True):
        try:
            given.append(numbers(term, (5,)))
        except Mistake as mistake:
            return f"{name}, for five examples: {mistake}"
    reconstruction, kl = given
    right, right_kl = _right_terms()
    if close(reconstruction, right_kl) and close(kl, right):
        return "Both terms are right, in the wrong order: first -log p(x|z), then the KL."
    if close(kl, -right_kl):
        return "The sign of the KL is wrong: both terms are parts of the loss."
    if not close(kl, right_kl, 2e-3):
        return "The KL is wrong. It is that of q(y|x), in y: g has no part in it."
    for message, mistake in _mistaken_terms().items():
        if close(reconstruction, mistake):
            return message
    if not close(reconstruction, right, 2e-3):
        return "The KL is right, but the first term is not -log p(x|z) at z = g(y), y drawn from q."
    if wrong_gradient(answer, my_terms, model, x):
        return "Both terms are right, but their gradient is not. Is a part stopped?"
    return None


def _fits_a_model(answer):
    return trains(lambda x: tf.add(*answer(_Parts(), x)), np.ones((3, 4), "float32"))


terms = Exercise(
    name="terms",
    judge=_judge_terms,
    reference=my_terms,
    second=_terms_nested,
    wrong={
        "decoder fed y": (_terms_fed_y, "decoder still gets y"),
        "KL on z": (_terms_kl_on_z, "KL is wrong"),
        "g before the draw": (_terms_g_first, "before the draw"),
        "g after the decoder": (_terms_g_last, "before the decoder"),
        "sign": (_terms_sign, "*minus* log p(x|z)"),
        "the sum": (_terms_summed, "two things"),
        "the order": (lambda self, x: my_terms(self, x)[::-1], "in the wrong order"),
        "KL of z itself": (_terms_kl_of_z, "TypeError: self.kl takes the distribution"),
        "g twice": (_terms_g_twice, "g twice"),
        "the mean for a draw": (_terms_of_the_mean, "without a draw"),
        "likelihood swapped": (_terms_swapped, "takes x first"),
        "z stopped": (_terms_stopped, "their gradient is not"),
        "the mean of the KL": (_terms_mean_kl, "The KL, for five examples"),
        "minus the KL": (_terms_minus_kl, "sign of the KL"),
    },
    hints=(
        "Only one line comes in, between the draw and the decoder.",
        "z = self.mapping(y)",
        "The decoder gets z. The KL is that of q, as before.",
    ),
    why=(
        "With g as its first layer, the decoder is that of an ordinary VAE, so the same bound holds. The KL "
        "compares distributions of y, and stays as it was."
    ),
    fits=_fits_a_model,
)

hint, solution = desk(circle, kl_term, terms)
__all__ = ["circle", "hint", "kl_term", "solution", "terms"]
