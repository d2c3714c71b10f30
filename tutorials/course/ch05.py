"""Exercises of notebook 05, InteL-VAE."""

import numpy as np
import tensorflow as tf
from keras import ops

from course.exercise import Exercise, Mistake, call, close, desk, numbers, run, trains

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
    y[np.linalg.norm(y, axis=-1) == 0] = (1, 0)
    return y / np.linalg.norm(y, axis=-1, keepdims=True)


def _circle_swapped(y):
    return my_circle(y)[:, ::-1]


def _judge_circle(answer):
    y = np.random.default_rng(0).normal(size=(6, 2)).astype("float32")
    y[0], y[1] = (3, 4), (-0.2, 0.1)
    z = run(answer, y, shape=(6, 2))
    if close(z, y / np.linalg.norm(y)):
        return "You divide by the length of the whole batch. Each row has a length of its own."
    if not close(np.linalg.norm(z, axis=-1), 1, 1e-4):
        return f"z must have length 1. For y = (3, 4) yours has {np.linalg.norm(z[0]):.3f}."
    if not close(z, _circle_by_angle(y)):
        return f"For y = (3, 4) it should give (0.6, 0.8); yours gives {np.round(z[0], 3)}."
    zeros = np.zeros((2, 2), "float32")
    at_zero = np.asarray(call(answer, zeros), np.float64)
    if not np.all(np.isfinite(at_zero)):
        return "At y = 0 it gives NaN: 0 / 0. Choose any point of the circle there."
    if not close(np.linalg.norm(at_zero, axis=-1), 1, 1e-4):
        return f"At y = 0, too, z must have length 1; yours has {np.linalg.norm(at_zero[0]):.3f}."
    return _judge_gradient(answer, np.concatenate([y, zeros]))


def _gradient(function, y):
    """The gradient of the sum of z_1 with respect to y, or None."""
    tensor = tf.constant(y)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        try:
            z = function(tensor)
        except Exception:  # a function that only NumPy's arrays can pass
            return None
        total = tf.reduce_sum(z[:, 0]) if tf.is_tensor(z) else tf.constant(0.0)
    return tape.gradient(total, tensor)


def _judge_gradient(answer, y):
    gradient = _gradient(answer, y)
    if gradient is None:
        return (
            "No gradient passes through it. "
            "Use TensorFlow's operations, without NumPy's and without stop_gradient."
        )
    if not np.all(np.isfinite(gradient)):
        return (
            "Its gradient at y = 0 is NaN: replace y = 0 *before* anything else. (A tf.where at the "
            "end is too late: it differentiates the branch that it does not take, too.)"
        )
    if not close(gradient[:6], _gradient(my_circle, y)[:6], 1e-3):
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
        "written into y": (_circle_in_place, "No gradient passes"),
        "a softened length": (_circle_soft, "must have length 1"),
        "the squared length": (_circle_squared, "must have length 1"),
        "NaN at 0": (_circle_nan, "gives NaN: 0 / 0"),
        "NaN gradient at 0": (_circle_nan_gradient, "replace y = 0 *before*"),
        "the angle, unsafe at 0": (_circle_angle_unsafe, "Its gradient at y = 0 is NaN"),
        "stopped": (lambda y: tf.stop_gradient(my_circle(y)), "without stop_gradient"),
        "0 at 0": (_circle_epsilon, "At y = 0, too"),
        "another direction": (_circle_constant, "should give (0.6, 0.8)"),
        "coordinates swapped": (_circle_swapped, "should give (0.6, 0.8)"),
        "NumPy": (lambda y: np.array(my_circle(y)), "No gradient passes"),
    },
    hints=(
        "The length is per row: tf.norm(y, axis=-1, keepdims=True).",
        "First replace rows that are 0 by (1, 0), with tf.where. Then divide by the length.",
        "An epsilon in the denominator avoids NaN, but the length is then 0 at y = 0, not 1.",
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
    return my_kl_term(mean, log_variance, g) / 2


def _kl_reversed(mean, log_variance, g):
    return -my_kl_term(mean, log_variance, g)


def _judge_kl_term(answer):
    rng = np.random.default_rng(1)
    mean = rng.normal(size=(4, 2)).astype("float32")
    log_variance = rng.normal(-1, 0.5, size=(4, 2)).astype("float32")
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
    if close(values[0], right / 2):
        return "It is half of what it should be: sum over the latents, do not average."
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
)

# ------------------------------------------------------------------ the terms


class _Parts:
    """The parts of a model with a draw that is known, so that the terms are, too."""

    posterior = staticmethod(lambda x: (x, 0.1 * tf.ones_like(x)))
    draw = staticmethod(lambda q: q[0] + q[1])
    mapping = staticmethod(lambda y: y / tf.norm(y, axis=-1, keepdims=True))
    decoder = staticmethod(lambda z: 3.0 * z + 1.0)
    log_likelihood = staticmethod(lambda x, p: -tf.reduce_sum((x - p) ** 2, axis=-1))
    kl = staticmethod(lambda q: tf.reduce_sum(q[0] ** 2 + q[1] if len(q) == 2 else q, axis=-1))


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
    return -self.log_likelihood(x, self.decoder(z)), self.kl((z, q[1]))


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
    mean, noise = self.posterior(x)
    y = self.draw((self.mapping(mean), noise))
    return -self.log_likelihood(x, self.decoder(y)), self.kl((mean, noise))


def _terms_g_last(self, x):
    q = self.posterior(x)
    parameters = self.mapping(self.decoder(self.draw(q)))
    return -self.log_likelihood(x, parameters), self.kl(q)


def _terms_sign(self, x):
    reconstruction, kl = my_terms(self, x)
    return -reconstruction, kl


def _terms_summed(self, x):
    return sum(my_terms(self, x))


def _judge_terms(answer):
    x = tf.constant(np.random.default_rng(2).normal(size=(5, 2)), tf.float32)
    model = _Parts()
    result = call(answer, model, x)
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
    right, right_kl = my_terms(model, x)
    known = {
        "The decoder still gets y. It should get z = g(y).": _terms_fed_y,
        "You map the mean before the draw. First draw y, then map it.": _terms_g_first,
        "You map the decoder's output. g stands before the decoder.": _terms_g_last,
        "The sign of the first term is wrong: it is *minus* log p(x|z).": _terms_sign,
    }
    if close(reconstruction, right_kl) and close(kl, right):
        return "Both terms are right, in the wrong order: first -log p(x|z), then the KL."
    if close(kl, -right_kl):
        return "The sign of the KL is wrong: both terms are parts of the loss."
    if not close(kl, right_kl):
        return "The KL is wrong. It is that of q(y|x), in y: g has no part in it."
    for message, mistake in known.items():
        if close(reconstruction, mistake(model, x)[0]):
            return message
    if not close(reconstruction, right):
        return "The KL is right, but the first term is not -log p(x|z) at z = g(y), y drawn from q."
    return None


def _fits_a_model(answer):
    return trains(lambda x: tf.add(*answer(_Parts(), x)), np.ones((3, 2), "float32"))


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
        "KL of z itself": (_terms_kl_of_z, "KL is wrong"),
        "the mean of the KL": (_terms_mean_kl, "The KL, for five examples"),
        "minus the KL": (_terms_minus_kl, "sign of the KL"),
    },
    hints=(
        "Only one line comes in, between the draw and the decoder.",
        "z = self.mapping(y)",
        "The decoder gets z. The KL is that of q, as before.",
    ),
    fits=_fits_a_model,
)

hint, solution = desk(circle, kl_term, terms)
__all__ = ["circle", "hint", "kl_term", "solution", "terms"]
