"""After a part was exchanged, every method and the saved file describe one model."""

import copy

import keras
import numpy as np
import pytest
from helpers.models import SHAPE, small_vae
from helpers.views import X, assert_one_model, trained, views

from intelvae_keras import mappings, networks, priors


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


def _new_prior(vae):
    vae.prior = priors.GaussianMixture(3)


def _new_posterior(vae):
    vae.posterior_layer = "full"


def _new_likelihood(vae):
    vae.likelihood = "continuous_bernoulli"


def _own_activation(vae):
    vae.decoder.layers[0].activation = keras.activations.tanh


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


@pytest.mark.slow
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


def line_by_line():
    vae = small_vae(compile=False)
    vae.compile("adam", run_eagerly=True)
    vae.fit(X, verbose=0)
    return vae


def test_an_exchanged_part_is_seen_without_compile_too():
    vae = small_vae()
    vae.predict(X, verbose=0)
    vae.decode(vae.encode(X))  # all three are now compiled
    _new_head(vae)
    z = np.ones((2, 2), "float32")
    expected = keras.ops.sigmoid(vae.decoder(z))
    np.testing.assert_allclose(vae.decode(z), expected, rtol=1e-5)
    np.testing.assert_allclose(vae.predict(X, verbose=0), vae.decode(vae.encode(X)), rtol=1e-5)


@pytest.mark.filterwarnings("ignore:.*does not have a `quantize` method")
def test_a_quantized_model_is_seen_by_every_method():
    vae = small_vae()
    vae.build((None, *SHAPE))
    z = vae.encode(X)
    vae.decode(z)  # both are now compiled
    vae.quantize("int8")
    mapped = vae.mapping(vae.q(X).mean())
    assert np.abs(mapped - z).max() > 1e-4
    np.testing.assert_allclose(vae.encode(X), mapped, atol=1e-6)
    np.testing.assert_allclose(vae.decode(z), vae._decode(z), atol=1e-6)


def test_a_dtype_policy_is_seen_by_what_was_compiled():
    vae = small_vae()
    z = np.linspace(-1, 1, 8, dtype="float32").reshape(4, 2)
    before = vae.decode(z)
    for layer in vae.decoder.layers:
        layer.dtype_policy = "bfloat16"
    np.testing.assert_array_equal(vae.decode(z), vae._decode(z))
    assert np.abs(vae.decode(z) - before).max() > 1e-5


def test_the_weights_keep_the_order_of_a_new_model():
    vae = small_vae()
    vae.build((None, *SHAPE))
    _new_encoder(vae)
    new = type(vae).from_config(vae.get_config())
    new.build((None, *SHAPE))
    assert [weight.shape for weight in vae.weights] == [weight.shape for weight in new.weights]


def test_training_an_exchanged_part_without_compile_says_what_to_do():
    vae = line_by_line()
    _new_head(vae)
    with pytest.raises(ValueError, match=r"exchanged or unfrozen after compile.*Call compile\(\)"):
        vae.fit(X, verbose=0)


def test_an_exchanged_part_leaves_no_weights_behind():
    vae = line_by_line()
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
    vae = small_vae()
    vae.build((None, *SHAPE))
    vae.sample(3, seed=0)  # is now compiled
    other = copy.deepcopy(vae)
    other.decoder.set_weights([0 * weight for weight in other.decoder.get_weights()])
    np.testing.assert_allclose(other.sample(3, seed=0), 0.5)
    assert np.abs(vae.sample(3, seed=0) - 0.5).max() > 1e-3
