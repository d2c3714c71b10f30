"""Sums of few of many patterns: data whose sparse code is known."""

import numpy as np

from intelvae_keras._engine import checks
from intelvae_keras.datasets import load_options

_PATTERNS, _SIZE, _TERMS = 20, 64, 3
_SMALLEST, _LARGEST = 0.5, 1.5  # magnitudes of the amplitudes


def true_patterns() -> np.ndarray:
    """The patterns of `patterns`, the rows of an array of shape (20, 64), float32, each of length 1.

    Random directions, drawn once for all: no seed changes them. They are not orthogonal. To see
    whether a model found one, take its greatest correlation with what the decoder adds for a latent:

    ```python
    b = datasets.true_patterns()
    step = vae.decode(np.eye(vae.z_dim, dtype="float32")) - vae.decode(np.zeros((1, vae.z_dim)))
    step /= np.linalg.norm(step, axis=1, keepdims=True)
    print(np.abs(b @ step.T).max(axis=1))        # one number for each pattern, 1 is the best
    ```
    """
    rows = np.random.default_rng(20).standard_normal((_PATTERNS, _SIZE))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def patterns(
    num_samples: int, noise: float = 0.1, seed: int | np.random.Generator = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Sums of 3 of 20 patterns in 64 dimensions: x = sum_j a_j b_j + noise e, e ~ N(0, I).

    The b_j are the rows of `true_patterns()`. For each example three of the amplitudes a_j are not 0. Which
    ones is drawn at random. Their magnitudes are uniform on [0.5, 1.5), their signs + or - alike.

    Args:
        num_samples: Number of points.
        noise: Standard deviation of the Gaussian noise in each coordinate.
        seed: Integer, or a NumPy `Generator`.

    Returns:
        `(x, labels)`: x float32, shape (num_samples, 64); labels int64, shape (num_samples,), the
        index j in 0..19 of the pattern with the largest magnitude.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If `num_samples` < 1, `noise` < 0, or `seed` < 0.
    """
    rng = load_options.random_generator(seed)
    num_samples = checks.integer("num_samples", num_samples, minimum=1)
    chosen = rng.permuted(np.tile(np.arange(_PATTERNS), (num_samples, 1)), axis=1)[:, :_TERMS]
    sizes = rng.uniform(_SMALLEST, _LARGEST, chosen.shape)
    amplitudes = np.zeros((num_samples, _PATTERNS))
    np.put_along_axis(amplitudes, chosen, sizes * rng.choice([-1, 1], chosen.shape), axis=1)
    x = amplitudes @ true_patterns()
    x += checks.number("noise", noise) * rng.standard_normal(x.shape)
    return x.astype(np.float32), np.abs(amplitudes).argmax(axis=1).astype(np.int64)
