"""What remains of a probe's accuracy when data or codes are disturbed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from intelvae_keras._engine import arrays, checks, values
from intelvae_keras.metrics import checked


def noise_robustness(
    model: Any,
    x: ArrayLike,
    labels: ArrayLike,
    probe: Any,
    levels: Sequence[float] = (0.0, 0.1, 0.2, 0.3),
    seed: int = 0,
) -> np.ndarray:
    """The accuracy of a probe of clean codes, on the codes of noisy data.

    accuracy(s) = fraction of i with probe( encode( clip(x_i + s e_i) ) ) = label_i, e_i ~ N(0, I),

    clipped to the interval that the likelihood allows. It is a number without unit in [0, 1]. All
    levels have the same e_i, so that they differ by s alone.

    ```python
    probe = metrics.train_probe(vae.encode(x_train), labels_train)
    metrics.noise_robustness(vae, x_test, labels_test, probe)
    ```

    Args:
        model: An `InteLVAE`, or another with `encode`; codes are taken at the posterior's mean.
        x: Data, shape (N, *shape).
        labels: Classes >= 0, shape (N,).
        probe: What has `predict`, from codes to classes, as from `train_probe`.
        levels: Standard deviations s >= 0 of the noise, in units of x.
        seed: Integer seed >= 0.

    Returns:
        A numpy array of accuracies, one for each level.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is outside its range, or x does not fit the model.
    """
    if not hasattr(model, "encode"):
        raise TypeError(f"model must be an InteLVAE, or have encode; got {model!r}.")
    _check_probe(probe)
    x = np.asarray(arrays.as_array("x", x))
    labels = checked.classes("labels", labels, len(x))
    levels = [checks.number("levels", level) for level in _listed(levels)]
    rng = np.random.default_rng(checks.integer("seed", seed, minimum=0))
    noise = rng.standard_normal(x.shape, dtype="float32")
    likelihood = getattr(model, "likelihood", None)
    low, high = getattr(likelihood, "support", (-np.inf, np.inf))
    # Before x is clipped: pixels 0..255 would all be 1.
    values.check("x", x, (low, high), holes=getattr(likelihood, "missing", None))

    def accuracy(level):
        noisy = np.clip(x + np.float32(level) * noise, low, high)
        return _accuracy(probe, model.encode(noisy), labels)

    return np.array([accuracy(level) for level in levels])


def dropout_robustness(
    z: ArrayLike,
    labels: ArrayLike,
    probe: Any,
    fractions: Sequence[float] = (0.0, 0.1, 0.25, 0.5),
    fill: float = 0.0,
    seed: int = 0,
) -> np.ndarray:
    """The accuracy of a probe of whole codes, on codes that have lost some of their dimensions.

    Of each code, round(fraction * D) dimensions drawn at random are set to `fill`. The accuracy is a
    number without unit in [0, 1]. What a code loses at one fraction, it also loses at larger ones.

    Args:
        z: Codes, shape (N, D).
        labels: Classes >= 0, shape (N,).
        probe: What has `predict`, from codes to classes, as from `train_probe`.
        fractions: Fractions of the dimensions, each in [0, 1].
        fill: What stands in their place: a number, or one for each dimension, shape (D,), such as
            `z_train.mean(axis=0)`.
        seed: Integer seed >= 0.

    Returns:
        A numpy array of accuracies, one for each fraction.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is outside its range or shape.
    """
    _check_probe(probe)
    z = checked.rows("z", z)
    labels = checked.classes("labels", labels, len(z))
    fractions = [checks.number("fractions", fraction) for fraction in _listed(fractions)]
    if max(fractions, default=0.0) > 1:
        raise ValueError(f"fractions must lie in [0, 1]; got {max(fractions):g}.")
    expected = f"fill must be a finite number, or {z.shape[1]} of them, one for each dimension of z"
    try:
        fill = np.asarray(fill, dtype="float64")
    except (TypeError, ValueError) as error:
        raise TypeError(f"{expected}; got {fill!r}.") from error
    if fill.shape not in ((), (z.shape[1],)) or not np.isfinite(fill).all():
        raise ValueError(f"{expected}; got shape {fill.shape}.")
    rng = np.random.default_rng(checks.integer("seed", seed, minimum=0))
    rank = rng.permuted(np.tile(np.arange(z.shape[1]), (len(z), 1)), axis=1)  # (N, D)
    counts = [round(fraction * z.shape[1]) for fraction in fractions]
    return np.array([_accuracy(probe, np.where(rank < count, fill, z), labels) for count in counts])


def _listed(values):
    """A list of one value, or of several."""
    return values if np.ndim(values) else [values]


def _check_probe(probe):
    if not hasattr(probe, "predict"):
        raise TypeError(f"probe must have predict, as from train_probe; got {probe!r}.")


def _accuracy(probe, z, labels):
    known = getattr(probe, "n_features_in_", z.shape[1])  # scikit-learn's
    if known != z.shape[1]:
        raise ValueError(
            f"probe must have been trained on codes of {z.shape[1]} dimensions; got one of {known}."
        )
    return float(np.mean(np.asarray(probe.predict(z)) == labels))
