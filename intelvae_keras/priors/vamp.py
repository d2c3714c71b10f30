"""The VampPrior: the mixture of the posteriors of learned pseudo-inputs."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from numpy.typing import ArrayLike
from tensorflow_probability import distributions as tfd

from intelvae_keras._engine import arrays, checks, settings, values
from intelvae_keras.priors.prior import Prior


@keras.saving.register_keras_serializable(package="intelvae_keras")
class VampPrior(Prior):
    """p(y) = (1 / K) sum_k q(y | u_k), the "variational mixture of posteriors".

    The pseudo-inputs u_k have the shape of an example and are learned. They pass the model's own encoder and
    posterior layer, in inference mode: dropout is off, and moving statistics are used. After each step they
    are clipped to the support of the likelihood, where it wants its data. KL(q || p) has no
    closed form: it is estimated as log q(y|x) - log p(y) with the sample of y that the reconstruction
    takes.

    Start from training examples, `VampPrior(30, x_train)`: then the prior is near the aggregate
    posterior from the first step, while random pseudo-inputs look like no data, and all alike to a
    convolutional encoder.

    Cost: each step encodes K more examples, and each sample of y takes K densities, which is
    K (batch, M) values in memory, and K M^2 multiplications with a full covariance.
    Source: Tomczak and Welling (2018), "VAE with a VampPrior", AISTATS, equation 9.

    Args:
        num_components: K >= 1.
        pseudo_inputs: K examples or more, shape (N, *shape of x), of which K are drawn to start from;
            None for random values: uniform in the support of the likelihood if it is bounded, else
            normal. Not part of the config: a saved model holds them in its weights, a clone starts
            from random ones.
        seed: Seed of these draws, >= 0; None for one from `keras.utils.set_random_seed`.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is outside its range; when the model is built, if the
            pseudo-inputs have another shape than the data, or are outside the support.
    """

    num_components = settings.Fixed[int]()
    seed = settings.Fixed[int | None]()

    def __init__(
        self,
        num_components: int = 30,
        pseudo_inputs: ArrayLike | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.num_components = checks.integer("num_components", num_components, minimum=1)
        self.seed = None if seed is None else checks.integer("seed", seed, minimum=0)
        start = None if pseudo_inputs is None else self._draw(pseudo_inputs)
        # A layer of its own, because it is built later than the prior: when the data are known.
        self.pseudo = _PseudoInputs(self.num_components, start, self.seed, dtype=self.dtype_policy)
        self._posterior_of = None

    def _draw(self, examples):
        examples = np.asarray(
            values.check("pseudo_inputs", arrays.as_array("pseudo_inputs", examples))
        )
        if len(examples) < self.num_components:
            raise ValueError(
                f"pseudo_inputs must hold at least num_components={self.num_components} examples; "
                f"got shape {np.shape(examples)}."
            )
        lots = keras.initializers.RandomUniform(seed=self.seed)((len(examples),))
        drawn = np.argsort(np.asarray(lots))[: self.num_components]
        return examples[drawn].astype("float32")

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Creates nothing: the pseudo-inputs wait for the shape of the data."""
        self.built = True

    def connect(
        self,
        data_shape: Sequence[int],
        posterior_of: Callable[[tf.Tensor], tfd.Distribution],
        support: tuple[float, float],
    ) -> None:
        """Creates the pseudo-inputs, and keeps the way from them to q(y|u).

        Args:
            data_shape: The shape of one example.
            posterior_of: From u, shape (K, *data_shape), to q(y|u), a tfd distribution.
            support: (low, high), the interval in which the pseudo-inputs are kept.

        Raises:
            ValueError: If another model has this prior, or the pseudo-inputs do not suit the data.
        """
        if self._posterior_of not in (None, posterior_of):
            raise ValueError(
                "prior is in use by another model, whose encoder it needs: give each model a "
                "VampPrior of its own."
            )
        if not self.pseudo.built:
            self.pseudo.build_for(tuple(data_shape), support)
        self._posterior_of = posterior_of

    @property
    def pseudo_inputs(self) -> tf.Tensor:
        """The pseudo-inputs u_1, ..., u_K: a tensor of shape (K, *shape of x).

        Raises:
            ValueError: If no model has been built with this prior.
        """
        self._check_connected()
        return tf.convert_to_tensor(self.pseudo.values)

    def components(self) -> tfd.Distribution:
        """The K posteriors q(y|u_k): a tfd distribution, batch shape (K,), event shape (M,).

        Raises:
            ValueError: If no model has been built with this prior.
        """
        return self._posterior_of(self.pseudo_inputs)

    def _check_connected(self):
        if self._posterior_of is None:
            raise ValueError(
                "VampPrior needs the encoder of a built model: give it as prior=... to InteLVAE, "
                "then call fit, or build((None, *shape of x)), first."
            )

    def distribution(self, latent_dim: int) -> tfd.Distribution:
        """The mixture of posteriors, event shape (latent_dim,)."""
        components = self.components()
        equal = tfd.Categorical(logits=tf.zeros(self.num_components, components.dtype))
        return tfd.MixtureSameFamily(equal, components)

    def log_prob(self, y: tf.Tensor) -> tf.Tensor:
        """Log p(y) in nats, shape (..., M) to (...)."""
        # TFP would copy each (M, M) triangle for each y: 13 times slower for M = 50.
        q, latent_dim = self.components(), y.shape[-1]
        offset = tf.reshape(y, (-1, latent_dim)) - q.loc[:, tf.newaxis]  # (K, N, M)
        white = q.scale.solve(offset, adjoint_arg=True)  # (K, M, N)
        log_density = -tf.reduce_sum(white**2, axis=1) / 2
        log_density -= q.scale.log_abs_determinant()[:, tf.newaxis]  # (K, N)
        constant = math.log(self.num_components) + latent_dim * math.log(2 * math.pi) / 2
        return tf.reshape(tf.reduce_logsumexp(log_density, axis=0) - constant, tf.shape(y)[:-1])

    def get_config(self) -> dict:
        """The constructor's arguments, without the array."""
        return super().get_config() | {"num_components": self.num_components, "seed": self.seed}


class _PseudoInputs(keras.layers.Layer):
    """Holds the pseudo-inputs, shape (K, *shape of x)."""

    def __init__(self, num_components, start, seed, **kwargs):
        super().__init__(**kwargs)
        self.num_components, self.seed = num_components, seed
        self._start = start

    def build_for(self, data_shape, support):
        """Creates them for data of this shape, inside the support."""
        start = self._start
        if start is not None:
            values.check("pseudo_inputs", start, support)
            if start.shape[1:] != data_shape:
                raise ValueError(
                    f"pseudo_inputs must have shape (N, {', '.join(map(str, data_shape))}), that of "
                    f"the data; got (N, {', '.join(map(str, start.shape[1:]))})."
                )
        self.build((data_shape, support))

    def build(self, data_and_support):
        data_shape, (low, high) = data_and_support
        bounded = math.isfinite(low) or math.isfinite(high)
        self.values = self.add_weight(
            shape=(self.num_components, *data_shape),
            initializer=lambda shape, dtype: self._initial(shape, dtype, low, high),
            constraint=(lambda values: ops.clip(values, low, high)) if bounded else None,
            aggregation="only_first_replica",  # of the clipping, which is the same on all
            name="values",
        )
        self.built = True

    def _initial(self, shape, dtype, low, high):
        if self._start is not None:
            return ops.cast(self._start, dtype)
        if math.isfinite(low) and math.isfinite(high):
            return keras.initializers.RandomUniform(low, high, self.seed)(shape, dtype)
        normal = keras.initializers.RandomNormal(stddev=1.0, seed=self.seed)(shape, dtype)
        if math.isfinite(low):
            return low + ops.abs(normal)
        return high - ops.abs(normal) if math.isfinite(high) else normal
