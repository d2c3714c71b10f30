"""What a schedule leaves in force ends with it."""

import warnings

import keras
import numpy as np
import pytest
from helpers.models import small_vae, without_noise
from helpers.views import X

from intelvae_keras import callbacks


def test_fit_without_the_warm_up_has_the_full_weight_and_says_so_once():
    vae = without_noise(small_vae(compile=False))
    vae.compile(keras.optimizers.SGD(0.0))
    vae.fit(X, epochs=1, batch_size=8, callbacks=[callbacks.KLWarmup(epochs=20)], verbose=0)
    assert 0 < float(vae.kl_weight) < 0.1
    with pytest.warns(UserWarning, match="schedule had left kl_weight = 0.0"):
        history = vae.fit(X, verbose=0).history
    expected = history["reconstruction"][0] + history["kl"][0]
    assert history["loss"][0] == pytest.approx(expected, rel=1e-5)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        vae.fit(X, verbose=0)


def test_an_interruption_in_the_first_batch_does_not_switch_the_kl_off():
    class Stop(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            raise KeyboardInterrupt

    vae = small_vae(compile=False)
    vae.compile("adam", run_eagerly=True)
    with pytest.raises(KeyboardInterrupt):
        vae.fit(X, callbacks=[callbacks.KLWarmup(epochs=3), Stop()], verbose=0)
    assert float(vae.kl_weight) == 0
    with pytest.warns(UserWarning, match="kl_weight = 0"):
        vae.fit(X, verbose=0)
    assert float(vae.kl_weight) == 1


def test_best_weights_of_a_warm_up_are_judged_at_the_full_weight(tmp_path):
    vae = without_noise(small_vae(compile=False))
    # Nothing changes, so that no epoch is better.
    vae.compile(keras.optimizers.SGD(0.0), run_eagerly=True)
    each = keras.callbacks.ModelCheckpoint(tmp_path / "{epoch}.keras")
    history = vae.fit(
        X,
        epochs=4,
        validation_data=(X, None),
        callbacks=[callbacks.KLWarmup(epochs=4), each],
        verbose=0,
    ).history
    np.testing.assert_allclose(history["val_loss"], history["val_loss"][0], rtol=1e-5)
    middle = keras.saving.load_model(tmp_path / "2.keras")
    middle.run_eagerly = True
    terms = middle.evaluate(X, verbose=0, return_dict=True)
    assert terms["loss"] == pytest.approx(history["val_loss"][1], rel=1e-5)
    with pytest.warns(UserWarning, match="schedule had left"):
        middle.fit(X, verbose=0)


def test_monitoring_the_training_loss_of_a_warm_up_is_warned_of():
    stop = keras.callbacks.EarlyStopping(monitor="loss", patience=9)
    vae = small_vae(compile=False)
    vae.compile("adam", run_eagerly=True)
    with pytest.warns(UserWarning, match="EarlyStopping monitors 'loss'.*val_elbo"):
        vae.fit(X, callbacks=[callbacks.KLWarmup(epochs=1), stop], verbose=0)
