"""Notebooks 06 to 11: what is right in another form is accepted, and what the cells below need is given."""

import ast
import builtins
import importlib
import statistics

import keras
import numpy as np
import pytest
import scipy.special
import scipy.stats
import tensorflow as tf
from tensorflow_probability import distributions as tfd

import tutorials  # scripts/tutorials.py
from course import broken_judge, saved_layer
from course.exercise import source_of
from intelvae_keras import mappings

CHAPTERS = {name: importlib.import_module(f"course.{name}") for name in ("ch06", "ch07", "ch08")}
CHAPTERS |= {name: importlib.import_module(f"course.{name}") for name in ("ch09", "ch10", "ch11")}


def in_half(function):
    """The function in float16, as who saves memory has it."""

    def half(*arguments):
        cast = [a.astype("float16") if isinstance(a, np.ndarray) else a for a in arguments]
        return np.asarray(function(*cast)).astype("float16")

    return half


def _entropy(p):
    return -np.sum(scipy.special.xlogy(p, p), axis=-1)


def _loss(gates):
    p, mean = (v / v.sum(-1, keepdims=True) for v in (gates, gates.mean(0)))
    return _entropy(p).mean() - _entropy(mean)


def _loss_by_where(gates):
    def entropy(v):
        p = v / tf.reduce_sum(v, -1, keepdims=True)
        return -tf.reduce_sum(tf.where(p > 0, p * tf.math.log(tf.maximum(p, 1e-12)), 0.0), -1)

    return tf.reduce_mean(entropy(gates)) - entropy(tf.reduce_mean(gates, 0))


def _choice_by_deleting(runs, ordinary):
    for gamma in list(runs):
        if runs[gamma]["frechet_validation"] > ordinary["frechet_validation"]:
            del runs[gamma]
    return sorted(runs, key=lambda gamma: runs[gamma]["hoyer_validation"])[-1]


def _interval_by_hand(a, b):
    d = [float(x - y) for x, y in zip(a, b, strict=True)]
    t = {3: 4.303, 4: 3.182, 6: 2.571}[len(d)]
    return statistics.mean(d), t * statistics.stdev(d) / len(d) ** 0.5


def _interval_in_tensorflow(a, b):
    d = tf.constant(a - b)
    n = len(a)
    s = tf.sqrt(tf.reduce_sum((d - tf.reduce_mean(d)) ** 2) / (n - 1))
    return tf.reduce_mean(d), scipy.stats.t.ppf(0.975, n - 1) * s / n**0.5


def _active_restoring(z, decode):
    changes = []
    for j in range(len(z)):
        old, z[j] = z[j], 0
        without = decode(z[None])
        z[j] = old
        changes.append(np.square(without - decode(z[None])).mean())
    return np.argmax(changes)


def _active_in_one_batch(z, decode):
    codes = np.concatenate([z * (1 - np.eye(len(z))), z[None]])  # the whole code comes last
    pictures = decode(codes).reshape(len(codes), -1)
    return int(np.linalg.norm(pictures[:-1] - pictures[-1], axis=1).argmax())


def _active_by_tensors(z, decode):
    without = tf.linalg.set_diag(tf.tile(tf.constant(z)[None], (len(z), 1)), tf.zeros(len(z)))
    change = tf.reshape(decode(without) - decode(z[None]), (len(z), -1))
    return tf.argmax(tf.reduce_sum(change**2, 1))


def _active_backwards(z, decode):
    whole, best = decode(z.reshape(1, -1)), (-1.0, None)
    for j in reversed(range(z.size)):
        less = [0.0 if i == j else float(v) for i, v in enumerate(z)]
        best = max(best, (float(((decode(np.array([less])) - whole) ** 2).sum()), j))
    return best[1]


def _width_by_layers(groups, hidden):
    def weights(*sizes):
        return sum((a + 1) * b for a, b in zip(sizes, sizes[1:], strict=False))

    chain = sum(
        weights(groups[k - 1] + groups[k], hidden, groups[k]) for k in range(1, len(groups))
    )
    m = sum(groups)
    return min(range(1, 2_000), key=lambda w: abs(weights(m, w, m) - chain))


def _simplex_by_logsumexp(y):
    return np.exp(y - scipy.special.logsumexp(y, axis=1, keepdims=True))


def _simplex_in_rows(y):
    return [scipy.special.softmax(np.asarray(row)) for row in y]


def _layer(package, body, **more):
    """A layer that is registered, with this `call`."""

    class Mine(CHAPTERS["ch10"].layer.reference):
        call = body

    for name, value in more.items():
        setattr(Mine, name, value)
    return keras.saving.register_keras_serializable(package=package)(Mine)


@keras.saving.register_keras_serializable(package="by_another_name")
class AnotherName(keras.layers.Layer):
    def __init__(self, s, **kwargs):
        super().__init__(**kwargs)
        self.steepness = s
        self.softmax = keras.layers.Softmax()

    def call(self, y):
        return self.softmax(self.steepness * y)

    def get_config(self):
        return {"s": self.steepness, **super().get_config()}


def _poisson(density):
    """A likelihood for counts with this log density of each value."""

    class Mine(CHAPTERS["ch11"].counts.reference):
        def log_prob_per_value(self, x, parameters):
            return density(x, parameters)

    return keras.saving.register_keras_serializable(package="form_of_poisson")(Mine)


def _log_p_by_scipy(x, log_mean):
    return x * log_mean - tf.exp(log_mean) - scipy.special.gammaln(np.asarray(x) + 1)


RIGHT = {
    "ch06-g": [
        in_half(lambda y, s, w: y + s * np.tanh(y / w)),
        lambda y, s, w: y + s * (1 - 2 / (1 + np.exp(np.minimum(2 * y / w, 80)))),
        lambda y, s, w: keras.ops.add(y, s * keras.activations.tanh(y / w)),
        lambda y, s, w: np.array([[v + s * np.tanh(v / w) for v in row] for row in y]),
        lambda y, s, w: tf.convert_to_tensor(y) + s * tf.sinh(y * 0) + s * tf.tanh(y / w),
    ],
    "ch06-cut": [
        lambda p: statistics.NormalDist().inv_cdf(p),
        lambda p: np.float16(scipy.stats.norm.ppf(p)),
        lambda p: tf.math.ndtri(tf.constant(p, "float32")),
        lambda p: scipy.special.ndtri(p),
        lambda p: -scipy.stats.norm.isf(p),
        lambda p: tf.sqrt(2.0) * tf.math.erfinv(2 * p - 1),
    ],
    "ch06-choice": [
        lambda runs: max(range(len(runs)), key=lambda i: runs[i]["training ELBO"]),
        lambda runs: runs.index(max(runs, key=lambda run: run["training ELBO"])),
        lambda runs: np.argsort([run["training ELBO"] for run in runs])[-1],
        lambda runs: max((run["training ELBO"], i) for i, run in enumerate(runs))[1],
        lambda runs: float(np.argmin([-run["training ELBO"] for run in runs])),
    ],
    "ch07-sparsity_loss": [
        _loss,
        in_half(_loss),
        _loss_by_where,
        lambda gates: (
            np.mean([_entropy(g / g.sum()) for g in gates]) - _entropy(gates.sum(0) / gates.sum())
        ),
        lambda gates: scipy.stats.entropy(gates, axis=1).mean() - scipy.stats.entropy(gates.sum(0)),
    ],
    "ch07-hoyer": [
        in_half(CHAPTERS["ch07"].hoyer.reference),
        lambda z: [CHAPTERS["ch07"].hoyer.reference(row[None])[0] for row in z],
        lambda z: 1 - (np.abs(z).sum(1) / (z**2).sum(1) ** 0.5 - 1) / (z.shape[1] ** 0.5 - 1),
        lambda z: (
            (len(z[0]) ** 0.5 - tf.norm(z, 1, axis=1) / tf.norm(z, axis=1)) / (len(z[0]) ** 0.5 - 1)
        ),
        lambda z: (
            (np.sqrt(5) - np.linalg.norm(z, 1, axis=1) / np.linalg.norm(z, 2, axis=1))
            / (np.sqrt(5) - 1)
        ),
    ],
    "ch07-choice": [
        _choice_by_deleting,
        lambda runs, ordinary: max(
            (r["hoyer_validation"], gamma)
            for gamma, r in runs.items()
            if not r["frechet_validation"] > ordinary["frechet_validation"]
        )[1],
        lambda runs, ordinary: np.array(list(runs))[
            np.argmax(
                [
                    r["hoyer_validation"]
                    * (r["frechet_validation"] <= ordinary["frechet_validation"])
                    for r in runs.values()
                ]
            )
        ],
        lambda runs, ordinary: float(CHAPTERS["ch07"].choice.reference(runs, ordinary)),
        lambda runs, ordinary: tf.constant(CHAPTERS["ch07"].choice.reference(runs, ordinary)),
    ],
    "ch08-ways": [
        {50: "sparse", 5000: "ordinary"},
        {5_000: " Ordinary", 50: "SPARSE"},
        ["sparse", "ordinary"],
        {"50": "sparse", "5000": "ordinary"},
        {50.0: "sparse", 5000.0: "ordinary"},
    ],
    "ch08-interval": [
        _interval_by_hand,
        _interval_in_tensorflow,
        in_half(CHAPTERS["ch08"].interval.reference),
        lambda a, b: list(CHAPTERS["ch08"].interval.reference(list(a), list(b))),
        lambda a, b: (
            np.mean(a) - np.mean(b),
            scipy.stats.t(len(a) - 1).isf(0.025) * (a - b).std(ddof=1) * len(a) ** -0.5,
        ),
    ],
    "ch08-active": [
        _active_restoring,
        _active_in_one_batch,
        _active_by_tensors,
        _active_backwards,
        lambda z, decode: float(CHAPTERS["ch08"].active.reference(z, decode)),
    ],
    "ch09-chain": [
        lambda y_1, y_2, y_3, f_2, f_3: np.hstack(
            [y_1, z_2 := f_2(np.hstack([y_1, y_2])), f_3(np.hstack([z_2, y_3]))]
        ),
        lambda y_1, y_2, y_3, f_2, f_3: keras.layers.Concatenate()(
            [y_1, z_2 := f_2(keras.layers.Concatenate()([y_1, y_2])), f_3(tf.concat([z_2, y_3], 1))]
        ),
        lambda y_1, y_2, y_3, f_2, f_3: tf.cast(
            CHAPTERS["ch09"].chain.reference(y_1, y_2, y_3, f_2, f_3), "float16"
        ),
        lambda *a: tf.concat(
            [a[0], (b := a[3](tf.concat(a[:2], 1))), a[4](tf.concat([b, a[2]], 1))], 1
        ),
        lambda y_1, y_2, y_3, f_2, f_3: keras.ops.transpose(
            keras.ops.transpose(CHAPTERS["ch09"].chain.reference(y_1, y_2, y_3, f_2, f_3))
        ),
    ],
    "ch09-ellipse": [
        lambda circle, stretch: keras.Sequential([stretch, circle, stretch]),
        lambda circle, stretch: keras.Sequential([circle, circle, stretch]),
        lambda circle, stretch: lambda y: tf.cast(stretch(circle(y)), "float16"),
        lambda circle, stretch: lambda y: circle(y) @ np.diag([2.0, 1.0]).astype("float32"),
        lambda circle, stretch: lambda y: stretch(y / np.linalg.norm(y, axis=1, keepdims=True)),
    ],
    "ch09-width": [
        _width_by_layers,
        lambda groups, hidden: np.int64(CHAPTERS["ch09"].width.reference(groups, hidden)),
        lambda groups, hidden: int(np.rint(CHAPTERS["ch09"].width.reference(groups, hidden))),
        lambda groups, hidden: float(_width_by_layers(groups, hidden)),
        lambda groups, hidden: tf.constant(_width_by_layers(groups, hidden)),
    ],
    "ch10-own": [
        in_half(lambda y: np.sort(y, axis=1)),
        lambda y: np.abs(y),
        _simplex_by_logsumexp,
        _simplex_in_rows,
        lambda y: y - tf.reduce_mean(y, axis=1, keepdims=True),
        mappings.Sphere(),
    ],
    "ch10-sees": [
        lambda true, others, larger: all(
            scipy.stats.ttest_rel(true, o).pvalue < 0.05 and (np.mean(true) > np.mean(o)) == larger
            for o in others
        ),
        lambda true, others, larger: (
            min(
                scipy.stats.ttest_1samp((true - o) * (2 * larger - 1), 0).confidence_interval().low
                for o in others
            )
            > 0
        ),
    ],
    "ch10-broken": [
        lambda y: np.eye(np.shape(y)[1])[np.argmax(y, axis=1)],
        lambda y: y,
        lambda y: scipy.special.softmax(3 * np.asarray(y), axis=1),
        lambda y: [[1 / len(row)] * len(row) for row in y],
    ],
    "ch10-judge": [
        lambda answer: broken_judge.is_softmax(answer),
    ],
    "ch10-layer": [
        AnotherName,
        _layer("form_1", lambda self, y: tf.nn.softmax(self.sharpness * y)),
        _layer("form_2", lambda self, y: keras.activations.softmax(y * self.sharpness)),
        _layer("form_3", lambda self, y: tf.exp(tf.nn.log_softmax(self.sharpness * y))),
        _layer(
            "form_4",
            lambda self, y: keras.ops.softmax(y * self.sharpness),
            get_config=lambda self: {"sharpness": self.sharpness},
        ),
    ],
    "ch11-half": [
        lambda log_columns, log_ratio, observed: scipy.special.logsumexp(
            np.where(observed, log_columns, 0).sum(axis=1) + log_ratio, b=1 / len(log_ratio)
        ),
        lambda log_columns, log_ratio, observed: (
            tf.reduce_logsumexp(
                tf.reduce_sum(tf.boolean_mask(log_columns, observed, axis=1), axis=1) + log_ratio
            )
            - np.log(len(log_ratio))
        ),
    ],
    "ch11-counts": [
        _poisson(lambda x, a: tfd.Poisson(log_rate=a).log_prob(x)),
        _poisson(lambda x, a: keras.ops.multiply(x, a) - keras.ops.exp(a) - tf.math.lgamma(1 + x)),
    ],
    "ch11-predictive": [
        lambda x, draws: sum((d == 0).sum() >= (x == 0).sum() for d in draws) / len(draws),
        lambda x, draws: tf.reduce_mean(
            tf.cast(tf.math.count_nonzero(draws, axis=[1, 2]) <= np.count_nonzero(x), "float32")
        ),
        lambda x, draws: 1 - np.mean((draws == 0).mean((1, 2)) < (x == 0).mean()),
    ],
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_answer_is_right_in_other_forms(name):
    chapter, exercise = name.split("-")
    for number, answer in enumerate(RIGHT[name]):
        assert getattr(CHAPTERS[chapter], exercise).verdict(answer) == ("right", ""), number


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("ch07-sparsity_loss", in_half(_loss)),
        ("ch09-chain", RIGHT["ch09-chain"][2]),
        ("ch10-layer", saved_layer._InNumpy),
        ("ch11-counts", _poisson(_log_p_by_scipy)),
    ],
)
def test_what_cannot_train_in_float32_makes_room_for_the_solution(name, answer):
    chapter, exercise = name.split("-")
    assert getattr(CHAPTERS[chapter], exercise)(answer) is not answer


def test_an_attribute_may_have_any_name():
    assert CHAPTERS["ch10"].layer(AnotherName) is AnotherName


def test_a_judge_does_not_see_what_an_answer_sorts():
    choice = CHAPTERS["ch06"].choice

    def sorts(runs):
        runs.sort(key=lambda run: -run["training ELBO"])
        return 0

    assert choice.verdict(sorts)[0] == "not yet"


def _names_before(cells):
    """What the code of these cells imports, defines or assigns."""
    for node in ast.walk(ast.parse("\n".join(cells))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((alias.asname or alias.name).split(".")[0] for alias in node.names)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _names_of_others(source):
    """The names that a solution reads and does not make."""
    nodes = list(ast.walk(ast.parse(source)))
    own = {node.arg for node in nodes if isinstance(node, ast.arg)}
    own |= {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    names = [node for node in nodes if isinstance(node, ast.Name)]
    own |= {node.id for node in names if isinstance(node.ctx, ast.Store)}
    return {node.id for node in names} - own


@pytest.mark.parametrize("name", RIGHT)
def test_a_solution_says_why_and_uses_what_its_notebook_has(name):
    chapter, exercise = name.split("-")
    exercise = getattr(CHAPTERS[chapter], exercise)
    (source,) = tutorials.sources([chapter.removeprefix("ch")])
    cells = [c.source for c in tutorials.read_source(source).cells if c.cell_type == "code"]
    at = next(i for i, cell in enumerate(cells) if f"check.{exercise.name}(" in cell)
    known = {*dir(builtins), *_names_before(cells[:at])}
    assert _names_of_others(source_of(exercise.reference)) <= known
    assert exercise.why.endswith(".") and len(exercise.why) > 60
