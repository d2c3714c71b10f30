"""The schedules: their values batch by batch, and what they do to the loss."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.models import assert_same_bits, binary, idle, small_vae, without_noise

from intelvae_keras import callbacks, mappings

X = binary(20)
STEPS = 5  # batches an epoch


class Recorder(keras.callbacks.Callback):
    """Notes a variable while each batch is trained on."""

    def __init__(self, variable):
        super().__init__()
        self.variable, self.values = variable, []

    def on_train_batch_end(self, batch, logs=None):
        self.values.append(float(self.variable))


def fit(vae, callback, variable, data=X, epochs=2, **options):
    """The values of the variable, batch by batch."""
    recorder = Recorder(variable)
    options = {"batch_size": 4, "epochs": epochs, "verbose": 0} | options
    vae.fit(data, callbacks=[callback, recorder], **options)
    return recorder.values


def kl_weights(callback, **options):
    vae = idle(small_vae(compile=False))
    vae.steps_per_execution = options.pop("steps_per_execution", 1)
    vae.optimizer.iterations.assign(options.pop("steps_before", 0))
    return fit(vae, callback, vae.kl_weight, **options)


def ramp(*batches_done, over):
    return [min(done / over, 1.0) for done in batches_done]


@pytest.mark.parametrize("epochs", [2, 4, 1, 0.4, 1.5])
def test_kl_weight_grows_linearly_over_the_epochs(epochs):
    values = kl_weights(callbacks.KLWarmup(epochs=epochs))
    np.testing.assert_allclose(values, ramp(*range(2 * STEPS), over=epochs * STEPS), rtol=1e-6)


@pytest.mark.parametrize("steps", [4, 100])
def test_kl_weight_grows_linearly_over_the_steps(steps):
    values = kl_weights(callbacks.KLWarmup(steps=steps))
    np.testing.assert_allclose(values, ramp(*range(2 * STEPS), over=steps), rtol=1e-6)


def test_steps_are_counted_over_the_life_of_the_model():
    values = kl_weights(callbacks.KLWarmup(steps=20), epochs=1, steps_before=7)
    np.testing.assert_allclose(values, ramp(7, 8, 9, 10, 11, over=20), rtol=1e-6)


def test_a_resumed_schedule_goes_on():
    values = kl_weights(callbacks.KLWarmup(epochs=3), initial_epoch=1)
    np.testing.assert_allclose(values, ramp(5, 6, 7, 8, 9, over=15), rtol=1e-6)


def test_several_steps_per_execution_share_a_value():
    values = kl_weights(callbacks.KLWarmup(epochs=2), batch_size=5, steps_per_execution=2)
    np.testing.assert_allclose(values, ramp(0, 2, 4, 6, over=8), rtol=1e-6)


@pytest.mark.filterwarnings("ignore:Your input ran out of data")  # so Keras learns the length
def test_in_a_stream_of_unknown_length_it_grows_between_the_epochs():
    stream = tf.data.Dataset.from_tensor_slices(X).batch(4).filter(lambda x: True)
    options = {"data": stream, "batch_size": None, "epochs": 3}
    values = kl_weights(callbacks.KLWarmup(epochs=2), **options)
    np.testing.assert_allclose(values, [0.0] * 5 + [0.5] * 5 + [1.0] * 5)
    values = kl_weights(callbacks.KLWarmup(steps=12), **options)
    np.testing.assert_allclose(values, ramp(*range(15), over=12), rtol=1e-6)


def test_steps_per_epoch_define_the_epoch():
    stream = tf.data.Dataset.from_tensor_slices(X).batch(4).repeat()
    options = {"data": stream, "batch_size": None, "steps_per_epoch": 2}
    values = kl_weights(callbacks.KLWarmup(epochs=2), **options)
    np.testing.assert_allclose(values, ramp(0, 1, 2, 3, over=4), rtol=1e-6)


def test_the_weight_stays_where_training_ends():
    vae = idle(small_vae(compile=False))
    values = fit(vae, callbacks.KLWarmup(epochs=4), vae.kl_weight)
    assert vae.kl_weight == values[-1] == np.float32(9 / 20)


def _weights_after_a_step(beta, kl_weight):
    keras.utils.set_random_seed(0)
    vae = small_vae(beta=beta)
    vae.compile("sgd", run_eagerly=True)
    vae.build((None, 6))

    class Constant(keras.callbacks.Callback):
        schedules = ("kl_weight",)

        def on_train_batch_begin(self, batch, logs=None):
            vae.kl_weight.assign(kl_weight)

    vae.fit(X, batch_size=20, callbacks=[Constant()], verbose=0)
    return [np.array(weight) for weight in vae.trainable_weights]


def test_training_uses_the_weight_in_force():
    expected = _weights_after_a_step(beta=0.5, kl_weight=1.0)
    assert_same_bits(_weights_after_a_step(beta=2.0, kl_weight=0.25), expected)
    others = _weights_after_a_step(beta=2.0, kl_weight=1.0)
    assert any((one != other).any() for one, other in zip(expected, others, strict=True))


def test_validation_has_the_full_weight_and_training_that_in_force():
    vae = without_noise(small_vae(compile=False))
    vae.compile(keras.optimizers.SGD(0.0), run_eagerly=True)
    history = vae.fit(
        X,
        validation_data=(X, None),
        batch_size=4,
        callbacks=[callbacks.KLWarmup(epochs=2)],
        verbose=0,
    ).history
    expected = history["val_reconstruction"][0] + history["val_kl"][0]
    assert history["val_loss"][0] == pytest.approx(expected, rel=1e-5)
    assert history["val_kl"][0] > 1
    weight = np.mean(np.arange(5) / 10)  # batches of the same size, without noise: the same KL
    expected = history["reconstruction"][0] + weight * history["kl"][0]
    assert history["loss"][0] == pytest.approx(expected, rel=0.05)


# ---------------------------------------------------------------------------- WidthAnnealing


def widths(mapping, clusters, callback):
    vae = idle(small_vae(mapping=mapping, compile=False))
    return fit(vae, callback, clusters.current_width)


@pytest.mark.parametrize("options", [{"epochs": 1}, {"epochs": 2}, {"steps": 7}])
def test_width_shrinks_linearly_in_its_logarithm(options):
    clusters = mappings.Clusters(2, width=0.01)
    values = widths(clusters, clusters, callbacks.WidthAnnealing(**options, start=0.4))
    over = options.get("steps") or options["epochs"] * STEPS
    progress = np.array(ramp(*range(2 * STEPS), over=over))
    expected = np.exp((1 - progress) * math.log(0.4) + progress * math.log(0.01))
    np.testing.assert_allclose(values, expected, rtol=1e-5)
    assert values[0] == pytest.approx(0.4)


def test_clusters_are_found_inside_sequentials():
    inner, outer = mappings.Clusters(2, width=0.01), mappings.Clusters(3, width=0.04)
    nested = keras.Sequential([keras.Sequential([mappings.Linear(np.eye(2)), inner]), outer])
    values = widths(nested, inner, callbacks.WidthAnnealing(epochs=1, start=0.5))
    assert values[0] == pytest.approx(0.5) and values[-1] == pytest.approx(0.01)
    assert float(outer.current_width) == pytest.approx(0.04)


def test_the_width_in_force_shapes_the_mapping_while_training():
    clusters = mappings.Clusters(2, strength=5.0, width=0.01)
    clusters.build((None, 1))
    y = np.array([[0.1]], "float32")
    clusters.current_width.assign(0.5)
    wide = float(clusters(y)[0, 0])
    clusters.current_width.assign(0.01)
    assert wide == pytest.approx(0.1 + 5 * math.tanh(0.2), rel=1e-5)
    assert float(clusters(y)[0, 0]) == pytest.approx(5.1, rel=1e-5)
