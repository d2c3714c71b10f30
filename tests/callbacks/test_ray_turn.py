"""Rays that turn: to the gaps, once, and not before it is time."""

import keras
import numpy as np
import pytest
from helpers.models import small_vae

from intelvae_keras import callbacks, mappings
from intelvae_keras.callbacks.ray_turn import emptiest

X = np.random.default_rng(0).uniform(size=(60, 6)).astype("float32")


@pytest.mark.parametrize("offset", [0.1, 0.7, 1.2, -2.0])
@pytest.mark.parametrize("proportions", [[0.2] * 5, [0.4, 0.1, 0.3, 0.2]])
def test_the_rays_turn_to_the_gaps_between_the_clusters(offset, proportions):
    # A cluster in the middle of each sector, all turned by the offset.
    starts = np.concatenate([[0.0], np.cumsum(proportions)[:-1]])
    centres = offset + np.pi / 2 + 2 * np.pi * (starts + np.array(proportions) / 2)
    angles = centres[:, None] + np.random.default_rng(0).normal(0, 0.08, (len(proportions), 200))
    turn = emptiest(np.ravel(angles), np.array(proportions))
    rays = turn + np.pi / 2 + 2 * np.pi * starts
    apart = np.ravel(angles)[:, None] - rays
    nearest = np.abs(np.mod(apart + np.pi, 2 * np.pi) - np.pi).min(axis=1)
    assert np.quantile(nearest, 0.01) > 0.06
    if len(set(proportions)) == 1:  # half way
        off = np.mod(turn - offset + np.pi / 5, 2 * np.pi / 5) - np.pi / 5
        assert abs(off) < 0.15


def made(strength=1.0, lr=0.0, **kwargs):
    vae = small_vae(
        2, mapping=mappings.Clusters(5, strength, turnable=True, **kwargs), compile=False
    )
    vae.compile(keras.optimizers.SGD(lr), run_eagerly=True)
    vae.build((None, 6))
    return vae


def test_the_rays_turn_once_when_the_epoch_begins():
    vae, seen = made(), []
    look = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(float(vae.mapping.turn))
    )
    during = [callbacks.RayTurn(X, 2), callbacks.StrengthAnnealing(epochs=(2, 3)), look]
    vae.fit(X, epochs=4, batch_size=30, callbacks=during, verbose=0)
    codes = vae.posterior(X).mean().numpy()
    turn = emptiest(np.arctan2(codes[:, 1], codes[:, 0]), np.full(5, 0.2))
    np.testing.assert_allclose(seen, [0, 0, turn, turn], rtol=1e-5)
    assert turn > 0


def test_a_strength_already_in_force_is_refused():
    with pytest.raises(ValueError, match="epoch 1 needs a strength in force of 0.*at epoch 1"):
        made().fit(X, epochs=2, callbacks=[callbacks.RayTurn(X, 1)], verbose=0)


@pytest.mark.parametrize(
    ("mapping", "epoch", "message"),
    [
        (None, 1, "turnable=True"),
        (mappings.Clusters(5, turnable=False), 1, "turnable=True"),
        (mappings.Clusters(5, turnable=True), 3, "never turn.* last of the 3 epochs"),
    ],
)
def test_what_cannot_work_is_refused_before_training(mapping, epoch, message):
    vae = small_vae(2, mapping=mapping)
    with pytest.raises(ValueError, match=message):
        vae.fit(X, epochs=3, callbacks=[callbacks.RayTurn(X, epoch)], verbose=0)
    assert int(vae.optimizer.iterations.numpy()) == 0


@pytest.mark.parametrize(
    ("x", "epoch", "error", "message"),
    [
        (X, 0, ValueError, "epoch must be an integer >= 1; got 0"),
        (X, 1.5, TypeError, "epoch must be an integer >= 1; got 1.5"),
        ([1, 2], 1, TypeError, "x must be an array"),
    ],
)
def test_bad_arguments_are_named(x, epoch, error, message):
    with pytest.raises(error, match=message):
        callbacks.RayTurn(x, epoch)
