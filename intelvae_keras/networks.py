"""Encoders (x to features) and decoders (z to likelihood parameters), as plain `keras.Sequential`s.

They are defaults, not a restriction: `InteLVAE` takes any Keras model or layer in their place.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from intelvae_keras._engine import checks

Activation = str | Callable | None
_CHANNELS_LAST = {"data_format": "channels_last"}  # as the data are, whatever keras.json says


def mlp_encoder(
    units: Sequence[int] = (512, 256), activation: Activation = "relu"
) -> keras.Sequential:
    """Dense layers on the flattened data: x, shape (batch, *shape), to features (batch, units[-1]).

    Args:
        units: Widths of the layers, each >= 1.
        activation: Name of a Keras activation, or a function.

    Raises:
        ValueError: If `units` is empty or holds a width < 1.
    """
    units = checks.widths("units", units)
    dense = [layers.Dense(width, activation=activation) for width in units]
    return keras.Sequential([layers.Flatten(**_CHANNELS_LAST), *dense], name="encoder")


def mlp_decoder(
    data_shape: Sequence[int],
    units: Sequence[int] = (256, 512),
    activation: Activation = "relu",
    num_parameters: int = 1,
    bias_spread: float = 0.0,
) -> keras.Sequential:
    """Dense layers: z, shape (batch, D), to parameters (batch, *data_shape).

    Args:
        data_shape: Shape of one example, such as (28, 28, 1) or (2,).
        units: Widths of the hidden layers, each >= 1.
        activation: Name of a Keras activation, or a function, for the hidden layers.
        num_parameters: Likelihood parameters per value: 2 for a predicted scale, else 1.
        bias_spread: The first layer's biases start uniform in [-bias_spread, bias_spread], >= 0. At 0
            all kinks of a ReLU layer start at z = 0. With one latent, 1 was 1 to 3 nats better on
            MNIST-01, for models with and without a mapping. In the plane, 0 is better: there 1 doubled
            the ordinary VAE's samples off a circle.

    Raises:
        ValueError: If an argument is outside its range.
    """
    units = checks.widths("units", units)
    shape = _parameters_shape(data_shape, num_parameters)
    first = layers.Dense(units[0], activation=activation, bias_initializer=_spread(bias_spread))
    dense = [layers.Dense(width, activation=activation) for width in units[1:]]
    output = [layers.Dense(math.prod(shape)), layers.Reshape(shape)]
    return keras.Sequential([first, *dense, *output], name="decoder")


def conv_encoder(
    filters: Sequence[int] = (32,),
    units: int = 256,
    patch: int = 4,
    activation: Activation = "gelu",
) -> keras.Sequential:
    """A convolutional encoder for images: (batch, H, W, C) to features (batch, units).

    The first convolution reads patches of `patch` x `patch` pixels without overlap. Each further one is
    3 x 3 with stride 2. Give some for images much larger than 28 x 28, as in filters=(32, 64, 128).

    It has no batch normalisation, which Keras leaves unfused on TensorFlow. GELU learned faster than ReLU.
    Take a learning rate of 3e-3: on Fashion-MNIST, five epochs with it were 6 nats better than with the
    1e-3 of optimizer="adam" (docs/speed.md).

    Args:
        filters: Channels of each convolution, each >= 1.
        units: Width of the dense layer at the end, >= 1.
        patch: Side of a patch in pixels, >= 1.
        activation: Name of a Keras activation, or a function.

    Raises:
        ValueError: If an argument is outside its range.
    """
    filters = checks.widths("filters", filters)
    units = checks.integer("units", units, minimum=1)
    patch = checks.integer("patch", patch, minimum=1)
    stem = _convolution(filters[0], patch, strides=patch, activation=activation)
    further = [
        _convolution(channels, 3, strides=2, activation=activation) for channels in filters[1:]
    ]
    head = [layers.Flatten(**_CHANNELS_LAST), layers.Dense(units, activation=activation)]
    return keras.Sequential([stem, *further, *head], name="encoder")


def conv_decoder(
    data_shape: Sequence[int],
    filters: Sequence[int] = (32,),
    units: int = 256,
    patch: int = 4,
    activation: Activation = "gelu",
    num_parameters: int = 1,
    bias_spread: float = 0.0,
) -> keras.Sequential:
    """A convolutional decoder for images: z, shape (batch, D), to parameters (batch, H, W, C).

    A dense layer gives a coarse grid of filters[0] channels. Each further convolution, 2 x 2, doubles the
    grid by depth-to-space, which does the work of a transposed convolution of stride 2. The last one, 3 x 3,
    writes `patch` x `patch` pixels per point of the grid.

    Args:
        data_shape: (H, W, C), any sizes: each grid is cropped to what the next one needs.
        filters: Channels on each grid, from the coarsest on.
        units: Width of the dense layer at the start, >= 1.
        patch: Side of a patch in pixels, >= 1.
        activation: Name of a Keras activation, or a function.
        num_parameters: Likelihood parameters per value: 2 for a predicted scale, else 1.
        bias_spread: The first layer's biases start uniform in [-bias_spread, bias_spread], >= 0. At 0
            all kinks of a ReLU layer start at z = 0. With one latent, 1 was 1 to 3 nats better on
            MNIST-01, for models with and without a mapping. In the plane, 0 is better: there 1 doubled
            the ordinary VAE's samples off a circle.

    Raises:
        ValueError: If an argument is outside its range.
    """
    filters = checks.widths("filters", filters)
    units = checks.integer("units", units, minimum=1)
    patch = checks.integer("patch", patch, minimum=1)
    if len(_shape(data_shape)) != 3:
        raise ValueError(f"data_shape must be (H, W, C) for conv_decoder; got {tuple(data_shape)}.")
    height, width, channels = _parameters_shape(data_shape, num_parameters)
    grids = [(math.ceil(height / patch), math.ceil(width / patch))]  # from the finest on
    for _ in filters[1:]:
        grids.append((math.ceil(grids[-1][0] / 2), math.ceil(grids[-1][1] / 2)))
    (rows, columns), *finer = reversed(grids)
    stack = [
        layers.Dense(units, activation=activation, bias_initializer=_spread(bias_spread)),
        layers.Dense(rows * columns * filters[0], activation=activation),
        layers.Reshape((rows, columns, filters[0])),
    ]
    for grid, grid_channels in zip(finer, filters[1:], strict=True):
        stack.append(_convolution(grid_channels * 4, 2, activation=activation))
        stack.append(DepthToSpace(2, keep=grid))
    stack.append(_convolution(channels * patch**2, 3))
    stack.append(DepthToSpace(patch, keep=(height, width)))
    return keras.Sequential(stack, name="decoder")


@keras.saving.register_keras_serializable(package="intelvae_keras")
class DepthToSpace(layers.Layer):
    """Channels moved into space: (batch, H, W, C size^2) to (batch, H size, W size, C).

    Cheaper than a transposed convolution, and free of its checkerboard.
    Source: Shi et al. (2016), "Real-time single image and video super-resolution", section 3.

    Args:
        size: The factor by which height and width grow.
        keep: (rows, columns) to keep of the larger image, from its first ones on; None for all.

    Raises:
        TypeError: If `size` is not an integer, or `keep` not a list of them.
        ValueError: If one is below 1; when called, if x is no image, or its channels are no multiple of
            size^2.
    """

    def __init__(self, size: int, keep: Sequence[int] | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.size = checks.integer("size", size, minimum=1)
        self.keep = None if keep is None else checks.widths("keep", keep)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        """The larger image: (batch, H, W, C size^2) to (batch, H size, W size, C), cropped to `keep`."""
        if len(x.shape) != 4 or x.shape[3] % self.size**2:
            raise ValueError(
                f"DepthToSpace takes x of shape (batch, H, W, C * {self.size**2}); got {tuple(x.shape)}."
            )
        # Not ops.depth_to_space, whose kernel on the CPU is 3 times slower for a batch of 128 (7 x 7 to
        # 28 x 28, forward and back), and 9 times for 1,024: benchmarks/depth_to_space.py.
        height, width, channels = x.shape[1], x.shape[2], x.shape[3] // self.size**2
        x = ops.reshape(x, (-1, height, width, self.size, self.size, channels))
        x = ops.transpose(x, (0, 1, 3, 2, 4, 5))  # (batch, H, size, W, size, C)
        x = ops.reshape(x, (-1, height * self.size, width * self.size, channels))
        if self.keep in (None, x.shape[1:3]):
            return x
        # Not x[:, :rows, :columns]: the gradient of a strided slice took 1.4 ms of an 18 ms step.
        return ops.slice(x, (0, 0, 0, 0), (ops.shape(x)[0], *self.keep, channels))

    def get_config(self) -> dict:
        """The constructor's arguments."""
        return super().get_config() | {"size": self.size, "keep": self.keep}


def _convolution(filters, size, **kwargs):
    """A 2-D convolution that keeps height and width, but for its strides."""
    return layers.Conv2D(filters, size, padding="same", **_CHANNELS_LAST, **kwargs)


def _spread(bias_spread):
    """The initializer of a decoder's first biases, which places the kinks of its first units."""
    bias_spread = checks.number("bias_spread", bias_spread, minimum=0)
    return keras.initializers.RandomUniform(-bias_spread, bias_spread) if bias_spread else "zeros"


def _parameters_shape(data_shape, num_parameters):
    data_shape = _shape(data_shape)
    num_parameters = checks.integer("num_parameters", num_parameters, minimum=1)
    return (*data_shape[:-1], data_shape[-1] * num_parameters)


def _shape(data_shape):
    """The shape of one example as a tuple of whole numbers >= 1."""
    expected = "data_shape must be the shape of one example, such as x_train.shape[1:]"
    if not isinstance(data_shape, Iterable) or isinstance(data_shape, str):
        raise TypeError(f"{expected}; got {data_shape!r}.")
    if np.ndim(data_shape) > 1:
        raise TypeError(f"{expected}; got an array of shape {np.shape(data_shape)}.")
    data_shape = tuple(data_shape)
    if not data_shape or any(size is None or size < 1 for size in data_shape):
        raise ValueError(f"{expected}; got {data_shape}.")
    return tuple(checks.integer("data_shape", size, minimum=1) for size in data_shape)
