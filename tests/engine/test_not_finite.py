"""A training that turns NaN stops, names the term and the step, and keeps the last finite weights."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.models import assert_same_bits, binary, small_vae

from intelvae_keras import mappings

X = binary(24)


@keras.saving.register_keras_serializable(package="tests")
class Faulty(mappings.Mapping):
    """z = y and a loss of 0, both broken, or one, from a step on that the test sets."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.broken = {name: tf.Variable(0.0, trainable=False) for name in ("z", "loss", "slope")}

    def call(self, y):
        self.add_loss(self.broken["loss"] + tf.reduce_sum(_steep(0 * y, self.broken["slope"])))
        return y + self.broken["z"]


@tf.custom_gradient
def _steep(values, slope):
    return values, lambda upstream: (upstream + slope, None)


class BreakAt(keras.callbacks.Callback):
    """Sets a part to NaN before a batch, and keeps the weights that there were."""

    def __init__(self, batch, spoil):
        super().__init__()
        self.batch, self.spoil, self.weights = batch, spoil, None

    def on_train_batch_begin(self, batch, logs=None):
        if batch == self.batch:
            self.weights = self.model.get_weights()
            self.spoil(self.model)


def spoil(name):
    return lambda model: model.mapping.broken[name].assign(np.nan)


@pytest.fixture(scope="module")
def vae():
    model = small_vae(mapping=Faulty())
    model.build((None, 6))
    return model


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("z", "mapping is nan. The mapping makes no finite z"),
        ("loss", "added losses is nan. They are the mapping's own loss"),
        ("slope", r"gradient of .*kernel is nan. Its term is finite"),
    ],
)
def test_fit_stops_in_the_step_and_keeps_the_weights(vae, name, said):
    start = BreakAt(2, spoil(name))
    before = int(vae.optimizer.iterations)
    with pytest.raises(FloatingPointError, match=f"stopped in step {before + 3}: {said}"):
        vae.fit(X, batch_size=4, callbacks=[start], verbose=0)
    vae.mapping.broken[name].assign(0.0)
    assert vae.optimizer.iterations == before + 2
    assert_same_bits(vae.get_weights(), start.weights)
    assert np.isfinite(vae.fit(X, verbose=0).history["loss"]).all()  # and it trains on


def test_several_steps_in_one_call_stop_in_theirs(vae):
    vae.mapping.broken["z"].assign(0.0)
    vae.compile("adam", steps_per_execution=8)
    vae.mapping.broken["z"].assign(np.inf)
    with pytest.raises(FloatingPointError, match="step 1: mapping is inf.* after step 0"):
        vae.fit(X, batch_size=3, verbose=0)
    with pytest.raises(FloatingPointError, match="step 1: mapping"):
        vae.train_on_batch(X)
    vae.mapping.broken["z"].assign(0.0)
    vae.compile("adam")


def test_spoilt_weights_are_the_kl_and_the_reconstruction():
    vae = small_vae(compile=False)
    vae.compile("adam", run_eagerly=True)
    vae.build((None, 6))
    good = vae.get_weights()
    for part, term in ((vae.posterior_layer, "kl"), (vae.decoder, "reconstruction")):
        vae.set_weights(good)
        part.weights[-1].assign(np.nan * part.weights[-1])
        with pytest.raises(FloatingPointError, match=f"{term} is nan.*step 0 hold NaN or infinity"):
            vae.fit(X, verbose=0)


def test_a_loss_scale_may_overflow_and_trains_on():
    keras.config.set_dtype_policy("mixed_float16")
    vae = small_vae(compile=False)
    vae.compile("adam", run_eagerly=True)
    vae.fit(X, batch_size=12, epochs=2, verbose=0)  # whose first scale, 32768, overflows
    assert isinstance(vae.optimizer, keras.optimizers.LossScaleOptimizer)
    assert all(np.isfinite(np.asarray(weight)).all() for weight in vae.trainable_weights)
