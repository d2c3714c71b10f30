"""The monotone rational-quadratic spline of TFP, with parameters that may be any real numbers."""

import math

import tensorflow as tf
from tensorflow_probability import bijectors as tfb

_SMALLEST = 1e-3  # of a bin and of a slope: keeps densities bounded
_UNIT = math.log(math.expm1(1.0 - _SMALLEST))  # softplus(_UNIT) + _SMALLEST = 1


def spline(parameters: tf.Tensor, bound: float) -> tfb.RationalQuadraticSpline:
    """A monotone bijection of [-bound, bound] onto itself, the identity outside; parameters of 0 give it.

    Source: Durkan, Bekasov, Murray and Papamakarios (2019), "Neural spline flows", section 3.1.

    Args:
        parameters: Shape (..., 3 K - 1) for K bins: K widths, K heights, K - 1 slopes, before the
            functions that make them positive.
        bound: Where the spline ends, > 0.

    Returns:
        A bijector for values of shape (...).
    """
    num_bins = (parameters.shape[-1] + 1) // 3
    widths, heights, slopes = tf.split(parameters, [num_bins, num_bins, num_bins - 1], axis=-1)
    return tfb.RationalQuadraticSpline(
        bin_widths=_sizes(widths, bound),
        bin_heights=_sizes(heights, bound),
        knot_slopes=tf.math.softplus(slopes + _UNIT) + _SMALLEST,
        range_min=-bound,
    )


def _sizes(raw, bound):
    """K sizes > 0 that sum to 2 bound."""
    return tf.nn.softmax(raw) * (2 * bound - raw.shape[-1] * _SMALLEST) + _SMALLEST
