"""A saved model is the same model in another process, and a kill while saving breaks nothing."""

import os
import pathlib
import warnings

import keras
import numpy as np
import pytest
from helpers.marks import fast_first
from helpers.models import (
    SHAPE,
    assert_same_bits,
    binary,
    eager_functions,
    known_by_name,
    small_vae,
    weights_of,
)
from helpers.processes import run_python

from intelvae_keras import likelihoods, mappings, networks
from intelvae_keras._engine import sums

X = binary(12)
IMAGES = binary(12, (4, 4, 1))
EPOCH = {"batch_size": 8, "verbose": 0}


def _with_dropout():
    layers = [keras.layers.Dense(8, "relu"), keras.layers.Dropout(0.5)]
    return keras.Sequential(layers, name="encoder")


def _convolutional():
    return small_vae(
        encoder=networks.conv_encoder([4, 4], 8, patch=2),
        decoder=networks.conv_decoder((4, 4, 1), [4], 8, patch=2),
    )


MODELS = {
    "plain": lambda: small_vae(beta=0.5),
    "clusters": lambda: small_vae(1, mapping=mappings.Clusters(2, learn_proportions=True)),
    "sequential mapping": lambda: small_vae(
        3, mapping=keras.Sequential([mappings.Linear(np.eye(3)[:2]), mappings.Circle()])
    ),
    "sparse": lambda: small_vae(4, mapping=mappings.Sparse(gamma=2.0, hidden=[4])),
    "hierarchical": lambda: small_vae(4, mapping=mappings.Hierarchical([1, 3])),
    "function": lambda: small_vae(mapping=known_by_name),
    "full posterior": lambda: small_vae(posterior="full"),
    "continuous bernoulli": lambda: small_vae(likelihood="continuous_bernoulli"),
    "gaussian": lambda: small_vae(likelihood="gaussian"),
    "predicted laplace": lambda: small_vae(
        likelihood=likelihoods.Laplace("predicted"), num_parameters=2
    ),
    "dropout": lambda: small_vae(encoder=_with_dropout()),
    "convolutional": _convolutional,
}
OPTIMIZERS = {
    "plain": lambda: keras.optimizers.SGD(0.1, momentum=0.9),
    "sparse": lambda: keras.optimizers.AdamW(
        keras.optimizers.schedules.ExponentialDecay(1e-2, 1, 0.9), clipnorm=1.0
    ),
}


def data_for(name):
    return IMAGES if name == "convolutional" else X


def results(vae, x):
    """What a user may ask a model for."""
    answers = {"predict": vae.predict(x, verbose=0)}
    with eager_functions():
        answers |= {
            "encode": vae.encode(x),
            "draw": vae.encode(x, sample=True, seed=3),
            "sample": vae.sample(3, seed=5),
            "log_likelihood": vae.log_likelihood(x, num_samples=7),
            "next draw": vae.encode(x, sample=True),  # from the state of the model's own seed
        }
    return answers


IN_A_NEW_PROCESS = """
import pathlib, sys
import keras, numpy as np
import intelvae_keras
from helpers import models  # registers the function
from test_saving import EPOCH, data_for, results

folder = pathlib.Path(sys.argv[1])
for path in sorted(folder.glob("*.keras")):
    x = data_for(path.stem)
    vae = keras.saving.load_model(path)
    np.savez(folder / f"{path.stem}.results.npz", **results(vae, x))
    vae = keras.saving.load_model(path)
    vae.fit(x, initial_epoch=1, epochs=2, **EPOCH)
    np.savez(folder / f"{path.stem}.weights.npz", *models.weights_of(vae))
"""


@pytest.mark.slow
def test_a_loaded_model_answers_and_trains_on_to_the_same_bits_in_a_new_process(tmp_path):
    expected = {}
    for name, make in MODELS.items():
        vae = make()
        vae.compile(OPTIMIZERS.get(name, keras.optimizers.Adam)(), run_eagerly=name != "clusters")
        vae.fit(data_for(name), epochs=1, **EPOCH)
        vae.save(tmp_path / f"{name}.keras")
        vae.save_weights(tmp_path / f"{name}.weights.h5")
        answers = results(vae, data_for(name))
        vae.load_weights(tmp_path / f"{name}.weights.h5")  # the state of the seed as it was
        vae.fit(data_for(name), initial_epoch=1, epochs=2, **EPOCH)
        expected[name] = answers, weights_of(vae)
    run_python(IN_A_NEW_PROCESS, tmp_path)
    for name, (answers, weights) in expected.items():
        with np.load(tmp_path / f"{name}.results.npz") as loaded:
            for method, value in answers.items():
                np.testing.assert_array_equal(loaded[method], value, err_msg=f"{name}: {method}")
        with np.load(tmp_path / f"{name}.weights.npz") as loaded:
            assert_same_bits(list(loaded.values()), weights)


@pytest.mark.parametrize("name", fast_first(["sparse", "dropout"], ["dropout"]))
def test_one_fit_and_two_halves_with_a_save_between_give_the_same_bits(name, tmp_path):
    runs = []
    for halves in (False, True):
        keras.utils.set_random_seed(0)
        vae = MODELS[name]()
        vae.compile(keras.optimizers.Adam(1e-2), run_eagerly=True)
        if halves:
            vae.fit(X, epochs=1, validation_data=(X, None), **EPOCH)
            vae.save(tmp_path / "half.keras")
            vae = keras.saving.load_model(tmp_path / "half.keras")
            vae.run_eagerly = True
        vae.fit(X, initial_epoch=int(halves), epochs=2, validation_data=(X, None), **EPOCH)
        runs.append(weights_of(vae))
    assert_same_bits(*runs)


def test_a_loaded_model_is_like_the_saved_one(tmp_path):
    vae = small_vae(
        3, mapping=mappings.Clusters(3, strength=2.0), beta=0.3, posterior="full", seed=9
    )
    vae.compile(keras.optimizers.Adam(0.5), jit_compile=False, steps_per_execution=2)
    vae.build((None, 6))
    vae.optimizer.build(vae.trainable_variables)
    vae.kl_weight.assign(0.25)
    vae.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.mapping.get_config() == vae.mapping.get_config()
    assert loaded.posterior_layer.covariance == "full"
    assert (loaded.latent_dim, loaded.beta, loaded.seed) == (3, 0.3, 9)
    assert loaded.kl_weight == 0.25
    assert loaded.optimizer.learning_rate == 0.5
    assert loaded.steps_per_execution == 2
    assert loaded.built and loaded.data_shape == (6,)


def test_a_model_may_be_saved_before_training_and_without_compiling(tmp_path):
    vae = small_vae(compile=False)
    vae.build((None, 6))
    vae.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.encode(X), vae.encode(X))
    assert not loaded.compiled


def test_a_clone_has_the_same_parts():
    vae = small_vae(mapping=mappings.Clusters(2))
    clone = keras.models.clone_model(vae)
    assert clone.mapping is not vae.mapping
    assert clone.mapping.get_config() == vae.mapping.get_config()
    assert clone.decoder.output_shape == vae.decoder.output_shape


# ---------------------------------------------------------------------------- weights


@pytest.fixture(scope="module")
def plain():
    """A trained model, for tests that only save it."""
    return _trained("plain")


def _trained(name="sparse"):
    vae = MODELS[name]()
    vae.compile("adam", run_eagerly=True)
    vae.fit(X, **EPOCH)
    return vae


@pytest.mark.parametrize("as_string", [True, False])
def test_weights_are_restored_with_optimizer_and_seeds(as_string, tmp_path):
    path = tmp_path / "a.weights.h5"
    vae, other = _trained(), MODELS["sparse"]()
    vae.save_weights(str(path) if as_string else path)
    other.compile("adam", run_eagerly=True)
    other.fit(1 - X, verbose=0)
    other.load_weights(path)
    assert_same_bits(weights_of(other), weights_of(vae))
    assert os.listdir(tmp_path) == ["a.weights.h5"]


class Killed(BaseException):
    """Stands for a signal: nothing catches it."""


def _write_half_and_die(path, content=b""):
    with open(path, "wb") as file:
        file.write(b"half")
    raise Killed


@pytest.mark.parametrize(
    ("method", "name"), [("save_weights", "a.weights.h5"), ("save", "a.keras")]
)
def test_a_kill_while_saving_leaves_the_old_file(tmp_path, monkeypatch, method, name):
    path = tmp_path / name
    vae = _trained()
    getattr(vae, method)(path)
    before = path.read_bytes()
    if method == "save":
        monkeypatch.setattr(sums, "write_sealed", _write_half_and_die)
    else:
        monkeypatch.setattr(pathlib.Path, "write_bytes", _write_half_and_die)
    with pytest.raises(Killed):
        getattr(vae, method)(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == [name]


def test_names_that_keras_refuses_are_refused(tmp_path, plain):
    with pytest.raises(ValueError, match=r"\.weights\.h5"):
        plain.save_weights(tmp_path / "weights")
    with pytest.raises(ValueError, match=r"\.keras"):
        plain.save(tmp_path / "model")


# ---------------------------------------------------------------------------- targets


@pytest.mark.parametrize(
    ("method", "name"), [("save_weights", "a.weights.h5"), ("save", "a.keras")]
)
def test_a_link_stays_a_link_to_the_new_file(tmp_path, method, name, plain):
    (tmp_path / "elsewhere").mkdir()
    link, target = tmp_path / name, tmp_path / "elsewhere" / f"real-{name}"
    link.symlink_to(target)
    for _ in range(2):  # the link leads nowhere at first
        getattr(plain, method)(link)
        assert link.is_symlink() and target.stat().st_size > 1000
    assert os.listdir(tmp_path / "elsewhere") == [target.name]
    other = small_vae(seed=2)
    other.load_weights(link)
    assert_same_bits(other.get_weights(), plain.get_weights())


def test_files_on_other_machines_are_written_and_read():
    """By tf.io.gfile: ram:// stands for gs://, s3:// and the like."""
    vae = _trained("plain")
    vae.save("ram://saving/model.keras")
    vae.save_weights("ram://saving/a.weights.h5")
    loaded = keras.saving.load_model("ram://saving/model.keras")
    assert_same_bits(weights_of(loaded), weights_of(vae))
    other = small_vae(seed=2)
    other.load_weights("ram://saving/a.weights.h5")
    assert_same_bits(weights_of(other), weights_of(vae))
    checkpoint = keras.callbacks.ModelCheckpoint("ram://saving/{epoch}.keras")
    vae.fit(X, callbacks=[checkpoint], **EPOCH)
    loaded = keras.saving.load_model("ram://saving/1.keras")
    assert_same_bits(weights_of(loaded), weights_of(vae))


@pytest.mark.parametrize("name", ["caf\udce9.keras", "café 模型.keras", b"bytes.keras"])
def test_any_file_name_will_do(tmp_path, name, plain):
    """The first is Latin-1, not UTF-8, on the disk."""
    path = os.path.join(os.fsencode(tmp_path), name) if isinstance(name, bytes) else tmp_path / name
    plain.save(path)
    loaded = keras.saving.load_model(os.fsdecode(path))
    assert_same_bits(weights_of(loaded), weights_of(plain))


def test_a_folder_that_does_not_exist_is_named(tmp_path, plain):
    with pytest.raises(FileNotFoundError, match=r"runs/model.keras.*os\.makedirs"):
        plain.save(tmp_path / "runs" / "model.keras")


def test_the_older_format_which_could_not_be_loaded_is_refused(tmp_path, plain):
    with pytest.raises(ValueError, match=r"filepath must end in \.keras"):
        plain.save(tmp_path / "model.h5")
    assert not list(tmp_path.iterdir())


# ---------------------------------------------------------------------------- other states


@pytest.mark.filterwarnings("ignore:Layer .* does not have a `quantize` method")
@pytest.mark.slow
def test_a_quantized_model_is_loaded_as_it_was(tmp_path):
    vae = small_vae(mapping=mappings.Clusters(2), compile=False)
    vae.build((None, *SHAPE))
    with eager_functions():
        exact = vae.encode(X)
        vae.quantize("int8")
        vae.save(tmp_path / "a.keras")
        loaded = keras.saving.load_model(tmp_path / "a.keras")
        assert loaded.posterior_layer.linear.quantization_mode == "int8"
        np.testing.assert_array_equal(loaded.encode(X), vae.encode(X))
        assert not np.array_equal(vae.encode(X), exact)


@pytest.mark.parametrize("inside", [False, True])
def test_weights_with_another_strength_name_the_way_to_agree(inside, tmp_path):
    def model(strength):
        clusters = mappings.Clusters(2, strength=strength)
        vae = small_vae(mapping=keras.Sequential([clusters]) if inside else clusters, compile=False)
        vae.build((None, *SHAPE))
        return vae, clusters

    (vae, _), (other, clusters) = model(3.0), model(1.0)
    vae.save_weights(tmp_path / "a.weights.h5")
    where = r"\(the layer 'clusters.*'\)" if inside else "vae.mapping"
    with pytest.warns(
        UserWarning, match=rf"strength = 3 in force, .* 1: .* set {where}.strength = 3"
    ):
        other.load_weights(tmp_path / "a.weights.h5")
    clusters.strength = 3
    with eager_functions():
        np.testing.assert_array_equal(other.encode(X), vae.encode(X))
    other.save(tmp_path / "b.keras")
    loaded = keras.saving.load_model(tmp_path / "b.keras")
    with eager_functions():
        np.testing.assert_array_equal(loaded.encode(X), vae.encode(X))
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        other.load_weights(tmp_path / "a.weights.h5")
