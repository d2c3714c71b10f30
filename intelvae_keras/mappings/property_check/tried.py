"""A mapping on trial: its values and gradients at points, in single and in double precision."""

import functools
import inspect

import keras
import numpy as np
import tensorflow as tf

from intelvae_keras.mappings.function import Function
from intelvae_keras.mappings.property_check import hard_points


class Tried:
    """A mapping with the points that it is tried at, and a copy of it in double precision.

    Args:
        g: A Keras layer, or a function of tensors.
        latent_dim: Number of latents M.
        straight_through: Whether its gradient is another one by intent.
    """

    def __init__(self, g, latent_dim, straight_through):
        self.g = g
        self.latent_dim = latent_dim
        self.is_layer = isinstance(g, keras.layers.Layer)
        self.straight_through = straight_through or bool(getattr(g, "straight_through", False))
        self.draws = hard_points.draws(latent_dim)
        self.hard = hard_points.hard(latent_dim)
        self.huge = hard_points.huge(latent_dim)

    def __call__(self, y, **kwargs):
        """g(y), for an array y."""
        return self.g(tf.constant(y), **kwargs)

    def values(self, y, **kwargs):
        """g(y) as a numpy array; the weights stay, such as moving averages in training."""
        kept = self.g.get_weights() if kwargs else None
        z = keras.ops.convert_to_numpy(self(y, **kwargs))
        if kept:
            self.g.set_weights(kept)
        return z

    @property
    def training(self):
        """The ways to call g: with `training=True`, too, where its layers tell it apart."""
        layers = self.g._flatten_layers() if self.is_layer else []
        differs = any("training" in inspect.signature(layer.call).parameters for layer in layers)
        return [{}, {"training": True}] if differs and self.is_layer else [{}]

    @functools.cached_property
    def double(self):
        """G in double precision, as a function of an array, or None where g cannot have it.

        That tells rounding and overflow from g itself, and lets difference quotients have tiny steps.
        """
        try:
            with np.errstate(all="ignore"):
                g = _double_copy(self.g) if self.is_layer else self.g
                if self.is_layer:
                    g(tf.constant(self.draws.astype("float64")))
                    g.set_weights(self.g.get_weights())
                z = g(tf.constant(self.draws.astype("float64")))
            same = z.dtype == tf.float64 and np.allclose(z, self.values(self.draws), 1e-3, 1e-3)
        except Exception:  # it cannot be copied, or holds numbers of single precision: no matter
            return None
        return (lambda y: np.asarray(g(tf.constant(y.astype("float64"))))) if same else None

    def gradients(self, y, cotangent):
        """The gradients of sum(cotangent * g(y)) by y; None if y is not connected with z."""
        y = tf.constant(y)
        with tf.GradientTape() as tape:
            tape.watch(y)
            z = self.g(y)
            total = tf.reduce_sum(tf.cast(cotangent, z.dtype) * z)
        gradient = tape.gradient(total, y)
        return None if gradient is None else np.asarray(gradient)

    def cotangent(self, y, seed=1):
        """A random weight for each value of z, in [0.5, 1.5] or its negative."""
        rng = np.random.default_rng(seed)
        shape = self.values(y[:1]).shape[1:]
        signs = rng.choice([-1.0, 1.0], size=(len(y), *shape))
        return (signs * rng.uniform(0.5, 1.5, signs.shape)).astype("float32")


def _double_copy(layer):
    if isinstance(layer, Function):
        return Function(layer.fn, layer.straight_through, dtype="float64")
    config = keras.saving.serialize_keras_object(layer)
    return keras.saving.deserialize_keras_object(_in_double(config))


def _in_double(config):
    """A config with every dtype of single precision replaced."""
    if isinstance(config, dict):
        if config.get("class_name") == "DTypePolicy":
            return config | {"config": {"name": "float64"}}
        return {
            key: "float64" if key == "dtype" and value == "float32" else _in_double(value)
            for key, value in config.items()
        }
    return [_in_double(value) for value in config] if isinstance(config, list) else config
