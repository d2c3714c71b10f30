"""Exercises of notebook 07, sparsity."""

import numpy as np
import tensorflow as tf

from course.exercise import Exercise, GivesNaN, call, close, desk, number, run, trains

# ------------------------------------------------------------------ the sparsity loss


def _entropy(weights):
    probability = weights / np.sum(weights, axis=-1, keepdims=True)
    return -np.sum(probability * np.log(probability + 1e-12), axis=-1)


def my_sparsity_loss(gates):
    """L_sp in nats: mean entropy of the rows less the entropy of the mean row; gates (batch, D)."""

    def entropy(weights):
        probability = weights / tf.reduce_sum(weights, axis=-1, keepdims=True)
        return -tf.reduce_sum(probability * tf.math.log(probability + 1e-7), axis=-1)

    return tf.reduce_mean(entropy(gates)) - entropy(tf.reduce_mean(gates, axis=0))


def _loss_in_loops(gates):
    def entropy(weights):
        total = float(sum(weights))
        parts = [float(w) / total for w in weights]
        return -sum(p * np.log(p) for p in parts if p > 0)

    rows = [entropy(row) for row in gates]
    mean = [sum(float(row[j]) for row in gates) / len(gates) for j in range(len(gates[0]))]
    return sum(rows) / len(rows) - entropy(mean)


def _loss_first_only(gates):
    return _entropy(gates).mean()


def _loss_second_only(gates):
    return -_entropy(gates.mean(axis=0))


def _loss_sign(gates):
    return _entropy(gates.mean(axis=0)) - _entropy(gates).mean()


def _loss_not_normalised(gates):
    def entropy(weights):
        return -np.sum(weights * np.log(weights + 1e-12), axis=-1)

    return entropy(gates).mean() - entropy(gates.mean(axis=0))


def _loss_summed(gates):
    return _entropy(gates).sum() - _entropy(gates.mean(axis=0))


def _loss_plus(gates):
    return _entropy(gates).mean() + _entropy(gates.mean(axis=0))


def _loss_wrong_axis(gates):
    return _entropy(gates.T).mean() - _entropy(gates.mean(axis=1))


def _loss_bits(gates):
    return my_sparsity_loss(gates).numpy() / np.log(2)


def _judge_sparsity_loss(answer):
    rng = np.random.default_rng(0)
    batches = [
        np.array([[1, 0], [0, 1]], "float32"),  # -log 2
        np.array([[1, 1], [1, 1]], "float32"),  # 0
        np.array([[1, 0], [1, 0]], "float32"),  # 0
        rng.uniform(size=(8, 5)).astype("float32"),
    ]
    names = ("[[1, 0], [0, 1]]", "[[1, 1], [1, 1]]", "[[1, 0], [1, 0]]", "random gates")
    known = {
        "You have the first entropy only. Gates that are all the same would be best.": _loss_first_only,
        "You have the second entropy only. Each row must also be sparse by itself.": _loss_second_only,
        "The sign is wrong: sparse rows that differ must give a loss below 0.": _loss_sign,
        "Divide the weights by their sum before you take the entropy.": _loss_not_normalised,
        "You sum over the images. Take the mean of their entropies.": _loss_summed,
        "You add the second entropy. It has a minus: it should be large.": _loss_plus,
        "Those are bits. Take the natural logarithm, for nats.": _loss_bits,
    }
    if close(run(answer, batches[-1]), _loss_wrong_axis(batches[-1]), 1e-3):
        return "Rows and columns are swapped. A row is an image: its entropy is over the last axis."
    try:
        values = [float(run(answer, batch, shape=())) for batch in batches]
    except GivesNaN:
        return "It gives NaN: 0 log 0 counts as 0. Add a tiny number in the log."
    right = [float(my_sparsity_loss(batch)) for batch in batches]
    for message, wrong in known.items():
        if all(close(v, wrong(b), 1e-3) for v, b in zip(values, batches, strict=True)):
            return message
    for name, value, expected in zip(names, values, right, strict=True):
        if not close(value, expected, 1e-3):
            return f"For {name} it should give {expected:.3f} nats; yours gives {value:.3f}."
    return None


sparsity_loss = Exercise(
    name="sparsity_loss",
    judge=_judge_sparsity_loss,
    reference=my_sparsity_loss,
    second=_loss_in_loops,
    wrong={
        "first entropy only": (_loss_first_only, "first entropy only"),
        "second entropy only": (_loss_second_only, "second entropy only"),
        "sign": (_loss_sign, "sign is wrong"),
        "sum for mean": (_loss_summed, "sum over the images"),
        "plus": (_loss_plus, "It has a minus"),
        "wrong axis": (_loss_wrong_axis, "Rows and columns"),
        "not normalised": (_loss_not_normalised, "Divide the weights by their sum"),
        "bits": (_loss_bits, "Those are bits"),
        "NaN at 0": (
            lambda gates: -np.mean(np.sum(gates * np.log(gates), axis=-1)),
            "0 log 0 counts as 0",
        ),
    },
    hints=(
        "H(v): divide v by its sum, to get p. Then - sum of p log p.",
        "The first term: H of each row, then the mean. The second: the mean row, then H.",
        "The second has a minus sign: its entropy should be large. Write log(p + 1e-7).",
    ),
    fits=lambda answer: trains(answer, np.full((2, 3), 0.5, "float32")),
)

# ------------------------------------------------------------------ Hoyer's sparsity


def my_hoyer(z):
    """Hoyer's sparsity of each code, 0 for equal magnitudes, 1 for one-hot: (batch, D) to (batch,)."""
    root = np.sqrt(np.shape(z)[-1])
    ratio = np.sum(np.abs(z), axis=-1) / np.linalg.norm(z, axis=-1)
    return (root - ratio) / (root - 1)


def _hoyer_with_tensorflow(z):
    z = tf.cast(z, "float32")
    root = tf.sqrt(tf.cast(tf.shape(z)[-1], "float32"))
    ratio = tf.norm(z, ord=1, axis=-1) / tf.norm(z, axis=-1)
    return (root - ratio) / (root - 1.0)


def _hoyer_reversed(z):
    return 1 - my_hoyer(z)


def _hoyer_no_abs(z):
    root = np.sqrt(np.shape(z)[-1])
    return (root - np.sum(z, axis=-1) / np.linalg.norm(z, axis=-1)) / (root - 1)


def _hoyer_not_scaled(z):
    root = np.sqrt(np.shape(z)[-1])
    return root - np.sum(np.abs(z), axis=-1) / np.linalg.norm(z, axis=-1)


def _hoyer_lengths_swapped(z):
    root = np.sqrt(np.shape(z)[-1])
    return (root - np.linalg.norm(z, axis=-1) / np.sum(np.abs(z), axis=-1)) / (root - 1)


def _hoyer_length_squared(z):
    root = np.sqrt(np.shape(z)[-1])
    return (root - np.sum(np.abs(z), axis=-1) / np.sum(np.square(z), axis=-1)) / (root - 1)


def _hoyer_no_root(z):
    size = np.shape(z)[-1]
    return (size - np.sum(np.abs(z), axis=-1) / np.linalg.norm(z, axis=-1)) / (size - 1)


def _hoyer_fraction_of_zeros(z):
    return np.mean(np.asarray(z) == 0, axis=-1)


def _judge_hoyer(answer):
    rng = np.random.default_rng(0)
    z = np.concatenate(
        [np.eye(5)[:1], -3 * np.eye(5)[1:2], np.ones((1, 5)), rng.normal(size=(3, 5))]
    ).astype("float32")
    value, right = run(answer, z), my_hoyer(z)
    if value.shape == ():
        return "It gives one number for the whole batch. Give one per code, shape (6,) here."
    if value.shape == (5,):
        return "You take the lengths of the columns. A code is a row: use the last axis."
    if value.shape != (6,):
        return f"Its shape must be (6,) for six codes; yours has {value.shape}."
    known = {
        "A one-hot code must give 1, equal entries 0. Yours has it the other way round.": _hoyer_reversed,
        "Take magnitudes first: (0, -3, 0, 0, 0) is one-hot as well.": _hoyer_no_abs,
        "Divide by sqrt(D) - 1, so that a one-hot code gives 1.": _hoyer_not_scaled,
        "Your fraction is upside down: it is |z|_1 / |z|_2.": _hoyer_lengths_swapped,
        "|z|_2 is the length, the *root* of the sum of squares.": _hoyer_length_squared,
        "Take the root of D, above and below.": _hoyer_no_root,
        "You count zeros. Hoyer's measure sees small entries as well.": _hoyer_fraction_of_zeros,
    }
    for message, mistake in known.items():
        if close(value, mistake(z), 1e-3):
            return message
    if not close(value, right, 1e-3):
        return (
            "One-hot, one-hot with a sign, equal: these should give 1, 1, 0; "
            f"yours gives {', '.join(f'{v:.2f}' for v in value[:3])}."
            if not close(value[:3], right[:3], 1e-3)
            else f"For {np.round(z[3], 1)} it should give {right[3]:.3f}; yours {value[3]:.3f}."
        )
    return None


hoyer = Exercise(
    name="hoyer",
    judge=_judge_hoyer,
    reference=my_hoyer,
    second=_hoyer_with_tensorflow,
    wrong={
        "0 for one-hot": (_hoyer_reversed, "other way round"),
        "without magnitudes": (_hoyer_no_abs, "Take magnitudes"),
        "not scaled": (_hoyer_not_scaled, "Divide by sqrt(D) - 1"),
        "upside down": (_hoyer_lengths_swapped, "upside down"),
        "squared length": (_hoyer_length_squared, "sum of squares"),
        "no root of D": (_hoyer_no_root, "root of D"),
        "wrong axis": (lambda z: my_hoyer(z.T), "A code is a row"),
        "zeros counted": (_hoyer_fraction_of_zeros, "You count zeros"),
        "the mean of the batch": (lambda z: np.mean(my_hoyer(z)), "one number for the whole batch"),
    },
    hints=(
        "The sum of magnitudes is np.abs(z).sum(axis=-1); the length is np.linalg.norm(z, axis=-1).",
        "For a one-hot code their ratio is 1, for equal entries it is sqrt(D).",
        "(sqrt(D) - ratio) / (sqrt(D) - 1).",
    ),
)

# ------------------------------------------------------------------ the choice of gamma


def my_choice(runs, ordinary):
    """The sparsest gamma whose validation distance is no worse than the ordinary VAE's."""
    fits = [
        gamma
        for gamma, run in runs.items()
        if run["frechet_validation"] <= ordinary["frechet_validation"]
    ]
    return max(fits, key=lambda gamma: runs[gamma]["hoyer_validation"])


def _choice_in_a_loop(runs, ordinary):
    best = None
    for gamma in runs:
        if runs[gamma]["frechet_validation"] > ordinary["frechet_validation"]:
            continue
        if best is None or runs[gamma]["hoyer_validation"] > runs[best]["hoyer_validation"]:
            best = gamma
    return best


def _choice_by_test(runs, ordinary):
    fits = [g for g, r in runs.items() if r["frechet_test"] <= ordinary["frechet_test"]]
    return max(fits, key=lambda g: runs[g]["hoyer_test"])


def _choice_of_sparsest(runs, ordinary):
    return max(runs, key=lambda g: runs[g]["hoyer_validation"])


def _choice_of_nearest(runs, ordinary):
    return min(runs, key=lambda g: runs[g]["frechet_validation"])


def _choice_of_largest(runs, ordinary):
    return max(
        g for g, r in runs.items() if r["frechet_validation"] <= ordinary["frechet_validation"]
    )


_CASES = [
    # gamma: validation sparsity and distance, test sparsity and distance
    {1: (0.5, 19, 0.5, 19), 3: (0.7, 20, 0.7, 22), 10: (0.8, 23, 0.8, 20), 30: (0.9, 40, 0.9, 40)},
    {0: (0.3, 15, 0.3, 15), 2: (0.75, 18, 0.7, 18), 4: (0.7, 19, 0.8, 19), 9: (0.8, 25, 0.8, 25)},
]


def _case(table):
    names = ("hoyer_validation", "frechet_validation", "hoyer_test", "frechet_test")
    return {gamma: dict(zip(names, values, strict=True)) for gamma, values in table.items()}


def _judge_choice(answer):
    ordinary = _case({0: (0.2, 21, 0.2, 21)})[0]
    given = [number(call(answer, _case(table), ordinary)) for table in _CASES]
    right = [my_choice(_case(table), ordinary) for table in _CASES]
    if close(given, right):
        return None
    known = {
        "You looked at the test numbers. They are for the report, after the choice.": _choice_by_test,
        "You took the sparsest of all. Its samples are worse than the ordinary VAE's.": _choice_of_sparsest,
        "You took the smallest distance. Asked is the sparsest that is no worse.": _choice_of_nearest,
        "The largest gamma need not be the sparsest: compare hoyer_validation.": _choice_of_largest,
    }
    for message, mistake in known.items():
        if close(given, [mistake(_case(table), ordinary) for table in _CASES]):
            return message
    if not set(given[:1]) <= set(_CASES[0]):
        return (
            f"It must return one of the gammas, here {list(_CASES[0])}; yours gives {given[0]:g}."
        )
    return (
        f"For made-up runs it should choose gamma {right[0]}, then {right[1]}; yours chose {given}."
    )


choice = Exercise(
    name="choice",
    judge=_judge_choice,
    reference=my_choice,
    second=_choice_in_a_loop,
    wrong={
        "on the test images": (_choice_by_test, "looked at the test numbers"),
        "the sparsest": (_choice_of_sparsest, "sparsest of all"),
        "the smallest distance": (_choice_of_nearest, "smallest distance"),
        "the largest gamma": (_choice_of_largest, "need not be the sparsest"),
        "a sparsity": (lambda runs, ordinary: 0.7, "one of the gammas"),
    },
    hints=(
        "First keep the gammas whose frechet_validation is at most the ordinary VAE's.",
        "Of those, take the one with the largest hoyer_validation.",
        "max(fits, key=lambda gamma: runs[gamma]['hoyer_validation']).",
    ),
)

hint, solution = desk(sparsity_loss, hoyer, choice)
__all__ = ["choice", "hint", "hoyer", "solution", "sparsity_loss"]
