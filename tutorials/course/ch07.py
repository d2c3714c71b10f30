"""Exercises of notebook 07, sparsity."""

import numpy as np
import tensorflow as tf
from keras import ops

from course.exercise import Exercise, GivesNaN, call, close, desk, number, run, trains
from course.gradients import wrong_gradient

# ------------------------------------------------------------------ the sparsity loss


def _entropy(weights):
    probability = weights / np.sum(weights, axis=-1, keepdims=True)
    return -np.sum(probability * np.log(probability + 1e-12), axis=-1)


def my_sparsity_loss(gates):
    """L_sp in nats: mean entropy of the rows less the entropy of the mean row; gates (batch, D)."""

    def entropy(weights):
        p = weights / ops.sum(weights, axis=-1, keepdims=True)
        return -ops.sum(p * ops.log(p + 1e-7), axis=-1)

    return ops.mean(entropy(gates)) - entropy(ops.mean(gates, axis=0))


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


def _loss_of_mean_of_p(gates):
    p = gates / gates.sum(axis=-1, keepdims=True)
    return _entropy(p).mean() - _entropy(p.mean(axis=0))


def _loss_of_softmax(gates):
    return _entropy(np.exp(gates)).mean() - _entropy(np.exp(gates.mean(axis=0)))


def _loss_divided_by_largest(gates):
    def entropy(weights):
        p = weights / np.max(weights, axis=-1, keepdims=True)
        return -np.sum(p * np.log(p + 1e-12), axis=-1)

    return entropy(gates).mean() - entropy(gates.mean(axis=0))


def _loss_mean_of_entries(gates):
    return my_sparsity_loss(gates).numpy() / gates.shape[1]


def _loss_held_back(gates):
    return my_sparsity_loss(tf.stop_gradient(gates)) + 0 * ops.sum(gates)


_UNEVEN = np.array([0.05, 1.0, 0.3, 0.9, 0.02, 0.6, 1.0, 0.1])[:, None]  # how open an image is


def _judge_sparsity_loss(answer):
    rng = np.random.default_rng(0)
    batches = [
        np.array([[1, 0], [0, 1]], "float32"),  # -log 2
        np.array([[1, 1], [1, 1]], "float32"),  # 0
        np.array([[1, 0], [1, 0]], "float32"),  # 0
        (_UNEVEN * rng.uniform(size=(8, 5)) ** 3).astype("float32"),
    ]
    names = ("[[1, 0], [0, 1]]", "[[1, 1], [1, 1]]", "[[1, 0], [1, 0]]", "uneven gates")
    known = {
        "You have the first entropy only. Gates that are all the same would be best.": _loss_first_only,
        "You have the second entropy only. Each row must also be sparse by itself.": _loss_second_only,
        "The sign is wrong: sparse rows that differ must give a loss below 0.": _loss_sign,
        "Divide the weights by their sum before you take the entropy.": _loss_not_normalised,
        "You sum over the images. Take the mean of their entropies.": _loss_summed,
        "You add the second entropy. It has a minus: it should be large.": _loss_plus,
        "Those are bits. Take the natural logarithm, for nats.": _loss_bits,
        "For the second entropy take the mean of the gates, not of the divided p: divide after it.": (
            _loss_of_mean_of_p
        ),
        "You take a softmax. Divide the gates by their sum: p = v / sum(v).": _loss_of_softmax,
        "Divide by the sum of the gates, not by the largest.": _loss_divided_by_largest,
        "You take the mean over the latents. An entropy sums over them.": _loss_mean_of_entries,
    }
    if close(run(answer, batches[-1]), _loss_wrong_axis(batches[-1]), 4e-3):
        return "Rows and columns are swapped. A row is an image: its entropy is over the last axis."
    try:
        values = [float(run(answer, batch, shape=())) for batch in batches]
    except GivesNaN:
        return "It gives NaN: 0 log 0 counts as 0. Add a tiny number in the log."
    right = [float(my_sparsity_loss(batch)) for batch in batches]
    for message, wrong in known.items():
        if all(close(v, wrong(b), 2e-3) for v, b in zip(values, batches, strict=True)):
            return message
    for name, value, expected in zip(names, values, right, strict=True):
        if not close(value, expected, 4e-3):  # float16 is near enough
            return f"For {name} it should give {expected:.3f} nats; yours gives {value:.3f}."
    inside = batches[-1] + np.float32(0.1)
    if wrong_gradient(answer, my_sparsity_loss, inside):
        return "The values are right, and the gradient is not: does a stop_gradient hold it back?"
    return None


def _loss_trains(answer):
    """Whether the cells below can add it to the loss of a model, in float32."""
    gates = np.full((2, 3), 0.5, "float32")
    return trains(answer, gates) and answer(tf.constant(gates)).dtype == tf.float32


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
        "mean of the divided": (_loss_of_mean_of_p, "divide after it"),
        "softmax": (_loss_of_softmax, "You take a softmax"),
        "by the largest": (_loss_divided_by_largest, "not by the largest"),
        "mean over latents": (_loss_mean_of_entries, "mean over the latents"),
        "no gradient of its own": (_loss_held_back, "the gradient is not"),
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
    why="The first entropy is small if each image opens few gates. It alone would be best with the same "
    "few for all, so the second, with a minus, asks that all images together use all latents.",
    fits=_loss_trains,
)

# ------------------------------------------------------------------ Hoyer's sparsity


def my_hoyer(z):
    """Hoyer's sparsity of each code, 0 for equal magnitudes, 1 for one-hot: (batch, D) to (batch,)."""
    root = np.sqrt(np.shape(z)[-1])
    ratio = np.sum(np.abs(z), axis=-1) / np.linalg.norm(z, axis=-1)
    return (root - ratio) / (root - 1)


# Codes have two axes, so axis=1 is the same as axis=-1, here and in 09 and 10.


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


def _hoyer_of_the_batch(z):
    root = np.sqrt(np.shape(z)[-1])
    return (root - np.sum(np.abs(z), axis=-1) / np.linalg.norm(z)) / (root - 1)


def _hoyer_of_means(z):
    root = np.sqrt(np.shape(z)[-1])
    return (root - np.mean(np.abs(z), axis=-1) / np.linalg.norm(z, axis=-1)) / (root - 1)


def _hoyer_divided_by_root(z):
    root = np.sqrt(np.shape(z)[-1])
    return (root - np.sum(np.abs(z), axis=-1) / np.linalg.norm(z, axis=-1)) / root


def _hoyer_of_standardised(z):
    return my_hoyer(z / np.std(z, axis=0))


def _hoyer_of_rows(z):
    root = np.sqrt(np.shape(z)[0])
    return (root - np.sum(np.abs(z), axis=-1) / np.linalg.norm(z, axis=-1)) / (root - 1)


def _hoyer_fraction_of_zeros(z):
    return np.mean(np.asarray(z) == 0, axis=-1)


def _judge_hoyer(answer):
    rng = np.random.default_rng(0)
    scales = np.array([[1, 10, 0.1, 3, 1]])  # of the latents
    z = np.concatenate(
        [np.eye(5)[:1], -3 * np.eye(5)[1:2], np.ones((1, 5)), scales * rng.normal(size=(3, 5))]
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
        "You take the length of the whole batch. Each code has its own: axis=-1.": _hoyer_of_the_batch,
        "You take the mean of the magnitudes. |z|_1 is their sum.": _hoyer_of_means,
        "Divide by sqrt(D) - 1, not by sqrt(D): a one-hot code gives 1.": _hoyer_divided_by_root,
        "D is the number of latents, not of codes in the batch.": _hoyer_of_rows,
        "You divide by the deviation of the batch. The cell below does that; here take z as it is.": (
            _hoyer_of_standardised
        ),
    }
    for message, mistake in known.items():
        if close(value, mistake(z), 2e-3):
            return message
    if not close(value, right, 4e-3):  # float16 is near enough
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
        "the length of the batch": (_hoyer_of_the_batch, "length of the whole batch"),
        "means": (_hoyer_of_means, "mean of the magnitudes"),
        "divided by the root": (_hoyer_divided_by_root, "not by sqrt(D)"),
        "the size of the batch": (_hoyer_of_rows, "not of codes in the batch"),
        "standardised first": (_hoyer_of_standardised, "deviation of the batch"),
        "D of the notebook": (
            lambda z: (50**0.5 - np.abs(z).sum(-1) / np.linalg.norm(z, axis=-1)) / (50**0.5 - 1),
            "equal: these should give 1, 1, 0",
        ),
    },
    hints=(
        "The sum of magnitudes is np.abs(z).sum(axis=-1); the length is np.linalg.norm(z, axis=-1).",
        "For a one-hot code their ratio is 1, for equal entries it is sqrt(D).",
        "(sqrt(D) - ratio) / (sqrt(D) - 1).",
    ),
    why="|z|_1 / |z|_2 does not change if the whole code is scaled. It is smallest, 1, if one entry has "
    "all, and largest, sqrt(D), if all are equal. The rest turns that into 1 and 0.",
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


def _choice_strictly_better(runs, ordinary):
    limit = ordinary["frechet_validation"]
    fits = [gamma for gamma in runs if runs[gamma]["frechet_validation"] < limit]
    return max(fits, key=lambda gamma: runs[gamma]["hoyer_validation"])


def _choice_report_of_test(runs, ordinary):
    limit = ordinary["frechet_validation"]
    fits = [gamma for gamma in runs if runs[gamma]["frechet_validation"] <= limit]
    return max(fits, key=lambda gamma: runs[gamma]["hoyer_test"])


def _choice_limit_of_test(runs, ordinary):
    limit = ordinary["frechet_test"]
    fits = [gamma for gamma in runs if runs[gamma]["frechet_test"] <= limit]
    return max(fits, key=lambda gamma: runs[gamma]["hoyer_validation"])


def _choice_of_worse(runs, ordinary):
    limit = ordinary["frechet_validation"]
    fits = [gamma for gamma in runs if runs[gamma]["frechet_validation"] >= limit]
    return max(fits, key=lambda gamma: runs[gamma]["hoyer_validation"])


def _choice_of_smallest(runs, ordinary):
    limit = ordinary["frechet_validation"]
    return min(gamma for gamma in runs if runs[gamma]["frechet_validation"] <= limit)


def _choice_of_densest(runs, ordinary):
    limit = ordinary["frechet_validation"]
    fits = [gamma for gamma in runs if runs[gamma]["frechet_validation"] <= limit]
    return min(fits, key=lambda gamma: runs[gamma]["hoyer_validation"])


def _choice_of_largest(runs, ordinary):
    return max(
        g for g, r in runs.items() if r["frechet_validation"] <= ordinary["frechet_validation"]
    )


_CASES = [
    # gamma: validation sparsity and distance, test sparsity and distance.
    # The limit is 21, that of the test 24.
    {1: (0.5, 19, 0.5, 19), 3: (0.7, 18, 0.7, 22), 10: (0.8, 23, 0.8, 20), 30: (0.9, 40, 0.9, 40)},
    {0: (0.3, 15, 0.3, 15), 2: (0.85, 18, 0.7, 18), 4: (0.7, 19, 0.8, 19), 9: (0.8, 25, 0.8, 25)},
    # gamma 2 is exactly as good as the ordinary VAE, which is no worse
    {0: (0.6, 20, 0.3, 22), 1: (0.5, 19, 0.6, 23), 2: (0.7, 21, 0.5, 20), 8: (0.9, 22, 0.4, 19)},
]


def _case(table):
    names = ("hoyer_validation", "frechet_validation", "hoyer_test", "frechet_test")
    return {gamma: dict(zip(names, values, strict=True)) for gamma, values in table.items()}


def _judge_choice(answer):
    ordinary = _case({0: (0.2, 21, 0.2, 24)})[0]
    given = [number(call(answer, _case(table), ordinary)) for table in _CASES]
    right = [my_choice(_case(table), ordinary) for table in _CASES]
    if close(given, right):
        return None
    known = {
        "You looked at the test numbers. They are for the report, after the choice.": _choice_by_test,
        "You took the sparsest of all. Its samples are worse than the ordinary VAE's.": _choice_of_sparsest,
        "You took the smallest distance. Asked is the sparsest that is no worse.": _choice_of_nearest,
        "The largest gamma need not be the sparsest: compare hoyer_validation.": _choice_of_largest,
        "An equal distance is no worse: <=, not <.": _choice_strictly_better,
        "The test sparsity had a say. Compare hoyer_validation.": _choice_report_of_test,
        "The test distance had a say. Compare frechet_validation.": _choice_limit_of_test,
        "You keep the gammas that are worse than the ordinary VAE. Lower is better.": _choice_of_worse,
        "The smallest gamma need not be the sparsest: compare hoyer_validation.": _choice_of_smallest,
        "You took the densest codes. A larger hoyer_validation is sparser.": _choice_of_densest,
    }
    for message, mistake in known.items():
        if close(given, [mistake(_case(table), ordinary) for table in _CASES]):
            return message
    if given[0] not in _CASES[0]:
        return (
            f"It must return one of the gammas, here {list(_CASES[0])}; yours gives {given[0]:g}."
        )
    shown = ", ".join(f"{gamma:g}" for gamma in given)
    return f"For made-up runs it should choose gamma {', '.join(map(str, right))}; yours chose {shown}."


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
        "strictly better": (_choice_strictly_better, "<=, not <"),
        "test sparsity": (_choice_report_of_test, "test sparsity had a say"),
        "test distance": (_choice_limit_of_test, "test distance had a say"),
        "the worse ones": (_choice_of_worse, "that are worse"),
        "the smallest gamma": (_choice_of_smallest, "smallest gamma need not"),
        "the densest": (_choice_of_densest, "densest codes"),
        "always one": (lambda runs, ordinary: list(runs)[1], "For made-up runs"),
    },
    hints=(
        "First keep the gammas whose frechet_validation is at most the ordinary VAE's.",
        "Of those, take the one with the largest hoyer_validation.",
        "max(fits, key=lambda gamma: runs[gamma]['hoyer_validation']).",
    ),
    why="The distance is the limit, the sparsity is what you want. Both are read on validation images, so "
    "that the test images have no part in the choice and can still judge it.",
)

hint, solution = desk(sparsity_loss, hoyer, choice)
__all__ = ["choice", "hint", "hoyer", "solution", "sparsity_loss"]
