"""Whatever a user changes, every method and the saved file describe one and the same model."""

import copy
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.models import SHAPE, binary, small_vae, without_noise

from intelvae_keras import callbacks, likelihoods, mappings, networks, posteriors, priors
from intelvae_keras._engine import settings

X = binary(24)


def trained(**kwargs):
    """A model whose every function has been compiled."""
    vae = small_vae(**kwargs)
    vae.fit(X, batch_size=8, verbose=0)
    views(vae)
    return vae


def views(vae, x=X):
    """What each method says, as numbers that can be compared between models."""
    if vae.optimizer is None:
        vae.compile("adam")
    return {
        "evaluate": np.array(vae.evaluate(x, verbose=0)[2:3]),  # the KL: no noise in it
        "predict": vae.predict(x, verbose=0),
        "encode": vae.encode(x),
        "decode": vae.decode(np.ones((3, vae.z_dim), "float32")),
        "sample": vae.sample(5, seed=0),
        "log_likelihood": vae.log_likelihood(x[:4], num_samples=5),
        "posterior": vae.posterior(x).mean().numpy(),
    }


def assert_one_model(vae, tmp_path, x=X):
    """Every view is that of a fresh process's model, read from the saved file."""
    vae.save(tmp_path / "one.keras")
    fresh = keras.saving.load_model(tmp_path / "one.keras")
    seen, expected = views(vae, x), views(fresh, x)
    for name, values in expected.items():
        np.testing.assert_allclose(seen[name], values, rtol=2e-5, atol=1e-6, err_msg=name)
    vae.export(tmp_path / "export", verbose=False)
    exported = tf.saved_model.load(tmp_path / "export")
    np.testing.assert_allclose(exported.encode(x), expected["encode"], rtol=2e-5, atol=1e-6)
    np.testing.assert_allclose(exported.serve(x), expected["predict"], rtol=2e-5, atol=1e-6)
    return expected


# ---------------------------------------------------------------------------- numbers act at once


def test_beta_acts_at_once_in_fit_and_evaluate():
    vae = without_noise(small_vae(compile=False))
    vae.compile(keras.optimizers.SGD(0.0))
    vae.fit(X, batch_size=8, verbose=0)
    for beta in (1000.0, 0.5, 0):
        vae.beta = beta
        for terms in (
            {name: values[0] for name, values in vae.fit(X, verbose=0).history.items()},
            vae.evaluate(X, verbose=0, return_dict=True),
        ):
            expected = terms["reconstruction"] + beta * terms["kl"]
            assert terms["loss"] == pytest.approx(expected, rel=1e-5)
        assert vae.get_config()["beta"] == beta


def test_beta_that_a_callback_sets_acts_in_the_same_fit():
    vae = without_noise(small_vae(compile=False))
    vae.compile(keras.optimizers.SGD(0.0))
    schedule = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: setattr(vae, "beta", 10.0**epoch)
    )
    history = vae.fit(X, epochs=3, callbacks=[schedule], verbose=0).history
    expected = np.array(history["reconstruction"]) + 10.0 ** np.arange(3) * history["kl"]
    np.testing.assert_allclose(history["loss"], expected, rtol=1e-5)


def test_beta_moves_the_weights_that_training_reaches():
    low, high = small_vae(beta=1.0), small_vae(beta=1.0)
    for vae, beta in ((low, 0.0), (high, 1000.0)):
        keras.utils.set_random_seed(0)
        vae.fit(X, verbose=0)  # traced with beta = 1
        vae.beta = beta
        vae.fit(X, epochs=40, verbose=0)
    kl = [vae.evaluate(X, verbose=0, return_dict=True)["kl"] for vae in (low, high)]
    assert kl[1] < 0.5 * kl[0]


@pytest.mark.parametrize("recompile", [False, True])
def test_a_likelihoods_scale_acts_at_once_everywhere(recompile):
    vae = trained(likelihood=likelihoods.Gaussian(scale=1.0))
    wide = vae.log_likelihood(X[:4], num_samples=5)
    vae.likelihood.scale = 0.1
    if recompile:
        vae.compile("adam")
    narrow = small_vae(likelihood=likelihoods.Gaussian(scale=0.1))
    narrow.build((None, *SHAPE))
    narrow.set_weights(vae.get_weights())
    found = vae.log_likelihood(X[:4], num_samples=5)
    np.testing.assert_allclose(found, narrow.log_likelihood(X[:4], num_samples=5), rtol=1e-5)
    assert (found < wide - 1).all()
    terms, expected = (m.evaluate(X, verbose=0, return_dict=True) for m in (vae, narrow))
    assert terms["reconstruction"] == pytest.approx(expected["reconstruction"], rel=0.3)
    assert vae.get_config()["likelihood"]["config"]["scale"] == 0.1


@pytest.mark.parametrize("make", [mappings.Sparse, mappings.SparsityPenalty])
def test_gamma_acts_at_once(make):
    vae = without_noise(small_vae(4, mapping=make(gamma=1.0), compile=False))
    vae.compile(keras.optimizers.SGD(0.0))
    before = vae.evaluate(X, verbose=0, return_dict=True)["mapping_loss"]
    vae.fit(X, verbose=0)
    vae.mapping.gamma = 7.0
    after = vae.evaluate(X, verbose=0, return_dict=True)["mapping_loss"]
    during = vae.fit(X, verbose=0).history["mapping_loss"][0]
    assert after == pytest.approx(7 * before, rel=1e-2)
    assert after == pytest.approx(during, rel=1e-2)


@pytest.mark.parametrize("name", ["strength", "width"])
def test_a_cluster_mappings_numbers_act_at_once(name, tmp_path):
    vae = trained(mapping=mappings.Clusters(2, strength=3.0, width=0.5))
    setattr(vae.mapping, name, 0.05)
    y = vae.posterior(X).mean().numpy()
    expected = mappings.Clusters(**{"num_clusters": 2, "strength": 3.0, "width": 0.5, name: 0.05})(
        y
    )
    np.testing.assert_allclose(vae.encode(X), expected, rtol=1e-5)
    assert_one_model(vae, tmp_path)


def test_a_bad_number_is_refused_when_it_is_set():
    vae = small_vae(4, mapping=mappings.Sparse(), likelihood=likelihoods.Gaussian(0.5))
    with pytest.raises(ValueError, match="beta must be a finite number >= 0; got -1"):
        vae.beta = -1
    with pytest.raises(TypeError, match="gamma must be a number"):
        vae.mapping.gamma = "3"
    with pytest.raises(ValueError, match="scale must be a finite number > 0; got 0"):
        vae.likelihood.scale = 0
    assert (vae.beta, vae.mapping.gamma, vae.likelihood.scale) == (1.0, 3.0, 0.5)


def test_what_is_a_matter_of_structure_refuses_to_be_set():
    vae = small_vae(likelihood=likelihoods.Gaussian("learned"))
    with pytest.raises(
        AttributeError, match="latent_dim of InteLVAE is fixed .* it is 2.*become 3"
    ):
        vae.latent_dim = 3
    with pytest.raises(AttributeError, match="scale of Gaussian is fixed"):
        vae.likelihood.scale = 0.1
    assert vae.latent_dim == 2 and vae.likelihood.scale == "learned"


def test_a_users_own_layer_may_have_a_setting():
    class Scaled(mappings.Mapping):
        factor = settings.Setting(lambda name, value: float(value))

        def __init__(self, factor=1.0, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, y):
            return y * settings.in_force(self, "factor")

    vae = small_vae(mapping=Scaled())
    before = vae.encode(X)
    vae.mapping.factor = 3
    np.testing.assert_allclose(vae.encode(X), 3 * before, rtol=1e-6)


# ---------------------------------------------------------------------------- parts are exchanged


def _new_last_layer(vae):
    vae.decoder.pop()
    vae.decoder.pop()
    vae.decoder.add(keras.layers.Dense(6, bias_initializer=keras.initializers.Constant(5.0)))


def _new_head(vae):
    vae.decoder = networks.mlp_decoder(SHAPE, [3])


def _new_encoder(vae):
    vae.encoder = networks.mlp_encoder([8, 8])


def _new_mapping(vae):
    vae.mapping = mappings.Clusters(2, strength=5.0)


def _no_mapping(vae):
    vae.mapping = None


def _other_mapping_and_decoder(vae):
    del_z = mappings.Function(_first)
    vae.decoder = keras.Sequential([keras.layers.Dense(6)])
    vae.mapping = del_z


def _new_prior(vae):
    vae.prior = priors.GaussianMixture(3)


def _new_posterior(vae):
    vae.posterior_layer = "full"


def _new_likelihood(vae):
    vae.likelihood = "continuous_bernoulli"


def _own_activation(vae):
    vae.decoder.layers[0].activation = keras.activations.tanh


@keras.saving.register_keras_serializable(package="test_one_model")
def _first(y):
    return y[:, :1]


CHANGES = [
    _new_last_layer,
    _new_head,
    _new_encoder,
    _new_mapping,
    _no_mapping,
    _new_prior,
    _new_posterior,
    _new_likelihood,
    _own_activation,
]


@pytest.mark.parametrize("change", CHANGES)
def test_after_a_change_and_compile_there_is_one_model(change, tmp_path):
    vae = trained(mapping=mappings.Clusters(2))
    before = views(vae)
    change(vae)
    vae.compile("adam")
    expected = assert_one_model(vae, tmp_path)
    assert any((before[name] != expected[name]).any() for name in before)
    history = vae.fit(X, epochs=1, batch_size=8, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    assert_one_model(vae, tmp_path)


def test_an_exchanged_part_is_seen_without_compile_too():
    vae = trained()
    _new_head(vae)
    z = np.ones((2, 2), "float32")
    expected = keras.ops.sigmoid(vae.decoder(z))
    np.testing.assert_allclose(vae.decode(z), expected, rtol=1e-5)
    np.testing.assert_allclose(vae.predict(X, verbose=0), vae.decode(vae.encode(X)), rtol=1e-5)


def test_training_an_exchanged_part_without_compile_says_what_to_do():
    vae = trained()
    _new_head(vae)
    with pytest.raises(ValueError, match=r"exchanged or unfrozen after compile.*Call compile\(\)"):
        vae.fit(X, verbose=0)


def test_an_exchanged_part_leaves_no_weights_behind():
    vae = trained()
    num_weights = len(vae.weights)
    _new_head(vae)
    assert len(vae.weights) == num_weights
    assert {id(w) for w in vae.decoder.weights} <= {id(w) for w in vae.weights}


def test_a_part_that_does_not_fit_is_refused_and_the_old_one_stays():
    vae = trained()
    before, decoder = views(vae), vae.decoder
    with pytest.raises(ValueError, match="decoder must return shape"):
        vae.decoder = networks.mlp_decoder((5,), [4])
    with pytest.raises(TypeError, match="encoder must be a Keras model or layer"):
        vae.encoder = 3
    with pytest.raises(ValueError, match="encoder returns features of shape .*posterior was built"):
        vae.encoder = networks.mlp_encoder([5])
    assert vae.decoder is decoder
    for name, values in views(vae).items():
        if name != "evaluate":
            np.testing.assert_array_equal(values, before[name], err_msg=name)


def test_a_copy_has_functions_of_its_own():
    vae = trained()
    other = copy.deepcopy(vae)
    other.decoder.set_weights([0 * weight for weight in other.decoder.get_weights()])
    np.testing.assert_allclose(other.sample(3, seed=0), 0.5)
    assert np.abs(vae.sample(3, seed=0) - 0.5).max() > 1e-3


# ---------------------------------------------------------------------------- schedules end


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

    vae = small_vae()
    with pytest.raises(KeyboardInterrupt):
        vae.fit(X, callbacks=[callbacks.KLWarmup(epochs=3), Stop()], verbose=0)
    assert float(vae.kl_weight) == 0
    with pytest.warns(UserWarning, match="kl_weight = 0"):
        vae.fit(X, verbose=0)
    assert float(vae.kl_weight) == 1


def test_best_weights_of_a_warm_up_are_judged_at_the_full_weight(tmp_path):
    vae = without_noise(small_vae(compile=False))
    vae.compile(keras.optimizers.SGD(0.0))  # nothing changes, so that no epoch is better
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
    terms = middle.evaluate(X, verbose=0, return_dict=True)
    assert terms["loss"] == pytest.approx(history["val_loss"][1], rel=1e-5)
    with pytest.warns(UserWarning, match="schedule had left"):
        middle.fit(X, verbose=0)


def test_monitoring_the_training_loss_of_a_warm_up_is_warned_of():
    stop = keras.callbacks.EarlyStopping(monitor="loss", patience=9)
    with pytest.warns(UserWarning, match="EarlyStopping monitors 'loss'.*val_elbo"):
        small_vae().fit(X, callbacks=[callbacks.KLWarmup(epochs=1), stop], verbose=0)


# ---------------------------------------------------------------------------- decoders that squash

ENDINGS = ["sigmoid", "softmax", "hard_sigmoid", "relu", "softplus", "tanh"]


class Squash(keras.layers.Layer):
    """An ending that no attribute tells."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def call(self, x):
        return self.function(x)


def decoder_with(activation, num_values=6):
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Dense(16, activation="relu"),
            layers.Dense(num_values),
            layers.Activation(activation),
        ]
    )


@pytest.mark.parametrize("likelihood", ["bernoulli", "continuous_bernoulli"])
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_decoder_that_squashes_is_warned_of(ending, likelihood):
    with pytest.warns(
        UserWarning, match=f"ends in the activation '{ending}'.*Remove the activation"
    ):
        small_vae(decoder=decoder_with(ending), likelihood=likelihood)


@pytest.mark.parametrize("function", [keras.ops.sigmoid, keras.ops.relu, keras.ops.tanh])
def test_a_function_that_squashes_is_seen_by_its_outputs(function):
    decoder = keras.Sequential([networks.mlp_decoder(SHAPE, [8]), Squash(function)])
    with pytest.warns(UserWarning, match="decoder gives n.*Remove the activation"):
        small_vae(decoder=decoder)


def test_a_predicted_scale_that_is_squashed_is_warned_of():
    predicted = likelihoods.Gaussian("predicted")
    with pytest.warns(UserWarning, match="'sigmoid'"):
        small_vae(decoder=decoder_with("sigmoid", 12), likelihood=predicted)


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "gelu"])
@pytest.mark.parametrize("seed", range(5))
def test_a_decoder_that_ends_in_real_numbers_is_not_warned_of(activation, seed):
    keras.utils.set_random_seed(seed)
    for shape in ((1,), (6,), (4, 4, 1)):
        small_vae(
            shape=shape,
            encoder=networks.mlp_encoder([4]),
            decoder=networks.mlp_decoder(shape, [8], activation),
        )


def test_a_gaussians_mean_may_be_squashed():
    small_vae(decoder=decoder_with("sigmoid"), likelihood="gaussian")


# ---------------------------------------------------------------------------- trainable


def _first_part(vae):
    return {"posterior": vae.posterior_layer, "mapping": vae.mapping, "decoder": vae.decoder}


@pytest.mark.parametrize("part", ["posterior", "mapping", "decoder"])
@pytest.mark.parametrize("when", ["before the first fit", "after it"])
def test_a_frozen_part_stays_frozen_when_saved_and_loaded(part, when, tmp_path):
    vae = small_vae(4, mapping=mappings.Hierarchical([2, 2]))
    if when == "after it":
        vae.fit(X, verbose=0)
    _first_part(vae)[part].trainable = False
    vae.build((None, *SHAPE))
    vae.compile("adam")
    vae.save(tmp_path / "frozen.keras")
    loaded = keras.saving.load_model(tmp_path / "frozen.keras")
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
    vae = trained()
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
    vae = trained()
    vae.encoder.trainable = False
    kept = [keras.ops.convert_to_numpy(w) for w in vae.encoder.weights]
    vae.fit(X, verbose=0)
    for weight, value in zip(vae.encoder.weights, kept, strict=True):
        np.testing.assert_array_equal(weight, value)


def test_with_everything_frozen_fit_says_that_nothing_is_trainable():
    vae = small_vae()
    vae.build((None, *SHAPE))
    vae.trainable = False
    vae.compile("adam")
    with pytest.raises(ValueError, match="Nothing in the model is trainable"):
        vae.fit(X, verbose=0)
    vae.evaluate(X, verbose=0)  # which needs nothing trainable


def test_config_has_what_keras_has_and_one_entry_per_argument():
    vae = small_vae(posterior=posteriors.GaussianPosterior(2, "full"), name="mine", beta=2.0)
    config = vae.get_config()
    assert config["name"] == "mine" and config["trainable"] is True and "dtype" in config
    again = type(vae).from_config(config)
    assert again.get_config() == config
