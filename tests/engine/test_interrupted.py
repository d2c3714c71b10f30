"""A `fit` that ends by an exception leaves nothing that a later one would go on with."""

import keras
import numpy as np
import pytest
from helpers.models import binary, small_vae

from intelvae_keras import callbacks

X = binary(16)


class StopAt(keras.callbacks.Callback):
    """Ctrl-C at the begin of this epoch's first batch, or at the end of the epoch."""

    def __init__(self, epoch, hook):
        super().__init__()
        self.at, self.hook, self.epoch = epoch, hook, 0

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if self.hook == "batch" and self.epoch == self.at:
            raise KeyboardInterrupt

    def on_epoch_end(self, epoch, logs=None):
        if self.hook == "epoch" and epoch == self.at:
            raise KeyboardInterrupt


def interrupted(vae, at, hook, **kwargs):
    own = kwargs.pop("callbacks", [])
    with pytest.raises(KeyboardInterrupt):
        vae.fit(X, callbacks=[*own, StopAt(at, hook)], verbose=0, **kwargs)


@pytest.fixture
def vae():
    model = small_vae(compile=False)
    model.compile("adam", run_eagerly=True)
    return model


def test_after_a_resumed_run_was_stopped_a_plain_fit_trains_all_its_epochs(vae, tmp_path):
    backup = tmp_path / "backup"
    interrupted(vae, 2, "batch", epochs=5, callbacks=[callbacks.BackupAndRestore(backup)])
    interrupted(vae, 3, "batch", epochs=5, callbacks=[callbacks.BackupAndRestore(backup)])
    assert vae.fit(X, epochs=2, verbose=0).epoch == [0, 1]


def test_after_a_stop_the_next_fit_validates_on_its_own_data(vae):
    seen = []

    class Seen(type(vae)):
        def test_step(self, data):
            seen.append(np.array(data[0]))
            return super().test_step(data)

    vae.__class__ = Seen
    interrupted(vae, 0, "epoch", validation_data=X, epochs=2)
    ones = np.ones_like(X)
    vae.fit(X, validation_data=ones, verbose=0)
    np.testing.assert_array_equal(seen[-1], ones)
    assert len(seen) == 2


def test_a_stopped_warm_up_does_not_stay_in_a_loop_of_ones_own(vae):
    interrupted(vae, 0, "batch", callbacks=[callbacks.KLWarmup(epochs=3)])
    assert float(vae.kl_weight) == 0
    with pytest.warns(UserWarning, match="kl_weight = 0"):
        terms = vae.train_on_batch(X, return_dict=True)
    assert terms["loss"] == pytest.approx(terms["reconstruction"] + terms["kl"], rel=1e-5)


def test_a_schedule_of_ones_own_in_such_a_loop_is_left_alone(vae):
    vae.train_on_batch(X)
    vae.kl_weight.assign(0.25)
    vae.reset_metrics()
    terms = vae.train_on_batch(X, return_dict=True)
    assert terms["loss"] == pytest.approx(terms["reconstruction"] + terms["kl"] / 4, rel=1e-5)
    assert float(vae.kl_weight) == 0.25


def test_a_file_of_a_warm_ups_middle_trains_at_the_full_weight_on_batches_too(vae, tmp_path):
    vae.kl_weight.assign(0.5)
    vae.save(tmp_path / "middle.keras")
    with pytest.warns(UserWarning, match=r"kl_weight = 0\.5"):
        keras.saving.load_model(tmp_path / "middle.keras").train_on_batch(X)
