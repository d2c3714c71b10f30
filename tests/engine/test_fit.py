"""`fit`, `evaluate` and `predict`: every kind of input gives the same training."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.models import assert_same_bits, binary, small_vae, weights_of, without_noise

from intelvae_keras import mappings

X = binary(20)
Y = np.arange(20) % 2
BATCH = 8  # 20 examples: an uneven last batch
STEPS = 3
WEIGHT = np.linspace(0.0, 2.0, 20).astype("float32")


class Batches(keras.utils.PyDataset):
    """(x, y) as a PyDataset."""

    def __len__(self):
        return STEPS

    def __getitem__(self, index):
        rows = slice(index * BATCH, (index + 1) * BATCH)
        return X[rows], Y[rows]


def forever():
    """(x, y) as a generator, which never ends, as Keras wants it."""
    while True:
        for index in range(STEPS):
            yield X[index * BATCH : (index + 1) * BATCH], Y[index * BATCH : (index + 1) * BATCH]


def dataset(*arrays):
    return tf.data.Dataset.from_tensor_slices(arrays).batch(BATCH)


def of_unknown_length(data):
    return data.filter(lambda *_: True)


INPUTS = {
    "x": lambda: {"x": X},
    "x and y": lambda: {"x": X, "y": Y},
    "x and x": lambda: {"x": X, "y": X},
    "float64": lambda: {"x": X.astype("float64")},
    "uint8": lambda: {"x": X.astype("uint8")},
    "bool": lambda: {"x": X.astype("bool")},
    "tensor": lambda: {"x": tf.constant(X)},
    "tensors": lambda: {"x": tf.constant(X), "y": tf.constant(Y)},
    "tensor of uint8": lambda: {"x": tf.constant(X.astype("uint8"))},
    "equal weights": lambda: {"x": X, "sample_weight": np.ones(20)},
    "labels and equal weights": lambda: {"x": X, "y": Y, "sample_weight": np.ones(20)},
    "dataset (x)": lambda: {"x": tf.data.Dataset.from_tensor_slices(X).batch(BATCH)},
    "dataset (x,)": lambda: {"x": dataset(X)},
    "dataset (x, y)": lambda: {"x": dataset(X, Y)},
    "dataset (x, x)": lambda: {"x": dataset(X, X)},
    "dataset (x, y, weight)": lambda: {"x": dataset(X, Y, np.ones(20))},
    "dataset of uint8": lambda: {"x": dataset(X.astype("uint8"))},
    "dataset of unknown length": lambda: {"x": of_unknown_length(dataset(X, Y))},
    "PyDataset": lambda: {"x": Batches()},
    "generator": lambda: {"x": forever()},
}
STREAMS = [name for name in INPUTS if "dataset" in name.lower() or name == "generator"]


@pytest.fixture(scope="module")
def reference():
    """History and model for plain NumPy input."""
    return _train("x")


def _options(name):
    """Streams come in batches; a generator never ends."""
    options = {} if name in STREAMS else {"batch_size": BATCH}
    return options | {"verbose": 0} | ({"steps": STEPS} if name == "generator" else {})


def _train(name):
    """Trains for an epoch without noise and shuffling, so that nothing is random."""
    keras.utils.set_random_seed(0)
    vae = without_noise(small_vae(compile=False))
    vae.compile(keras.optimizers.SGD(1e-2), run_eagerly=True)  # quicker than a graph, here
    options = _options(name)
    steps = options.pop("steps", None)
    history = vae.fit(**INPUTS[name](), **options, steps_per_epoch=steps, shuffle=False)
    assert vae.optimizer.iterations == STEPS
    return history.history, vae


@pytest.mark.filterwarnings("ignore:Your input ran out of data")  # so Keras learns a length
@pytest.mark.parametrize("name", INPUTS)
def test_every_kind_of_input_trains_evaluates_and_predicts_alike(name, reference):
    history, vae = _train(name)
    expected, expected_vae = reference
    for term, values in expected.items():
        np.testing.assert_allclose(history[term], values, rtol=1e-5, err_msg=term)
    np.testing.assert_allclose(
        vae.evaluate(**INPUTS[name](), **_options(name)),
        expected_vae.evaluate(X, batch_size=BATCH, verbose=0),
        rtol=1e-5,
    )
    np.testing.assert_allclose(
        vae.predict(INPUTS[name]()["x"], **_options(name)),
        expected_vae.predict(X, batch_size=BATCH, verbose=0),
        rtol=1e-5,
    )


VALIDATION = {
    "array": lambda: X[:9],
    "(x, None)": lambda: (X[:9], None),
    "(x, y)": lambda: (X[:9], Y[:9]),
    "(x, x)": lambda: (X[:9], X[:9]),
    "(x, y, weight)": lambda: (X[:9], Y[:9], np.ones(9)),
    # 20 examples, of which 9 count 20/9 times: (1/N) sum_i w_i term_i is the mean over the 9.
    "weighted": lambda: (X, None, (np.arange(20) < 9).astype("float32") * 20 / 9),
    "tensor": lambda: tf.constant(X[:9]),
    "dataset": lambda: dataset(X[:9], Y[:9]),
}


@pytest.fixture(scope="module")
def deterministic():
    """A compiled model without noise, which learns at rate 0: its loss never changes."""
    vae = without_noise(small_vae(compile=False))
    vae.compile(keras.optimizers.SGD(0.0), run_eagerly=True)
    return vae


@pytest.mark.parametrize("name", VALIDATION)
def test_validation_data_are_evaluated(name, deterministic):
    history = deterministic.fit(
        X, validation_data=VALIDATION[name](), batch_size=BATCH, verbose=0
    ).history
    terms = deterministic.evaluate(X[:9], return_dict=True, verbose=0)
    assert len(terms) == 5
    for term, value in terms.items():
        np.testing.assert_allclose(history[f"val_{term}"], [value], rtol=1e-5, err_msg=term)


def test_validation_split_takes_the_last_examples(deterministic):
    history = deterministic.fit(X, Y, batch_size=5, validation_split=0.25, verbose=0).history
    train, held_out = (deterministic.evaluate(part, verbose=0)[0] for part in (X[:15], X[15:]))
    np.testing.assert_allclose(history["loss"], [train], rtol=1e-5)
    np.testing.assert_allclose(history["val_loss"], [held_out], rtol=1e-5)


@pytest.mark.parametrize("batch_size", [1, 7, 20, 100, None])
def test_batch_size_does_not_change_the_evaluation(batch_size, deterministic):
    expected = deterministic.evaluate(X, batch_size=20, verbose=0)
    result = deterministic.evaluate(X, batch_size=batch_size, verbose=0)
    np.testing.assert_allclose(result, expected, rtol=1e-5)


def test_train_and_evaluate_report_the_same_loss(deterministic):
    train = deterministic.fit(X, batch_size=BATCH, verbose=0).history
    for term, value in deterministic.evaluate(X, return_dict=True, verbose=0).items():
        np.testing.assert_allclose(train[term], [value], rtol=1e-5, err_msg=term)


def test_train_and_evaluate_report_the_same_loss_within_the_noise_of_sampling():
    vae = small_vae(mapping=mappings.Clusters(2, learn_proportions=False))
    vae.compile(keras.optimizers.SGD(0.0))
    x = np.tile(X, (50, 1))
    losses = [vae.evaluate(x, batch_size=500, verbose=0)[0] for _ in range(10)]
    train = vae.fit(x, batch_size=500, verbose=0).history["loss"][0]
    assert np.std(losses) > 0
    assert abs(train - np.mean(losses)) < 5 * np.std(losses, ddof=1)


def test_terms_add_up():
    vae = small_vae(4, mapping=mappings.Sparse(), beta=0.5)
    terms = vae.evaluate(X, batch_size=20, return_dict=True, verbose=0)
    loss = terms["reconstruction"] + 0.5 * terms["kl"] + terms["mapping_loss"]
    np.testing.assert_allclose(terms["loss"], loss, rtol=1e-5)
    np.testing.assert_allclose(terms["elbo"], -terms["reconstruction"] - terms["kl"], rtol=1e-5)
    assert terms["mapping_loss"] != 0


def test_regularisers_of_the_networks_are_part_of_the_loss():
    decoder = keras.Sequential(
        [keras.layers.Dense(6, kernel_regularizer=keras.regularizers.L2(0.1))]
    )
    vae = small_vae(decoder=decoder)
    terms = vae.evaluate(X, return_dict=True, verbose=0)
    penalty = 0.1 * np.sum(np.square(decoder.layers[0].kernel))
    loss = terms["reconstruction"] + terms["kl"] + penalty
    np.testing.assert_allclose(terms["loss"], loss, rtol=1e-5)
    assert terms["mapping_loss"] == 0


# ---------------------------------------------------------------------------- weights of examples


def test_weight_0_on_one_half_evaluates_the_other(deterministic):
    half = (np.arange(20) < 10).astype("float32")
    weighted = deterministic.evaluate(X, sample_weight=half, batch_size=BATCH, verbose=0)
    other = deterministic.evaluate(X[:10], verbose=0)
    np.testing.assert_allclose(weighted, np.array(other) / 2, rtol=1e-5)  # the sum over N = 20


def _weights_after_an_epoch(x, rate=0.1, **options):
    keras.utils.set_random_seed(0)
    vae = without_noise(small_vae(compile=False))
    vae.compile(keras.optimizers.SGD(rate), run_eagerly=True)
    vae.fit(x, shuffle=False, verbose=0, **options)
    return vae.get_weights()


def _assert_close(left, right):
    for one, other in zip(left, right, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_weight_0_on_one_half_trains_on_the_other():
    half = 2 * (np.arange(20) < 10).astype("float32")
    weighted = _weights_after_an_epoch(X, sample_weight=half, batch_size=20)
    _assert_close(weighted, _weights_after_an_epoch(X[:10], batch_size=20))


def test_weights_as_argument_in_a_stream_or_by_class_train_alike():
    expected = _weights_after_an_epoch(X, sample_weight=Y, batch_size=BATCH)
    _assert_close(expected, _weights_after_an_epoch(dataset(X, Y, Y)))
    by_class = {"y": Y, "class_weight": {0: 0.0, 1: 1.0}, "batch_size": BATCH}
    _assert_close(expected, _weights_after_an_epoch(X, **by_class))
    plain = _weights_after_an_epoch(X, batch_size=BATCH)
    assert any(np.abs(one - other).max() > 1e-4 for one, other in zip(expected, plain, strict=True))


def test_weights_are_factors_of_the_gradient_as_in_keras():
    expected = _weights_after_an_epoch(X, sample_weight=WEIGHT, batch_size=BATCH)
    options = {"sample_weight": 4 * WEIGHT, "batch_size": BATCH, "rate": 0.1 / 4}
    _assert_close(expected, _weights_after_an_epoch(X, **options))


@pytest.mark.parametrize("as_stream", [False, True])
@pytest.mark.parametrize("batch_size", [1, 2, 32, 200])
def test_the_optimum_is_that_of_all_the_data_whatever_the_batch(batch_size, as_stream):
    # x = 1 in 10% of the examples, with weight 9: the best constant Bernoulli mean is 9 / (9 + 9).
    x = (np.arange(200) % 10 == 0).astype("float32")[:, np.newaxis]
    weight = np.where(x[:, 0] == 1, 9.0, 1.0).astype("float32")
    decoder = keras.Sequential([keras.layers.Dense(1, kernel_initializer="zeros")])
    decoder.build((None, 1))
    decoder.layers[0].kernel.trainable = False  # a bias alone: a constant mean
    vae = small_vae(1, shape=(1,), decoder=decoder, compile=False, beta=0.0)
    vae.compile(
        keras.optimizers.SGD(
            keras.optimizers.schedules.CosineDecay(0.05 * batch_size, 10 * 200 // batch_size)
        )
        if batch_size < 200
        else keras.optimizers.SGD(1.0)
    )
    epochs = 10 if batch_size < 200 else 60
    data = {"x": x, "sample_weight": weight, "batch_size": batch_size}
    if as_stream:
        arrays = tf.data.Dataset.from_tensor_slices((x, x, weight)).shuffle(200, seed=0)
        data = {"x": arrays.batch(batch_size)}
    vae.fit(**data, epochs=epochs, verbose=0)
    assert float(vae.decode(np.zeros((1, 1)))[0, 0]) == pytest.approx(0.5, abs=0.05)


def test_reported_terms_are_sums_of_weighted_terms_over_the_number_of_examples(deterministic):
    each = [deterministic.evaluate(X[i : i + 1], verbose=0, return_dict=True) for i in range(20)]
    weighted = deterministic.evaluate(
        X, sample_weight=WEIGHT, batch_size=BATCH, verbose=0, return_dict=True
    )
    for term in ("loss", "reconstruction", "kl", "elbo"):
        expected = np.dot(WEIGHT, [terms[term] for terms in each]) / 20
        assert weighted[term] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("mapping", [None, mappings.Sparse(), mappings.Clusters(2)])
def test_a_batch_of_weight_0_does_no_harm(mapping):
    vae = small_vae(mapping=mapping)
    vae.compile("adam", run_eagerly=True)
    history = vae.fit(X, sample_weight=np.zeros(20), batch_size=BATCH, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    assert all(np.isfinite(weight).all() for weight in vae.get_weights())


# ---------------------------------------------------------------------------- ways to run

WAYS = {
    "a graph": {},
    "two steps per execution": {"steps_per_execution": 2},
    "XLA": {"jit_compile": True},
}


@pytest.fixture(scope="module")
def eager_weights():
    return _train_by({"run_eagerly": True})


def _train_by(options):
    keras.utils.set_random_seed(0)
    vae = without_noise(small_vae(mapping=mappings.Clusters(2, width=0.5), compile=False))
    vae.compile(keras.optimizers.SGD(0.1), **options)
    before = vae.get_weights()
    vae.fit(X, epochs=2, batch_size=BATCH, shuffle=False, verbose=0)
    assert vae.optimizer.iterations == 2 * STEPS
    assert any(
        np.abs(one - other).max() > 1e-2
        for one, other in zip(before, vae.get_weights(), strict=True)
    )
    return vae.get_weights()


@pytest.mark.filterwarnings("ignore:Your input ran out of data")  # Keras, after an uneven last call
@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_run_gives_the_same_weights(way, eager_weights):
    for one, other in zip(_train_by(WAYS[way]), eager_weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_the_same_seed_gives_the_same_bits_and_another_seed_others():
    runs = []
    for seed in (3, 3, 4):
        keras.utils.set_random_seed(0)
        vae = small_vae(seed=seed)
        vae.compile("adam", run_eagerly=True)
        vae.fit(X, epochs=2, batch_size=BATCH, verbose=0)
        runs.append(weights_of(vae))
    assert_same_bits(runs[0], runs[1])
    assert any((one != other).any() for one, other in zip(runs[0][:-1], runs[2][:-1], strict=True))


def test_fit_goes_on_where_it_stopped():
    vae = small_vae()
    vae.compile("adam", run_eagerly=True)
    for _ in range(2):
        vae.fit(X, epochs=2, batch_size=BATCH, verbose=0)
    assert vae.optimizer.iterations == 4 * STEPS


def test_encoder_and_mapping_may_be_used_between_epochs():
    """Losses that the mapping has added outside of training must not leak into it."""
    vae = small_vae(4, mapping=mappings.Sparse())
    seen = []
    look = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(vae.encode(X).shape)
    )
    history = vae.fit(X, epochs=2, batch_size=BATCH, callbacks=[look], verbose=0).history
    assert seen == [(20, 4)] * 2
    assert np.isfinite(history["loss"]).all()


LEARNERS = {
    "learned proportions": (1, {"mapping": mappings.Clusters(2, learn_proportions=True)}),
    "sparse": (4, {"mapping": mappings.Sparse(gamma=1.0)}),
    "hierarchical": (4, {"mapping": mappings.Hierarchical([2, 2])}),
    "non-differentiable": (2, {"mapping": lambda y: keras.ops.sign(y)}),
}


@pytest.mark.parametrize("name", LEARNERS)
def test_a_short_fit_lowers_the_loss(name):
    latent_dim, options = LEARNERS[name]
    vae = small_vae(latent_dim, **options)
    vae.compile(keras.optimizers.Adam(1e-2))
    loss = vae.fit(binary(256), epochs=8, batch_size=32, verbose=0).history["loss"]
    assert loss[-1] < loss[0] - 0.2


def test_the_wrong_argument_is_refused_as_by_keras():
    with pytest.raises(TypeError, match="epoch_count"):
        small_vae().fit(X, epoch_count=3)
