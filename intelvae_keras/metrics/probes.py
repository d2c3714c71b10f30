"""What codes tell of the labels, read off by a simple classifier."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from intelvae_keras._engine import checks
from intelvae_keras.metrics import checked, extra

_STRENGTHS = [0.001, 0.01, 0.1, 1.0, 10.0]  # scikit-learn's C, one over the weight of |w|^2 / 2
_FOLDS = 3
_CHEAP = 1000  # labels up to which the strength is chosen; it matters less the more there are


class ProbeResult(NamedTuple):
    """The test accuracy of a probe, in [0, 1].

    Attributes:
        accuracy: The mean over the draws.
        accuracies: One per draw, a numpy array of shape (draws,).
    """

    accuracy: float
    accuracies: np.ndarray


def linear_probe(
    z_train: ArrayLike,
    labels_train: ArrayLike,
    z_test: ArrayLike,
    labels_test: ArrayLike,
    num_labels: int,
    model: str = "logistic",
    draws: int = 5,
    seed: int = 0,
) -> ProbeResult:
    """The test accuracy of a simple classifier of codes that sees few labels.

    For each draw, num_labels of the training codes are chosen at random. The classes have the proportions
    of all codes there, at least one code each. `train_probe` is fitted to them. Its accuracy is the fraction
    of test codes whose class it names, without unit, in [0, 1]. The test codes decide nothing.

    Draws differ by their labels alone, since the encoder is one. So their spread says nothing of the
    spread over trained models.

    Source: the protocol of Alain and Bengio (2017), "Understanding intermediate layers using linear
    classifier probes"; for sparse codes with few labels, Miao et al. (2022), on sparsity.

    Args:
        z_train: Codes, shape (N, D).
        labels_train: Classes >= 0, shape (N,).
        z_test: Codes, shape (N', D).
        labels_test: Classes >= 0, shape (N',).
        num_labels: Labels in all, from the number of classes to N.
        model: "logistic" or "tree", as for `train_probe`.
        draws: Number of draws, >= 1.
        seed: Integer seed >= 0.

    Returns:
        A `ProbeResult`: the mean accuracy, and that of each draw.

    Raises:
        ImportError: If scikit-learn is not installed.
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is outside its range or shape.
    """
    z_train, z_test = checked.pair("z_train", z_train, "z_test", z_test)
    labels_train = checked.classes("labels_train", labels_train, len(z_train))
    labels_test = checked.classes("labels_test", labels_test, len(z_test))
    num_classes = len(np.unique(labels_train))
    if not num_classes <= checks.integer("num_labels", num_labels, minimum=1) <= len(z_train):
        raise ValueError(
            f"num_labels must be between the {num_classes} classes and the {len(z_train)} codes of "
            f"z_train; got {num_labels}."
        )
    seeds = np.random.SeedSequence(checks.integer("seed", seed, minimum=0))
    accuracies = []
    for draw in seeds.generate_state(checks.integer("draws", draws, minimum=1)).tolist():
        chosen = _stratified(labels_train, num_labels, np.random.default_rng(draw))
        probe = train_probe(z_train[chosen], labels_train[chosen], model, draw, z_train)
        accuracies.append(np.mean(probe.predict(z_test) == labels_test))
    return ProbeResult(float(np.mean(accuracies)), np.array(accuracies))


def train_probe(
    z: ArrayLike,
    labels: ArrayLike,
    model: str = "logistic",
    seed: int = 0,
    scale_of: ArrayLike | None = None,
) -> Any:
    """Simple classifier of codes, fitted.

    "logistic": logistic regression with an L2 penalty on the codes divided by their standard
    deviations, lest dimensions with a small scale be penalised away. If z has at most 1,000 rows, and each
    class at least two, the penalty is chosen from five by cross-validation in z. Otherwise it is
    scikit-learn's default (C = 1).

    "tree": a decision tree, grown in full. Its splits along single dimensions suit codes with a meaning
    per dimension.

    Args:
        z: Codes, shape (N, D).
        labels: Classes >= 0, shape (N,), at least two of them.
        model: "logistic" or "tree".
        seed: Integer seed >= 0.
        scale_of: Codes that the mean and the standard deviations are taken over, shape (N', D), for
            instance unlabelled ones; z by default.

    Returns:
        A scikit-learn pipeline, with `predict` from codes to classes.

    Raises:
        ImportError: If scikit-learn is not installed.
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is outside its range or shape.
    """
    z, scale_of = checked.pair("z", z, "scale_of", z if scale_of is None else scale_of)
    labels = checked.classes("labels", labels, len(z))
    seed = checks.integer("seed", seed, minimum=0)
    if model not in ("logistic", "tree"):
        raise ValueError(f'model must be "logistic" or "tree"; got {model!r}.')
    counts = np.unique(labels, return_counts=True)[1]
    if len(counts) < 2:
        raise ValueError(f"labels must hold at least two classes; got {labels[0]} alone.")
    pipeline = extra.load("sklearn.pipeline", "train_probe")
    # Before the pipeline, whose own fit would take the scale of z: fitted, it is only applied.
    scale = extra.load("sklearn.preprocessing", "train_probe").StandardScaler().fit(scale_of)
    if model == "tree":
        classifier = extra.load("sklearn.tree", "train_probe").DecisionTreeClassifier(
            random_state=seed
        )
    else:
        classifier = _logistic(counts, seed)
    with extra.one_thread("train_probe"):
        classifier.fit(scale.transform(z), labels)
    return pipeline.make_pipeline(scale, classifier)


def _logistic(class_counts, seed):
    linear = extra.load("sklearn.linear_model", "train_probe")
    selection = extra.load("sklearn.model_selection", "train_probe")
    regression = linear.LogisticRegression(max_iter=2000)
    if class_counts.sum() > _CHEAP or class_counts.min() < 2:
        return regression
    folds = selection.StratifiedKFold(
        min(_FOLDS, int(class_counts.min())), shuffle=True, random_state=seed
    )
    return selection.GridSearchCV(regression, {"C": _STRENGTHS}, cv=folds, scoring="neg_log_loss")


def _stratified(labels, num_labels, rng):
    """Indices of num_labels rows: one of each class, the others in proportion to the classes."""
    _, inverse, counts = np.unique(labels, return_inverse=True, return_counts=True)
    others = num_labels - len(counts)
    # Largest remainders, in whole numbers: no class gives more than it has, and the sum is exact.
    quotas, remainders = np.divmod(others * (counts - 1), max(len(labels) - len(counts), 1))
    # Ties are broken at random, else the first classes would always have one more.
    order = np.lexsort((rng.random(len(counts)), -remainders))
    quotas[order[: others - quotas.sum()]] += 1
    rows = [
        rng.permutation(np.flatnonzero(inverse == k))[: quota + 1] for k, quota in enumerate(quotas)
    ]
    return rng.permutation(np.concatenate(rows))
