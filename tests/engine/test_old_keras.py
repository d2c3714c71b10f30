"""Everything that tf_keras has under a name of Keras is refused, where it enters."""

import keras
import pytest
import tf_keras
from helpers.models import binary, small_vae

from intelvae_keras import callbacks, mappings
from intelvae_keras._engine import steps

X = binary(8)
WAY_OUT = "of the old tf_keras. Write `import keras`"


class OwnCallback(tf_keras.callbacks.Callback):
    pass


class OwnSequence(tf_keras.utils.Sequence):
    def __len__(self):
        return 1

    def __getitem__(self, index):
        return X


def schedule():
    return tf_keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)


def with_a_dense(**kwargs):
    return keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(4, **kwargs)])


PARTS = {
    "encoder": lambda: {"encoder": tf_keras.Sequential([tf_keras.layers.Dense(4)])},
    "decoder": lambda: {"decoder": tf_keras.layers.Dense(6)},
    "mapping": lambda: {"mapping": tf_keras.layers.Dense(2)},
    "fn of 'function' in mapping": lambda: {
        "mapping": mappings.Function(tf_keras.activations.tanh, name="function")
    },
    "prior": lambda: {"prior": tf_keras.layers.Layer()},
    "likelihood": lambda: {"likelihood": tf_keras.losses.MeanSquaredError()},
    "kernel_initializer of 'dense' in encoder": lambda: {
        "encoder": with_a_dense(
            name="dense", kernel_initializer=tf_keras.initializers.GlorotUniform()
        )
    },
    "kernel_regularizer of 'dense' in encoder": lambda: {
        "encoder": with_a_dense(name="dense", kernel_regularizer=tf_keras.regularizers.L2(0.1))
    },
    "activation of 'dense' in encoder": lambda: {
        "encoder": with_a_dense(name="dense", activation=tf_keras.activations.relu)
    },
}


@pytest.mark.parametrize(("named", "make"), PARTS.items(), ids=PARTS)
def test_parts_of_the_old_keras_are_refused(named, make):
    with pytest.raises(TypeError, match=f"{named} must be an object of Keras 3; got .* {WAY_OUT}"):
        small_vae(**make())


@pytest.fixture(scope="module")
def vae():
    return small_vae()


@pytest.mark.parametrize(
    ("named", "make"),
    [
        ("optimizer", tf_keras.optimizers.Adam),
        ("optimizer", tf_keras.optimizers.legacy.Adam),
        ("optimizer", lambda: tf_keras.optimizers.Adam),
        ("the learning rate of optimizer", lambda: keras.optimizers.Adam(schedule())),
    ],
)
def test_optimizers_of_the_old_keras_are_refused(vae, named, make):
    with pytest.raises(TypeError, match=f"{named} must be an object of Keras 3; got .* {WAY_OUT}"):
        vae.compile(make())


@pytest.mark.parametrize(
    "make",
    [
        lambda: tf_keras.callbacks.EarlyStopping("val_elbo", restore_best_weights=True),
        lambda: [callbacks.KLWarmup(2), OwnCallback()],
        lambda: [[tf_keras.callbacks.TerminateOnNaN()]],
    ],
    ids=["alone", "own", "nested"],
)
def test_callbacks_of_the_old_keras_are_refused(vae, make):
    for use in (vae.fit, vae.evaluate, vae.predict):
        with pytest.raises(TypeError, match=f"callbacks must be .* {WAY_OUT}"):
            use(X, callbacks=make())


def test_data_of_the_old_keras_are_refused(vae):
    for use in (vae.fit, vae.evaluate, vae.predict):
        with pytest.raises(TypeError, match=f"x must be .* {WAY_OUT}"):
            use(OwnSequence())
    with pytest.raises(TypeError, match=f"validation_data must be .* {WAY_OUT}"):
        vae.fit(X, validation_data=OwnSequence())


def test_callbacks_in_lists_in_lists_are_those_of_keras():
    epochs = []
    note = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: epochs.append(epoch))
    warmup = callbacks.KLWarmup(2)
    assert steps.listed([[warmup, [note]], note]) == [warmup, note, note]
    assert steps.listed(note) == [note]
    vae = small_vae()
    vae.compile("adam", run_eagerly=True)
    vae.fit(X, verbose=0, callbacks=[[warmup, [note]]])
    assert epochs == [0]
    assert float(vae.kl_weight) < 1
