"""How many latents a code needs, in nats: those of each example, and those of all examples together."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp
from numpy.typing import ArrayLike

from intelvae_keras._engine import checks
from intelvae_keras.model import InteLVAE

_VALUES = 2**21  # of the likelihood, held at a time: 8 MB in float32
_MISSED = 0.1  # nats: a latent that no example misses as much does not enter the search
_WORTH = 1.0  # nats
_RARELY = 0.01  # of the examples


class LatentsNeeded(NamedTuple):
    """What `latents_needed` returns.

    Attributes:
        k: Latents that an example needs in the mean, its own choice.
        K: Latents that all examples together need, one choice for all.
        n1: Latents whose reset costs an example more than 1 nat, the mean number.
        used: Latents whose reset costs more than 1 nat in at least 1% of the examples.
    """

    k: float
    K: float
    n1: float
    used: int


def latents_needed(vae: InteLVAE, x: ArrayLike, keep: float = 0.9) -> LatentsNeeded:
    """The numbers of latents that carry `keep` of the nats that the code tells.

    z = encode(x) is the whole code, at the posterior's mean. To reset latent j is to set it to r_j, the
    median of z_j over the data. The nats that the code tells are

    N = mean_i log p(x_i | z_i) - mean_i log p(x_i | no code),

    where "no code" is the one distribution for all examples that suits them best. With a Gaussian of
    fixed scale, or a Bernoulli, this is the one around the mean example.

    The search begins with all latents reset. Each step puts one latent of z back, the one that gains
    most. It ends where the mean of log p(x_i | code) has lost only (1 - keep) N. k counts the steps if each
    example has an order of its own, K if all have the same. Both are interpolated between two steps.
    The search is greedy, so they are upper bounds.

    If k lies well below K, the code is sparse: each example needs few latents, and others need others. A
    latent that tells nothing changes neither number. Nor does a scale that the decoder undoes. Look at
    n1 and `used` too: `keep` leaves out the weakest latents, so k and K lie below the numbers in the
    data.

    ```python
    k, K, n1, used = metrics.latents_needed(vae, x_test[:150])
    ```

    It decodes up to N D (k + K) codes, so take some hundreds of examples.

    Args:
        vae: An `InteLVAE`.
        x: Data, shape (N, *shape).
        keep: The proportion of the nats to keep, in [0, 1].

    Returns:
        A named tuple of `k`, `K`, `n1` and `used`. k = K = 0 if the code tells nothing.

    Raises:
        TypeError: If x does not hold numbers, or keep is no number.
        ValueError: If keep is outside [0, 1], or x does not fit the model.
    """
    checks.model("vae", vae)
    keep = checks.between("keep", keep, 0.0, 1.0)
    x = vae.check_data("x", x)
    z = vae.encode(x)
    reset = np.broadcast_to(np.median(z, axis=0), z.shape).astype(z.dtype)
    everything = np.arange(z.shape[1])
    whole, nothing = _log_prob(vae, x, z), _log_prob(vae, x, reset)

    cost = whole[:, None] - _exchanged(vae, x, z, reset, everything)  # (N, D)
    gain = _exchanged(vae, x, reset, z, everything) - nothing[:, None]
    worth = cost > _WORTH
    n1, used = float(worth.sum(axis=1).mean()), int(np.sum(worth.mean(axis=0) >= _RARELY))

    told = whole.mean() - _without_code(vae, x, z)
    if told <= 0:
        return LatentsNeeded(0.0, 0.0, n1, used)
    target = whole.mean() - (1 - keep) * told
    missed = (cost.max(axis=0) >= _MISSED) | (gain.max(axis=0) >= _MISSED)
    if _log_prob(vae, x, np.where(missed, z, reset)).mean() < target:
        missed[:] = True  # many latents, each with a little
    candidates = everything[missed]

    common = [nothing]  # log p of each example after 0, 1, ... steps
    code, left = reset.copy(), list(candidates)
    while common[-1].mean() < target and left:
        values = _exchanged(vae, x, code, z, left)
        best = int(values.mean(axis=0).argmax())
        common.append(np.maximum(values[:, best], common[-1]))
        latent = left.pop(best)
        code[:, latent] = z[:, latent]

    own, code = [nothing], reset.copy()
    free, rows = np.ones((len(z), len(candidates)), bool), np.arange(len(z))
    for step in range(1, len(common)):
        if own[-1].mean() >= target:
            break
        values = np.where(free, _exchanged(vae, x, code, z, candidates), -np.inf)
        best = values.argmax(axis=1)  # (N,)
        # An example may also take the common order, where its own greedy one is worse.
        own.append(np.max([values[rows, best], own[-1], common[step]], axis=0))
        free[rows, best] = False
        code[rows, candidates[best]] = z[rows, candidates[best]]
    return LatentsNeeded(_steps(own, target), _steps(common, target), n1, used)


def _steps(curve, target):
    """The place, between two steps, where the mean of a curve reaches the target."""
    means = np.mean(curve, axis=1)
    if means[0] >= target:
        return 0.0
    last = len(means) - 1
    if means[last] < target:  # by rounding alone
        return float(last)
    return float(last - 1 + (target - means[last - 1]) / (means[last] - means[last - 1]))


def _log_prob(vae, x, code):
    """Log p(x|code) in nats, shape (N,)."""
    return _exchanged(vae, x, code, code, [0])[:, 0]


def _exchanged(vae, x, code, other, latents):
    """Log p(x|code) with one latent of each code taken from another: nats, shape (N, len(latents))."""
    graph = _graph(vae)
    of_likelihood = int(np.prod(vae.likelihood.parameters_shape(vae.data_shape)))
    rows = max(1, _VALUES // (of_likelihood * len(latents)))
    latents = tf.constant(latents, tf.int32)
    pieces = []
    for start in range(0, len(x), rows):
        here = slice(start, start + rows)
        batch = tf.cast(np.asarray(x[here]), vae.likelihood.compute_dtype)
        pieces.append(graph(batch, code[here], other[here], latents).numpy().astype("float64"))
    return np.concatenate(pieces)


def _graph(vae):
    """The compiled function behind `_exchanged`, kept with the model so that it is traced once."""

    def log_prob(x, code, other, latents):
        chosen = tf.one_hot(latents, vae.z_dim, True, False, dtype=tf.bool)  # (J, D)
        codes = tf.where(chosen[:, tf.newaxis], other, code)  # (J, batch, D)
        parameters = vae.parameters_of(tf.reshape(codes, (-1, vae.z_dim)))
        shape = tf.concat([tf.shape(codes)[:2], tf.shape(parameters)[1:]], axis=0)
        return tf.transpose(vae.likelihood.log_prob(x, tf.reshape(parameters, shape)))

    def make():
        dtype = vae.likelihood.compute_dtype
        code = tf.TensorSpec((None, vae.z_dim), dtype)
        x = tf.TensorSpec((None, *vae.data_shape), dtype)
        return log_prob, [x, code, code, tf.TensorSpec((None,), tf.int32)]

    return vae.compiled_functions.graph(vae, "latents_needed", make)


def _without_code(vae, x, z):
    """The greatest mean of log p(x_i), in nats, under one distribution for all examples.

    Its parameters are found by L-BFGS, from the mean of those that the decoder gives. So it serves for
    every likelihood.
    """
    x = tf.cast(np.asarray(x), vae.likelihood.compute_dtype)
    start = tf.reduce_mean(vae.parameters_of(z), axis=0)

    def loss(flat):
        parameters = tf.broadcast_to(tf.reshape(flat, start.shape), (len(x), *start.shape))
        return -tf.reduce_mean(vae.likelihood.log_prob(x, parameters))

    found = tfp.optimizer.lbfgs_minimize(
        lambda flat: tfp.math.value_and_gradient(loss, flat),
        tf.reshape(start, (-1,)),
        f_absolute_tolerance=1e-3,  # nats
    )
    return -float(found.objective_value)
