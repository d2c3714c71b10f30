"""Bad data are refused before any training, by an error that says what is wanted."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.models import SHAPE, binary, small_vae

from intelvae_keras import likelihoods

X = binary(12)
WITH_NAN = np.where(np.arange(12)[:, np.newaxis] == 7, np.nan, X).astype("float32")
WITH_INF = np.where(np.arange(12)[:, np.newaxis] == 7, np.inf, X).astype("float32")
IMAGE = (4, 4, 1)


def dataset(x):
    return tf.data.Dataset.from_tensor_slices(x).batch(4)


def generator(x):
    while True:
        yield (x,)


class PyDataset(keras.utils.PyDataset):
    def __init__(self, x, num_batches=3):
        super().__init__()
        self.x, self.num_batches_given = x, num_batches

    def __len__(self):
        return self.num_batches_given

    def __getitem__(self, index):
        return (self.x,)


# ---------------------------------------------------------------------------- shapes


def test_decoder_output_that_does_not_fit_x_is_refused(untrained):
    with pytest.raises(
        ValueError, match=r"decoder must return shape \(batch, 5\).*got \(batch, 6\)"
    ):
        untrained.fit(binary(12, (5,)), verbose=0)


def test_predicted_scale_needs_a_decoder_of_two_parameters():
    vae = small_vae(likelihood=likelihoods.Gaussian("predicted"))
    with pytest.raises(
        ValueError, match=r"\(batch, 12\).*2 parameter\(s\) per value; got \(batch, 6\)"
    ):
        vae.fit(X, verbose=0)
    assert vae.optimizer.iterations == 0


def test_encoder_that_keeps_the_axes_of_an_image_is_refused():
    vae = small_vae(encoder=keras.layers.Conv2D(3, 3, padding="same"), shape=IMAGE)
    with pytest.raises(ValueError, match=r"encoder must return features .*got .*4, 4, 3.*Flatten"):
        vae.fit(binary(12, IMAGE), verbose=0)


@pytest.mark.parametrize("several", [list, lambda outputs: dict(zip("ab", outputs, strict=False))])
def test_networks_of_several_outputs_are_refused_with_the_way_out(several):
    """Such as encoders that give mean, log-variance and a sample, as on keras.io."""
    x, z = keras.Input(SHAPE), keras.Input((2,))
    outputs = [keras.layers.Dense(2)(x) for _ in range(3)]
    vae = small_vae(encoder=keras.Model(x, several(outputs)))
    with pytest.raises(ValueError, match="encoder must return one tensor.*posterior.*Concatenate"):
        vae.fit(X, verbose=0)
    joined = keras.Model(x, keras.layers.Concatenate()(outputs[:2]))  # as the message says
    assert small_vae(encoder=joined).encode(X).shape == (12, 2)
    outputs = [keras.layers.Dense(6)(z) for _ in range(2)]
    with pytest.raises(ValueError, match="decoder must return one tensor.*Concatenate"):
        small_vae(decoder=keras.Model(z, several(outputs)))


def test_missing_channel_axis_is_refused():
    vae = small_vae(shape=IMAGE)
    with pytest.raises(
        ValueError, match=r"decoder must return .*\(batch, 4, 4\).*got \(batch, 4, 4, 1\)"
    ):
        vae.fit(binary(12, (4, 4)), verbose=0)


@pytest.mark.parametrize(
    "method", ["fit", "evaluate", "predict", "posterior", "encode", "log_likelihood"]
)
@pytest.mark.parametrize(
    "x, message",
    [
        (binary(12, (5,)), r"x must have shape \(N, 6\); got \(12, 5\)"),
        (X[0], r"x must have a batch axis.*got shape \(6,\)"),
        (X[:0], r"x is empty: got shape \(0, 6\)"),
        (WITH_NAN, "x must be finite; got NaN"),
        (255 * X, r"x must lie in \[0, 1\].*from 0 to 255. Divide pixels 0..255 by 255"),
    ],
    ids=["wrong shape", "no batch axis", "empty", "NaN", "pixels to 255"],
)
def test_every_method_checks_its_data(untrained, method, x, message):
    untrained.build((None, *SHAPE))
    options = {"verbose": 0} if method in ("fit", "evaluate", "predict") else {}
    with pytest.raises(ValueError, match=message):
        getattr(untrained, method)(x, **options)


# ---------------------------------------------------------------------------- values

VALUES = {
    "pixels to 255": (255 * X, r"must lie in \[0, 1\].*got values from 0 to 255. Divide pixels"),
    "uint8 pixels": (
        (255 * X).astype("uint8"),
        r"got values from 0 to 255. Divide pixels 0..255 by",
    ),
    "negative": (X - 0.5, r"must lie in \[0, 1\] .*got values from -0.5 to (0.5|1)\.$"),
    "NaN": (WITH_NAN, "must be finite; got NaN in row"),
    "infinite": (WITH_INF, "must be finite; got infinity in row"),
    "float16 NaN": (WITH_NAN.astype("float16"), "must be finite"),
}
CARRIERS = {
    "array": lambda x: {"x": x},
    "tensor": lambda x: {"x": tf.constant(x)},
    "dataset": lambda x: {"x": tf.data.Dataset.from_tensor_slices(x).batch(12)},
    "generator": lambda x: {"x": generator(x), "steps_per_epoch": 1},
    "PyDataset": lambda x: {"x": PyDataset(x)},
    "validation_data": lambda x: {"x": X, "validation_data": (x, None)},
    "validation array": lambda x: {"x": X, "validation_data": x},
    "validation dataset": lambda x: {"x": X, "validation_data": dataset(x[5:])},
    "validation_split": lambda x: {"x": np.concatenate([X, x]), "validation_split": 0.5},
}


# Each kind of values in an array, which all others become; in each other kind of data, one of each check.
EVERYWHERE = ("pixels to 255", "NaN")


@pytest.mark.parametrize(
    ("values", "carrier"),
    [
        (values, carrier)
        for values in VALUES
        for carrier in CARRIERS
        if carrier == "array" or values in EVERYWHERE
    ]
    + [("uint8 pixels", "dataset"), ("negative", "generator"), ("float16 NaN", "validation array")],
)
def test_values_are_checked_in_every_kind_of_data(untrained, values, carrier):
    x, message = VALUES[values]
    held_out = carrier.startswith("validation") and carrier != "validation_split"
    name = "validation_data" if held_out else "x"
    with pytest.raises(ValueError, match=name) as raised:
        untrained.fit(**CARRIERS[carrier](x), verbose=0)
    assert raised.match(message)


def test_values_beyond_0_and_1_are_fine_for_a_gaussian():
    vae = small_vae(likelihood="gaussian")
    vae.compile("adam", run_eagerly=True)
    vae.fit(255 * X - 7, verbose=0)
    assert vae.optimizer.iterations == 1


@pytest.mark.parametrize(
    "stream",
    [lambda: dataset(X).take(0), lambda: PyDataset(X, 0), lambda: iter_nothing()],
    ids=["dataset", "PyDataset", "generator"],
)
def test_empty_streams_are_refused(untrained, stream):
    with pytest.raises(ValueError, match="x is empty"):
        untrained.fit(stream(), steps_per_epoch=1, verbose=0)


def iter_nothing():
    yield from ()


def test_stream_of_single_examples_is_refused(untrained):
    with pytest.raises(ValueError, match="x must have a batch axis"):
        untrained.fit(tf.data.Dataset.from_tensor_slices(X), verbose=0)


# ---------------------------------------------------------------------------- labels and weights

ARGUMENTS = {
    "y too short": ({"y": np.zeros(11)}, r"y must have as many rows as x: 12; got 11"),
    "weights too short": (
        {"sample_weight": np.ones(11)},
        r"sample_weight must have as many rows as x: 12; got 11",
    ),
    "weights negative": ({"sample_weight": -np.ones(12)}, r"sample_weight must hold .*>= 0"),
    "weights NaN": ({"sample_weight": np.full(12, np.nan)}, r"sample_weight must hold .*finite"),
    "weights of rank 2": (
        {"sample_weight": np.ones((12, 6))},
        r"sample_weight must hold .*shape \(N,\); got shape \(12, 6\)",
    ),
    "batch_size 0": ({"batch_size": 0}, "batch_size must be an integer >= 1; got 0"),
    "validation_split 1.5": ({"validation_split": 1.5}, r"validation_split must lie in \(0, 1\)"),
    "validation_split -1": ({"validation_split": -1}, r"validation_split must lie in \(0, 1\)"),
    "validation_split leaves nothing": (
        {"validation_split": 0.99},
        "validation_split leaves no example",
    ),
    "validation_split of a stream": (
        {"x": dataset(X), "validation_split": 0.5},
        "validation_split needs x as an array",
    ),
    "y beside a stream": ({"x": dataset(X), "y": np.zeros(12)}, "y and sample_weight must be None"),
    "class_weight without y": ({"class_weight": {0: 1.0}}, "class_weight needs y"),
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_fit_refuses(untrained, name):
    options, message = ARGUMENTS[name]
    with pytest.raises(ValueError, match=message):
        untrained.fit(**({"x": X} | options), verbose=0)


def test_negative_weights_in_a_stream_are_refused(untrained):
    stream = tf.data.Dataset.from_tensor_slices((X, np.zeros(12), -np.ones(12))).batch(4)
    with pytest.raises(ValueError, match="sample_weight must hold"):
        untrained.fit(stream, verbose=0)


def test_values_that_are_infinite_in_the_models_precision_are_refused():
    vae = small_vae(likelihood="gaussian")
    for method in (vae.fit, vae.encode, lambda x: vae.decode(x[:, :2])):
        with pytest.raises(ValueError, match="must be finite in float32, .*to 1e[+]39.*Scale"):
            method(np.full((4, 6), 1e39))
    keras.config.set_dtype_policy("mixed_float16")
    vae = small_vae(likelihood="gaussian")
    with pytest.raises(ValueError, match="x must be finite in float16, .*to 100000"):
        vae.fit(np.full((4, 6), 1e5, "float32"))
    assert vae.optimizer.iterations == 0


def test_rounding_out_of_the_interval_is_named_as_such(untrained):
    for x in (np.float32(1.0000001) * X, X - 1e-9):
        with pytest.raises(ValueError, match=r"(to 1\.0000001|from -).*rounding: pass np\.clip\(x"):
            untrained.fit(x, verbose=0)


def test_an_array_of_arrays_is_refused_with_the_way_out(untrained):
    x = np.empty(len(X), object)
    x[:] = list(X)
    with pytest.raises(TypeError, match=r"x must hold numbers.*np\.stack\(x\)"):
        untrained.fit(x, verbose=0)
    assert np.stack(x).dtype == "float32"
