"""Training on two replicas (two logical CPUs, in a new process) equals training on one device."""

import json

import pytest
from helpers.processes import run_python

TWO_REPLICAS = """
import json, sys
import contextlib, tempfile
import keras, numpy as np, tensorflow as tf

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from intelvae_keras import callbacks, mappings
from intelvae_keras._engine import replicas
from helpers.models import binary, small_vae, without_noise

# Where a mapping is steep, float32's rounding errors grow by themselves: 1e-7 at the start became 7e-4.
keras.config.set_dtype_policy("float64")
X = binary(37)
MAKE = {
    "clusters": lambda: small_vae(
        2, mapping=mappings.Clusters(3, learn_proportions=True, width=0.5), compile=False
    ),
    "sparse": lambda: small_vae(4, mapping=mappings.Sparse(), compile=False),
    "two mappings with losses": lambda: small_vae(
        4,
        mapping=keras.Sequential(
            [mappings.Sparse(), mappings.Clusters(3, learn_proportions=True, width=0.5)]
        ),
        compile=False,
    ),
    "regularised": lambda: small_vae(
        2,
        decoder=keras.Sequential(
            [keras.layers.Dense(6, kernel_regularizer=keras.regularizers.L2(0.1))]
        ),
        compile=False,
    ),
}
# 37 examples, batches of 9: the last batch has one example, so that one replica gets none.
WEIGHT = np.linspace(0, 2, 37).astype("float32")


STRATEGY = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])  # TensorFlow takes one a process


def train(name, scope):
    keras.utils.set_random_seed(0)
    with scope:
        vae = without_noise(MAKE[name]())
        vae.compile(keras.optimizers.SGD(0.05))
    history = vae.fit(
        X,
        sample_weight=WEIGHT,
        validation_data=(X, None),
        batch_size=9,
        epochs=2,
        verbose=0,
        callbacks=[callbacks.KLWarmup(epochs=2)] + (
            [callbacks.WidthAnnealing(steps=8, start=1.0)] if name == "clusters" else []
        ),
    ).history
    final = [np.array(weight) for weight in vae.trainable_weights]
    return vae, history, final


def no_noise(shape, seed, dtype):
    return tf.zeros(shape, dtype)


def compare(name):
    one, one_history, one_weights = train(name, contextlib.nullcontext())
    two, two_history, two_weights = train(name, STRATEGY.scope())
    return {
        "weights": float(max(np.abs(a - b).max() for a, b in zip(one_weights, two_weights))),
        "steps": [np.array(model.optimizer.iterations.value).item() for model in (one, two)],
        "metrics": [[one_history[term], two_history[term]] for term in one_history],
        "evaluate": [model.evaluate(X, batch_size=9, verbose=0) for model in (one, two)],
        "predict": float(
            np.abs(one.predict(X, verbose=0) - two.predict(X, batch_size=9, verbose=0)).max()
        ),
    }


# The largest difference between a model of two replicas and its saved copy on one device.
def reload():
    with STRATEGY.scope():
        vae = MAKE["sparse"]()
        vae.compile("adam")
    vae.fit(X[:4], verbose=0)
    with tempfile.TemporaryDirectory() as folder:
        vae.save(folder + "/model.keras")
        loaded = keras.saving.load_model(folder + "/model.keras")
    return float(np.abs(loaded.encode(X) - vae.encode(X)).max())


def noise():
    with STRATEGY.scope():
        vae = small_vae(2)
    seeds = vae.distribute_strategy.run(
        lambda: replicas.own_seed(tf.constant([1, 2]))
    )
    seeds = [seed.numpy().tolist() for seed in vae.distribute_strategy.experimental_local_results(seeds)]
    return {"seeds": seeds, "alone": replicas.own_seed(tf.constant([1, 2])).numpy().tolist()}


def jit():
    with STRATEGY.scope():
        vae = small_vae(2, compile=False)
        try:
            vae.compile("adam", jit_compile=True)
        except ValueError as error:
            return str(error)


tf.random.stateless_normal = no_noise  # so that one device and two replicas do the same
result = {name: compare(name) for name in MAKE}
print(json.dumps(result | {"noise": noise(), "jit": jit(), "reload": reload()}))
"""


@pytest.mark.slow
def test_two_replicas_train_like_one_device():
    result = json.loads(run_python(TWO_REPLICAS).splitlines()[-1])
    assert "jit_compile must be False under a tf.distribute strategy" in result.pop("jit")
    assert result.pop("reload") == 0
    noise = result.pop("noise")
    assert noise["alone"] == [1, 2]
    assert noise["seeds"][0] != noise["seeds"][1]
    assert set(result) == {"clusters", "sparse", "two mappings with losses", "regularised"}
    for name, values in result.items():
        assert values["steps"] == [10, 10], name
        assert values["weights"] < 1e-9, name
        for one, two in [*values["metrics"], values["evaluate"]]:
            assert two == pytest.approx(one, rel=1e-5, abs=1e-6), name
        assert values["predict"] < 1e-6, name
