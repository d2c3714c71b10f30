"""What a subclass, or a part of a user's own, changes: every method follows it."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.marks import fast_first
from helpers.models import SHAPE, binary, small_vae
from helpers.views import assert_one_model, views

from intelvae_keras import InteLVAE, callbacks, likelihoods, mappings, metrics, networks, priors

X = binary(24)


@keras.saving.register_keras_serializable(package="tests")
class Standardised(InteLVAE):
    """An encoder that sees other numbers than x."""

    def q(self, x, training=False):
        return super().q((keras.ops.cast(x, "float32") - 0.5) / 0.3, training=training)


def standardised(posterior="diagonal"):
    plain = small_vae(posterior=posterior, mapping=mappings.Clusters(3))
    vae = Standardised(
        2,
        encoder=plain.encoder,
        decoder=plain.decoder,
        mapping=plain.mapping,
        posterior=plain.posterior_layer,
        seed=1,
    )
    vae.compile("adam")
    vae.build((None, *SHAPE))
    return vae


@pytest.mark.parametrize("posterior", fast_first(["diagonal", "full"], ["diagonal"]))
def test_another_q_is_seen_by_every_method(posterior):
    vae = standardised(posterior)
    features = vae.encoder((X - 0.5) / 0.3)
    expected = vae.posterior_layer.distribution(features)
    found = vae.posterior(X)
    np.testing.assert_allclose(found.mean(), expected.mean(), atol=1e-6)
    np.testing.assert_allclose(found.covariance(), expected.covariance(), atol=1e-6)
    np.testing.assert_allclose(vae.encode(X), vae.mapping(expected.mean()), atol=1e-5)
    draws = np.stack([vae.encode(X[:2], sample=True, seed=seed) for seed in range(3)])
    assert np.ptp(draws, axis=0).max() > 0.01
    variances = np.var(expected.mean(), axis=0)
    assert metrics.active_units(vae, X, threshold=variances.min() * 1.01) == 1


@pytest.mark.slow
def test_another_q_is_in_the_saved_and_the_exported_model(tmp_path):
    assert_one_model(standardised(), tmp_path, compiled=False)


def test_the_posterior_of_several_batches_is_that_of_the_examples_one_by_one(monkeypatch):
    from intelvae_keras._engine import array_batches

    vae = standardised("full")
    whole = vae.posterior(X)
    monkeypatch.setattr(array_batches, "_ROWS", 7)
    pieces = vae.posterior(X)
    assert pieces.batch_shape == whole.batch_shape == [24]
    np.testing.assert_allclose(pieces.covariance(), whole.covariance(), atol=1e-6)
    np.testing.assert_allclose(pieces.log_prob(np.ones(2)), whole.log_prob(np.ones(2)), rtol=1e-5)


# ---------------------------------------------------------------------------- losses and metrics


class WithLoss(likelihoods.Bernoulli):
    """Adds a loss where Keras does not clear any: outside of a layer's call."""

    def log_prob(self, x, parameters):
        self.add_loss(keras.ops.convert_to_tensor(100.0))
        return super().log_prob(x, parameters)


@pytest.mark.parametrize("eager", [True, False])
def test_a_loss_of_the_likelihood_counts_once_a_batch(eager):
    vae = small_vae(likelihood=WithLoss(), compile=False)
    vae.compile("adam", run_eagerly=eager, steps_per_execution=1)
    for _ in range(2):
        terms = vae.evaluate(X, batch_size=8, verbose=0, return_dict=True)
        added = terms["loss"] - terms["reconstruction"] - terms["kl"]
        assert added == pytest.approx(100, abs=1e-3)
        vae.fit(X, batch_size=8, verbose=0)


class PriorWithLoss(priors.StandardNormal):
    def kl_divergence(self, q, y):
        self.add_loss(keras.ops.convert_to_tensor(100.0))
        return super().kl_divergence(q, y)


def test_a_loss_of_the_prior_counts_once_a_batch():
    vae = small_vae(prior=PriorWithLoss(), compile=False)
    vae.compile("adam", run_eagerly=True)
    for _ in range(2):
        terms = vae.evaluate(X, batch_size=8, verbose=0, return_dict=True)
        assert terms["loss"] - terms["reconstruction"] - terms["kl"] == pytest.approx(100, abs=1e-3)


def test_a_metric_that_would_take_the_place_of_ours_is_refused():
    vae = small_vae(compile=False)
    vae.mine = keras.metrics.Mean("kl")
    with pytest.raises(ValueError, match="metrics must have other names than loss"):
        vae.compile("adam")


class Counting(InteLVAE):
    """Counts the batches by a metric of its own."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.batches = keras.metrics.Sum("batches")

    def train_step(self, data):
        self.batches.update_state(1.0)
        return super().train_step(data)


def test_a_metric_of_ones_own_is_reported_and_starts_anew_each_epoch():
    vae = Counting(2, encoder=networks.mlp_encoder([4]), decoder=networks.mlp_decoder(SHAPE, [4]))
    vae.compile("adam", run_eagerly=True)
    history = vae.fit(X, batch_size=8, epochs=3, verbose=0).history
    assert history["batches"] == [3, 3, 3]
    assert len(vae.metrics) == 6


# ---------------------------------------------------------------------------- numbers of one's own


class Simplex(mappings.Mapping):
    """As docs/how-to/own-mapping.md teaches it."""

    sharpness = mappings.Number(minimum=0.0)

    def __init__(self, sharpness=1.0, **kwargs):
        super().__init__(**kwargs)
        self.sharpness = sharpness

    def call(self, y):
        return keras.ops.softmax(self.in_force("sharpness") * y, axis=-1)


class Plain(mappings.Mapping):
    """Keeps its state in plain attributes, which a compiled function does not look at."""

    def __init__(self, sharpness=1.0, shift=(0.0, 0.0), **kwargs):
        super().__init__(**kwargs)
        self.sharpness, self.shift = sharpness, np.array(shift)

    def call(self, y):
        return keras.ops.softmax(self.sharpness * y + self.shift, axis=-1)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [Simplex, Plain])
def test_a_number_of_an_own_mapping_acts_at_once_in_every_method(kind):
    vae, other = small_vae(mapping=kind()), small_vae(mapping=kind(9.0))
    views(vae)  # compiles every function
    vae.mapping.sharpness = 9.0
    other.build((None, *SHAPE))
    other.set_weights(vae.get_weights())
    seen = views(vae)
    for name, values in views(other, line_by_line=True).items():
        np.testing.assert_allclose(seen[name], values, rtol=1e-5, atol=1e-6, err_msg=name)


def test_a_small_array_that_is_changed_in_place_is_seen():
    vae = small_vae(mapping=Plain())
    before = vae.encode(X)
    vae.mapping.shift[0] = 2.0
    odds = vae.encode(X)[:, 0] / vae.encode(X)[:, 1]
    np.testing.assert_allclose(odds, before[:, 0] / before[:, 1] * np.exp(2.0), rtol=1e-4)


class Private(mappings.Mapping):
    """The state behind a property, and a function."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self._scale, self.function = 1.0, keras.ops.abs

    def call(self, y):
        return self.function(self._scale * y)


def test_private_numbers_and_functions_are_seen_and_nothing_else_compiles_anew():
    vae = small_vae(mapping=Private(), compile=False)
    vae.compile("adam", run_eagerly=True)
    vae.fit(X, verbose=0, validation_data=X, callbacks=[callbacks.KLWarmup(epochs=2)])
    before, graph = vae.encode(X), vae._graph("map")
    vae.evaluate(X, verbose=0)
    vae.predict(X, verbose=0)
    with pytest.warns(UserWarning, match="kl_weight"):
        vae.train_on_batch(X)
    assert vae._graph("map") is graph
    before = vae.encode(X)
    vae.mapping._scale = 3.0
    np.testing.assert_allclose(vae.encode(X), 3 * before, rtol=1e-5)
    vae.mapping.function = keras.ops.negative
    np.testing.assert_allclose(np.abs(vae.encode(X)), 3 * before, rtol=1e-5)
    assert vae.encode(X).min() < 0


def test_a_number_is_checked_and_changes_without_compiling_anew():
    vae = small_vae(mapping=Simplex())
    vae.encode(X)
    graph = vae._graph("map")
    vae.mapping.sharpness = 2
    assert vae._graph("map") is graph
    with pytest.raises(
        ValueError, match=r"sharpness must be a finite number in \[0, inf\]; got -1"
    ):
        vae.mapping.sharpness = -1
    with pytest.raises(TypeError, match="sharpness must be a number"):
        vae.mapping.sharpness = "large"
    assert vae.mapping.sharpness == 2.0


# ---------------------------------------------------------------------------- whole numbers


def test_whole_numbers_come_to_an_embedding_as_they_are_in_half_precision():
    keras.config.set_dtype_policy("mixed_bfloat16")
    seen = []

    class Look(keras.layers.Layer):
        def call(self, x):
            if not isinstance(x, keras.KerasTensor) and hasattr(x, "numpy"):
                seen.append(x.numpy())
            return x

    encoder = keras.Sequential(
        [Look(dtype="float32"), keras.layers.Embedding(2000, 3), keras.layers.Flatten()]
    )
    vae = InteLVAE(
        1, encoder=encoder, decoder=networks.mlp_decoder((4,), [4]), likelihood="gaussian"
    )
    vae.compile("adam", run_eagerly=True)
    ids = np.array([[1000, 1001, 1002, 1003]])
    with tf.device("CPU:0"):
        vae.train_on_batch(ids)
        vae.fit(ids.astype("float64"), verbose=0)
        vae.predict(ids, verbose=0)
        vae.q(ids)
    assert len(seen) >= 4
    for values in seen:
        np.testing.assert_array_equal(values, ids)


@pytest.mark.parametrize("nested", [False, True])
def test_an_embedding_that_comes_first_in_a_sequential_sees_whole_numbers(nested, tmp_path):
    keras.config.set_dtype_policy("mixed_bfloat16")
    embedding = keras.layers.Embedding(2000, 3, embeddings_initializer="normal")
    encoder = keras.Sequential([embedding, keras.layers.Flatten()])
    if nested:
        encoder = keras.Sequential([encoder, keras.layers.Dense(3)])
    decoder = networks.mlp_decoder((4,), [4])
    vae = InteLVAE(1, encoder=encoder, decoder=decoder, likelihood="gaussian")
    ids = np.array([[1000, 1001, 1002, 1003]])
    vae.build((None, 4))
    vae.save(tmp_path / "ids.keras")
    for model in (vae, keras.saving.load_model(tmp_path / "ids.keras")):
        first = model.encoder.layers[0] if nested else model.encoder
        assert model.encoder.inputs[0].dtype == first.inputs[0].dtype == "int32"
        rows = first(tf.constant(ids)).numpy().reshape(4, 3)
        assert len(np.unique(rows[:, 0])) == 4


class Parity(keras.layers.Layer):
    """Odd or even: float32 does not know it of a number above 2^24."""

    def call(self, x):
        return keras.ops.cast(x % 2, "float32")


def test_large_whole_numbers_come_to_log_likelihood_as_they_are():
    encoder = keras.Sequential([keras.Input((1,), dtype="int32"), Parity()])
    decoder = networks.mlp_decoder((1,), [2])
    vae = InteLVAE(1, encoder=encoder, decoder=decoder, likelihood="gaussian", seed=1)
    vae.build((None, 1))
    vae.posterior_layer.linear.set_weights(
        [np.array([[9.0, 0.0]]), np.array([0.0, -9.0])]
    )  # y = 9 for an odd number
    vae.prior.log_prob = lambda y: y[..., 0] * 1e16  # outweighs log p(x|z)
    bound = vae.log_likelihood(np.array([[2**24 + 1]]), num_samples=2)
    assert bound[0] > 1e16


# ---------------------------------------------------------------------------- shared layers


def test_frozen_layers_may_be_shared_and_the_turn_of_clusters_may_not(recwarn):
    encoder, mapping = networks.mlp_encoder([4]), mappings.Clusters(3)
    first = small_vae(encoder=encoder, mapping=mapping, compile=False)
    first.compile("adam", run_eagerly=True)
    first.fit(X, epochs=2, verbose=0, callbacks=[callbacks.Warmup()])
    encoder.trainable = False
    second = small_vae(encoder=encoder, mapping=mapping, compile=False)
    second.compile("adam", run_eagerly=True)
    second.fit(X, verbose=0)
    assert not [w for w in recwarn if "another model" in str(w.message)]
    with pytest.warns(UserWarning, match="The layers clusters.* belong to another model too"):
        second.fit(X, epochs=2, verbose=0, callbacks=[callbacks.Warmup()])


def test_a_layer_that_another_model_has_trained_is_warned_of_at_fit():
    first = small_vae()
    second = small_vae(encoder=first.encoder)
    first.compile("adam", run_eagerly=True)
    second.compile("adam", run_eagerly=True)
    first.fit(X, verbose=0)
    with pytest.warns(UserWarning, match="belong to another model too"):
        second.fit(X, verbose=0)
    encoder = first.encoder
    del first
    third = small_vae(encoder=encoder, compile=False)
    third.compile("adam", run_eagerly=True)
    del second
    third.fit(X, verbose=0)  # nobody is left whom it could change


def test_a_warm_up_of_a_clone_is_no_concern_of_the_first(recwarn):
    vae = small_vae(compile=False)
    vae.compile("adam", run_eagerly=True)
    vae.fit(X, verbose=0, callbacks=[callbacks.KLWarmup(epochs=1)])
    again = keras.models.clone_model(vae)
    again.compile("adam", run_eagerly=True)
    again.fit(X, verbose=0)
    assert not [w for w in recwarn if "another model" in str(w.message)]
