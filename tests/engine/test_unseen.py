"""Weights inside functions: what the model reads and cannot train is refused, and the rest trains."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.marks import fast_first
from helpers.models import binary, small_vae

from intelvae_keras import likelihoods, mappings, priors

X = binary(16)
NUMBER = tf.Variable(1.5)


def dense(built=True):
    layer = keras.layers.Dense(2, name="hidden_one")
    if built:
        layer.build((None, 2))
    return layer


class Callable:
    def __init__(self):
        self.layer = dense()

    def __call__(self, y):
        return self.layer(y)


class Module(tf.Module):
    def __init__(self):
        self.matrix = tf.Variable(tf.eye(2))

    def __call__(self, y):
        return y @ self.matrix


class HoldsAVariable(mappings.Mapping):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.scale = tf.Variable([1.0, 2.0])

    def call(self, y):
        return y * self.scale


class HoldsAnObject(HoldsAVariable):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.scale = Callable()

    def call(self, y):
        return self.scale(y)


class HoldsContainers(mappings.Mapping):
    """Keras tracks lists, dicts and tuples."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.row, self.table, self.pair = [dense()], {"a": [dense()]}, (dense(), dense())
        self.number = keras.Variable([1.0, 2.0])

    def call(self, y):
        for layer in (*self.row, *self.table["a"], *self.pair):
            y = layer(y)
        return y * self.number


class OwnLikelihood(likelihoods.Bernoulli):
    def log_prob(self, x, parameters):
        return super().log_prob(x, NUMBER * parameters)


class OwnPrior(priors.StandardNormal):
    def kl_divergence(self, q, y):
        return NUMBER * super().kl_divergence(q, y)


def called(layer):
    return lambda inputs: layer(inputs)


MAPPINGS = {
    "lambda": lambda: called(dense()),
    "not built": lambda: called(dense(built=False)),
    "Function": lambda: mappings.Function(called(dense())),
    "bound method": lambda: dense().call,
    "partial": lambda: functools.partial(tf.matmul, b=tf.Variable(tf.eye(2))),
    "object": Callable,
    "module": Module,
    "variable": lambda: lambda y: NUMBER * y,
    "Lambda": lambda: keras.Sequential([keras.layers.Lambda(called(dense()))]),
    "attribute": HoldsAVariable,
    "attribute's attribute": HoldsAnObject,
}


@pytest.mark.filterwarnings("ignore:fn of mappings.Function has no name")
@pytest.mark.parametrize("name", fast_first(MAPPINGS, ["Function", "partial", "module", "Lambda"]))
def test_a_mapping_that_hides_weights_is_refused_with_the_way_out(name):
    with pytest.raises(ValueError, match=r"it reads .*pass the layer itself .*add_weight") as error:
        small_vae(mapping=MAPPINGS[name]())
    assert any(word in str(error.value) for word in ("hidden_one", "Variable", "kernel"))


def test_networks_that_hide_weights_are_refused():
    decode = keras.layers.Dense(6)
    decode.build((None, 2))
    with pytest.raises(ValueError, match="it reads .*kernel"):
        small_vae(decoder=keras.layers.Lambda(called(decode)))
    vae = small_vae(encoder=keras.layers.Lambda(called(keras.layers.Dense(4))))
    with pytest.raises(ValueError, match="it reads .*kernel"):
        vae.fit(X, verbose=0)


@pytest.mark.parametrize("parts", [{"likelihood": OwnLikelihood()}, {"prior": OwnPrior()}])
def test_densities_that_hide_weights_are_refused_before_the_first_step(parts):
    vae = small_vae(**parts)
    with pytest.raises(ValueError, match="it reads Variable"):
        vae.fit(X, verbose=0)
    assert vae.optimizer.iterations == 0


def test_constants_and_frozen_layers_may_be_in_a_function():
    frozen, fixed = dense(), tf.Variable(2.0, trainable=False)
    frozen.trainable = False
    vae = small_vae(mapping=lambda y: frozen(y) * fixed + tf.constant(1.0) * np.float32(2))
    vae.compile("adam", run_eagerly=True)
    vae.fit(X, verbose=0)
    frozen.trainable = True
    with pytest.raises(ValueError, match="hidden_one/kernel"):
        vae.fit(X, verbose=0)


def test_what_a_mapping_holds_in_containers_is_trained():
    vae = small_vae(mapping=HoldsContainers())
    before = [np.array(weight) for weight in vae.mapping.trainable_weights]
    assert len(before) == 9
    vae.compile(keras.optimizers.Adam(0.1), run_eagerly=True)
    vae.fit(X, batch_size=16, verbose=0)
    for start, weight in zip(before, vae.mapping.trainable_weights, strict=True):
        assert np.any(np.array(weight) != start)
