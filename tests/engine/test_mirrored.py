"""Every kind of mapping and prior on two replicas (two logical CPUs, in a new process) equals one device."""

import json

import pytest
from helpers.processes import run_python

KINDS = [
    "clusters-5-in-2d",
    "clusters-learned-in-1d",
    "circle",
    "figure-eight",
    "sphere",
    "torus",
    "sparse",
    "sparsity-penalty",
    "hierarchical",
    "linear-learned",
    "function-straight-through",
]
POLICIES = ["mixed_bfloat16", "mixed_float16"]
PRIORS = ["mixture", "vamp", "flow"]

BEGIN = """
import contextlib, json, sys
import keras, numpy as np, tensorflow as tf

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from helpers.mappings import CASES
from intelvae_keras import mappings
from helpers.models import binary, small_vae

STRATEGY = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
X = binary(37)
WEIGHT = np.linspace(0, 2, 37).astype("float32")
normal = tf.random.stateless_normal


def no_noise(shape, seed, dtype):  # so that one device and two replicas do the same
    return tf.zeros(shape, dtype)


def train(kind, scope, optimizer, epochs):
    case = CASES[kind]
    keras.utils.set_random_seed(0)
    with scope:
        vae = small_vae(case.latent_dim, mapping=case.make(), compile=False)
        vae.build((None, 6))
        vae.compile(optimizer())
    tf.random.stateless_normal = no_noise
    start = [np.array(weight) for weight in vae.trainable_weights]
    # 37 examples, batches of 9: the last has one example, so that one replica gets none.
    history = vae.fit(X, sample_weight=WEIGHT, batch_size=9, epochs=epochs, verbose=0).history
    tf.random.stateless_normal = normal
    return vae, start, [np.array(weight) for weight in vae.trainable_weights], history


def distance(left, right):
    return [float(np.abs(a - b).max()) for a, b in zip(left, right, strict=True)]


result = {}
"""

TWENTY_STEPS = (
    BEGIN
    + """
# Where a mapping is steep (Clusters) or singular (Circle), rounding errors grow by themselves.
keras.config.set_dtype_policy("float64")
for kind in sys.argv[1:]:
    sgd = lambda: keras.optimizers.SGD(0.02, momentum=0.5)
    # The penalty's slope at |y| = 0 is of the order of log(1e-7), with a curvature of 1e7: a rounding error
    # of 6e-16 after 5 steps has become 5e-13 after 10, and 6e-8 after 20.
    epochs = 2 if kind == "sparsity-penalty" else 4
    one, _, one_weights, one_history = train(kind, contextlib.nullcontext(), sgd, epochs)
    two, start, two_weights, two_history = train(kind, STRATEGY.scope(), sgd, epochs)
    result[kind] = {
        "steps": np.array(two.optimizer.iterations.value).item(),
        "moved": max(distance(two_weights, start)),
        "difference": max(distance(two_weights, one_weights)),
        "history": [one_history, two_history],
    }

keras.config.set_dtype_policy("float32")
with STRATEGY.scope():
    vae = small_vae(2)
    vae.build((None, 6))
terms = tf.function(lambda: STRATEGY.run(lambda: vae.elbo(X).reconstruction))()
noisy = [replica.numpy() for replica in STRATEGY.experimental_local_results(terms)]
result["noise"] = [float(np.abs(noisy[0] - noisy[1]).min()), float(np.abs(noisy[0]).max())]
print(json.dumps(result))
"""
)

LEARNED_PRIORS = (
    BEGIN
    + """
from helpers.priors import MAKE

keras.config.set_dtype_policy("float64")
plain = small_vae
for name in sys.argv[1:]:
    def small_vae(latent_dim, mapping, compile):
        return plain(latent_dim, prior=MAKE[name](), posterior="full", compile=compile)

    sgd = lambda: keras.optimizers.SGD(0.02, momentum=0.5)
    one, _, one_weights, _ = train("circle", contextlib.nullcontext(), sgd, 4)
    two, start, two_weights, _ = train("circle", STRATEGY.scope(), sgd, 4)
    result[name] = {
        "moved": min(distance(two_weights, start)),
        "difference": max(distance(two_weights, one_weights)),
    }
print(json.dumps(result))
"""
)

MIXED = (
    BEGIN
    + """
for policy in sys.argv[1:]:
    keras.config.set_dtype_policy(policy)
    adam = lambda: keras.optimizers.Adam(1e-2)
    _, _, _, one_history = train("sparse", contextlib.nullcontext(), adam, 6)
    two, start, weights, two_history = train("sparse", STRATEGY.scope(), adam, 6)
    result[policy] = {
        "moved": min(distance(weights, start)),
        "finite": all(np.isfinite(weight).all() for weight in weights),
        "dtypes": sorted({str(weight.dtype) for weight in two.trainable_weights}),
        "scaled": isinstance(two.optimizer, keras.optimizers.LossScaleOptimizer),
        "loss": [one_history["loss"], two_history["loss"]],
    }
print(json.dumps(result))
"""
)


@pytest.mark.slow
def test_after_20_weighted_steps_two_replicas_equal_one_device():
    result = json.loads(run_python(TWENTY_STEPS, *KINDS).splitlines()[-1])
    smallest_difference, scale = result.pop("noise")
    assert 0 < smallest_difference < scale  # the same data, other noise for every example
    assert set(result) == set(KINDS)
    for kind, values in result.items():
        assert values["steps"] == (10 if kind == "sparsity-penalty" else 20), kind
        assert values["moved"] > 1e-3, kind
        assert values["difference"] < 1e-9, kind
        one, two = values["history"]
        for term in one:
            assert two[term] == pytest.approx(one[term], rel=1e-5, abs=1e-6), (kind, term)


@pytest.mark.slow
def test_learned_priors_on_two_replicas_equal_one_device():
    result = json.loads(run_python(LEARNED_PRIORS, *PRIORS).splitlines()[-1])
    assert set(result) == set(PRIORS)
    for name, values in result.items():
        assert values["moved"] > 1e-6, name  # every weight has had a gradient
        assert values["difference"] < 1e-9, name


@pytest.mark.slow
def test_mixed_precision_on_two_replicas_is_close_to_one_device():
    result = json.loads(run_python(MIXED, *POLICIES).splitlines()[-1])
    for policy in POLICIES:
        values = result[policy]
        assert values["finite"] and values["dtypes"] == ["float32"], policy
        assert values["moved"] > 1e-4, policy  # every weight has had a gradient
        assert values["scaled"] == (policy == "mixed_float16")
        one, two = values["loss"]
        assert two[-1] < two[0] - 0.3, policy
        assert two == pytest.approx(one, rel=0.02), policy
