"""Messages that say where: the value that is not finite, what is frozen, the class without a weight."""

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from helpers.models import SHAPE, binary, small_vae

from intelvae_keras._engine import class_weights

X = binary(12)
CLASSES = np.arange(12) % 4


@pytest.fixture(scope="module")
def vae():
    return small_vae(likelihood="gaussian")


def spoiled(value, *places):
    x = X.copy()
    for place in places:
        x[place] = value
    return x


@pytest.mark.parametrize(
    ("x", "said"),
    [
        (spoiled(np.nan, (7, 3)), r"got NaN in row 7, column 3\."),
        (spoiled(np.inf, (0, 5)), r"got infinity in row 0, column 5\."),
        (spoiled(-np.inf, (11, 0)), r"got -infinity in row 11, column 0\."),
        (
            spoiled(np.nan, (4, 1), (4, 2), (9, 0)),
            "NaN in row 4, column 1, the first of 3 such values in 2 rows",
        ),
        (
            pd.DataFrame(spoiled(np.nan, (7, 3)), columns=list("abcdef")),
            r"NaN in row 7, column 3 \('d'\)",
        ),
    ],
    ids=["NaN", "infinity", "-infinity", "several", "frame"],
)
def test_a_value_that_is_not_finite_is_named_by_its_place(vae, x, said):
    with pytest.raises(ValueError, match=f"x must be finite; {said}" if "got" in said else said):
        vae.evaluate(x)
    with pytest.raises(ValueError, match=f"validation_data must be finite; .*{said}"):
        vae.fit(X, validation_data=x)
    with pytest.raises(ValueError, match="x must be finite; .* in row"):
        vae.fit(tf.data.Dataset.from_tensors(np.asarray(x)))


def test_in_an_image_it_is_named_by_its_pixel():
    vae = small_vae(shape=(2, 3, 1))
    x = X.reshape(-1, 2, 3, 1).copy()
    x[5, 1, 2, 0] = np.nan
    with pytest.raises(ValueError, match=r"NaN in row 5, pixel \(1, 2, 0\)\."):
        vae.encode(x)


def test_weights_are_all_there_before_the_first_data():
    built = small_vae()
    built.build((None, *SHAPE))
    new = [weight + 1 for weight in built.get_weights()]
    assert len(small_vae().get_weights()) == len(new)
    assert small_vae().count_params() == built.count_params() == sum(map(np.size, new))
    vae = small_vae()
    vae.set_weights(new)
    for weight, expected in zip(vae.get_weights(), new, strict=True):
        np.testing.assert_array_equal(weight, expected)


def frozen_as_a_whole(vae):
    vae.trainable = False
    vae.decoder.trainable = True


def frozen_part_by_part(vae):
    for part in (vae.encoder, vae.decoder, vae.posterior_layer):
        part.trainable = False


def frozen_inside(vae):
    frozen_part_by_part(vae)
    vae.decoder._trainable = True  # as of a part whose layers were frozen one by one
    assert not vae.decoder.trainable_weights


@pytest.mark.parametrize(
    ("freeze", "said", "mend"),
    [
        (frozen_as_a_whole, "Set vae.trainable = True", [("", True)]),
        (frozen_part_by_part, "such as vae.decoder.trainable = True", [("decoder", True)]),
        (frozen_inside, "set vae.decoder.trainable = False, and", [("decoder", 0), ("decoder", 1)]),
    ],
)
def test_what_the_message_says_mends_a_frozen_model(freeze, said, mend):
    vae = small_vae(compile=False)
    vae.build((None, *SHAPE))
    freeze(vae)
    vae.compile("adam", run_eagerly=True)
    with pytest.raises(ValueError, match=f"{said}.* compile"):
        vae.fit(X, verbose=0)
    for part, value in mend:
        (getattr(vae, part) if part else vae).trainable = bool(value)
    vae.compile("adam", run_eagerly=True)
    vae.fit(X, verbose=0)


@pytest.mark.parametrize("form", ["integers", "floats", "one-hot", "column"])
def test_a_class_without_a_weight_has_weight_1_in_a_stream_as_in_arrays(form):
    y = {
        "integers": CLASSES,
        "floats": CLASSES.astype("float32"),
        "one-hot": np.eye(4)[CLASSES],
        "column": CLASSES[:, None],
    }[form]
    given = {0: 2.0, 1: 0.5}
    stream = tf.data.Dataset.from_tensor_slices((X, y)).batch(5)
    weighted, left = class_weights.into_stream(stream, given)
    assert left is None
    weights = np.concatenate([batch[2] for batch in weighted])
    np.testing.assert_array_equal(weights, [given.get(k, 1.0) for k in CLASSES])


def test_a_stream_and_an_array_with_class_weights_train_alike():
    losses = []
    for x, y in ((X, CLASSES), (tf.data.Dataset.from_tensors((X, CLASSES)), None)):
        keras.utils.set_random_seed(0)
        vae = small_vae()
        vae.compile(keras.optimizers.SGD(0.0), run_eagerly=True)
        history = vae.fit(x, y, batch_size=12, class_weight={0: 3.0}, shuffle=False, verbose=0)
        losses.append(history.history["loss"][0])
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
