"""Every branch for several replicas, in one short process of two logical devices."""

import json

import numpy as np
import pytest
from helpers.processes import run_python

pytestmark = pytest.mark.slow

CODE = """
import json
import keras, numpy as np, tensorflow as tf
from helpers.models import binary, small_vae
from intelvae_keras import likelihoods, mappings
from intelvae_keras._engine import replicas
from intelvae_keras.mappings import sparsity_loss

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
DATA = tf.constant(np.random.default_rng(0).uniform(size=(7, 3)).astype("float32"))
WEIGHT = tf.constant(np.arange(7, dtype="float32"))


def everywhere(function):
    # Uneven parts: 5 rows on the first replica, 2 on the second.
    parts = strategy.experimental_distribute_values_from_function(
        lambda context: (DATA[:5], WEIGHT[:5]) if context.replica_id_in_sync_group == 0
        else (DATA[5:], WEIGHT[5:])
    )
    results = tf.function(lambda: strategy.run(function, args=(parts,)))()
    return [np.array(part).tolist() for part in strategy.experimental_local_results(results)]


class Noisy(keras.layers.Layer):
    def call(self, x):
        replicas.all_sum(tf.constant(0.0))  # waits for the other replica, as Sparse does
        self.add_loss(tf.reduce_sum(x))
        return x


noisy = Noisy()


def own_losses(part):
    noisy(part[0])
    replicas.all_sum(tf.constant(0.0))  # both have added theirs
    return replicas.sum_of_losses(noisy, "float32")


def q(rows):
    from tensorflow_probability import distributions as tfd
    return tfd.MultivariateNormalDiag(tf.zeros_like(rows), tf.ones_like(rows))


out = {
    "count": everywhere(lambda part: tf.constant(replicas.count())),
    "all_sum": everywhere(lambda part: replicas.all_sum(tf.reduce_sum(part[0]))),
    "mean": everywhere(lambda part: replicas.mean(tf.reduce_sum(part[0]))),
    "mean_over_batch": everywhere(lambda part: replicas.mean_over_batch(part[0][:, 0], part[1])),
    "sparsity": everywhere(lambda part: replicas.mean(sparsity_loss(part[0]))),
    "losses": everywhere(own_losses),
    "seeds": everywhere(lambda part: replicas.own_seed(tf.constant([1, 2]))),
    "truth": {
        "sum": float(tf.reduce_sum(DATA)),
        "parts": [float(tf.reduce_sum(DATA[:5])), float(tf.reduce_sum(DATA[5:]))],
        "weighted": float(tf.reduce_sum(DATA[:, 0] * WEIGHT) / 7),
        "sparsity": float(sparsity_loss(DATA)),
    },
}


def table():
    likelihood = likelihoods.Columns(
        [([0, 2, 4], "gaussian"), ([1, 3], likelihoods.Categorical(2)), ([5], "negative_binomial")],
        missing=True,
    )
    return {"likelihood": likelihood, "shape": likelihood.parameters_shape((6,))}


def train(scope, x, **kwargs):
    with scope:
        keras.utils.set_random_seed(0)
        vae = small_vae(4, mapping=mappings.Sparse(hidden=(4,)), compile=False, **kwargs)
        vae.compile(keras.optimizers.SGD(0.1))
    history = vae.fit(x, sample_weight=np.arange(7.0), batch_size=7, epochs=2, shuffle=False, verbose=0)
    weights = np.concatenate([np.array(w.value).ravel() for w in vae.trainable_weights])
    return weights, {name: values[-1] for name, values in history.history.items()}


import contextlib
tf.random.stateless_normal = lambda shape, seed, dtype: tf.zeros(shape, dtype)
x = binary(7)
with_holes = np.where(np.random.default_rng(1).uniform(size=x.shape) < 0.3, np.nan, x)
with_holes[6] = np.nan  # the last row, on the second replica
for name, x, make in (("images", x, dict), ("holes", with_holes, table)):
    one, one_history = train(contextlib.nullcontext(), x, **make())
    two, two_history = train(strategy.scope(), x, **make())
    difference = float(np.abs(one - two).max())
    out[name] = {"weights": difference, "histories": [one_history, two_history]}
print(json.dumps(out))
"""


@pytest.fixture(scope="module")
def found():
    return json.loads(run_python(CODE).splitlines()[-1])


def test_sums_and_means_are_over_both(found):
    truth = found["truth"]
    assert found["count"] == [2, 2]
    np.testing.assert_allclose(found["all_sum"], truth["sum"], rtol=1e-6)
    np.testing.assert_allclose(found["mean"], truth["sum"] / 2, rtol=1e-6)
    assert sum(found["mean_over_batch"]) == pytest.approx(truth["weighted"], rel=1e-6)
    assert abs(found["mean_over_batch"][0] - truth["weighted"]) > 0.01


def test_the_sparsity_loss_is_that_of_the_whole_batch(found):
    np.testing.assert_allclose(found["sparsity"], found["truth"]["sparsity"], rtol=1e-5)


def test_each_replica_has_its_own_losses_and_seeds(found):
    np.testing.assert_allclose(found["losses"], found["truth"]["parts"], rtol=1e-6)
    first, second = found["seeds"]
    assert first != second


@pytest.mark.parametrize("data", ["images", "holes"])
def test_a_step_on_two_replicas_is_that_on_one_device(found, data):
    assert found[data]["weights"] < 1e-6
    one, two = found[data]["histories"]
    for name, value in one.items():
        assert two[name] == pytest.approx(value, rel=1e-5, abs=1e-6), name
