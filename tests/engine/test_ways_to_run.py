"""Ways to run `fit`: as a graph, eagerly, by XLA, again and again, each with the same result."""

import keras
import numpy as np
import pytest
from helpers.marks import fast_first
from helpers.models import assert_same_bits, binary, small_vae, weights_of, without_noise

from intelvae_keras import mappings

X = binary(20)
BATCH = 8  # 20 examples: an uneven last batch
STEPS = 3

WAYS = {
    "a graph": {},
    "two steps per execution": {"steps_per_execution": 2},
    "XLA": {"jit_compile": True},
}


@pytest.fixture(scope="module")
def eager_weights():
    return _train_by({"run_eagerly": True})


def _train_by(options):
    keras.utils.set_random_seed(0)
    vae = without_noise(small_vae(mapping=mappings.Clusters(2, width=0.5), compile=False))
    vae.compile(keras.optimizers.SGD(0.1), **options)
    before = vae.get_weights()
    vae.fit(X, epochs=2, batch_size=BATCH, shuffle=False, verbose=0)
    assert vae.optimizer.iterations == 2 * STEPS
    assert any(
        np.abs(one - other).max() > 1e-2
        for one, other in zip(before, vae.get_weights(), strict=True)
    )
    return vae.get_weights()


@pytest.mark.filterwarnings("ignore:Your input ran out of data")  # Keras, after an uneven last call
@pytest.mark.parametrize("way", fast_first(WAYS, ["two steps per execution"]))
def test_every_way_to_run_gives_the_same_weights(way, eager_weights):
    for one, other in zip(_train_by(WAYS[way]), eager_weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_loss_scaling_does_not_change_the_steps():
    # By SGD, since Adam's steps do not depend on the scale of the gradients.
    weights = []
    for scaled in (False, True):
        keras.utils.set_random_seed(0)
        vae = without_noise(small_vae(compile=False))
        optimizer = keras.optimizers.SGD(0.1)
        if scaled:
            optimizer = keras.optimizers.LossScaleOptimizer(optimizer, initial_scale=1024.0)
        vae.compile(optimizer, run_eagerly=True)
        vae.fit(X, batch_size=BATCH, shuffle=False, verbose=0)
        weights.append(vae.get_weights())
    for one, other in zip(*weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_the_same_seed_gives_the_same_bits_and_another_seed_others():
    runs = []
    for seed in (3, 3, 4):
        keras.utils.set_random_seed(0)
        vae = small_vae(seed=seed)
        vae.compile("adam", run_eagerly=True)
        vae.fit(X, batch_size=BATCH, verbose=0)
        runs.append(weights_of(vae))
    assert_same_bits(runs[0], runs[1])
    assert any((one != other).any() for one, other in zip(runs[0][:-1], runs[2][:-1], strict=True))


def test_fit_goes_on_where_it_stopped():
    vae = small_vae()
    vae.compile("adam", run_eagerly=True)
    for _ in range(2):
        vae.fit(X, batch_size=BATCH, verbose=0)
    assert vae.optimizer.iterations == 2 * STEPS


def test_encoder_and_mapping_may_be_used_between_epochs():
    """Losses that the mapping has added outside of training must not leak into it."""
    vae = small_vae(4, mapping=mappings.Sparse())
    seen = []
    look = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(vae.encode(X).shape)
    )
    history = vae.fit(X, epochs=2, batch_size=BATCH, callbacks=[look], verbose=0).history
    assert seen == [(20, 4)] * 2
    assert np.isfinite(history["loss"]).all()


LEARNERS = {
    "sparse": (4, {"mapping": mappings.Sparse(gamma=1.0)}),
    "non-differentiable": (2, {"mapping": lambda y: keras.ops.sign(y)}),
}


@pytest.mark.parametrize("name", LEARNERS)
def test_a_short_fit_lowers_the_loss(name):
    latent_dim, options = LEARNERS[name]
    vae = small_vae(latent_dim, **options)
    vae.compile(keras.optimizers.Adam(1e-2))
    loss = vae.fit(binary(256), epochs=8, batch_size=32, verbose=0).history["loss"]
    assert loss[-1] < loss[0] - 0.2


def test_the_wrong_argument_is_refused_as_by_keras():
    with pytest.raises(TypeError, match="epoch_count"):
        small_vae().fit(X, epoch_count=3)
