"""The marginal likelihood, by importance sampling from the posterior."""

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike
from tensorflow_probability import distributions as tfd

from intelvae_keras._engine import checks
from intelvae_keras._engine.batches import CheckedData

_VALUES = 2**21  # of likelihood or prior, held at a time: 8 MB in float32, whatever num_samples


def log_likelihood(
    model: CheckedData, x: ArrayLike, num_samples: int = 500, seed: int = 0
) -> np.ndarray:
    """An importance-weighted lower bound on log p(x), which tightens with the number of samples.

    log p(x) >= E log (1/S) sum_s p(x | g(y_s)) p(y_s) / q(y_s | x),  y_s ~ q(y | x).

    The sum is accumulated over chunks of samples, so that memory does not grow with S. Where x has holes,
    this is log p(observed values). So what held-out values have, given the others, is a difference:
    log p(held out | observed) = log p(all) - log p(observed). A row of holes alone has log p = 0.

    The bound cannot see what q never draws. If p(y|x) has two equal modes and q covers one, the bound stays
    log 2 = 0.69 nats short, whatever S. Then all weights are equal, and the effective sample size
    1 / sum_s w_s^2 is S. So a small one is an alarm, and a large one proves nothing.

    Source: Burda, Grosse and Salakhutdinov (2016), "Importance weighted autoencoders", equation 8.

    Args:
        model: An `InteLVAE`.
        x: Data, shape (N, *shape).
        num_samples: S >= 1, samples of y per example. S = 1 gives the ELBO in expectation.
        seed: Integer seed; the same seed gives the same numbers.

    Returns:
        Nats per example, a numpy array of shape (N,).

    Raises:
        TypeError: If x does not hold numbers, or num_samples is not an integer.
        ValueError: If num_samples < 1, or x is empty, not finite, of the wrong shape, or outside the support.
    """
    checks.model("model", model)
    num_samples = checks.integer("num_samples", num_samples, minimum=1)
    seed = checks.seed("seed", seed)
    x = model.check_data("x", x)
    of_likelihood = int(np.prod(model.likelihood.parameters_shape(model.data_shape)))
    of_prior = model.prior.num_components * model.latent_dim
    rows = max(1, _VALUES // max(of_likelihood, of_prior))
    batch_size = min(len(x), max(1, rows // min(num_samples, 50)), 256)
    chunk = min(num_samples, max(1, rows // batch_size))

    graph = _graph(model, chunk)
    bounds = []
    for start in range(0, len(x), batch_size):
        batch = tf.cast(np.asarray(x[start : start + batch_size]), model.data_dtype)
        bounds.append(graph(batch, num_samples, tf.constant([start, seed], tf.int32)).numpy())
    return np.concatenate(bounds)


def _graph(model, chunk):
    """The compiled `_bound`, kept with the model so that it is traced once."""

    def make():
        x = tf.TensorSpec((None, *model.data_shape), model.data_dtype)
        signature = [x, tf.TensorSpec((), tf.int32), tf.TensorSpec((2,), tf.int32)]
        return lambda x, num_samples, seed: _bound(model, x, num_samples, chunk, seed), signature

    return model.compiled_functions.graph(model, ("log_likelihood", chunk), make)


def _bound(model, x, num_samples, chunk, seed):
    """The bound for one batch: a running log-sum-exp over chunks of samples."""
    q = model.q(x)  # of whole numbers as they are: the density's dtype would round large ones
    x = tf.cast(x, model.likelihood.compute_dtype)
    num_chunks = -(-num_samples // chunk)
    largest = tf.fill(tf.shape(x)[:1], x.dtype.min)  # finite: -inf less -inf would be NaN
    total = tf.zeros(tf.shape(x)[:1], x.dtype)  # sum of exp(log weight - largest)

    for index in tf.range(num_chunks):
        y = q.sample(chunk, seed=tf.random.fold_in(seed, index))  # (chunk, batch, M)
        log_weight = log_importance_weight(model, x, q, y)
        kept = index * chunk + tf.range(chunk) < num_samples  # the last chunk may hold too many
        log_weight = tf.where(kept[:, tf.newaxis], log_weight, -np.inf)
        new_largest = tf.maximum(largest, tf.reduce_max(log_weight, axis=0))
        total = total * tf.exp(largest - new_largest)
        total += tf.reduce_sum(tf.exp(log_weight - new_largest), axis=0)
        largest = new_largest
    return largest + tf.math.log(total) - tf.math.log(tf.cast(num_samples, x.dtype))


def log_importance_weight(
    model: CheckedData, x: tf.Tensor, q: tfd.Distribution, y: tf.Tensor
) -> tf.Tensor:
    """Log p(x | g(y)) + log p(y) - log q(y | x): samples y, shape (S, batch, M), to (S, batch)."""
    return weights_and_parameters(model, x, q, y)[0]


def weights_and_parameters(model, x, q, y):
    """The log weights, shape (S, batch), and the parameters of p(x|z), shape (S, batch, ...)."""
    num_samples, batch = y.shape[0], tf.shape(y)[1]
    z = model.mapping(tf.reshape(y, (-1, model.latent_dim)))  # (S * batch, D)
    parameters = model.parameters_of(z)
    parameters = tf.reshape(parameters, (num_samples, batch, *parameters.shape[1:]))
    log_joint = model.likelihood.log_prob(x, parameters) + model.prior.log_prob(y)
    return log_joint - q.log_prob(y), parameters
