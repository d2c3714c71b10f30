"""Keras layers as the page's instructions: plain dictionaries, their weights by index."""

from collections.abc import Callable

import keras
import numpy as np
from numpy.typing import ArrayLike

from intelvae_keras.explorer.tensors import Tensors
from intelvae_keras.networks import DepthToSpace

ACTIVATIONS = (
    "linear relu relu6 leaky_relu elu selu gelu silu sigmoid hard_sigmoid hard_silu tanh softplus "
    "softsign exponential mish log_sigmoid softmax"
).split()
_NAMES = {keras.activations.get(name): name for name in ACTIVATIONS}
_NOT_RUN = keras.layers.Dropout, keras.layers.GaussianNoise, keras.layers.GaussianDropout
_NOT_RUN += keras.layers.SpatialDropout1D, keras.layers.SpatialDropout2D, keras.layers.AlphaDropout
_NOT_RUN += keras.layers.InputLayer, keras.layers.Identity
_NOT_RUN += (keras.layers.ActivityRegularization,)


class Writer:
    """A writer of networks as lists of instructions, and of their weights into `tensors`.

    Args:
        tensors: Where the weights go.
        dtype: Their type there.
        part: The part of the model that is written, for the messages.
    """

    def __init__(self, tensors: Tensors, dtype: str, part: str):
        self.tensors, self.dtype, self.part = tensors, dtype, part

    def network(self, network: keras.layers.Layer) -> list[dict]:
        """The instructions of a layer, a `Sequential`, or a `Model` whose layers form a chain.

        Raises:
            ValueError: If it holds a layer or an activation that the page cannot run.
        """
        layers = self.layers(network)
        if layers is not None:
            return [step for layer in layers for step in self.network(layer)]
        if type(network) in _NOT_RUN:  # the identity, outside of training
            return []
        write = _LAYERS.get(type(network))
        if write is None:
            raise ValueError(
                f"{self.part}: the page cannot run the layer {type(network).__name__} "
                f"({network.name!r}). It runs {', '.join(sorted(t.__name__ for t in _LAYERS))}."
            )
        if getattr(network, "data_format", "channels_last") != "channels_last":
            raise ValueError(f"{self.part}: {network.name!r} must have channels_last images.")
        return write(self, network)

    def layers(self, network: keras.layers.Layer) -> list[keras.layers.Layer] | None:
        """The layers of a `Sequential` or functional model, one behind the other; None for another layer.

        Raises:
            ValueError: If it branches.
        """
        if isinstance(network, keras.Sequential):
            return network.layers
        return self._chain(network) if type(network).__name__ == "Functional" else None

    def _chain(self, model):
        layers = [layer for layer in model.layers if type(layer) is not keras.layers.InputLayer]
        simple = len(model.inputs) == len(model.outputs) == 1 and all(
            len(layer._inbound_nodes) == 1
            and len(layer._inbound_nodes[0].input_tensors) == 1
            and layer._inbound_nodes[0].input_tensors[0] is before
            for layer, before in zip(
                layers, [model.inputs[0], *(layer.output for layer in layers)], strict=False
            )
        )
        if not simple:
            raise ValueError(
                f"{self.part}: the page runs layers in a chain; the model {model.name!r} branches."
            )
        return layers

    def activation(self, function: str | Callable | None, layer: keras.layers.Layer) -> list[dict]:
        """The instruction of an activation: none for the identity."""
        if isinstance(function, keras.layers.Layer):
            return self.network(function)
        name = _NAMES.get(keras.activations.get(function))
        if name is None:
            called = getattr(function, "__name__", function)
            raise ValueError(
                f"{self.part}: the page cannot run the activation {called!r} of {layer.name!r}. "
                f"It runs {', '.join(ACTIVATIONS)}."
            )
        return [] if name == "linear" else [{"type": "activation", "name": name}]

    def weight(self, values: ArrayLike) -> int:
        """The index of a weight."""
        return self.tensors.add(values, self.dtype)


def _kernel_and_bias(writer, layer):
    return {
        "kernel": writer.weight(layer.kernel),
        "bias": writer.weight(layer.bias) if layer.use_bias else None,
    }


def _dense(writer, layer):
    step = {"type": "dense"} | _kernel_and_bias(writer, layer)
    return [step, *writer.activation(layer.activation, layer)]


def _convolution(kind):
    def write(writer, layer):
        if getattr(layer, "groups", 1) != 1 or set(layer.dilation_rate) != {1}:
            raise ValueError(
                f"{writer.part}: the page runs convolutions of one group without dilation; "
                f"{layer.name!r} has another."
            )
        if getattr(layer, "output_padding", None) not in (None, (None, None)):
            raise ValueError(
                f"{writer.part}: the page cannot run output_padding, of {layer.name!r}."
            )
        step = {"type": kind, "strides": list(layer.strides), "padding": layer.padding}
        step |= _kernel_and_bias(writer, layer)
        return [step, *writer.activation(layer.activation, layer)]

    return write


def _batch_normalization(writer, layer):
    """Outside of training: x * scale + shift, for each channel."""
    if layer.axis not in (-1, layer.input_spec.ndim - 1):
        raise ValueError(f"{writer.part}: {layer.name!r} must normalise the last axis.")
    scale = 1 / keras.ops.sqrt(layer.moving_variance + layer.epsilon)
    if layer.scale:
        scale = scale * layer.gamma
    shift = -layer.moving_mean * scale
    if layer.center:
        shift = shift + layer.beta
    return [{"type": "affine", "scale": writer.weight(scale), "shift": writer.weight(shift)}]


def _layer_normalization(writer, layer):
    """Over the last axis: (x - mean) / sqrt(variance + epsilon), then the layer's scale and shift."""
    if layer.axis not in (-1, [-1]) or layer.rms_scaling:
        raise ValueError(f"{writer.part}: {layer.name!r} must normalise the last axis, axis=-1.")
    steps = [{"type": "normalize", "epsilon": float(layer.epsilon)}]
    if layer.scale or layer.center:
        one = layer.gamma if layer.scale else layer.beta
        scale = layer.gamma if layer.scale else np.ones(one.shape)
        shift = layer.beta if layer.center else np.zeros(one.shape)
        steps += [{"type": "affine", "scale": writer.weight(scale), "shift": writer.weight(shift)}]
    return steps


def _rescaling(writer, layer):
    """A scale and an offset: one number each, or one for each channel. They are few, and not rounded."""
    both = np.broadcast_arrays(*(np.atleast_1d(value) for value in (layer.scale, layer.offset)))
    if both[0].ndim > 1:
        raise ValueError(f"{writer.part}: {layer.name!r} must rescale the channels, or all alike.")
    scale, shift = (writer.tensors.add(value, "float32") for value in both)
    return [{"type": "affine", "scale": scale, "shift": shift}]


def _relu(writer, layer):
    step = {"type": "relu", "slope": float(layer.negative_slope)}
    step |= {"threshold": float(layer.threshold)}
    step |= {"max": None if layer.max_value is None else float(layer.max_value)}
    return [step]


def _leaky_relu(writer, layer):
    return [{"type": "relu", "slope": float(layer.negative_slope), "threshold": 0.0, "max": None}]


def _softmax(writer, layer):
    if layer.axis != -1:
        raise ValueError(f"{writer.part}: {layer.name!r} must be a softmax of the last axis.")
    return [{"type": "activation", "name": "softmax"}]


def _upsampling(writer, layer):
    if layer.interpolation != "nearest":
        raise ValueError(f"{writer.part}: {layer.name!r} must have interpolation='nearest'.")
    return [{"type": "repeat", "size": list(layer.size)}]


def _depth_to_space(writer, layer):
    keep = None if layer.keep is None else list(layer.keep)
    return [{"type": "depth_to_space", "size": layer.size, "keep": keep}]


_LAYERS = {
    keras.layers.Dense: _dense,
    keras.layers.Conv2D: _convolution("conv2d"),
    keras.layers.Conv2DTranspose: _convolution("conv2d_transpose"),
    keras.layers.BatchNormalization: _batch_normalization,
    keras.layers.LayerNormalization: _layer_normalization,
    keras.layers.Rescaling: _rescaling,
    keras.layers.Reshape: lambda w, layer: [{"type": "reshape", "shape": list(layer.target_shape)}],
    keras.layers.Flatten: lambda w, layer: [{"type": "reshape", "shape": [-1]}],
    keras.layers.Activation: lambda w, layer: w.activation(layer.activation, layer),
    keras.layers.ReLU: _relu,
    keras.layers.LeakyReLU: _leaky_relu,
    keras.layers.ELU: lambda w, layer: [{"type": "elu", "alpha": float(layer.alpha)}],
    keras.layers.Softmax: _softmax,
    keras.layers.UpSampling2D: _upsampling,
    DepthToSpace: _depth_to_space,
}
