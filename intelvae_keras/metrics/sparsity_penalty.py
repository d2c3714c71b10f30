"""The sparsity loss of codes, as a measure."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from numpy.typing import ArrayLike

from intelvae_keras.mappings.sparse import sparsity_loss
from intelvae_keras.metrics import arrays


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
    z = np.abs(arrays.rows("z", z))
    if z.shape[1] < 2:
        raise ValueError(f"z must have shape (N, D) with D >= 2; got {z.shape}.")
    return float(sparsity_loss(ops.convert_to_tensor(z)))
