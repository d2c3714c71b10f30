"""`Linear`: a matrix that is fixed stays fixed, one that is learned can be frozen."""

import keras
import numpy as np
import pytest
from helpers.models import binary, small_vae

from intelvae_keras import mappings

MATRIX = np.random.default_rng(0).normal(size=(3, 2))
X = binary(24)


def matrix_of(vae):
    return keras.ops.convert_to_numpy(vae.mapping.kernel)


def train(vae):
    vae.run_eagerly = True  # a graph would run for one step
    vae.fit(X, verbose=0)


@pytest.mark.parametrize("thaw", ["the mapping", "the model"])
def test_a_fixed_matrix_does_not_move_after_it_was_frozen_and_unfrozen(thaw, tmp_path):
    vae = small_vae(mapping=mappings.Linear(MATRIX))
    part = vae.mapping if thaw == "the mapping" else vae
    part.trainable = False
    part.trainable = True
    vae.compile("adam")
    train(vae)
    np.testing.assert_array_equal(matrix_of(vae), MATRIX.astype("float32"))
    vae.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    assert len(loaded.trainable_weights) == len(vae.trainable_weights)
    train(loaded)
    np.testing.assert_array_equal(matrix_of(loaded), MATRIX.astype("float32"))


def test_a_learned_matrix_moves_and_can_be_frozen_also_in_a_saved_model(tmp_path):
    vae = small_vae(mapping=mappings.Linear(MATRIX, trainable=True))
    train(vae)
    learned = matrix_of(vae)
    assert np.abs(learned - MATRIX).max() > 1e-4
    vae.mapping.trainable = False
    vae.compile("adam")
    vae.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    for model in (vae, loaded):
        train(model)
        np.testing.assert_array_equal(matrix_of(model), learned)
        model.mapping.trainable = True
        model.compile("adam")
        train(model)
        assert np.abs(matrix_of(model) - learned).max() > 1e-4


@pytest.mark.parametrize("learned", [False, True])
@pytest.mark.parametrize("frozen", [False, True])
def test_the_config_says_which_of_the_three_it_is(learned, frozen):
    layer = mappings.Linear(MATRIX, trainable=learned)
    layer.build((None, 2))
    if frozen:
        layer.trainable = False
    config = layer.get_config()
    mappings.Linear.from_config(config)
    again = mappings.Linear.from_config(config)  # which the first one has left as it was
    again.build((None, 2))
    assert len(again.trainable_weights) == int(learned and not frozen)
    again.trainable = True
    assert len(again.trainable_weights) == int(learned)
