"""A normalising flow as the prior: autoregressive splines."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorflow_probability import bijectors as tfb
from tensorflow_probability import distributions as tfd

from intelvae_keras._engine import checks, settings
from intelvae_keras._engine.precision import positive
from intelvae_keras.priors.prior import Prior
from intelvae_keras.priors.spline import spline
from intelvae_keras.priors.standard_normal import standard_normal


@keras.saving.register_keras_serializable(package="intelvae_keras")
class Flow(Prior):
    r"""p(y) = N(T(y); 0, I) |det dT/dy|, with a learned bijection T, a neural spline flow.

    Each layer of T maps dimension j by an affine function and a monotone spline, whose parameters
    a masked network computes from the dimensions before it:

        n_j = spline_j(a_j y_j + b_j),   (a_j, b_j, spline_j) = network(y_1, ..., y_(j-1)),

    so that log |det dT/dy| = sum_j log dn_j/dy_j. The next layer takes the dimensions in reverse. The
    first dimension depends on none, but its spline alone makes it multimodal, with M = 1 too. T starts
    as the identity, so p as N(0, I). KL(q || p) has no closed form: it is estimated as
    log q(y|x) - log p(y) with the sample of y that the reconstruction takes.

    Cost: a density takes one pass through each network; a draw takes M (the density is needed in each
    step, draws are not). Memory is of the order of (batch, M, num_bins).
    Source: Papamakarios, Pavlakou and Murray (2017), "Masked autoregressive flow"; Durkan et al.
    (2019), "Neural spline flows"; flows as priors of VAEs in Chen et al. (2017), "Variational lossy
    autoencoder".

    Args:
        num_layers: Layers of T, >= 1.
        num_bins: Bins of each spline, >= 2.
        hidden: Widths of each network's hidden layers, each >= 1.
        bound: The splines bend [-bound, bound], > 0; beyond, T is affine in y_j.
        seed: Seed of the networks' weights, >= 0; None for one from `keras.utils.set_random_seed`.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is outside its range.
    """

    num_layers = settings.Fixed[int]()
    num_bins = settings.Fixed[int]()
    hidden = settings.Fixed[tuple[int, ...]]()
    bound = settings.Fixed[float]()
    seed = settings.Fixed[int | None]()

    def __init__(
        self,
        num_layers: int = 2,
        num_bins: int = 8,
        hidden: Sequence[int] = (64, 64),
        bound: float = 5.0,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.num_layers = checks.integer("num_layers", num_layers, minimum=1)
        self.num_bins = checks.integer("num_bins", num_bins, minimum=2)
        self.hidden = checks.widths("hidden", hidden)
        self.bound = checks.positive("bound", bound)
        self.seed = None if seed is None else checks.integer("seed", seed, minimum=0)

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Builds the networks for y of shape (batch, M)."""
        self.networks = []
        for index in range(self.num_layers):
            seed = None if self.seed is None else self.seed + index
            network = AutoregressiveNetwork(
                2 + 3 * self.num_bins - 1, self.hidden, seed, dtype=self.dtype_policy
            )
            network.build(input_shape)
            self.networks.append(network)
        self.built = True

    def distribution(self, latent_dim: int) -> tfd.Distribution:
        """The flow as a `tfd.TransformedDistribution`, event shape (latent_dim,)."""
        return tfd.TransformedDistribution(
            standard_normal(latent_dim, self.compute_dtype), _Transport(self)
        )

    def log_prob(self, y: tf.Tensor) -> tf.Tensor:
        """Log p(y) in nats, shape (..., M) to (...)."""
        noise, log_det = self.to_noise(y)  # once; TFP would call it twice
        return standard_normal(y.shape[-1], self.compute_dtype).log_prob(noise) + log_det

    def to_noise(self, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """(T(y), log |det dT/dy|): y of shape (..., M), shapes (..., M) and (...)."""
        noise, log_det = tf.reshape(y, (-1, y.shape[-1])), 0.0
        for network in self.networks:
            scale, shift, bijector = self._split(network(noise))
            inner = scale * noise + shift
            log_slope = bijector.forward_log_det_jacobian(inner, event_ndims=0)
            noise = bijector.forward(inner)
            log_det += tf.reduce_sum(log_slope + tf.math.log(scale), axis=-1)
            noise = noise[:, ::-1]
        return tf.reshape(noise, tf.shape(y)), tf.reshape(log_det, tf.shape(y)[:-1])

    def from_noise(self, noise: tf.Tensor) -> tf.Tensor:
        """T^-1(noise), shape (..., M) to (..., M)."""
        latent_dim = noise.shape[-1]
        y = tf.reshape(noise, (-1, latent_dim))
        for network in reversed(self.networks):
            y = self._invert(network, y[:, ::-1])
        return tf.reshape(y, tf.shape(noise))

    def _invert(self, network, noise):
        """One dimension after the other, since each depends on those before it."""

        def step(dimension, y):
            scale, shift, bijector = self._split(network.for_dimension(y, dimension))  # (N, .)
            value = (bijector.inverse(tf.gather(noise, dimension, axis=-1)) - shift) / scale
            here = tf.one_hot(dimension, noise.shape[-1], dtype=y.dtype)
            return dimension + 1, y + here * value[:, tf.newaxis]

        def unfinished(dimension, y):
            return dimension < noise.shape[-1]

        return tf.while_loop(unfinished, step, (0, tf.zeros_like(noise)))[1]

    def _split(self, parameters):
        raw_scale, shift = parameters[..., 0], parameters[..., 1]
        return positive(raw_scale), shift, spline(parameters[..., 2:], self.bound)

    def get_config(self) -> dict:
        """The constructor's arguments."""
        return super().get_config() | {
            "num_layers": self.num_layers,
            "num_bins": self.num_bins,
            "hidden": list(self.hidden),
            "bound": self.bound,
            "seed": self.seed,
        }


class AutoregressiveNetwork(keras.layers.Layer):
    """P parameters for each of M dimensions, computed from the dimensions before it alone.

    Each hidden unit has a degree in 1, ..., M - 1 and sees the units of at most its degree; the
    parameters of dimension j see those of degrees below j. They are 0 at the start.
    Source: Germain, Gregor, Murray and Larochelle (2015), "MADE", section 3.

    Args:
        num_parameters: P.
        hidden: Widths of the hidden layers; there are none for M = 1, which depends on nothing.
        seed: Seed of the weights, or None.
    """

    def __init__(self, num_parameters: int, hidden: Sequence[int], seed: int | None, **kwargs: Any):
        super().__init__(**kwargs)
        self.num_parameters, self.hidden, self.seed = num_parameters, hidden, seed

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Creates the masked weights for y of shape (batch, M)."""
        latent_dim = input_shape[-1]
        degrees = np.arange(1, latent_dim + 1)
        outputs = degrees
        self.kernels, self.biases, masks = [], [], []
        for index, width in enumerate(self.hidden if latent_dim > 1 else ()):
            hidden = np.arange(width) % (latent_dim - 1) + 1
            seed = None if self.seed is None else 1000 * self.seed + index
            kernel = self.add_weight(
                shape=(len(degrees), width),
                initializer=keras.initializers.HeUniform(seed=seed),
                name=f"kernel_{index}",
            )
            self.kernels.append(kernel)
            self.biases.append(
                self.add_weight(shape=(width,), initializer="zeros", name=f"bias_{index}")
            )
            masks.append((degrees[:, None] <= hidden).astype(self.compute_dtype))
            degrees = hidden
        self.masks = tuple(masks)
        shape = (latent_dim, self.num_parameters)
        self.output_bias = self.add_weight(shape=shape, initializer="zeros", name="output_bias")
        self.output_kernel = None
        if latent_dim > 1:
            self.output_kernel = self.add_weight(
                shape=(len(degrees), *shape), initializer="zeros", name="output_kernel"
            )
            self.output_mask = (degrees[:, None, None] < outputs[:, None]).astype(
                self.compute_dtype
            )
        self.built = True

    def call(self, y: tf.Tensor) -> tf.Tensor:
        """Parameters of all dimensions: (N, M) to (N, M, P)."""
        if self.output_kernel is None:
            return tf.zeros_like(y)[..., tf.newaxis] + self.output_bias
        return tf.tensordot(self._features(y), self._output(), 1) + self.output_bias

    def for_dimension(self, y: tf.Tensor, dimension: int | tf.Tensor) -> tf.Tensor:
        """Parameters of one dimension, given by its index: (N, M) to (N, P)."""
        bias = tf.gather(self.output_bias, dimension)
        if self.output_kernel is None:
            return tf.zeros_like(y) + bias
        return self._features(y) @ tf.gather(self._output(), dimension, axis=1) + bias

    def _features(self, y):
        for kernel, bias, mask in zip(self.kernels, self.biases, self.masks, strict=True):
            y = tf.nn.relu(y @ (kernel * mask) + bias)
        return y  # (N, width)

    def _output(self):
        return self.output_kernel * self.output_mask


class _Transport(tfb.Bijector):
    """The flow as TFP sees it: forward from noise to y."""

    def __init__(self, flow):
        self._flow = flow
        super().__init__(forward_min_event_ndims=1, dtype=tf.as_dtype(flow.compute_dtype))

    def _forward(self, noise):
        return self._flow.from_noise(noise)

    def _inverse(self, y):
        return self._flow.to_noise(y)[0]

    def _inverse_log_det_jacobian(self, y):
        return self._flow.to_noise(y)[1]
