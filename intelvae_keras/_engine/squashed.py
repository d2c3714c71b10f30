"""A warning of decoders that end in a sigmoid or the like, where the likelihood wants real numbers."""

import warnings

import keras
import numpy as np

_ENDINGS = {
    "sigmoid",
    "hard_sigmoid",
    "tanh",
    "softmax",
    "relu",
    "relu6",
    "softplus",
    "exponential",
}
_FEWEST_VALUES = 6  # of which all may be positive by chance in 1 of millions of decoders only


def warn(model):
    """Warns if the decoder squashes its output, and the likelihood does so again.

    With such a decoder a Bernoulli's probabilities stay between 0.5 and 0.73, without an error.

    Args:
        model: An `InteLVAE` with connected parts.
    """
    unbounded = model.likelihood.unbounded_parameters
    if not unbounded:
        return
    ending = _activation(model.decoder)
    reason = f"ends in the activation {ending!r}"
    if ending not in _ENDINGS:
        reason = _by_its_outputs(model, unbounded)
    if reason:
        warnings.warn(
            f"decoder {reason}, but the likelihood {type(model.likelihood).__name__} wants any real "
            "number there, since it squashes it itself: the model would learn badly. "
            "Remove the activation of the decoder's last layer (activation=None).",
            stacklevel=2,
        )


def _activation(layer):
    """The name of the activation that a network ends in, where its layers tell."""
    inner = getattr(layer, "layers", None)
    if not inner:
        return getattr(getattr(layer, "activation", None), "__name__", type(layer).__name__.lower())
    for last in reversed(inner):
        if last.weights or hasattr(last, "activation") or getattr(last, "layers", None):
            return _activation(last)
        name = type(last).__name__.lower()
        if name in _ENDINGS:  # keras.layers.ReLU, Softmax
            return name
    return None


def _by_its_outputs(model, unbounded):
    """What the outputs at many points z, far out too, say: a function inside may squash them."""
    z = np.random.default_rng(0).normal(size=(16, model.z_dim))
    z = np.concatenate([z, -z, 30 * z, -30 * z]).astype("float32")
    parameters = keras.ops.convert_to_numpy(model.parameters_of(keras.ops.convert_to_tensor(z)))
    parts = np.split(parameters.astype("float64"), model.likelihood.num_parameters, axis=-1)
    for values in (parts[index] for index in unbounded):
        if values[0].size < _FEWEST_VALUES or not np.isfinite(values).all():
            continue
        low, high = values.min(), values.max()
        if low >= 0 and high > 0:
            return f"gives no negative number (of {len(z)} points z: {low:.2g} to {high:.2g})"
        if 1 - 1e-4 < max(-low, high) <= 1:
            return "gives numbers in [-1, 1] alone"
    return None
