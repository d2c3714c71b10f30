"""Holes filled with what the model expects there, or with draws, given the observed values."""

import warnings

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

from intelvae_keras._engine import checks
from intelvae_keras._engine.batches import CheckedData
from intelvae_keras.log_likelihood import weights_and_parameters

_VALUES = 2**21  # of the decoder's output, held at a time: 8 MB in float32
_FEW = 10  # effective samples, below which a mean or a spread says little


def impute(
    model: CheckedData,
    x: ArrayLike,
    num_samples: int = 100,
    draws: int | None = None,
    seed: int | None = None,
) -> np.ndarray:
    """Data x with their holes filled, by importance sampling from the posterior of the observed values.

    E[x_hole | x_obs] = sum_s w_s E[x_hole | g(y_s)],  y_s ~ q(y | x_obs),
    w_s proportional to p(x_obs | g(y_s)) p(y_s) / q(y_s | x_obs), with sum 1.

    Draws take y_s with probability w_s, then x ~ p(x | g(y_s)): they scatter as the data would.

    If the S samples are worth fewer than 10 equally good ones, a warning says so. No warning proves nothing:
    a mode that q never draws leaves no trace in the weights, see `log_likelihood`.

    Source: Mattei and Frellsen (2019), "MIWAE: Deep generative modelling and imputation of incomplete
    data sets", ICML, section 3.3.

    Args:
        model: An `InteLVAE` whose likelihood has `missing=True`.
        x: Data, shape (N, *shape), with NaN for holes.
        num_samples: S >= 1, samples of y for each row with holes.
        draws: None for means (and the most probable category); or the number of complete tables >= 1.
        seed: Integer seed; None for the model's next one.

    Returns:
        x as a new array, whose observed values are unchanged: shape (N, *shape), or (draws, N, *shape).

    Raises:
        TypeError: If x does not hold numbers, or another argument is not an integer.
        ValueError: If an argument is outside its range; or x is empty, of the wrong shape, outside the
            support, or has holes that may not be.
    """
    num_samples = checks.integer("num_samples", num_samples, minimum=1)
    if draws is not None:
        draws = checks.integer("draws", draws, minimum=1)
    if seed is not None:
        checks.seed("seed", seed)
    x = np.array(model.check_data("x", x))
    holes = np.isnan(x)
    filled = x if draws is None else np.repeat(x[np.newaxis], draws, axis=0)
    rows = np.flatnonzero(holes.reshape(len(x), -1).any(axis=1))
    if not len(rows):
        return filled
    graph = _graph(model, num_samples, draws)
    seed = model._stateless_seed(seed)
    widest = int(np.prod(model.likelihood.parameters_shape(model.data_shape)))
    batch_size = max(1, min(256, _VALUES // (widest * max(num_samples, draws or 1))))
    effective = []
    for start in range(0, len(rows), batch_size):
        some = rows[start : start + batch_size]
        batch = tf.cast(x[some], model.likelihood.compute_dtype)
        values, sizes = graph(batch, tf.random.fold_in(seed, start))
        filled[..., some, *[slice(None)] * (x.ndim - 1)] = np.where(
            holes[some], values.numpy(), x[some]
        )
        effective.append(sizes.numpy())
    _warn_of_few(np.concatenate(effective), num_samples)
    return filled


def _graph(model, num_samples, draws):
    """The compiled `_imputed`, kept with the model so that it is traced once."""

    def make():
        x = tf.TensorSpec((None, *model.data_shape), model.likelihood.compute_dtype)
        signature = [x, tf.TensorSpec((2,), tf.int32)]
        return lambda x, seed: _imputed(model, x, seed, num_samples, draws), signature

    return model.compiled_functions.graph(model, ("impute", num_samples, draws), make)


def _imputed(model, x, seed, num_samples, draws):
    """Values for x, shape (batch, *shape) or (draws, batch, *shape), and effective sample sizes (batch,)."""
    of_y, of_choice, of_x = tf.unstack(tf.random.split(seed, 3))
    q = model.q(x)
    y = q.sample(num_samples, seed=of_y)  # (S, batch, M)
    log_weight, parameters = weights_and_parameters(model, x, q, y)
    weight = tf.nn.softmax(log_weight, axis=0)
    effective = 1 / tf.reduce_sum(weight**2, axis=0)
    if draws is None:
        moments = model.likelihood.moments(parameters)  # (S, batch, ...)
        per_example = tf.reshape(weight, (*tf.unstack(tf.shape(weight)), *[1] * (x.shape.rank - 1)))
        # A mean may be infinite where the weight is 0.
        mean = tf.reduce_sum(tf.math.multiply_no_nan(moments, per_example), axis=0)
        return model.likelihood.point(mean), effective
    chosen = tf.random.stateless_categorical(tf.transpose(log_weight), draws, of_choice)
    order = [1, 0, *range(2, parameters.shape.rank)]
    of_chosen = tf.gather(tf.transpose(parameters, order), chosen, batch_dims=1)
    return model.likelihood.sample(tf.transpose(of_chosen, order), of_x), effective


def _warn_of_few(effective, num_samples):
    threshold = min(_FEW, num_samples / 2)
    few = np.count_nonzero(effective < threshold)
    if few:
        warnings.warn(
            f"impute: for {few} of {len(effective)} rows with holes, the {num_samples} samples are worth "
            f"fewer than {threshold:g} (the least: {effective.min():.1f}). There, means are noisy, and "
            "draws repeat themselves. Raise num_samples.",
            stacklevel=4,
        )
