"""What a user gives as an array: taken as it is meant, or refused with the way out."""

import contextlib

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.marks import fast_first
from helpers.models import (
    SHAPE,
    FirstState,
    assert_same_bits,
    binary,
    eager_functions,
    recording,
    small_vae,
)
from scipy import sparse

from intelvae_keras import mappings, metrics, priors
from intelvae_keras._engine import arrays

X = binary(16)
LABELS = np.arange(16) % 2
MASK = np.zeros(X.shape, bool)
MASK[3, 2] = MASK[5] = True
MASKED = np.ma.masked_array(X, mask=MASK)
NOTHING_MASKED = np.ma.masked_array(X, mask=np.zeros(X.shape, bool))


class Missing:
    """As pandas.NA, which the library tells by its type."""


Missing.__name__ = "NAType"


class Column:
    def __init__(self, values):
        self.values = np.asarray(values)

    def to_numpy(self):
        return self.values

    def __len__(self):
        return len(self.values)

    def __array__(self, dtype=None, copy=None):
        return self.values


class Table(Column):
    """As a DataFrame: columns of several types are an array of objects together."""

    def __init__(self, **columns):
        self.columns = list(columns)
        self.of_title = {title: np.asarray(values) for title, values in columns.items()}

    @property
    def shape(self):
        return (len(self), len(self.columns))

    def __getitem__(self, title):
        return Column(self.of_title[title])

    def __len__(self):
        return len(self.of_title[self.columns[0]])

    def __array__(self, dtype=None, copy=None):
        columns = list(self.of_title.values())
        same = len({column.dtype for column in columns}) == 1
        columns = columns if same else [column.astype(object) for column in columns]
        return np.stack(columns, axis=1)


def table_of(x, **others):
    return Table(**{f"c{i}": column for i, column in enumerate(x.T)} | others)


def ask(vae, method, x):
    options = {"verbose": 0} if method in ("fit", "evaluate", "predict") else {}
    return getattr(vae, method)(x, **options)


METHODS = ["fit", "evaluate", "predict", "posterior", "encode", "log_likelihood"]


# ---------------------------------------------------------------------------- masked arrays


@pytest.mark.parametrize("method", METHODS)
def test_masked_values_are_refused_by_every_method(method, untrained):
    untrained.build((None, *SHAPE))
    with pytest.raises(ValueError, match=r"x must .* masked array with 7 of them.*x\.filled"):
        ask(untrained, method, MASKED)


MASKED_CODES = np.ma.masked_array(np.random.default_rng(0).normal(size=X.shape), mask=MASK)
MASKED_LABELS = np.ma.masked_array(LABELS, mask=LABELS == 1)
WITH_MASKED = {
    "decode": lambda: small_vae(6).decode(MASKED_CODES),
    "validation_data": lambda: small_vae().fit(X, validation_data=MASKED, verbose=0),
    "sample_weight": lambda: small_vae().fit(X, sample_weight=MASKED_LABELS, verbose=0),
    "class_weight": lambda: small_vae().fit(X, MASKED_LABELS, class_weight={0: 1.0}, verbose=0),
    "log_likelihood": lambda: metrics.log_likelihood(small_vae(), MASKED),
    "VampPrior": lambda: priors.VampPrior(4, MASKED),
    "Linear": lambda: mappings.Linear(MASKED[3:5]),
    "mmd": lambda: metrics.mmd(MASKED_CODES, MASKED_CODES),
    "frechet_distance": lambda: metrics.frechet_distance(MASKED_CODES, MASKED_CODES),
    "off_manifold": lambda: metrics.off_manifold(MASKED_CODES, MASKED_CODES),
    "two_sample_auc": lambda: metrics.two_sample_auc(MASKED_CODES, MASKED_CODES),
    "hoyer_sparsity": lambda: metrics.hoyer_sparsity(MASKED_CODES),
    "active_units": lambda: metrics.active_units(small_vae(), MASKED),
    "train_classifier": lambda: metrics.train_classifier(MASKED, LABELS),
    "labels of train_classifier": lambda: metrics.train_classifier(X, MASKED_LABELS),
    "labels of train_probe": lambda: metrics.train_probe(X, MASKED_LABELS),
    "uncertain_fraction": lambda: metrics.uncertain_fraction(MASKED),
    "cluster_proportions": lambda: metrics.cluster_proportions(MASKED_LABELS, 2),
}


@pytest.mark.parametrize("name", WITH_MASKED)
def test_masked_values_are_refused_wherever_arrays_are_taken(name):
    with pytest.raises(ValueError, match="must have no masked values"):
        WITH_MASKED[name]()


@pytest.fixture(scope="module")
def fitted():
    """A function that calls `fit` in the first state; returns the batches that training sees."""
    vae = small_vae(compile=False)
    seen = recording(vae)
    state = FirstState(vae)

    def fit(x, **options):
        seen.clear()
        state.restored().fit(x, verbose=0, **options)
        return list(seen)

    return fit


def test_a_masked_array_without_masked_values_is_an_array(state, fitted):
    for method in METHODS[1:]:
        compiled = method in ("evaluate", "predict")
        with contextlib.nullcontext() if compiled else eager_functions():
            expected, answer = (ask(state.restored(), method, x) for x in (X, NOTHING_MASKED))
        if method == "posterior":
            expected, answer = expected.mean(), answer.mean()
        np.testing.assert_array_equal(answer, expected)
    assert_same_bits(fitted(NOTHING_MASKED), fitted(X))


# ---------------------------------------------------------------------------- other forms of x

FORMS = {
    "float64": X.astype("float64"),
    "long double": X.astype("longdouble"),
    "integers": X.astype("int32"),
    "booleans": X.astype(bool),
    "big-endian": X.astype(">f4"),
    "columns first": np.asfortranarray(X),
    "a variable": tf.Variable(X),
    "a table": table_of(X),
    "a table with booleans": table_of(X, c0=X[:, 0].astype(bool), c5=X[:, 5].astype("int8")),
    "a table with numbers as objects": table_of(X, c3=X[:, 3].astype(object)),
}


@pytest.fixture(scope="module")
def expected(fitted):
    return fitted(X, validation_split=0.25)


@pytest.mark.parametrize(
    "name", fast_first(FORMS, ["float64", "booleans", "a table with numbers as objects"])
)
def test_every_form_of_x_is_the_same_x(name, state, fitted, expected):
    for one, other in zip(fitted(FORMS[name], validation_split=0.25), expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(state.vae.encode(FORMS[name]), state.vae.encode(X), rtol=1e-6)


def test_missing_values_of_a_table_are_not_finite(untrained):
    for missing in (None, Missing()):
        column = X[:, 0].astype(object)
        column[2] = missing
        with pytest.raises(ValueError, match="x must be finite"):
            untrained.fit(table_of(X, c0=column), verbose=0)


REFUSED = {
    "SciPy's sparse": (sparse.csr_matrix(X), TypeError, r"x must be dense.*x\.toarray\(\)"),
    "a sparse tensor": (tf.sparse.from_dense(X), TypeError, r"tf\.sparse\.to_dense\(x\)"),
    "ragged": (tf.ragged.constant([[1.0, 0.0], [1.0]]), TypeError, r"x\.to_tensor\(\)"),
    "a symbol": (keras.KerasTensor((16, 6)), TypeError, "x must hold values; got a symbolic"),
    "objects": (X.astype(object), TypeError, r'dtype object.*x\.astype\("float32"\)'),
    "text": (X.astype(str), TypeError, "x must hold numbers; got dtype <U"),
    "a table with text": (table_of(X, c1=["cat"] * 16), TypeError, r"columns 'c1'.*get_dummies"),
    "a table with dates": (
        table_of(X, c1=np.datetime64("2020-01-01") + LABELS),
        TypeError,
        r"columns 'c1'.*x\.drop\(columns",
    ),
    "one column": (X[:, 0], ValueError, "x must have a batch axis"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("method", ["fit", "encode"])
def test_forms_that_are_refused(name, method, untrained):
    x, error, message = REFUSED[name]
    with pytest.raises(error, match=message):
        ask(untrained, method, x)


WAYS_OUT = {
    "a dictionary": ({"image": X, "label": LABELS}, r"entries 'image', 'label'.*x\['image'\]"),
    "an empty dictionary": ({}, "It is empty"),
    "a path": ("x.npy", r"Load the file first: x = np\.load\('x\.npy'\)"),
    "a tuple (x, y)": ((X, LABELS), r"Pass x\[0\]; labels"),
    "two pairs": (((X, LABELS), (X, LABELS)), r"\(x_train, y_train\), \(x_test, y_test\)"),
    "a list of examples": (list(X), r"np\.asarray\(x\)"),
    "lists": (X.tolist(), r"np\.asarray\(x\)"),
    "a function": (binary, "It is a function: call it"),
}


@pytest.mark.parametrize("name", WAYS_OUT)
def test_what_is_no_data_is_refused_with_the_way_out(name, untrained):
    x, message = WAYS_OUT[name]
    with pytest.raises(TypeError, match=message):
        untrained.fit(x, verbose=0)
    if name != "a dictionary":
        with pytest.raises(TypeError, match="validation_data must be an array"):
            untrained.fit(X, validation_data=[x] if isinstance(x, tuple) else x, verbose=0)


def test_methods_for_arrays_take_lists_of_numbers(state):
    z = state.vae.encode(X)
    np.testing.assert_array_equal(state.vae.encode(X.tolist()), z)
    np.testing.assert_array_equal(state.vae.decode(z.tolist()), state.vae.decode(z))


@pytest.mark.parametrize("x", [(X, LABELS), "x.npy", {"x": X}, None, 3, (row for row in X)])
def test_methods_for_arrays_refuse_other_things(x, untrained):
    untrained.build((None, *SHAPE))
    with pytest.raises((TypeError, ValueError), match="x must be (an|one) array"):
        untrained.encode(x)


NUMBERS = {
    "epochs": (2.0, "epochs must be an integer >= 0; got 2.0"),
    "batch_size": ("auto", "batch_size must be an integer >= 1; got 'auto'"),
}


@pytest.mark.parametrize("argument", NUMBERS)
def test_numbers_of_another_type_are_refused(argument, untrained):
    value, message = NUMBERS[argument]
    with pytest.raises(TypeError, match=message):
        untrained.fit(X, verbose=0, **{argument: value})


@pytest.mark.parametrize("method", ["train_on_batch", "test_on_batch", "predict_on_batch"])
def test_methods_for_one_batch_refuse_masked_values(method, state):
    with pytest.raises(ValueError, match="x must have no masked values"):
        getattr(state.vae, method)(MASKED)
    answers = []
    for x in (table_of(X), X):
        state.restored().reset_metrics()
        answers.append(getattr(state.vae, method)(x))
    np.testing.assert_array_equal(*answers)


def test_a_tuple_of_single_arrays_is_no_pair_of_training_and_test_data():
    assert "np.asarray" in arrays.way_out("x", ((X,), (X,)))
    assert "(x_train, y_train)" in arrays.way_out("x", ((X, LABELS), (X, LABELS)))


def test_class_weights_know_classes_and_one_hot_rows():
    assert arrays.class_weights({1: 3.0}, [0, 1, 2], None) == {0: 1.0, 1: 3.0, 2: 1.0}
    assert arrays.class_weights({1: 3.0}, np.eye(2), None) == {0: 1.0, 1: 3.0}
    assert arrays.class_weights({1: 3.0}, [[0], [1]], None) == {0: 1.0, 1: 3.0}  # a column
    with pytest.raises(ValueError, match="whole numbers"):
        arrays.class_weights({1: 3.0}, [0.5, 1.0], None)


def test_arrays_are_not_copied():
    assert arrays.as_array("x", X) is X
    tensor = tf.constant(X)
    assert arrays.as_array("x", tensor) is tensor
    assert arrays.as_array("x", NOTHING_MASKED).base is X
