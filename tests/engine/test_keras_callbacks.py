"""Keras' own callbacks: checkpoints, early stopping and logs hold what the model reports."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.models import assert_same_bits, binary, small_vae

from intelvae_keras._engine import monitors

X = binary(12)
EPOCH = {"batch_size": 8, "verbose": 0}


def _fit_with(callbacks, epochs=3, **options):
    vae = small_vae()
    vae.compile(keras.optimizers.Adam(0.05), run_eagerly=True)
    return vae, vae.fit(
        X, epochs=epochs, validation_data=(X, None), callbacks=callbacks, **EPOCH, **options
    )


def test_model_checkpoint_keeps_the_best_model_and_weights(tmp_path):
    options = {"monitor": "val_loss", "save_best_only": True}
    best = tmp_path / "best.keras"
    best_weights = tmp_path / "best.weights.h5"
    vae, history = _fit_with(
        [
            keras.callbacks.ModelCheckpoint(best, **options),
            keras.callbacks.ModelCheckpoint(best_weights, save_weights_only=True, **options),
            keras.callbacks.ModelCheckpoint(tmp_path / "{epoch}.keras"),
        ]
    )
    best_epoch = 1 + int(np.argmin(history.history["val_loss"]))
    expected = keras.saving.load_model(tmp_path / f"{best_epoch}.keras").get_weights()
    assert_same_bits(keras.saving.load_model(best).get_weights(), expected)
    vae.load_weights(best_weights)
    assert_same_bits(vae.get_weights(), expected)


def test_early_stopping_restores_the_best_weights(tmp_path):
    stop = keras.callbacks.EarlyStopping(
        monitor="val_loss", patience=1, restore_best_weights=True, min_delta=1e3
    )
    each = keras.callbacks.ModelCheckpoint(tmp_path / "{epoch}.keras")
    vae, history = _fit_with([each, stop], epochs=9)
    assert len(history.epoch) == 2  # no epoch is better by 1000 nats
    first = keras.saving.load_model(tmp_path / "1.keras")
    assert_same_bits(vae.get_weights(), first.get_weights())


def test_logs_hold_the_terms_of_the_loss(tmp_path):
    board = keras.callbacks.TensorBoard(tmp_path / "board", histogram_freq=1)
    _, history = _fit_with([keras.callbacks.CSVLogger(tmp_path / "log.csv"), board])
    table = np.genfromtxt(tmp_path / "log.csv", delimiter=",", names=True)
    for term in ("loss", "reconstruction", "kl", "elbo", "mapping_loss"):
        for name in (term, f"val_{term}"):
            np.testing.assert_allclose(table[name], history.history[name], rtol=1e-5)
    for part in ("train", "validation"):
        (events,) = (tmp_path / "board" / part).glob("events*")
        tags = {
            value.tag
            for event in tf.compat.v1.train.summary_iterator(str(events))
            for value in event.summary.value
        }
        assert {"epoch_loss", "epoch_kl", "epoch_elbo"} <= tags


@pytest.mark.parametrize(
    ("kind", "monitor", "better"),
    [
        ("EarlyStopping", "val_elbo", "max"),
        ("EarlyStopping", "kl", "min"),
        ("ReduceLROnPlateau", "elbo", "max"),
        ("ModelCheckpoint", "val_elbo", "max"),
    ],
)
def test_the_way_of_the_models_quantities_need_not_be_said(
    kind, monitor, better, tmp_path, deterministic
):
    place = [tmp_path / "best.keras"] if kind == "ModelCheckpoint" else []
    options = {"save_best_only": True} if place else {}
    callback = getattr(keras.callbacks, kind)(*place, monitor=monitor, **options)
    deterministic.fit(X, validation_data=X, callbacks=[callback], verbose=0)
    assert callback.monitor_op is {"max": keras.ops.greater, "min": keras.ops.less}[better]


def test_the_way_that_the_user_says_is_kept():
    callback = keras.callbacks.EarlyStopping("val_elbo", mode="min")
    _fit_with([callback], epochs=1)
    assert callback.monitor_op is keras.ops.less


def test_a_callback_whose_monitor_is_no_name_is_left_alone():
    class Own(keras.callbacks.Callback):
        monitor, mode = None, "auto"

    own = Own()
    monitors.settle([own])
    assert own.mode == "auto"
