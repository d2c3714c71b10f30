"""How sparse codes are: a number of each code, and a loss of all of them."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from numpy.typing import ArrayLike

from intelvae_keras._engine import arrays
from intelvae_keras.mappings.sparse import sparsity_loss
from intelvae_keras.metrics import checked

_ROUNDING = 1e-6  # relative: what varies less is constant in float32, and its deviation is noise


def hoyer_sparsity(z: ArrayLike, normalise: bool = True) -> float:
    """Hoyer's sparsity of codes: 0 for equal magnitudes (dense), 1 for one-hot codes.

    mean_i ( sqrt(D) - |z_i|_1 / |z_i|_2 ) / ( sqrt(D) - 1 ),

    a number without unit in [0, 1]. Each dimension is divided beforehand by its standard deviation
    over the samples, lest a model pass for sparse that merely scales some dimensions down. A
    dimension that is constant but for rounding says nothing of its sample, and is then taken as 0.
    A code of zeros, for which the measure is not defined, counts as 0, lest a collapsed model pass for
    sparse.

    What it cannot see: whether the decoder uses a latent. The division makes a dead latent, which only
    varies with noise, as large as a live one. So dead latents make a sparse code look dense. A code of 3
    of 20 patterns has 0.80; with 30 dead, noisy latents beside it 0.42, though it tells the same. The preset
    `fashion-vae` has 0.22, and 0.76 with its 41 dead latents of 50 set to 0. Without the division, scales
    decide. `latents_needed` asks the decoder. Compare Hoyer's numbers with those of the literature, and
    only between codes with the same live latents.

    Sources: Hoyer (2004), "Non-negative matrix factorization with sparseness constraints"; with the
    division, Mathieu et al. (2019), "Disentangling disentanglement in variational autoencoders",
    and Miao et al. (2022), on sparse representations.

    Args:
        z: Codes, shape (N, D), D >= 2.
        normalise: Whether to divide by the standard deviations.

    Returns:
        A float.

    Raises:
        TypeError: If z does not hold numbers.
        ValueError: If z has another shape, is empty, or is not finite.
    """
    z = np.asarray(arrays.as_array("z", z), dtype="float64")
    fewest = 2 if normalise else 1  # a single code has no standard deviation
    if z.ndim != 2 or len(z) < fewest or z.shape[1] < 2:
        raise ValueError(f"z must have shape (N, D) with N >= {fewest} and D >= 2; got {z.shape}.")
    if not np.isfinite(z).all():
        raise ValueError("z must be finite; got NaN or infinite values.")
    if normalise:
        deviation = z.std(axis=0)
        constant = deviation <= _ROUNDING * np.abs(z).max(axis=0)
        z = np.where(constant, 0.0, z / np.where(constant, 1.0, deviation))
    root = np.sqrt(z.shape[1])
    length = np.linalg.norm(z, axis=1)
    ratio = np.divide(np.abs(z).sum(axis=1), length, out=np.full(len(z), root), where=length > 0)
    return float(np.mean((root - ratio) / (root - 1)))


def sparsity_penalty(z: ArrayLike | tf.Tensor) -> float | tf.Tensor:
    """The sparsity loss of codes, L_sp(|z|), in nats: the more below 0, the sparser.

    L_sp = mean_i H(|z_i|) - H(mean_i |z_i|),

    with H(v) the entropy of v / sum(v): `mappings.sparsity_loss` of the magnitudes. It lies between
    -log D, for one-hot codes that use all dimensions alike, and log D; it is 0 where all codes have
    the same magnitudes, however sparse. It is a statement on all codes at once: of several batches,
    the mean is not the value. To train with it, use `mappings.SparsityPenalty`.

    Source: Miao et al. (2022), section 4, "sparsity".

    Args:
        z: Codes, shape (N, D), D >= 2: an array, or within a model a tensor.

    Returns:
        A float; for a tensor, a scalar tensor, with its gradient.

    Raises:
        TypeError: If z does not hold numbers.
        ValueError: If z has another shape, or, as an array, is empty or not finite.
    """
    if keras.ops.is_tensor(z):
        if len(z.shape) != 2 or z.shape[1] == 1:
            raise ValueError(f"z must have shape (N, D) with D >= 2; got {tuple(z.shape)}.")
        return sparsity_loss(ops.abs(z))
    z = np.abs(checked.rows("z", z))
    if z.shape[1] < 2:
        raise ValueError(f"z must have shape (N, D) with D >= 2; got {z.shape}.")
    return float(sparsity_loss(ops.convert_to_tensor(z)))
