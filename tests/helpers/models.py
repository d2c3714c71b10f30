"""Small models, and data that they learn in milliseconds."""

import contextlib

import keras
import numpy as np
import tensorflow as tf

from intelvae_keras import InteLVAE, networks

SHAPE = (6,)


class Batches(keras.utils.PyDataset):
    """Batches by their numbers."""

    def __init__(self, batches, **kwargs):
        super().__init__(**kwargs)
        self.batches = batches

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index):
        return self.batches[index]


@keras.saving.register_keras_serializable(package="helpers")
def known_by_name(y):
    """A function that a new process knows by name."""
    return keras.ops.concatenate([keras.ops.tanh(2 * y), y[:, :1]], axis=-1)


def binary(num_examples=32, shape=SHAPE, seed=0):
    """Two kinds of examples: the first half of the values on, or the second; some are flipped."""
    rng = np.random.default_rng(seed)
    size = int(np.prod(shape))
    kind = rng.integers(0, 2, size=(num_examples, 1))
    first = np.arange(size) < size // 2
    on = np.where(kind == 0, first, ~first)
    flipped = rng.random((num_examples, size)) < 0.05
    return (on ^ flipped).reshape(num_examples, *shape).astype("float32")


def small_vae(latent_dim=2, *, compile=True, shape=SHAPE, num_parameters=1, **kwargs):
    """A VAE that trains in milliseconds, compiled unless told otherwise."""
    kwargs.setdefault("encoder", networks.mlp_encoder([8]))
    kwargs.setdefault("decoder", networks.mlp_decoder(shape, [8], num_parameters=num_parameters))
    vae = InteLVAE(latent_dim, **({"seed": 1} | kwargs))
    if compile:
        vae.compile("adam")
    return vae


def without_noise(vae, shape=SHAPE):
    """Makes the posterior's scale so small that the loss is a function of the data alone."""
    if not vae.built:
        vae.build((None, *shape))
    kernel, bias = vae.posterior_layer.linear.get_weights()
    kernel[:, vae.latent_dim :] = 0.0
    bias[vae.latent_dim :] = -40.0
    vae.posterior_layer.linear.set_weights([kernel, bias])
    return vae


def idle(vae):
    """Makes each step count, and do nothing else: for what looks at the count of steps alone."""

    def count(data):
        vae.optimizer.iterations.assign_add(1)
        return {"loss": tf.constant(0.0)}

    vae.train_step = count
    vae.compile("sgd", run_eagerly=True)
    return vae


def recording(vae):
    """Makes each step of training count and write down its batch: for what looks at the data alone.

    Returns:
        The list of what was seen: x and the weights (1 where there are none), batch after batch.
    """
    seen = []

    def write_down(data):
        vae.optimizer.iterations.assign_add(1)
        x, _, weight = keras.utils.unpack_x_y_sample_weight(data)
        weight = np.ones(len(x)) if weight is None else weight
        seen.extend(np.array(part, "float32") for part in (x, weight))
        return {"loss": tf.constant(0.0)}

    vae.train_step = write_down
    vae.compile("sgd", run_eagerly=True)
    return seen


class FirstState:
    """A compiled model that can be put back to its first state: quicker than a new one for each case.

    Attributes:
        vae: The model, built, with its optimizer's variables.
    """

    def __init__(self, vae, shape=SHAPE):
        vae.build((None, *shape))
        vae.optimizer.build(vae.trainable_variables)
        self.vae = vae
        self.variables = [*vae.weights, *vae.optimizer.variables, *vae._seed_states()]
        self.start = [np.array(variable) for variable in self.variables]

    def restored(self):
        """The model, as a new process would make it."""
        for variable, value in zip(self.variables, self.start, strict=True):
            variable.assign(value)
        self.vae._initial_epoch = None
        keras.utils.set_random_seed(0)
        return self.vae


def weights_of(vae):
    """Every number that training changes: weights, optimizer state, seed states."""
    variables = [*vae.weights, *vae.optimizer.variables, *vae._seed_states()]
    return [np.array(variable) for variable in variables]


def assert_same_bits(left, right):
    assert len(left) == len(right)
    for one, other in zip(left, right, strict=True):
        np.testing.assert_array_equal(one, other)


@contextlib.contextmanager
def eager_functions():
    """Runs what would be compiled line by line: quicker for graphs that run once."""
    before = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(before)
