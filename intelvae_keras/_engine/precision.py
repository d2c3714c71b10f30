"""Full precision for densities, and scales that stay positive."""

import math

import keras
from keras import ops

_UNIT = math.log(math.expm1(1.0))  # softplus(_UNIT) = 1: training starts at the prior's scale
_SMALLEST_SCALE = 1e-5  # keeps log q finite; far below any scale worth learning


def full_precision():
    """The dtype of densities, mappings and sums: float32 also under a policy of half precision.

    KL terms and steep mappings need the full mantissa, and cost little beside the networks. float16
    would even overflow: a log-likelihood of -70,000 nats is no rare one.
    """
    return at_least_float32(keras.config.dtype_policy().variable_dtype)


def at_least_float32(dtype):
    """The dtype, or float32 in place of a shorter one."""
    return "float32" if dtype in ("float16", "bfloat16") else dtype


def positive(raw, smallest=_SMALLEST_SCALE):
    """A learned scale > `smallest`, about 1 at raw = 0: softplus(raw + log(e - 1)) + smallest."""
    return ops.softplus(raw + _UNIT) + smallest


def inverse_softplus(scale):
    """The raw value with softplus(raw) = scale, a number > 0, for large scales too."""
    return scale + math.log(-math.expm1(-scale))


def require_real_numbers(policy):
    """Refuses a model's dtype that is none for real numbers, such as int32."""
    if not keras.backend.is_float_dtype(policy.variable_dtype):
        raise ValueError(
            f'dtype must be one of real numbers, such as "float32" or "mixed_float16"; got {policy.name!r}.'
        )
