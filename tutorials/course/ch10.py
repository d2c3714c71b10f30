"""Exercises of notebook 10, a g and data of your own."""

import difflib
import inspect

import keras
import numpy as np
import tensorflow as tf

from course.exercise import (
    Exercise,
    GivesNaN,
    call,
    close,
    desk,
    numbers,
    require_arguments,
    run,
    trains,
)
from course.gradients import wrong_gradient
from intelvae_keras import likelihoods, mappings

# What of `mappings.check` an answer in NumPy can pass too, and what to say of a fault.
_ADVICE = {
    "same each time": "A g must be without randomness.",
    "row by row": "Map each row by itself.",
    "finite": "Do you divide 0 by 0? In float32, exp(89) is already infinite.",
    "saves": "A saved model finds the class by its name, and calls it with what `get_config` returns.",
    "holds": "What you built it for must hold at every y.",
}


def fault_of(g, latent_dim, holds=None):
    """What `mappings.check` finds wrong with g, in a sentence to the learner; None if nothing."""
    report = mappings.check(g, latent_dim, holds)
    for name, advice in _ADVICE.items():
        if name in report.failed:
            return f"mappings.check, {name}: {report[name].message}. {advice}"
    return None


# ------------------------------------------------------------------ a simplex


def my_simplex(y):
    """Weights of K corners, >= 0 with sum 1: y, shape (batch, K), to z, shape (batch, K)."""
    return keras.ops.softmax(y, axis=-1)


def _simplex_by_hand(y):
    y = np.asarray(y)
    weights = np.exp(y - y.max(axis=-1, keepdims=True))  # the largest exponent is 0
    return weights / weights.sum(axis=-1, keepdims=True)


def _simplex_overflow(y):
    weights = np.exp(np.asarray(y))
    return weights / weights.sum(axis=-1, keepdims=True)


def _simplex_over_batch(y):
    return keras.ops.softmax(y, axis=0)


def _simplex_linear(y):
    y = np.asarray(y)
    return y / y.sum(axis=-1, keepdims=True)


def _simplex_clipped(y):
    return keras.ops.softmax(keras.ops.clip(y, -50, 50), axis=-1)


def _simplex_less_the_largest_of_all(y):
    weights = np.exp(y - np.max(y))
    return weights / weights.sum(axis=-1, keepdims=True)


def _simplex_of_magnitudes(y):
    y = np.abs(y)
    return y / y.sum(axis=-1, keepdims=True)


def _simplex_with_a_bit(y):
    weights = np.exp(y - np.max(y, axis=-1, keepdims=True)) + 0.01
    return weights / weights.sum(axis=-1, keepdims=True)


def _simplex_held_back(y):
    return tf.stop_gradient(keras.ops.softmax(y, axis=-1)) + 0 * y


def _are_weights(z):
    return (z > -1e-6).all(axis=-1) & (np.abs(z.sum(axis=-1) - 1) < 3e-3)


# Only differences count: 1000, 999, 998 have the weights of 2, 1, 0.
_FAR_OUT = np.array([[1000, 999, 998], [-998, -1000, -999], [60, 58, 0], [0, 0, 0]], "float32")
_FAR_OUT_TOO = np.array([[1000, 999, 998], [-1000, -1000, -1000], [3, -900, 2]], "float32")


def _wrong_far_out(softmax, sharpness=1.0):
    """What is wrong with the weights of large latents, in a sentence; None if nothing."""
    for y in (_FAR_OUT, _FAR_OUT_TOO):
        try:
            z = numbers(softmax(y / np.float32(sharpness)), (len(y), 3))
        except GivesNaN:
            alone = numbers(softmax(y[:1] / np.float32(sharpness)), (1, 3))
            if close(alone, my_simplex(y[:1]), 3e-3):
                return (
                    "It gives NaN for a batch with unlike rows, and not for a row by itself. Subtract "
                    "the largest entry of each row, not that of the batch."
                )
            raise
        worst = np.abs(z - my_simplex(y)).max(axis=1).argmax()
        if not close(z[worst], my_simplex(y)[worst], 3e-3):
            at, right = (
                ", ".join(f"{v:g}" for v in row[worst]) for row in (y, np.round(my_simplex(y), 3))
            )
            return (
                f"Far out it is not the softmax: for s y = ({at}) it should be ({right}); yours gives "
                f"({', '.join(f'{v:.3g}' for v in z[worst])}). Do not clip y: only differences count."
            )
    return None


def _judge_simplex(answer):
    y = np.random.default_rng(0).normal(size=(6, 3)).astype("float32")
    z = run(answer, y, shape=(6, 3))
    if (z < -1e-6).any():
        return f"A weight must not be below 0; yours go down to {z.min():.2f}."
    if close(z.sum(axis=0), 1, 3e-3) and not close(z.sum(axis=-1), 1, 3e-3):
        return "Your columns sum to 1. Each row is one example: its weights must sum to 1."
    if not close(z.sum(axis=-1), 1, 3e-3):
        return (
            f"The weights of an example must sum to 1; the first of yours sum to {z[0].sum():.2f}."
        )
    if close(z, z[:1]):
        return "All examples have the same weights: z does not depend on y."

    def in_numpy_too(y):
        return keras.ops.convert_to_tensor(call(answer, keras.ops.convert_to_numpy(y)), "float32")

    if close(z, my_simplex(y), 3e-3):  # float16 is near enough
        try:
            if fault := _wrong_far_out(lambda y: call(answer, y)):
                return fault
        except GivesNaN:
            pass  # the next lines say where
    if fault := fault_of(in_numpy_too, 3, holds=_are_weights):
        return fault
    one = np.array([[1, 0, 0]], "float32")
    if not close(z, my_simplex(y), 3e-3):
        shown = np.round(run(answer, one)[0], 3)
        return f"These are weights, but not the softmax. For y = (1, 0, 0), s = 1, yours gives {shown}."
    if not close(
        run(answer, np.eye(5, dtype="float32"), shape=(5, 5)), my_simplex(np.eye(5)), 3e-3
    ):
        return "It is right for three corners, and not for five. The last axis says how many there are."
    if wrong_gradient(answer, my_simplex, y):
        return "The values are right, and the gradient is not: does a stop_gradient hold it back?"
    return None


simplex = Exercise(
    name="simplex",
    judge=_judge_simplex,
    reference=my_simplex,
    second=_simplex_by_hand,
    wrong={
        "overflow": (_simplex_overflow, "exp(89) is already infinite"),
        "softmax over the batch": (_simplex_over_batch, "Your columns sum to 1"),
        "division by the sum": (_simplex_linear, "must not be below 0"),
        "sigmoid": (keras.ops.sigmoid, "must sum to 1"),
        "one-hot": (lambda y: tf.one_hot(tf.argmax(y, -1), 3), "not the softmax"),
        "a constant": (lambda y: np.full(np.shape(y), 1 / 3), "does not depend on y"),
        "squares": (
            lambda y: np.square(y) / np.sum(np.square(y), axis=-1, keepdims=True),
            "at y = (0, 0, 0), z is (nan, nan, nan)",
        ),
        "clipped": (_simplex_clipped, "Do not clip y"),
        "the largest of the batch": (_simplex_less_the_largest_of_all, "not that of the batch"),
        "magnitudes": (_simplex_of_magnitudes, "z is (nan"),
        "a bit added": (_simplex_with_a_bit, "not the softmax"),
        "twice as sharp": (lambda y: keras.ops.softmax(2 * y, axis=-1), "not the softmax"),
        "no gradient": (_simplex_held_back, "the gradient is not"),
        "three corners by hand": (
            lambda y: keras.ops.softmax(keras.ops.stack([y[:, k] for k in range(3)], 1), axis=-1),
            "Its shape must be (5, 5)",
        ),
    },
    hints=(
        "exp makes every number positive. Division by the sum of the row makes the sum 1.",
        "exp(1e3) is infinite in float32. Subtract the largest entry of each row first.",
        "Keras has it: keras.ops.softmax(y, axis=-1).",
    ),
    why="exp makes all entries positive, the division makes them sum to 1. To subtract a number from all "
    "entries of a row changes nothing, so subtract the largest: then no exponent is above 0, and none "
    "overflows. The package's softmax does so.",
)

# ------------------------------------------------------------------ a layer that reloads


@keras.saving.register_keras_serializable(package="my_project")
class MySimplex(keras.layers.Layer):
    """z = softmax(sharpness * y)."""

    def __init__(self, sharpness=2.0, **kwargs):
        super().__init__(**kwargs)
        self.sharpness = sharpness

    def call(self, y):
        """Maps y, shape (batch, K), to weights of K corners."""
        return keras.ops.softmax(self.sharpness * y, axis=-1)

    def get_config(self):
        """The constructor's arguments."""
        return super().get_config() | {"sharpness": self.sharpness}


@keras.saving.register_keras_serializable(package="my_project")
class AnotherSimplex(keras.layers.Layer):
    def __init__(self, sharpness=2.0, name=None, **kwargs):
        super().__init__(name=name, **kwargs)
        self.sharpness = sharpness

    def call(self, y):
        """Maps y, shape (batch, K), to weights of K corners."""
        weights = tf.exp(self.sharpness * (y - keras.ops.max(y, axis=-1, keepdims=True)))
        return weights / tf.reduce_sum(weights, axis=-1, keepdims=True)

    def get_config(self):
        """The constructor's arguments."""
        config = super().get_config()
        config["sharpness"] = self.sharpness
        return config


@keras.saving.register_keras_serializable(package="course_wrong")
class _InNumpy(MySimplex):
    def call(self, y):
        weights = np.exp(self.sharpness * np.asarray(y))
        return weights / weights.sum(axis=-1, keepdims=True)


@keras.saving.register_keras_serializable(package="course_wrong")
class _Overflowing(MySimplex):
    def call(self, y):
        weights = tf.exp(self.sharpness * y)
        return weights / tf.reduce_sum(weights, axis=-1, keepdims=True)


@keras.saving.register_keras_serializable(package="course_wrong")
class _OfBatch(MySimplex):
    def call(self, y):
        return keras.ops.softmax(self.sharpness * y, axis=0)


@keras.saving.register_keras_serializable(package="course_wrong")
class _ConfigOfNothing(MySimplex):
    def get_config(self):
        super().get_config()


@keras.saving.register_keras_serializable(package="course_wrong")
class _Clipped(MySimplex):
    def call(self, y):
        return keras.ops.softmax(keras.ops.clip(self.sharpness * y, -50, 50), axis=-1)


@keras.saving.register_keras_serializable(package="course_wrong")
class _AnotherDefault(MySimplex):
    def __init__(self, sharpness=3.0, **kwargs):
        super().__init__(sharpness, **kwargs)


@keras.saving.register_keras_serializable(package="course_wrong")
class _AlwaysTheDefault(MySimplex):
    def get_config(self):
        return super().get_config() | {"sharpness": 2.0}


@keras.saving.register_keras_serializable(package="course_wrong")
class _KeepsKwargs(MySimplex):
    def __init__(self, sharpness=2.0, **kwargs):
        super().__init__(sharpness)


@keras.saving.register_keras_serializable(package="course_wrong")
class _Divided(MySimplex):
    def call(self, y):
        return keras.ops.softmax(y / self.sharpness, axis=-1)


@keras.saving.register_keras_serializable(package="course_wrong")
class _TimesAfter(MySimplex):
    def call(self, y):
        return self.sharpness * keras.ops.softmax(y, axis=-1)


@keras.saving.register_keras_serializable(package="course_wrong")
class _HeldBack(MySimplex):
    def call(self, y):
        return tf.stop_gradient(super().call(y)) + 0 * y


class _Unregistered(MySimplex):
    pass


@keras.saving.register_keras_serializable(package="course_wrong")
class _Forgetful(MySimplex):
    def get_config(self):
        return keras.layers.Layer.get_config(self)


@keras.saving.register_keras_serializable(package="course_wrong")
class _Closed(keras.layers.Layer):
    def __init__(self, sharpness=2.0):
        super().__init__()
        self.sharpness = sharpness

    call = MySimplex.call

    def get_config(self):
        return super().get_config() | {"sharpness": self.sharpness}


@keras.saving.register_keras_serializable(package="course_wrong")
class _Deaf(MySimplex):
    def call(self, y):
        return keras.ops.softmax(y, axis=-1)


def _judge_layer(answer):
    message = "It raises."
    try:
        message = _what_is_wrong_with_layer(answer)
    finally:
        if message is not None:  # a wrong class may have taken the name of the right one
            keras.saving.register_keras_serializable(package="my_project")(MySimplex)
    return message


def _layer_fits(answer):
    """Whether a model trains through it."""
    layer = answer(2.0)
    if trains(lambda y: layer(y)[:, 0], np.ones((3, 3), "float32")):
        return True
    keras.saving.register_keras_serializable(package="my_project")(MySimplex)
    return False


def _named(answer):
    """The layer with a name of its own; None if the constructor takes none, which `saves` will say."""
    try:
        return answer(5.0, name="mine")
    except TypeError:
        return None


# A get_config without super()'s reloads too, under another name of the layer: right as well.


def _what_is_wrong_with_layer(answer):
    if not (isinstance(answer, type) and issubclass(answer, keras.layers.Layer)):
        return "It must be a class, a subclass of keras.layers.Layer."
    require_arguments(answer, 5.0)
    layer = answer(5.0)
    y = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
    z = numbers(layer(y), (4, 3))
    known = {
        "Your columns sum to 1. Each row is one example: softmax over the last axis.": (
            keras.ops.softmax(5.0 * y, axis=0)
        ),
        "The sharpness does nothing: z = softmax(sharpness * y).": keras.ops.softmax(y, axis=-1),
        "Multiply y by the sharpness. You divide.": keras.ops.softmax(y / 5.0, axis=-1),
        "Multiply y by the sharpness, before the softmax.": 5.0 * keras.ops.softmax(y, axis=-1),
    }
    for message, mistake in known.items():
        if close(z, mistake, 3e-3):
            return message
    if not close(z, keras.ops.softmax(5.0 * y, axis=-1), 3e-3):  # float16 is near enough
        return "For sharpness 5 it should give softmax(5 * y)."
    if getattr(_named(answer), "name", "mine") != "mine":
        return "Pass **kwargs on to super().__init__: they hold the layer's name and its dtype."
    default = [p.default for p in inspect.signature(answer).parameters.values()][:1]
    if default not in ([2.0], [inspect.Parameter.empty]):
        return f"Leave the default of the constructor at 2.0; yours is {default[0]}."
    fault = fault_of(layer, 3, holds=_are_weights) or _wrong_far_out(layer, sharpness=5.0)
    if fault and "kwargs" not in inspect.signature(answer.__init__).parameters:
        fault += " Does the constructor take **kwargs, and pass them on to super().__init__?"
    if not fault and wrong_gradient(layer, MySimplex(5.0), y):
        return "The values are right, and the gradient is not: does a stop_gradient hold it back?"
    return fault


layer = Exercise(
    name="layer",
    judge=_judge_layer,
    reference=MySimplex,
    second=AnotherSimplex,
    wrong={
        "not registered": (_Unregistered, "not registered"),
        "get_config without it": (_Forgetful, "get_config does not hold 'sharpness'"),
        "no **kwargs": (_Closed, "pass them on"),
        "sharpness unused": (_Deaf, "sharpness does nothing"),
        "a function": (my_simplex, "must be a class"),
        "overflow": (_Overflowing, "exp(89) is already infinite"),
        "over the batch": (_OfBatch, "columns sum to 1"),
        "get_config without return": (_ConfigOfNothing, "get_config must return a dict"),
        "clipped": (_Clipped, "Do not clip y"),
        "another default": (_AnotherDefault, "Leave the default"),
        "the default in get_config": (_AlwaysTheDefault, "mappings.check, saves"),
        "kwargs not passed on": (_KeepsKwargs, "Pass **kwargs on"),
        "divided": (_Divided, "You divide"),
        "multiplied after": (_TimesAfter, "before the softmax"),
        "no gradient": (_HeldBack, "the gradient is not"),
    },
    fits=_layer_fits,
    hints=(
        "A layer reloads from its class, found by name, and from what `get_config` returns.",
        "`return super().get_config() | {...}` with each argument of the constructor.",
        'Above the class: @keras.saving.register_keras_serializable(package="my_project").',
    ),
    why="A file holds a name and numbers. The name leads to the class, since you registered it. "
    "`get_config` gives back what the constructor needs, and **kwargs takes what Keras adds, such as "
    "the layer's own name.",
)

# ------------------------------------------------------------------ a table


def my_table(train, test):
    """Both parts of a table, standardised by the training part, and the likelihood's name."""
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    return (train - mean) / deviation, (test - mean) / deviation, "gaussian"


def _table_with_object(train, test):
    from sklearn.preprocessing import StandardScaler

    scale = StandardScaler().fit(train)
    return scale.transform(train), scale.transform(test), likelihoods.Gaussian("learned")


def _table_of_logarithms(train, test):
    return my_table(np.log(train), np.log(test))


def _table_by_the_other_part(train, test):
    mean, deviation = test.mean(axis=0), test.std(axis=0)
    return (train - mean) / deviation, (test - mean) / deviation, "gaussian"


def _table_only_train(train, test):
    return my_table(train, test)[0], test, "gaussian"


def _table_one_scale(train, test):
    mean, deviation = train.mean(), train.std()
    return (train - mean) / deviation, (test - mean) / deviation, "gaussian"


def _table_by_rows(train, test):
    def scaled(x):
        return (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)

    return scaled(train), scaled(test), "gaussian"


def _table_variance(train, test):
    mean, variance = train.mean(axis=0), train.var(axis=0)
    return (train - mean) / variance, (test - mean) / variance, "gaussian"


def _table_not_centred(train, test):
    return train / train.std(axis=0), test / train.std(axis=0), "gaussian"


def _table_only_centred(train, test):
    return train - train.mean(axis=0), test - train.mean(axis=0), "gaussian"


def _table_mean_of_test(train, test):
    deviation = train.std(axis=0)
    return (
        (train - train.mean(axis=0)) / deviation,
        (test - test.mean(axis=0)) / deviation,
        "gaussian",
    )


def _table_with_noise(train, test):
    x_train, x_test, name = my_table(train, test)
    return x_train + np.random.normal(0, 0.1, x_train.shape), x_test, name


def _table_unscaled(train, test):
    return train, test, "bernoulli"


def _table_min_max(train, test):
    low, high = train.min(axis=0), train.max(axis=0)
    return (train - low) / (high - low), (test - low) / (high - low), "bernoulli"


def _table_gaussian_unscaled(train, test):
    return train, test, "gaussian"


def _table_leak(train, test):
    return (
        (train - train.mean(axis=0)) / train.std(axis=0),
        (test - test.mean(axis=0)) / test.std(axis=0),
        "gaussian",
    )


def _table_all_at_once(train, test):
    both = np.concatenate([train, test])
    mean, deviation = both.mean(axis=0), both.std(axis=0)
    return (train - mean) / deviation, (test - mean) / deviation, "gaussian"


_NAMES = {
    likelihoods.Gaussian: "gaussian",
    likelihoods.Laplace: "laplace",
    likelihoods.Bernoulli: "bernoulli",
    likelihoods.ContinuousBernoulli: "continuous_bernoulli",
}


def _not_a_likelihood(value):
    """Which names there are, and which one may be meant."""
    names = sorted(_NAMES.values())
    shown = " ".join(repr(value).split())[:60]
    message = f"The likelihood must be one of {', '.join(map(repr, names))}; got {shown}."
    close = difflib.get_close_matches(value.lower(), names, n=1) if isinstance(value, str) else []
    return f"{message} Did you mean {close[0]!r}?" if close else message


def _made_up_table():
    """Two parts whose columns are positive and skew, as measured amounts are, on unlike scales."""
    rng = np.random.default_rng(0)
    scale, spread = np.array([13.0, 2.0, 750.0]), np.array([0.1, 0.5, 0.4])
    train = scale * np.exp(spread * rng.normal(size=(90, 3)))
    test = scale * np.exp(spread * (0.5 + rng.normal(size=(30, 3))))
    return train, test


def _judge_table(answer):
    train, test = _made_up_table()
    result = call(answer, train, test)
    if not isinstance(result, tuple | list) or len(result) != 3:
        return "It must return three things: the training part, the test part, the likelihood."
    x_train, x_test = numbers(result[0], (90, 3)), numbers(result[1], (30, 3))
    name = _NAMES.get(type(result[2]), result[2])
    if not isinstance(name, str) or name not in _NAMES.values():
        return _not_a_likelihood(result[2])
    if "bernoulli" in name and not 0 <= x_train.min() <= x_train.max() <= 1:
        return (
            f"A Bernoulli takes values from 0 to 1; yours reach from {x_train.min():,.1f} to "
            f"{x_train.max():,.1f}. The package refuses such data before it trains."
        )
    if "bernoulli" in name:
        return (
            "Such columns are no coins, and a new row may lie outside of [0, 1]. A measured "
            "number asks for a density on the whole line: a Gaussian."
        )
    deviation = x_train.std(axis=0)
    if deviation.max() > 3 * deviation.min() or not 0.15 < deviation.mean() < 5:
        return (
            f"The columns have standard deviations from {deviation.min():.2g} to "
            f"{deviation.max():.2g}. One learned sigma serves all: bring them to a like scale, near 1."
        )
    if np.abs(x_train.mean(axis=0)).max() > 3 * deviation.max():
        return "The columns are not centred: subtract the mean of each."
    return _what_leaks(answer, train, test, x_train, x_test)


def _what_leaks(answer, train, test, x_train, x_test):
    """What of the test part has entered the preparation; None if nothing. Any preparation will do."""

    def prepare(train, test):
        return [numbers(part) for part in call(answer, train, test)[:2]]

    if not close(prepare(train, test)[0], x_train, 2e-3):
        return "It prepares the same table in another way each time. Leave out what is random."
    if not close(prepare(train, 3 * test)[0], x_train, 2e-3):
        return "The test part had a say in the scale. Prepare `train` from its own numbers alone."
    if not close(prepare(train, test[:9])[1], x_test[:9], 2e-3):
        return "The test part is scaled by its own numbers. Use those of the training part."
    if not close(prepare(train, train[:30])[1], x_train[:30], 2e-3):
        return "A row of `train` comes out otherwise when it stands in `test`. Do the same to both."
    return None


table = Exercise(
    name="table",
    judge=_judge_table,
    reference=my_table,
    second=_table_with_object,
    wrong={
        "Bernoulli, unscaled": (_table_unscaled, "takes values from 0 to 1"),
        "Bernoulli on [0, 1]": (_table_min_max, "no coins"),
        "Gaussian, unscaled": (_table_gaussian_unscaled, "bring them to a like scale"),
        "test part by its own scale": (_table_leak, "scaled by its own numbers"),
        "scale of both parts": (_table_all_at_once, "had a say"),
        "two things": (lambda train, test: (train, test), "three things"),
        "a capital": (
            lambda train, test: (*my_table(train, test)[:2], "Gaussian"),
            "mean 'gaussian'",
        ),
        "no name": (lambda train, test: (*my_table(train, test)[:2], 3), "got 3"),
        "scale of the test part": (_table_by_the_other_part, "had a say"),
        "the test part unscaled": (_table_only_train, "when it stands in `test`"),
        "one scale for all columns": (_table_one_scale, "bring them to a like scale"),
        "rows": (_table_by_rows, "bring them to a like scale"),
        "variance": (_table_variance, "bring them to a like scale"),
        "not centred": (_table_not_centred, "are not centred"),
        "only centred": (_table_only_centred, "bring them to a like scale"),
        "mean of the test part": (_table_mean_of_test, "scaled by its own numbers"),
        "noise": (_table_with_noise, "what is random"),
        "the parts exchanged": (
            lambda train, test: my_table(test, train),
            "Its shape must be (90, 3)",
        ),
    },
    hints=(
        "Which values can a column take? A Bernoulli has two, a Gaussian all of them.",
        "One learned sigma serves all columns, so give them one scale: mean 0, deviation 1.",
        "Mean and deviation come from `train` alone. `test` gets the same two.",
    ),
    why="The Gaussian has one learned sigma for all columns. Unscaled, proline in hundreds would settle "
    "it alone, and the model would not look at the rest. And the test rows stand for wines that you "
    "have not seen yet, so they cannot help to find the scale.",
)

hint, solution = desk(simplex, layer, table)
__all__ = ["hint", "layer", "simplex", "solution", "table"]
