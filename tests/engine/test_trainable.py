"""What is frozen stays frozen, also in a saved model; what is unfrozen learns."""

import keras
import numpy as np
import pytest
from helpers.models import SHAPE, eager_functions, small_vae
from helpers.views import X

from intelvae_keras import mappings, posteriors


def _first_part(vae):
    return {"posterior": vae.posterior_layer, "mapping": vae.mapping, "decoder": vae.decoder}


@pytest.mark.parametrize(
    ("part", "when"),
    [
        ("mapping", "before the first fit"),
        *(
            pytest.param(part, "before the first fit", marks=pytest.mark.slow)
            for part in ("posterior", "decoder")
        ),
        ("mapping", "after it"),
    ],
)
def test_a_frozen_part_stays_frozen_when_saved_and_loaded(part, when, tmp_path):
    vae = small_vae(4, mapping=mappings.Hierarchical([2, 2]), compile=False)
    vae.compile("adam", run_eagerly=True)
    if when == "after it":
        vae.fit(X, verbose=0)
    _first_part(vae)[part].trainable = False
    with eager_functions():
        vae.build((None, *SHAPE))
    vae.compile("adam", run_eagerly=True)
    vae.save(tmp_path / "frozen.keras")
    loaded = keras.saving.load_model(tmp_path / "frozen.keras")
    loaded.run_eagerly = True
    shapes = [tuple(weight.shape) for weight in vae.trainable_weights]
    assert [tuple(weight.shape) for weight in loaded.trainable_weights] == shapes
    assert len(shapes) < len(vae.weights) - 1  # the KL's weight, and what is frozen
    for model in (vae, loaded):
        before = [keras.ops.convert_to_numpy(w) for w in _first_part(model)[part].weights]
        rest = [keras.ops.convert_to_numpy(w) for w in model.trainable_weights]
        model.fit(X, verbose=0)
        for weight, value in zip(_first_part(model)[part].weights, before, strict=True):
            np.testing.assert_array_equal(weight, value)
        for weight, value in zip(model.trainable_weights, rest, strict=True):
            assert np.abs(keras.ops.convert_to_numpy(weight) - value).max() > 0, weight.path


def test_freezing_and_unfreezing_needs_compile_and_then_works():
    vae = small_vae()
    vae.fit(X, verbose=0)
    vae.decoder.trainable = False
    kept = [keras.ops.convert_to_numpy(w) for w in vae.decoder.weights]
    vae.compile("adam")
    vae.fit(X, verbose=0)
    for weight, value in zip(vae.decoder.weights, kept, strict=True):
        np.testing.assert_array_equal(weight, value)
    vae.decoder.trainable = True
    with pytest.raises(ValueError, match=r"unfrozen after compile\(\)"):
        vae.fit(X, verbose=0)
    vae.compile("adam")
    vae.fit(X, verbose=0)
    assert np.abs(keras.ops.convert_to_numpy(vae.decoder.weights[0]) - kept[0]).max() > 0


def test_a_part_that_is_frozen_without_compile_does_not_move():
    vae = small_vae()
    vae.fit(X, verbose=0)
    vae.encoder.trainable = False
    kept = [keras.ops.convert_to_numpy(w) for w in vae.encoder.weights]
    vae.fit(X, verbose=0)
    for weight, value in zip(vae.encoder.weights, kept, strict=True):
        np.testing.assert_array_equal(weight, value)


def test_with_everything_frozen_fit_says_that_nothing_is_trainable():
    vae = small_vae()
    vae.build((None, *SHAPE))
    vae.trainable = False
    vae.compile("adam", run_eagerly=True)
    with pytest.raises(ValueError, match="Nothing in the model is trainable"):
        vae.fit(X, verbose=0)
    vae.evaluate(X, verbose=0)  # which needs nothing trainable


def test_config_has_what_keras_has_and_one_entry_per_argument():
    vae = small_vae(posterior=posteriors.GaussianPosterior(2, "full"), name="mine", beta=2.0)
    config = vae.get_config()
    assert config["name"] == "mine" and config["trainable"] is True and "dtype" in config
    again = type(vae).from_config(config)
    assert again.get_config() == config
