"""Notebooks 01 to 05: answers in forms that nobody wrote a case for, right ones and common mistakes."""

import importlib

import keras
import numpy as np
import pytest
import scipy.special
import tensorflow as tf
from keras import ops
from scipy.spatial import cKDTree
from tensorflow_probability import distributions as tfd

CHAPTERS = {f"ch0{n}": importlib.import_module(f"course.ch0{n}") for n in range(1, 6)}


def solution(name):
    chapter, exercise = name.split("-")
    return getattr(CHAPTERS[chapter], exercise).reference


def half(name, kind="float16"):
    """The solution, computed in half precision."""
    return lambda *given: solution(name)(
        *[tf.cast(a, kind) if isinstance(a, np.ndarray) else a for a in given]
    )


def _kl(mean, log_variance):
    return (tf.exp(log_variance) + mean**2 - 1 - log_variance) / 2


def _nats(mean, sigma):
    return (sigma**2 + mean**2 - 1 - 2 * np.log(sigma)) / 2


def _strays(measure):
    return lambda samples, data, threshold=0.1: np.mean(measure(samples, data) > threshold)


def _apart(samples, data):
    return np.linalg.norm(samples[:, None] - data, axis=-1)


def _length(y):
    return tf.norm(y, axis=-1, keepdims=True)


def _by_largest(y):
    largest = tf.reduce_max(tf.abs(y), axis=-1, keepdims=True)
    y = tf.where(largest > 0, y / tf.where(largest > 0, largest, 1.0), [1.0, 0.0])
    return y / _length(y)


def _terms(z_of, kl_of=lambda self, q, z: self.kl(q)):
    def terms(self, x):
        q = self.posterior(x)
        z = z_of(self, q)
        return -self.log_likelihood(x, self.decoder(z)), kl_of(self, q, z)

    return terms


def _kl_of_each_example(q, log_p, number):
    y = [q[n].sample(number) for n in range(len(q.mean()))]
    return [tf.reduce_mean(q[n].log_prob(y[n]) - log_p(y[n])) for n in range(len(y))]


def _kl_one_noise(q, log_p, number):
    noise = tf.random.normal((number, 1, 2))  # the same for all examples, which biases none
    y = q.mean() + tf.linalg.matvec(q.scale.to_dense(), noise)
    return tf.reduce_mean(q.log_prob(y) - log_p(y), axis=0)


RIGHT = {
    "ch01-kl": [
        half("ch01-kl"),
        half("ch01-kl", "bfloat16"),
        lambda m, v: v.shape[-1] * ops.mean(_kl(m, v), axis=-1),
        lambda m, v: -0.5 * ops.sum(1 + v - m**2 - ops.exp(v), -1),
        lambda m, v: tf.reduce_sum(tfd.kl_divergence(tfd.Normal(m, tf.exp(v / 2)), tfd.Normal(0.0, 1.0)), 1),
    ],
    "ch01-draw": [
        half("ch01-draw"),
        lambda m, v: tfd.Normal(m, tf.exp(v / 2)).sample(),
        lambda m, v: m - tf.exp(v) ** 0.5 * tf.random.normal(tf.shape(v)),
        lambda m, v: m + ops.exp(v / 2) * keras.random.normal(ops.shape(m)),
    ],
    "ch02-log_mean_exp": [
        half("ch02-log_mean_exp"),
        lambda w: np.logaddexp.reduce(w) - np.log(len(w)),
        lambda w: tf.reduce_logsumexp(w - np.log(len(w)), 0),
        lambda w: scipy.special.logsumexp(w, axis=0) - np.log(len(w)),
        lambda w: w[0] - tf.nn.log_softmax(w, 0)[0] - np.log(len(w)),
    ],
    "ch02-gap": [
        lambda m, x: list(solution("ch02-gap")(m, x)),
        lambda m, x: solution("ch02-gap")(m, x).astype("float16"),
    ],
    "ch02-bits": [
        lambda log_p, n: -log_p * np.log2(np.e) / n,
        lambda log_p, n: log_p / n * np.log2(1 / np.e),
        lambda log_p, n: np.float16(-log_p / n / np.log(2)),
    ],
    "ch03-weight": [
        lambda s, w: np.interp(s, [0, w], [0, 1]),
        lambda s, w: np.float16(min(s / w, 1)),
        lambda s, w: np.linspace(0, 1, w + 1)[min(s, w)],
        lambda s, w: ops.minimum(s / w, 1),
    ],
    "ch03-off": [
        _strays(lambda s, x: cKDTree(x).query(s)[0]),
        lambda s, x, threshold=0.1: 1 - np.any(_apart(s, x) <= threshold, 1).mean(),
        lambda s, x, threshold=0.1: np.float16(np.mean(_apart(s, x).min(1) > threshold)),
    ],
    "ch03-collapsed": [
        lambda x, m, s: ~(_nats(m, s).mean(0) >= 0.01),
        lambda x, m, s: list(np.float16(_nats(m, s).mean(0)) < 0.01),
        lambda x, m, s: _nats(m, s).sum(0) / len(x) < 0.01,
    ],
    "ch04-codes": [
        lambda q: q.sample().numpy(),
        lambda q: tf.cast(q.sample(3)[-1], "float16"),
        lambda q: 2 * q.mean() - q.sample(),
        lambda q: q.mean() + q.scale.matvec(tf.random.normal(tf.shape(q.mean()))),
    ],
    "ch04-kl": [_kl_of_each_example, _kl_one_noise],
    "ch05-circle": [
        _by_largest,
        lambda y: ops.normalize(tf.where(_length(y) > 1e-7, y, [1.0, 0.0]), axis=-1),
        lambda y: tf.stack([r / tf.norm(r) if tf.norm(r) > 1e-7 else [0.0, -1.0] for r in tf.unstack(y)]),
    ],
    "ch05-kl_term": [half("ch05-kl_term"), lambda m, v, g: (g(m), ops.sum(_kl(m, v), -1))[1]],
    "ch05-terms": [
        _terms(lambda self, q: self.mapping(q.sample())),
        _terms(lambda self, q: tf.cast(tf.cast(self.mapping(self.draw(q)), "float16"), "float32")),
        lambda self, x: [tf.cast(a, "float16") for a in solution("ch05-terms")(self, x)],
    ],
}  # fmt: skip


WRONG = {
    "ch01-kl": {
        "neither an array nor a tensor has an attribute 'squared'": lambda m, v: m.squared(),
        "has no attribute 'reduce_summ'": lambda m, v: tf.reduce_summ(m),
        "name 'mu' is not defined": lambda m, v: mu + v,  # noqa: F821
        "its gradient is not": lambda m, v: tf.stop_gradient(solution("ch01-kl")(m, v)),
    },
    "ch01-draw": {
        "yours is [0.44 1.76]": lambda m, v: m + tf.exp(v / 2) * tf.random.truncated_normal(tf.shape(m)),
        "should be (1, -2)": lambda m, v: m + tf.exp(v / 2) * tf.abs(tf.random.normal(tf.shape(m))),
    },
    "ch02-log_mean_exp": {
        "not one number for all": lambda w: np.mean(w) + np.log(np.mean(np.exp(w - np.mean(w)), 0)),
        "near -2000: -69": lambda w: np.log(np.mean(np.exp(w), 0) + 1e-30),
        "should give": lambda w: tf.reduce_logsumexp(w, 0) - np.log(len(w) - 1),
        "'mean_exp'": lambda w: w.mean_exp(),
    },
    "ch02-bits": {
        "5.0 nats": lambda log_p, n: abs(log_p) / n / np.log(2),
        "yours gives 0.200": lambda log_p, n: -log_p / n / 0.7,
    },
    "ch03-weight": {
        "of 100 it should be 0.330; yours is 0.327": lambda s, w: min(s / (w + 1), 1),
        "yours is 0.000": lambda s, w: (s % w) / w,
    },
    "ch03-off": {
        "the axis of the minimum": _strays(lambda s, x: _apart(s, x).min(0)),
        "it should be 0.800; yours is 1.000": _strays(lambda s, x: np.median(_apart(s, x), 1)),
        "the furthest point": lambda s, x, threshold=0.1: np.any(_apart(s, x) > threshold, 1).mean(),
        "yours is 0.485": lambda s, x, threshold=0.1: np.mean(_apart(s, x).min(1)),
    },
    "ch03-collapsed": {
        "Yours: 4, 6.": lambda x, m, s: _nats(m, s).max(0) < 0.01,
        "Yours: 2, 4, 9.": lambda x, m, s: np.mean((1 + m**2) / s**2 - 1 + 2 * np.log(s), 0) < 0.02,
        "Yours: 2, 4, 6, 9.": lambda x, m, s: _nats(m, s).mean(0) < 0.015,
        "Yours: 2, 3, 4, 6": lambda x, m, s: _nats(m.mean(0), s.mean(0)) < 0.01,
    },
    "ch04-kl": {
        "it draws 500 times": lambda q, p, n: solution("ch04-kl")(q, p, n // 2 or 1),
        "it draws 1001 times": lambda q, p, n: solution("ch04-kl")(q, p, n + 1),
    },
    "ch05-circle": {
        "(0.03, -0.04) it should give (0.6, -0.8)": lambda y: _by_largest(
            tf.where(_length(y) > 0.1, y, [1.0, 0.0])
        ),
        "For y = (3e-06, 4e-06) yours has 0.98": lambda y: y / tf.sqrt(_length(y) ** 2 + 1e-12),
        "At y = (1e-21, 0e+00) it divides by 0": lambda y: tf.where(
            tf.math.is_nan(y / _length(y)), [1.0, 0.0], y / _length(y)
        ),
        "an attribute 'norm'": lambda y: y / y.norm(),
    },
    "ch05-terms": {
        "apply g twice": _terms(lambda self, q: self.mapping(self.mapping(self.draw(q)))),
        "their gradient is not": _terms(lambda self, q: self.mapping(tf.stop_gradient(self.draw(q)))),
        "takes the distribution": _terms(
            lambda self, q: self.mapping(self.draw(q)), lambda self, q, z: self.kl(z)
        ),
        "has no attribute 'encode'": lambda self, x: self.encode(x),
    },
}  # fmt: skip


def judged(name, answer):
    chapter, exercise = name.split("-")
    keras.utils.set_random_seed(0)
    return getattr(CHAPTERS[chapter], exercise).verdict(answer)


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_answer_is_right_in_any_form(name):
    for place, answer in enumerate(RIGHT[name]):
        assert judged(name, answer) == ("right", ""), place


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_named_as_it_is(name):
    for words, answer in WRONG[name].items():
        state, message = judged(name, answer)
        assert state == "not yet"
        assert words in message
