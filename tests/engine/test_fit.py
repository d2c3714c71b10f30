"""`fit`, `evaluate` and `predict`: every kind of input gives the same training."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.marks import fast_first
from helpers.models import FirstState, binary, small_vae, without_noise

from intelvae_keras import mappings

X = binary(12)
Y = np.arange(12) % 2
BATCH = 8  # 12 examples: an uneven last batch
STEPS = 2


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
    "equal weights": lambda: {"x": X, "sample_weight": np.ones(12)},
    "labels and equal weights": lambda: {"x": X, "y": Y, "sample_weight": np.ones(12)},
    "dataset (x)": lambda: {"x": tf.data.Dataset.from_tensor_slices(X).batch(BATCH)},
    "dataset (x,)": lambda: {"x": dataset(X)},
    "dataset (x, y)": lambda: {"x": dataset(X, Y)},
    "dataset (x, x)": lambda: {"x": dataset(X, X)},
    "dataset (x, y, weight)": lambda: {"x": dataset(X, Y, np.ones(12))},
    "dataset of uint8": lambda: {"x": dataset(X.astype("uint8"))},
    "dataset of unknown length": lambda: {"x": of_unknown_length(dataset(X, Y))},
    "PyDataset": lambda: {"x": Batches()},
    "generator": lambda: {"x": forever()},
}
FAST = (  # one of each way that x comes in, and of each thing that may come with it
    "x",
    "tensor of uint8",
    "labels and equal weights",
    "dataset (x, y, weight)",
    "dataset of unknown length",
    "PyDataset",
    "generator",
)
STREAMS = [name for name in INPUTS if "dataset" in name.lower() or name == "generator"]


@pytest.fixture(scope="module")
def state():
    """A model without noise, so that, without shuffling, nothing is random."""
    vae = without_noise(small_vae(compile=False))
    vae.compile(keras.optimizers.SGD(1e-2), run_eagerly=True)  # quicker than a graph, here
    return FirstState(vae)


@pytest.fixture(scope="module")
def reference(state):
    """What plain NumPy input gives."""
    return _answers("x", state.restored())


def _options(name):
    """Streams come in batches; a generator never ends."""
    options = {} if name in STREAMS else {"batch_size": BATCH}
    return options | {"verbose": 0} | ({"steps": STEPS} if name == "generator" else {})


def _answers(name, vae):
    """The terms of an epoch, then of an evaluation, and predictions."""
    options = _options(name)
    steps = {"steps_per_epoch": options.pop("steps", None), "shuffle": False}
    history = vae.fit(**INPUTS[name](), **options, **steps).history
    assert vae.optimizer.iterations == STEPS
    terms = vae.evaluate(**INPUTS[name](), **_options(name))
    return history, terms, vae.predict(INPUTS[name]()["x"], **_options(name))


@pytest.mark.filterwarnings("ignore:Your input ran out of data")  # so Keras learns a length
@pytest.mark.parametrize("name", fast_first(INPUTS, FAST))
def test_every_kind_of_input_trains_evaluates_and_predicts_alike(name, state, reference):
    history, terms, predicted = _answers(name, state.restored())
    for term, values in reference[0].items():
        np.testing.assert_allclose(history[term], values, rtol=1e-5, err_msg=term)
    np.testing.assert_allclose(terms, reference[1], rtol=1e-5)
    np.testing.assert_allclose(predicted, reference[2], rtol=1e-5)


VALIDATION = {
    "array": lambda: X[:9],
    "(x, None)": lambda: (X[:9], None),
    "(x, y)": lambda: (X[:9], Y[:9]),
    "(x, x)": lambda: (X[:9], X[:9]),
    "(x, y, weight)": lambda: (X[:9], Y[:9], np.ones(9)),
    # 12 examples, of which 9 count 12/9 times: (1/N) sum_i w_i term_i is the mean over the 9.
    "weighted": lambda: (X, None, (np.arange(12) < 9).astype("float32") * 12 / 9),
    "tensor": lambda: tf.constant(X[:9]),
    "dataset": lambda: dataset(X[:9], Y[:9]),
}


@pytest.mark.parametrize(
    "name", fast_first(VALIDATION, ["array", "(x, y, weight)", "weighted", "dataset"])
)
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
    train, held_out = (deterministic.evaluate(part, verbose=0)[0] for part in (X[:9], X[9:]))
    np.testing.assert_allclose(history["loss"], [train], rtol=1e-5)
    np.testing.assert_allclose(history["val_loss"], [held_out], rtol=1e-5)


@pytest.mark.parametrize("batch_size", [1, 7, 12, 100, None])
def test_batch_size_does_not_change_the_evaluation(batch_size, deterministic):
    expected = deterministic.evaluate(X, batch_size=12, verbose=0)
    result = deterministic.evaluate(X, batch_size=batch_size, verbose=0)
    np.testing.assert_allclose(result, expected, rtol=1e-5)


def test_train_and_evaluate_report_the_same_loss(deterministic):
    train = deterministic.fit(X, batch_size=BATCH, verbose=0).history
    for term, value in deterministic.evaluate(X, return_dict=True, verbose=0).items():
        np.testing.assert_allclose(train[term], [value], rtol=1e-5, err_msg=term)


@pytest.mark.slow
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
    vae.run_eagerly = True
    terms = vae.evaluate(X, batch_size=12, return_dict=True, verbose=0)
    loss = terms["reconstruction"] + 0.5 * terms["kl"] + terms["mapping_loss"]
    np.testing.assert_allclose(terms["loss"], loss, rtol=1e-5)
    np.testing.assert_allclose(terms["elbo"], -terms["reconstruction"] - terms["kl"], rtol=1e-5)
    assert terms["mapping_loss"] != 0


def test_regularisers_of_the_networks_are_part_of_the_loss():
    decoder = keras.Sequential(
        [keras.layers.Dense(6, kernel_regularizer=keras.regularizers.L2(0.1))]
    )
    vae = small_vae(decoder=decoder)
    vae.run_eagerly = True
    terms = vae.evaluate(X, return_dict=True, verbose=0)
    penalty = 0.1 * np.sum(np.square(decoder.layers[0].kernel))
    loss = terms["reconstruction"] + terms["kl"] + penalty
    np.testing.assert_allclose(terms["loss"], loss, rtol=1e-5)
    assert terms["mapping_loss"] == 0
