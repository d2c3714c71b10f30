"""A model that has not seen data yet is saved, loaded, copied and exported like any other."""

import copy
import pickle

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.models import SHAPE, assert_same_bits, binary, eager_functions, small_vae, weights_of

from intelvae_keras import mappings, priors

X = binary(12)


def _through_a_file(vae, folder):
    vae.save(folder / "model.keras")
    return keras.saving.load_model(folder / "model.keras")


def _through_keras(vae, folder):
    with pytest.warns(
        UserWarning, match="not yet been built"
    ):  # Keras, which does not ask the model
        keras.saving.save_model(vae, folder / "model.keras")
    return keras.saving.load_model(folder / "model.keras")


COPIES = {
    "saved": _through_a_file,
    "saved by Keras": _through_keras,
    "deepcopy": lambda vae, folder: copy.deepcopy(vae),
    "pickle": lambda vae, folder: pickle.loads(pickle.dumps(vae)),
}
MODELS = {
    "plain": small_vae,
    "full posterior": lambda: small_vae(posterior="full", mapping=mappings.Circle()),
    "VampPrior": lambda: small_vae(prior=priors.VampPrior(3)),
    "not compiled": lambda: small_vae(compile=False),
}


@pytest.mark.parametrize(
    ("way", "model"),
    [
        ("saved", "full posterior"),
        ("saved by Keras", "plain"),
        ("deepcopy", "VampPrior"),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in [
                ("saved", "plain"),
                ("saved", "not compiled"),
                ("pickle", "full posterior"),
                ("saved", "VampPrior"),
                ("deepcopy", "full posterior"),
                ("pickle", "not compiled"),
            ]
        ),
    ],
)
def test_a_copy_made_before_the_first_fit_is_the_same_model(way, model, tmp_path):
    vae = MODELS[model]()
    again = COPIES[way](vae, tmp_path)
    assert again is not vae and again.decoder is not vae.decoder
    assert again.compiled == vae.compiled
    assert_same_bits(again.get_weights(), vae.get_weights())
    with eager_functions():
        np.testing.assert_array_equal(again.encode(X), vae.encode(X))
    for each in (vae, again):
        each.compile("adam", run_eagerly=True)
        each.fit(X, verbose=0)
    assert_same_bits(weights_of(again), weights_of(vae))


def test_a_deepcopy_of_a_trained_model_trains_on_alike():
    vae = small_vae()
    vae.compile(run_eagerly=True)
    vae.fit(X, verbose=0)
    again = copy.deepcopy(vae)
    for each in (vae, again):
        each.fit(X, initial_epoch=1, epochs=2, verbose=0)
    assert_same_bits(weights_of(again), weights_of(vae))


def test_a_clone_trains():
    clone = keras.models.clone_model(small_vae())
    clone.compile(run_eagerly=True)
    clone.fit(X, verbose=0)
    assert clone.optimizer.iterations == 1


@pytest.mark.parametrize("trained", [False, True])
def test_weights_come_into_a_model_that_has_not_seen_data(trained, tmp_path):
    vae, other = small_vae(seed=1), small_vae(seed=2)
    if trained:
        vae.compile(run_eagerly=True)
        vae.fit(X, verbose=0)
    vae.save_weights(tmp_path / "a.weights.h5")
    other.load_weights(tmp_path / "a.weights.h5")
    assert_same_bits(weights_of(other), weights_of(vae))


def test_a_model_is_exported_and_what_is_loaded_is_kept(tmp_path):
    """Line by line as in the docstring."""
    vae = small_vae()
    vae.export(tmp_path / "served", verbose=False)
    served = tf.saved_model.load(tmp_path / "served")
    np.testing.assert_allclose(served.encode(X), vae.encode(X), rtol=1e-5, atol=1e-6)


def test_a_name_that_tensorflow_cannot_write_is_refused(tmp_path):
    with pytest.raises(ValueError, match="filepath must be UTF-8"):
        small_vae().export(str(tmp_path / "caf\udce9"), verbose=False)


# ---------------------------------------------------------------------------- the summary


def test_the_summary_lists_the_parts_along_the_data_with_their_shapes():
    vae = small_vae(3, mapping=mappings.Hierarchical([1, 2]), likelihood="gaussian")
    lines = []
    vae.summary(print_fn=lines.append, line_length=120)
    (text,) = lines
    rows = [
        [cell.strip() for cell in row.split("│")[1:3]] for row in text.splitlines() if "│" in row
    ]
    rows = [(name.split(" (")[-1].rstrip(")"), shape) for name, shape in rows]
    assert rows == [
        ("Sequential", "(None, 8)"),
        ("GaussianPosterior", "(None, 6)"),
        ("Hierarchical", "(None, 3)"),
        ("Sequential", "(None, 6)"),
        ("Gaussian", "(None, 6)"),
        ("StandardNormal", "(None)"),
    ]


def test_layers_are_the_parts_and_what_a_subclass_adds():
    class WithHead(type(small_vae())):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.head = keras.layers.Dense(1)

    plain = small_vae()
    model = WithHead(2, encoder=plain.encoder, decoder=plain.decoder)
    assert model.layers[0] is model.encoder and model.layers[-1] is model.head
    assert len(model.layers) == 7
    model.build((None, *SHAPE))
    assert model.get_layer("encoder") is model.encoder
