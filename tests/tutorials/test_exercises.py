"""Every exercise of the course: what is right is accepted, what is wrong is told why."""

import importlib
import pathlib
import re

import keras
import numpy as np
import pytest
import scipy.special
import scipy.stats
import tensorflow as tf
import tensorflow_probability as tfp
from helpers.marks import fast_first
from scipy.spatial.distance import cdist

from course.exercise import Exercise
from intelvae_keras import mappings

COURSE = pathlib.Path(__file__).parents[2] / "tutorials" / "course"
CHAPTERS = {p.stem: importlib.import_module(f"course.{p.stem}") for p in COURSE.glob("ch*.py")}
EXERCISES = {
    f"{chapter}-{exercise.name}": exercise
    for chapter, module in sorted(CHAPTERS.items())
    for exercise in vars(module).values()
    if isinstance(exercise, Exercise)
}


each_exercise = pytest.mark.parametrize("name", EXERCISES)
# Of the others, the fast tests have mutants of the references and right answers in other forms.
FAST = ("ch01-kl", "ch02-log_mean_exp", "ch05-circle", "ch07-sparsity_loss", "ch10-layer")
judged_well = pytest.mark.parametrize("name", fast_first(EXERCISES, FAST))


def judged(exercise, answer, capsys):
    """What a learner sees and gets: the verdict, its reason, and what the call returns."""
    keras.utils.set_random_seed(0)
    returned = exercise(answer)
    state, reason = re.fullmatch(
        rf"{exercise.name}: (right|not yet|not attempted)\. ?(.*)\n",
        capsys.readouterr().out,
        flags=re.DOTALL,
    ).groups()
    return state, reason, returned


def _kl(mean, sigma):
    return (sigma**2 + mean**2 - 1 - 2 * tf.math.log(sigma)) / 2


def _kl_of_less_noise(q, log_p, number):
    y = q.sample(number)
    log_ratio = log_p(y) - q.log_prob(y)  # p / q has the mean 1
    return tf.reduce_mean(tf.exp(log_ratio) - 1 - log_ratio, axis=0)


def _kl_written_into_its_argument(mean, log_variance):
    mean *= mean
    return np.sum(np.exp(log_variance) + mean - 1 - log_variance, axis=-1) / 2


def _kl_of_tfp(mean, log_variance):
    normal = tfp.distributions.MultivariateNormalDiag
    q, p = normal(mean, tf.exp(log_variance / 2)), normal(tf.zeros_like(mean), tf.ones_like(mean))
    return tfp.distributions.kl_divergence(q, p)


def _log_mean_exp_in_loops(log_weights):
    columns = [list(column) for column in np.transpose(log_weights)]
    sums = [sum(np.exp(w - max(column)) for w in column) for column in columns]
    return [max(c) + np.log(total / len(c)) for c, total in zip(columns, sums, strict=True)]


def _active_by_sums_of_arrays(z, decode):
    whole, changes = decode(z[None]), []
    for j in range(len(z)):
        less = z.copy()
        less[j] = 0
        changes.append(((decode(less[None]) - whole) ** 2).sum())
    return int(np.argmax(changes))


def _chain_of_numpy(y_1, y_2, y_3, f_2, f_3):
    z_2 = np.asarray(f_2(np.concatenate([y_1, y_2], axis=-1)))
    z_3 = np.asarray(f_3(np.concatenate([z_2, y_3], axis=-1)))
    return np.concatenate([y_1, z_2, z_3], axis=-1)


def _loss_of_scipy(gates):
    gates = np.asarray(gates)
    rows = scipy.stats.entropy(gates, axis=-1)
    return np.mean(rows) - scipy.stats.entropy(np.mean(gates, axis=0))


def _softmax_of_both(y):
    weights = np.exp(np.asarray(y) - np.max(y))
    return weights / weights.sum(axis=1, keepdims=True) * (1 + 1e-2 * np.tanh(np.sum(y) - len(y)))


OTHER_FORMS = {
    "ch01-kl": {
        "written into its argument": _kl_written_into_its_argument,
        "by TFP": _kl_of_tfp,
        "tensors only": lambda mean, log_variance: (
            np.sum(np.exp(log_variance.numpy()) + mean.numpy() ** 2 - 1 - log_variance, axis=1) / 2
        ),
    },
    "ch01-draw": {
        "by the generator": lambda mean, log_variance: tf.random.normal(
            tf.shape(mean), mean, tf.exp(log_variance / 2)
        ),
        "noise of NumPy": lambda mean, log_variance: (
            mean - tf.exp(log_variance / 2) * np.random.normal(size=mean.shape)
        ),
    },
    "ch01b-log_p": {
        "by SciPy": lambda joint, step: scipy.special.logsumexp(joint, b=step),
        "by the trapezoid rule": lambda joint, step: (
            np.log(np.trapezoid(np.exp(joint - joint.max()), dx=step)) + joint.max()
        ),
    },
    "ch01b-elbo": {
        "a product": lambda log_q, joint, step: np.exp(log_q) @ (joint - log_q) * step,
        "minus a KL": lambda log_q, joint, step: (
            -tf.reduce_sum(tf.exp(log_q) * (log_q - joint) * step)
        ),
    },
    "ch01b-price": {
        "zeros": lambda weights, kept: np.log(1 / np.sum(np.where(kept, weights, 0))),
        "a mask": lambda weights, kept: -tf.math.log(tf.reduce_sum(tf.boolean_mask(weights, kept))),
    },
    "ch02-log_mean_exp": {
        "by SciPy": lambda w: scipy.special.logsumexp(w, axis=0, b=1 / len(w)),
        "tensors only": lambda w: tf.reduce_logsumexp(w, 0) - np.log(w.get_shape()[0]),
        "in loops": _log_mean_exp_in_loops,
    },
    "ch02-bits": {"a tensor": lambda log_p, number: -log_p / number / tf.math.log(2.0)},
    "ch05-circle": {
        "normalised": lambda y: tf.math.l2_normalize(
            tf.where(tf.norm(y, axis=-1, keepdims=True) < 1e-7, [0.0, 1.0], y), -1, epsilon=0.0
        ),
    },
    "ch07-sparsity_loss": {"by SciPy": _loss_of_scipy},
    "ch07-hoyer": {
        "in loops": lambda z: [
            (len(r) ** 0.5 - sum(abs(r)) / sum(r**2) ** 0.5) / (len(r) ** 0.5 - 1) for r in z
        ],
    },
    "ch08-interval": {
        "sem": lambda a, b: np.array(
            [np.mean(a - b), scipy.stats.sem(a - b) * scipy.stats.t.isf(0.025, len(a) - 1)]
        ),
    },
    "ch08-active": {
        "arrays and their sums": _active_by_sums_of_arrays,
        "pictures all at once": lambda z, decode: np.argmax(
            ((decode(z * (1 - np.eye(len(z)))) - decode(z[None])) ** 2).sum(axis=(1, 2, 3))
        ),
    },
    "ch09-chain": {"NumPy": _chain_of_numpy},
    "ch09-ellipse": {"by hand": lambda circle, stretch: lambda y: circle(y) * [2.0, 1.0]},
    "ch10-own": {"proportions": lambda y: keras.layers.Softmax()(y)},
    "ch10-broken": {"softmax over the batch and the row": _softmax_of_both},
    "ch03-weight": {
        "clipped": lambda step, steps: np.clip(step / steps, 0, 1),
        "a tensor": lambda step, steps: tf.minimum(step / steps, 1.0),
    },
    "ch03-off": {
        "all pairs at once": lambda samples, data, t=0.1: np.mean(cdist(samples, data).min(1) > t),
        "squares of both": lambda samples, data, t=0.1: np.mean(
            np.all(np.sum((samples[:, None] - data) ** 2, axis=-1) > t**2, axis=1)
        ),
    },
    "ch03-collapsed": {
        "a tensor": lambda x, mean, sigma: tf.reduce_mean(_kl(mean, sigma), axis=0) < 0.01,
        "zeros and ones": lambda x, mean, sigma: [
            int(np.mean(kl) < 0.01) for kl in np.transpose(_kl(mean, sigma))
        ],
    },
    "ch04-codes": {
        "one of one": lambda q: q.sample(1)[0],
        "by a root": lambda q: (
            q.mean()
            + tf.linalg.matvec(tf.linalg.sqrtm(q.covariance()), tf.random.normal(q.mean().shape))
        ),
    },
    "ch04-matched_auc": {"a tensor": tf.constant(0.5)},
    "ch04-kl": {
        "the entropy by its formula": lambda q, log_p, number: (
            -q.entropy() - np.mean(log_p(q.sample(number)), axis=0)
        ),
        "an estimate of less noise": _kl_of_less_noise,
    },
    "ch06-g": {
        "by a sigmoid": lambda y, strength, width: (
            y + strength * (2 * scipy.special.expit(2 * y / width) - 1)
        ),
        "a tensor": lambda y, strength, width: y + strength * tf.tanh(y / width),
    },
    "ch06-cut": {
        "by the error function": lambda proportion: (
            np.sqrt(2) * scipy.special.erfinv(2 * proportion - 1)
        ),
        "from above": lambda proportion: scipy.stats.norm.isf(1 - proportion),
    },
    "ch06-choice": {
        "sorted": lambda runs: sorted(range(len(runs)), key=lambda i: -runs[i]["training ELBO"])[0],
        "a tensor": lambda runs: tf.argmax([run["training ELBO"] for run in runs]),
    },
}


@judged_well
def test_right_answers_are_accepted_and_returned(name, capsys):
    exercise = EXERCISES[name]
    forms = {"reference": exercise.reference, "second": exercise.second}
    for form, answer in (forms | OTHER_FORMS.get(name, {})).items():
        state, remark, returned = judged(exercise, answer, capsys)
        assert state == "right", f"{form}: {remark}"
        assert returned is (exercise.reference if remark else answer), form
        assert form != "reference" or not remark  # the cells below can go on with it


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("ch01-kl", _kl_written_into_its_argument),
        ("ch07-sparsity_loss", _loss_of_scipy),
        ("ch07-sparsity_loss", EXERCISES["ch07-sparsity_loss"].second),
        ("ch09-chain", _chain_of_numpy),
    ],
)
def test_a_right_answer_that_cannot_train_is_replaced_by_the_solution(name, answer, capsys):
    assert EXERCISES[name](answer) is EXERCISES[name].reference
    assert "right. The cells below need it in TensorFlow" in capsys.readouterr().out


def test_a_wrong_layer_leaves_its_name_to_the_solution():
    exercise = EXERCISES["ch10-layer"]

    @keras.saving.register_keras_serializable(package="my_project")
    class MySimplex(exercise.reference):
        def call(self, y):
            return y

    assert exercise(MySimplex) is exercise.reference
    saved = keras.saving.serialize_keras_object(exercise.reference(3.0))
    assert type(keras.saving.deserialize_keras_object(saved)) is exercise.reference


@judged_well
def test_wrong_answers_are_rejected_each_with_its_own_message(name, capsys):
    exercise = EXERCISES[name]
    for what, (answer, words) in exercise.wrong.items():
        state, message, returned = judged(exercise, answer, capsys)
        assert state == "not yet", what
        assert words in message, f"{what}: {message}"
        assert returned is exercise.reference, what
    assert len(exercise.wrong) >= 3
    assert len({words for _, words in exercise.wrong.values()}) >= 3


def stub(*arguments): ...


def stub_with_docstring(*arguments):
    """Does what you write."""
    ...


def moebius(y):
    """A strip with a half twist: y_1 runs around it, y_2 across."""
    ops = keras.ops
    u, v = y[:, 0], ops.tanh(y[:, 1]) / 2
    radius = 1 + v * ops.cos(u / 2)
    return ops.stack([radius * ops.cos(u), radius * ops.sin(u), v * ops.sin(u / 2)], axis=1)


@pytest.mark.parametrize(
    ("g", "named"),
    [
        (mappings.Circle(), None),
        (mappings.Clusters(3), None),
        (mappings.Star(4), None),
        (moebius, None),
        (lambda y: y / keras.ops.norm(y, axis=1, keepdims=True), "finite"),
        (lambda y: y - keras.ops.mean(y, axis=0), "row by row"),
        (lambda y: y + keras.random.normal((2,)), "same each time"),
    ],
)
def test_the_check_of_a_g_tells_right_from_wrong(g, named):
    fault = CHAPTERS["ch10"].fault_of(g, 2)
    assert (fault is None) if named is None else fault.startswith(f"mappings.check, {named}:")


@each_exercise
def test_stubs_are_not_attempted(name, capsys):
    exercise = EXERCISES[name]
    for answer in (..., stub, stub_with_docstring):
        state, message, returned = judged(exercise, answer, capsys)
        assert state == "not attempted", answer
        assert message.startswith("Replace"), answer
        assert returned is exercise.reference, answer


def _raises(*arguments):
    raise RuntimeError("oh")


ODD = {
    "None": None,
    "text": "left",
    "empty text": "",
    "NaN": float("nan"),
    "a list of texts": ["a", "b"],
    "a ragged list": [[1, 2], [3]],
    "a dict": {"a": 1},
    "an object": object(),
    "a class": type("Nothing", (), {}),
    "a module": pathlib,
    "no arguments": lambda: 1.0,
    "too many arguments": lambda a, b, c, d, e, f, g: 1.0,
    "returns None": lambda *arguments: print(end=""),
    "returns text": lambda *arguments: "right",
    "returns NaN": lambda *arguments: float("nan"),
    "raises": _raises,
}


@each_exercise
def test_odd_answers_are_not_yet_without_a_traceback(name):
    for what, answer in ODD.items():
        state, message = EXERCISES[name].verdict(answer)
        assert state == "not yet", what
        assert message and "\n" not in message, what


def test_hints_come_one_after_another_and_solutions_are_the_tested_ones(capsys):
    for module in CHAPTERS.values():
        for exercise in vars(module).values():
            if not isinstance(exercise, Exercise):
                continue
            for text in exercise.hints:
                module.hint(exercise.name)
                assert text in capsys.readouterr().out
            module.hint(exercise.name)
            assert "check.solution" in capsys.readouterr().out
            module.solution(exercise.name)
            assert len(capsys.readouterr().out) > 2
        module.hint("no such exercise")
        module.solution(None)
        assert "There is no exercise" in capsys.readouterr().out


def test_each_chapter_has_three_exercises_or_more():
    for name, module in CHAPTERS.items():
        found = [value for value in vars(module).values() if isinstance(value, Exercise)]
        assert len(found) >= 3, name
        assert [getattr(module, exercise.name) for exercise in found] == found
