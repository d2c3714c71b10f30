"""Streams of batches in every form that Keras users have: each gives the same training."""

import itertools

import numpy as np
import pytest
import tensorflow as tf
from helpers.marks import fast_first
from helpers.models import Batches, assert_same_bits, binary, recording, small_vae
from scipy import sparse

from intelvae_keras._engine import streams

X = binary(16)
PARTS = [X[start : start + 8] for start in range(0, 16, 8)]
CLASSES = [np.arange(8) % 2] * 2


class Loader:
    """Can be gone through again and again, as a DataLoader of PyTorch."""

    def __init__(self, batches):
        self.batches = batches

    def __iter__(self):
        return iter(self.batches)

    def __len__(self):
        return len(self.batches)


class TorchTensor:
    """What PyTorch's tensors have, which refuse NumPy while they hang on a graph."""

    def __init__(self, values, on_graph=True):
        self.values, self.on_graph = values, on_graph
        self.shape, self.dtype = values.shape, "torch.float32"

    def detach(self):
        return TorchTensor(self.values, on_graph=False)

    def cpu(self):
        return self

    def __array__(self, dtype=None, copy=None):
        if self.on_graph:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad.")
        return self.values


def endless(batches):
    return (batch for batch in itertools.cycle(batches))


DATASET = tf.data.Dataset.from_tensor_slices(X).batch(8)
STREAMS = {
    "data set": lambda: DATASET,
    "iterator of a data set": lambda: iter(DATASET.repeat()),
    "NumPy iterator of a data set": lambda: DATASET.repeat().as_numpy_iterator(),
    "data set with labels of text": lambda: DATASET.map(lambda x: (x, tf.fill([8], "cat"))),
    "generator of x": lambda: endless(PARTS),
    "generator of (x,)": lambda: endless([(x,) for x in PARTS]),
    "generator of (x, x)": lambda: endless([(x, x) for x in PARTS]),
    "generator of (x, None)": lambda: endless([(x, None) for x in PARTS]),
    "generator of [x, y]": lambda: endless([[x, c] for x, c in zip(PARTS, CLASSES, strict=True)]),
    "generator of [x, a list]": lambda: endless([[x, [1] * 8] for x in PARTS]),
    "generator of labels in a list": lambda: endless([(x, [1] * 8) for x in PARTS]),
    "generator of text labels": lambda: endless([(x, ["cat"] * 8) for x in PARTS]),
    "generator of lists": lambda: endless([x.tolist() for x in PARTS]),
    "generator of tensors": lambda: endless([tf.constant(x) for x in PARTS]),
    "generator of uint8": lambda: endless([x.astype("uint8") for x in PARTS]),
    "map": lambda: map(np.asarray, itertools.cycle(PARTS)),
    "PyDataset of x": lambda: Batches(PARTS),
    "PyDataset of tensors": lambda: Batches([tf.constant(x) for x in PARTS]),
    "PyDataset of text labels": lambda: Batches([(x, ["cat"] * 8) for x in PARTS]),
    "PyDataset with workers": lambda: Batches(PARTS, workers=2),
    "loader": lambda: Loader(PARTS),
    "loader of PyTorch's": lambda: Loader([[TorchTensor(x), TorchTensor(x)] for x in PARTS]),
}
FAST = (
    "data set",
    "NumPy iterator of a data set",
    "data set with labels of text",
    "generator of x",
    "generator of [x, a list]",
    "generator of lists",
    "generator of uint8",
    "PyDataset with workers",
    "loader of PyTorch's",
)


@pytest.fixture(scope="module")
def batches():
    """A function that gives the data to `fit`; returns the batches that the steps of training see."""
    vae = small_vae(compile=False)
    seen = recording(vae)

    def fit(data, epochs=1, **options):
        if iter(data) is data:  # it has no end
            options["steps_per_epoch"] = 2
        seen.clear()
        vae.fit(data, epochs=epochs, verbose=0, **options)
        return list(seen)

    return fit


@pytest.mark.filterwarnings("ignore:Your input ran out of data")  # Keras: their length is unknown
@pytest.mark.parametrize("name", fast_first(STREAMS, FAST))
def test_every_stream_brings_the_batches_of_the_array(name, batches):
    expected = [part for x in PARTS for part in (x, np.ones(8))]
    assert_same_bits(batches(STREAMS[name](), epochs=2), 2 * expected)


def test_a_stream_trains_as_the_array_does(state):
    state.restored().fit(X, batch_size=8, shuffle=False, verbose=0)
    expected = state.vae.get_weights()
    state.restored().fit(endless(PARTS), steps_per_epoch=2, verbose=0)
    assert_same_bits(state.vae.get_weights(), expected)


@pytest.mark.parametrize("name", ["generator of x", "iterator of a data set", "loader"])
def test_streams_are_evaluated_and_predicted_as_the_array_is(name, state):
    vae = state.restored()
    predicted = vae.predict(STREAMS[name](), steps=2, verbose=0)
    np.testing.assert_allclose(predicted, vae.predict(X, batch_size=8, verbose=0), rtol=1e-6)
    evaluated = vae.evaluate(STREAMS[name](), steps=2, verbose=0, return_dict=True)
    assert evaluated["loss"] == pytest.approx(vae.evaluate(X, verbose=0)[0], rel=0.1)


def test_a_stream_may_be_the_validation_data():
    vae = small_vae()
    vae.compile(run_eagerly=True)
    history = vae.fit(
        X, validation_data=endless(PARTS), validation_steps=2, epochs=2, verbose=0
    ).history
    assert np.isfinite(history["val_loss"]).all()


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
@pytest.mark.parametrize("form", [endless, Batches, Loader])
def test_weights_of_examples_and_of_classes_come_through(form, batches):
    weights = [1.0 + 2 * classes for classes in CLASSES]
    expected = [part for pair in zip(PARTS, weights, strict=True) for part in pair]
    classes = form(list(zip(PARTS, CLASSES, strict=True)))
    assert_same_bits(batches(classes, class_weight={0: 1.0, 1: 3.0}), expected)
    for labels in (CLASSES, [None] * 2):
        assert_same_bits(batches(form(list(zip(PARTS, labels, weights, strict=True)))), expected)


def test_a_finite_generator_is_gone_through_once():
    vae = small_vae()
    vae.compile(run_eagerly=True)
    with pytest.warns(UserWarning, match="ran out of data"):  # Keras, which cannot know the end
        vae.fit((x for x in PARTS), verbose=0)
    assert vae.optimizer.iterations == 2
    with (
        pytest.warns(UserWarning, match="ran out of data"),
        pytest.raises(ValueError, match="x has ended: .* steps_per_epoch"),
    ):
        vae.fit((x for x in PARTS), epochs=2, verbose=0)


def test_hooks_and_settings_of_a_pydataset_are_kept():
    class Counting(Batches):
        begun = ended = 0

        def on_epoch_begin(self):
            self.begun += 1

        def on_epoch_end(self):
            self.ended += 1

    data = Counting(PARTS, workers=3, max_queue_size=5)
    _, inside = streams.standard("x", data)
    assert (inside.workers, inside.max_queue_size, inside.num_batches) == (3, 5, 2)
    vae = small_vae()
    vae.compile(run_eagerly=True)
    vae.fit(data, epochs=2, verbose=0)
    assert data.begun == 2 and data.ended >= 2
    assert vae.optimizer.iterations == 4


# ---------------------------------------------------------------------------- the first batch


def test_looking_at_a_generator_loses_nothing():
    batch, stream = streams.standard("x", (x for x in PARTS))
    np.testing.assert_array_equal(batch[0], PARTS[0])
    np.testing.assert_array_equal(np.concatenate([x for (x,) in stream]), X)


def test_looking_at_a_dataset_loses_nothing():
    batch, dataset = streams.first_batch(tf.data.Dataset.range(3))
    assert batch == 0
    assert [int(value) for value in dataset] == [0, 1, 2]


def test_a_pydataset_of_unknown_length_is_looked_at():
    class Endless(Batches):
        @property
        def num_batches(self):
            return None

    batch, _ = streams.standard("x", Endless(PARTS))
    np.testing.assert_array_equal(batch[0], PARTS[0])


# ---------------------------------------------------------------------------- what is refused

MASKED = np.ma.masked_array(PARTS[0], mask=PARTS[0] > 0)
DICTIONARY = {"image": PARTS[0], "label": CLASSES[0]}
REFUSED = {
    "dictionaries": (
        lambda: endless([DICTIONARY]),
        TypeError,
        r"'image', 'label'.*batch\['image'\]",
    ),
    "dictionaries of PyDataset": (lambda: Batches([DICTIONARY]), TypeError, r"batch\['image'\]"),
    "dictionaries of a data set": (
        lambda: DATASET.map(lambda x: {"image": x, "label": 0}),
        TypeError,
        r"x\.map\(lambda batch: batch\['image'\]\)",
    ),
    "dictionaries as x": (
        lambda: DATASET.map(lambda x: ({"image": x}, 0)),
        TypeError,
        "must yield x as a dense tensor; got dict",
    ),
    "no parts": (lambda: endless([()]), ValueError, "it yields 0 parts"),
    "four parts": (lambda: endless([(X, X, X, X)]), ValueError, "it yields 4 parts"),
    "four parts of a data set": (
        lambda: DATASET.map(lambda x: (x, x, x, x)),
        ValueError,
        "it yields 4 parts",
    ),
    "masked values": (lambda: endless([MASKED]), ValueError, r"x must have no masked values"),
    "masked in PyDataset": (lambda: Batches([(MASKED,)]), ValueError, "no masked values"),
    "SciPy's sparse": (lambda: endless([sparse.csr_matrix(X)]), TypeError, r"x\.toarray\(\)"),
    "sparse": (
        lambda: tf.data.Dataset.from_tensor_slices(tf.sparse.from_dense(X)).batch(8),
        TypeError,
        "tf.sparse.to_dense",
    ),
    "ragged": (
        lambda: tf.data.Dataset.from_tensor_slices(tf.ragged.constant([[1.0, 0.0], [1.0]])).batch(
            2
        ),
        TypeError,
        "to_tensor",
    ),
    "names of files": (
        lambda: tf.data.Dataset.from_tensor_slices(["a.png"]).batch(1),
        TypeError,
        r"must yield numbers; its x are strings.*x\.map",
    ),
    "single examples": (
        lambda: tf.data.Dataset.from_tensor_slices(X),
        ValueError,
        r"must have a batch axis.*dataset\.batch\(32\)",
    ),
    "nothing": (lambda: iter([]), ValueError, "x is empty"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_batches_that_are_none_are_refused(name, untrained):
    make, error, message = REFUSED[name]
    with pytest.raises(error, match=message):
        untrained.fit(make(), steps_per_epoch=1, verbose=0)


def test_a_masked_batch_later_on_stops_the_epoch():
    vae = small_vae()
    vae.compile(run_eagerly=True)
    with pytest.raises(ValueError, match="x must have no masked values"):
        vae.fit(iter([PARTS[0], MASKED]), verbose=0)


def test_batches_of_another_dtype_are_refused_rather_than_truncated():
    """tf.data would cut 0.5 to the integer 0 without a word."""
    vae = small_vae()
    vae.compile(run_eagerly=True)
    mixed = iter([PARTS[0].astype("uint8"), 0.5 * PARTS[1]])
    with pytest.raises(TypeError, match="one dtype: uint8; got float32"):
        vae.fit(mixed, verbose=0)


def test_class_weights_need_labels_in_a_stream(untrained):
    for stream in (endless(PARTS), endless([(PARTS[0], ["cat"] * 8)]), DATASET, Batches(PARTS)):
        with pytest.raises(ValueError, match="class_weight needs y"):
            untrained.fit(stream, steps_per_epoch=1, class_weight={0: 1.0}, verbose=0)


@pytest.mark.parametrize(("values", "most", "count"), [(1, 2_200, 2_500), (20_000, 10**9, 1_000)])
def test_of_a_long_stream_as_many_examples_are_read_as_are_wanted(values, most, count):
    data = tf.data.Dataset.from_tensors((np.zeros((500, values), "uint8"),)).repeat(10)
    assert len(streams.examples(data, most)) == count
