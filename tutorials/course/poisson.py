"""Exercise of notebook 11: a likelihood for counts, written by hand."""

import keras
import numpy as np
import scipy.stats
import tensorflow as tf
from keras import ops
from tensorflow_probability import distributions as tfd

from course.exercise import Exercise, close, numbers, require_arguments, trains
from course.registered import give_back, giving_back
from intelvae_keras import likelihoods


@keras.saving.register_keras_serializable(package="my_project")
class MyPoisson(likelihoods.Likelihood):
    """p(x|z) = m^x e^-m / x!, for counts x; the decoder gives log m."""

    support, whole_numbers = (0.0, np.inf), True

    def log_prob_per_value(self, x, parameters):
        """Log p(x|z) of each value, in nats, the shape of x."""
        return x * parameters - tf.exp(parameters) - tf.math.lgamma(x + 1)

    def moments(self, parameters):
        """E[x|z], the shape of x."""
        return tf.exp(parameters)

    def sample(self, parameters, seed):
        """Draws of x, the shape of x."""
        return tf.random.stateless_poisson(tf.shape(parameters), seed, tf.exp(parameters))

    def scaled(self, x):
        """What the encoder sees of x."""
        return ops.log1p(x)


@keras.saving.register_keras_serializable(package="course_right")
class _OfTFP(MyPoisson):
    def distribution(self, parameters):
        """Poisson(m), log m from the decoder."""
        return tfd.Poisson(log_rate=parameters)

    def log_prob_per_value(self, x, parameters):
        return self.distribution(parameters).log_prob(x)

    def moments(self, parameters):
        return self.distribution(parameters).mean()


def _with(**methods):
    """A wrong copy of the solution, with these methods in place of its own."""
    copy = type("MyPoisson", (MyPoisson,), methods)
    return keras.saving.register_keras_serializable(package="course_wrong")(copy)


def _density(function):
    return _with(log_prob_per_value=lambda self, x, parameters: function(x, parameters))


_COUNTS = np.array([[0, 1, 2, 5, 40, 300]], "float32")
_LOG_MEANS = np.array(
    [[-3, 0.5, 1, 1.5, 3.6, 5.7], [0.3, -1, 2, 0.2, 3.2, 5.6], [2, 1, 0.1, 3, 4, 5.8]], "float32"
)


def _log_p(x, log_mean):
    return scipy.stats.poisson.logpmf(x, np.exp(log_mean.astype("float64")))


_MISTAKES = {
    "The - log x! is missing. Without it, p does not sum to 1 over 0, 1, 2, ...": (
        lambda x, a: x * a - np.exp(a)
    ),
    "log x! is lgamma(x + 1). lgamma(x) is log (x - 1)!": (
        lambda x, a: x * a - np.exp(a) - scipy.special.gammaln(np.maximum(x, 1e-30))
    ),
    "The decoder gives log m, any real number. You take it for m.": (
        lambda x, a: x * np.log(np.abs(a)) - a - scipy.special.gammaln(x + 1)
    ),
    "The sign is turned: log p of a count is never above 0.": lambda x, a: -_log_p(x, a),
    "The e^-m is missing.": lambda x, a: x * a - scipy.special.gammaln(x + 1),
}


def _judge(answer):
    if not (isinstance(answer, type) and issubclass(answer, likelihoods.Likelihood)):
        return "It must be a class, a subclass of likelihoods.Likelihood."
    require_arguments(answer)
    likelihood = answer()
    x, a = np.repeat(_COUNTS, 3, axis=0), _LOG_MEANS
    found = numbers(likelihood.log_prob_per_value(tf.constant(x), tf.constant(a)))
    if found.shape != x.shape:
        return f"log p must have the shape of x, {x.shape}, one number a value; yours has {found.shape}."
    if not close(found, _log_p(x, a), 5e-3):
        for message, mistake in _MISTAKES.items():
            with np.errstate(all="ignore"):
                if close(found, mistake(x, a), 5e-3):
                    return message
        worst = np.unravel_index(np.abs(found - _log_p(x, a)).argmax(), x.shape)
        return (
            f"For x = {x[worst]:.0f} and m = {np.exp(a[worst]):.2f}, log p should be "
            f"{_log_p(x, a)[worst]:.3f}; yours gives {found[worst]:.3f}."
        )
    return _what_is_wrong_beside_the_density(likelihood, x, a)


def _what_is_wrong_beside_the_density(likelihood, x, a):
    """What moments, draws, gradient or support of a likelihood with the right density lack."""
    if not close(numbers(likelihood.moments(tf.constant(a)), x.shape), np.exp(a), 1e-3):
        return "`moments` must give E[x|z], which is m = exp(parameters)."
    if not close(likelihood.scaled(tf.constant(x)), np.log1p(x), 1e-3):
        return "Leave `scaled` as it was: the encoder sees log(1 + x)."
    support = getattr(likelihood, "support", None)
    if support != (0.0, np.inf) or not likelihood.whole_numbers:
        return "Leave `support` and `whole_numbers` as they were: they refuse what is no count."
    many = np.repeat(a[:1], 4_000, axis=0)
    draws = numbers(likelihood.sample(tf.constant(many), tf.constant([1, 2])), many.shape)
    if not np.array_equal(draws, np.round(draws)):
        return "`sample` must draw counts: whole numbers."
    again = numbers(likelihood.sample(tf.constant(many), tf.constant([3, 4])), many.shape)
    if np.array_equal(draws, again):
        return "`sample` gives the same draws for another seed."
    mean, spread = np.exp(a[0]), np.exp(a[0] / 2)
    if (np.abs(draws.mean(axis=0) - mean) > 0.1 * spread).any():
        return "Draws of `sample` must have the mean m = exp(parameters)."
    if (np.abs(draws.std(axis=0) / spread - 1) > 0.25).any():
        return "Draws of `sample` must scatter as a Poisson does: their variance is m, too."
    tensor = tf.constant(a)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        total = tf.reduce_sum(likelihood.log_prob_per_value(tf.constant(x), tensor))
    slope = tape.gradient(total, tensor)
    if slope is None or not close(slope, x - np.exp(a), 0.01):
        return "The values are right, and the gradient is not: stay in TensorFlow, without stop_gradient."
    return None


def _fits(answer):
    """Whether `fit` can compile it: SciPy's gammaln gives the right numbers, and none for a symbolic x."""
    likelihood, counts_ = answer(), np.ones((3, 6), "float32")
    if trains(likelihood.log_prob_per_value, counts_, counts_) and trains(
        likelihood.moments, counts_
    ):
        return True
    give_back(MyPoisson)
    return False


counts = Exercise(
    name="counts",
    judge=giving_back(_judge, MyPoisson),
    reference=MyPoisson,
    second=_OfTFP,
    wrong={
        "no factorial": (_density(lambda x, a: x * a - tf.exp(a)), "sum to 1"),
        "lgamma(x)": (
            _density(lambda x, a: x * a - tf.exp(a) - tf.math.lgamma(tf.maximum(x, 1e-30))),
            "lgamma(x + 1)",
        ),
        "m for log m": (
            _density(lambda x, a: x * tf.math.log(tf.abs(a)) - a - tf.math.lgamma(x + 1)),
            "You take it for m",
        ),
        "turned": (
            _density(lambda x, a: tf.exp(a) - x * a + tf.math.lgamma(x + 1)),
            "never above 0",
        ),
        "no e^-m": (_density(lambda x, a: x * a - tf.math.lgamma(x + 1)), "e^-m is missing"),
        "a squared error": (_density(lambda x, a: -((x - tf.exp(a)) ** 2)), "log p should be"),
        "summed": (
            _density(
                lambda x, a: tf.reduce_sum(x * a - tf.exp(a) - tf.math.lgamma(x + 1), axis=-1)
            ),
            "one number a value",
        ),
        "moments in logarithms": (_with(moments=lambda self, a: a), "which is m"),
        "draws that are means": (_with(sample=lambda self, a, seed: tf.exp(a)), "whole numbers"),
        "draws around log m": (
            _with(
                sample=lambda self, a, seed: tf.random.stateless_poisson(
                    tf.shape(a), seed, tf.maximum(a, 0)
                )
            ),
            "the mean m",
        ),
        "no gradient": (
            _density(
                lambda x, a: tf.stop_gradient(x * a - tf.exp(a) - tf.math.lgamma(x + 1)) + 0 * a
            ),
            "the gradient is not",
        ),
        "a function": (lambda x, a: x * a, "must be a class"),
    },
    fits=_fits,
    hints=(
        "log p = x log m - m - log x!, and the decoder's output is log m.",
        "log x! is `tf.math.lgamma(x + 1)`. Do not sum: the class above yours does.",
        "`moments` is `tf.exp(parameters)`.",
    ),
    why="A mean must be above 0 and the decoder's output is any number, so it gives log m. All terms stay, "
    "-log x! too: then p sums to 1, and its nats compare with those of another likelihood. The sum over "
    "columns is left to the base class, which knows about holes.",
)
