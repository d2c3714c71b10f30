"""Labels of any kind, which are ignored; weights of classes and of examples."""

import numpy as np
import pytest
import tensorflow as tf
from helpers.marks import fast_first
from helpers.models import FirstState, assert_same_bits, binary, recording, small_vae

X = binary(16)
LABELS = np.arange(16) % 2


class Column:
    """As a Series of pandas."""

    def __init__(self, values):
        self.values = values

    def to_numpy(self):
        return self.values

    def __len__(self):
        return len(self.values)

    def __array__(self, dtype=None, copy=None):
        return self.values


@pytest.fixture(scope="module")
def state():
    vae = small_vae(compile=False)
    seen = recording(vae)
    return FirstState(vae), seen


@pytest.fixture(scope="module")
def fitted(state):
    """A function that calls `fit` in the first state; returns the batches that training sees."""
    state, seen = state

    def fit(x, y=None, **options):
        seen.clear()
        state.restored().fit(x, y, verbose=0, **options)
        return list(seen)

    return fit


@pytest.fixture(scope="module")
def expected(fitted):
    return fitted(X, validation_split=0.25)


LABELS_OF_ANY_KIND = {
    "list": LABELS.tolist(),
    "tuple": tuple(LABELS.tolist()),
    "range": range(16),
    "array of text": np.array(["cat", "dog"])[LABELS],
    "list of text": ["cat"] * 16,
    "objects": np.array(["a", 1] * 8, object),
    "None": [None] * 16,
    "dates": np.datetime64("2020-01-01") + LABELS,
    "rows of different lengths": [[1], [1, 2]] * 8,
    "one-hot": np.eye(2)[LABELS],
    "a column": Column(LABELS),
    "masked": np.ma.masked_array(LABELS, mask=LABELS == 1),
}


OF_EACH_WAY = ["None", "dates", "rows of different lengths"]


@pytest.mark.parametrize("name", fast_first(LABELS_OF_ANY_KIND, OF_EACH_WAY))
def test_labels_of_any_kind_are_ignored(name, state, fitted, expected):
    y = LABELS_OF_ANY_KIND[name]
    assert_same_bits(fitted(X, y, validation_split=0.25), expected)
    state[0].vae.fit(X, validation_data=(X, y), verbose=0)


def test_class_weights_take_labels_in_a_list_and_refuse_text(fitted, untrained):
    weights = {0: 1.0, 1: 3.0}
    by_list = fitted(X, LABELS.tolist(), class_weight=weights)
    assert not np.array_equal(by_list[1], np.ones(16))
    by_example = fitted(X, sample_weight=1.0 + 2 * LABELS)
    assert_same_bits(by_list, by_example)
    one_hot = fitted(X, np.eye(2)[LABELS], class_weight={1: 3.0})  # 1 for a class without
    assert_same_bits(one_hot, by_example)
    doubled = fitted(X, LABELS, class_weight={0: 2.0})
    assert_same_bits(doubled, fitted(X, sample_weight=2.0 - LABELS))
    with pytest.raises(ValueError, match=r"class_weight needs y as whole numbers.*np\.unique"):
        untrained.fit(X, ["cat"] * 16, class_weight=weights, verbose=0)
    with pytest.raises(ValueError, match="class_weight or sample_weight, not both"):
        untrained.fit(X, LABELS, class_weight=weights, sample_weight=np.ones(16), verbose=0)


def test_labels_that_are_no_list_or_too_few_are_refused(untrained):
    with pytest.raises(TypeError, match="y must have one entry per row of x, .*; got 3"):
        untrained.fit(X, 3, verbose=0)
    with pytest.raises(ValueError, match="y must have as many rows as x: 16; got 15"):
        untrained.fit(X, LABELS[1:], verbose=0)


def test_a_clean_copy_as_y_is_refused_with_the_way_to_a_denoising_vae():
    vae, noisy = small_vae(), np.clip(X + 0.1, 0, 1)
    stream = tf.data.Dataset.from_tensor_slices((noisy, X)).batch(4)
    for call in (
        lambda: vae.fit(noisy, X),
        lambda: vae.fit(stream),
        lambda: vae.fit(X, validation_data=(noisy, X)),
        lambda: vae.evaluate(noisy, X),
    ):
        with pytest.raises(ValueError, match="denoising VAE.*GaussianNoise"):
            call()


def test_x_itself_and_one_hot_labels_are_no_targets():
    vae = small_vae(compile=False)
    vae.compile(run_eagerly=True)
    vae.fit(X, X, verbose=0)
    vae.fit(X, np.eye(6)[np.arange(len(X)) % 6], verbose=0)
