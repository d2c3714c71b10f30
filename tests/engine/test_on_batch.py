"""Loops of the user's own, a batch at a time, meet the model as it is now."""

import keras
import numpy as np
import pytest
from helpers.models import binary, small_vae

from intelvae_keras import networks

X = binary(8)


def eager(**kwargs):
    vae = small_vae(compile=False, **kwargs)
    vae.compile("adam", run_eagerly=True)
    return vae


def test_an_exchanged_part_is_seen():
    vae = small_vae()
    vae.predict_on_batch(X)
    vae.decoder = networks.mlp_decoder((6,), [8], bias_spread=9.0)
    np.testing.assert_array_equal(vae.predict_on_batch(X), vae.predict(X, verbose=0))


def test_what_is_frozen_meanwhile_does_not_move():
    vae = small_vae()
    vae.train_on_batch(X)
    before = [weights.copy() for weights in vae.encoder.get_weights()]
    decoder = vae.decoder.get_weights()[0].copy()
    vae.encoder.trainable = False
    vae.train_on_batch(X)
    for one, other in zip(vae.encoder.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)
    assert (vae.decoder.get_weights()[0] != decoder).any()


def test_a_part_that_the_optimizer_does_not_know_is_refused():
    vae = eager()
    vae.train_on_batch(X)
    vae.decoder = networks.mlp_decoder((6,), [8])
    with pytest.raises(
        ValueError, match=r"optimizer does not know.*Call compile\(\) again, with a"
    ):
        vae.train_on_batch(X)
    vae.compile(keras.optimizers.Adam(), run_eagerly=True)  # as the message says
    vae.train_on_batch(X)


def test_with_everything_frozen_a_step_says_that_nothing_is_trainable():
    vae = eager()
    vae.trainable = False
    with pytest.raises(ValueError, match="Nothing in the model is trainable"):
        vae.train_on_batch(X)


@pytest.mark.parametrize("method", ["train_on_batch", "test_on_batch", "predict_on_batch"])
def test_a_batch_of_another_shape_is_refused(method, untrained):
    for _ in range(2):
        with pytest.raises(ValueError, match=r"(x must have shape|for x of shape) .*5"):
            getattr(untrained, method)(binary(8, (5,)))
        untrained._complete()


def test_an_optimizer_of_another_model_is_refused_with_the_way_out():
    first, second = eager(), small_vae(compile=False)
    first.fit(X, verbose=0)
    second.compile(first.optimizer, run_eagerly=True)
    with pytest.raises(ValueError, match=r"trained another model.*new optimizer: .*\.Adam\("):
        second.fit(X, verbose=0)
