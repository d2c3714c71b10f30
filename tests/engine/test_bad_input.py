"""Bad input is refused before any training, by an error that says what is wanted."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.models import SHAPE, binary, small_vae

from intelvae_keras import callbacks, likelihoods, mappings

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


# ---------------------------------------------------------------------------- the constructor

CONSTRUCTOR = {
    "latent_dim 0": ({"latent_dim": 0}, ValueError, r"latent_dim must be an integer >= 1; got 0"),
    "latent_dim -1": (
        {"latent_dim": -1},
        ValueError,
        r"latent_dim must be an integer >= 1; got -1",
    ),
    "latent_dim 1.5": (
        {"latent_dim": 1.5},
        TypeError,
        r"latent_dim must be an integer >= 1; got 1.5",
    ),
    "latent_dim True": (
        {"latent_dim": True},
        TypeError,
        r"latent_dim must be an integer >= 1; got True",
    ),
    "latent_dim '2'": (
        {"latent_dim": "2"},
        TypeError,
        r"latent_dim must be an integer >= 1; got '2'",
    ),
    "latent_dim None": (
        {"latent_dim": None},
        TypeError,
        r"latent_dim must be an integer >= 1; got None",
    ),
    "no encoder": (
        {"encoder": None},
        TypeError,
        r"encoder must be a Keras model or layer.*got None",
    ),
    "encoder a list": ({"encoder": [8]}, TypeError, r"encoder must be a Keras model.*got \[8\]"),
    "encoder a class": (
        {"encoder": keras.layers.Dense},
        TypeError,
        r"encoder must be a Keras model or layer.*got <class",
    ),
    "decoder a string": ({"decoder": "mlp"}, TypeError, r"decoder must be a Keras.*got 'mlp'"),
    "mapping a string": (
        {"mapping": "clusters"},
        TypeError,
        r"mapping must be None.*got 'clusters'",
    ),
    "mapping a class": (
        {"mapping": mappings.Circle},
        TypeError,
        r"mapping must be None, an object from.*got <class",
    ),
    "likelihood unknown": (
        {"likelihood": "poisson"},
        ValueError,
        r"likelihood must be one of .*bernoulli.*got 'poisson'",
    ),
    "likelihood None": ({"likelihood": None}, TypeError, r"likelihood must be a name.*got None"),
    "likelihood a class": (
        {"likelihood": likelihoods.Gaussian},
        TypeError,
        r"likelihood must be a name or an object.*got <class",
    ),
    "posterior unknown": (
        {"posterior": "lower"},
        ValueError,
        r'posterior must be "diagonal" or "full"; got \'lower\'',
    ),
    "posterior None": ({"posterior": None}, TypeError, r'posterior must be "diagonal".*got None'),
    "prior a string": ({"prior": "normal"}, TypeError, r"prior must be None.*got 'normal'"),
    "beta negative": ({"beta": -1.0}, ValueError, r"beta must be a finite number >= 0; got -1"),
    "beta NaN": ({"beta": float("nan")}, ValueError, r"beta must be a finite number >= 0; got nan"),
    "beta infinite": ({"beta": float("inf")}, ValueError, r"beta must be a finite number.*got inf"),
    "beta a string": ({"beta": "1"}, TypeError, r"beta must be a number >= 0; got '1'"),
    "seed a string": ({"seed": "1"}, TypeError, "seed must be an integer >= 0; got '1'"),
    "seed a fraction": ({"seed": 1.5}, TypeError, "seed must be an integer >= 0; got 1.5"),
}


@pytest.mark.parametrize("name", CONSTRUCTOR)
def test_constructor_refuses(name):
    options, error, message = CONSTRUCTOR[name]
    with pytest.raises(error, match=message):
        small_vae(**options)


def test_one_cluster_is_refused():
    with pytest.raises(ValueError, match="num_clusters must be an integer >= 2; got 1"):
        mappings.Clusters(1)


def test_decoder_that_cannot_take_the_mapping_is_refused():
    decoder = keras.Sequential([keras.Input((2,)), keras.layers.Dense(6)])
    with pytest.raises(ValueError, match=r"decoder cannot take.*z has shape \(None, 3\)"):
        small_vae(2, mapping=mappings.Linear(np.ones((3, 2))), decoder=decoder)


def test_mapping_to_another_rank_is_refused():
    with pytest.raises(
        ValueError, match=r"mapping must return z of shape \(batch, D\); got .*4, 1"
    ):
        small_vae(4, mapping=keras.layers.Reshape((4, 1)))


def test_mapping_that_cannot_take_the_latents_is_refused():
    with pytest.raises(ValueError, match="Circle needs latent_dim >= 2; got latent_dim=1"):
        small_vae(1, mapping=mappings.Circle())


# ---------------------------------------------------------------------------- shapes


@pytest.fixture
def untrained():
    """A compiled model; at the end of the test, it must not have made a step."""
    vae = small_vae()
    yield vae
    assert vae.optimizer.iterations == 0


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


def test_missing_channel_axis_is_refused():
    vae = small_vae(shape=IMAGE)
    with pytest.raises(
        ValueError, match=r"decoder must return .*\(batch, 4, 4\).*got \(batch, 4, 4, 1\)"
    ):
        vae.fit(binary(12, (4, 4)), verbose=0)


@pytest.mark.parametrize("method", ["fit", "evaluate", "predict", "posterior", "encode"])
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
    options = {} if method in ("posterior", "encode") else {"verbose": 0}
    with pytest.raises(ValueError, match=message):
        getattr(untrained, method)(x, **options)


# ---------------------------------------------------------------------------- values

VALUES = {
    "pixels to 255": (255 * X, r"must lie in \[0, 1\].*got values from 0 to 255. Divide pixels"),
    "uint8 pixels": (
        (255 * X).astype("uint8"),
        r"got values from 0 to 255. Divide pixels 0..255 by",
    ),
    "negative": (X - 0.5, r"must lie in \[0, 1\] .*got values from -0.5 to 0.5\.$"),
    "NaN": (WITH_NAN, "must be finite; got NaN or infinite values"),
    "infinite": (WITH_INF, "must be finite; got NaN or infinite values"),
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


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("values", VALUES)
def test_values_are_checked_in_every_kind_of_data(untrained, values, carrier):
    x, message = VALUES[values]
    name = "validation_data" if "validation" in carrier else "x"
    with pytest.raises(ValueError, match=name) as raised:
        untrained.fit(**CARRIERS[carrier](x), verbose=0)
    assert raised.match(message)


def test_values_beyond_0_and_1_are_fine_for_a_gaussian():
    vae = small_vae(likelihood="gaussian")
    vae.compile("adam", run_eagerly=True)
    vae.fit(255 * X - 7, verbose=0)
    assert vae.optimizer.iterations == 1


TYPES = {
    "None": None,
    "a list": X.tolist(),
    "a tuple": (X, X),
    "a dict": {"x": X},
    "a string": "mnist",
    "a number": 3,
}


@pytest.mark.parametrize("name", TYPES)
def test_x_that_is_no_data_is_refused(untrained, name):
    with pytest.raises(TypeError, match="x must be an array, a tf.data.Dataset"):
        untrained.fit(TYPES[name], verbose=0)


@pytest.mark.parametrize("x", [np.full((4, 6), "a"), np.full((4, 6), None), 1j * X])
def test_arrays_of_other_things_than_numbers_are_refused(untrained, x):
    with pytest.raises(TypeError, match="x must hold numbers; got dtype"):
        untrained.fit(x, verbose=0)


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
    "batch_size 0": ({"batch_size": 0}, "batch_size must be at least 1; got 0"),
    "validation_split 1.5": ({"validation_split": 1.5}, r"validation_split must lie in \(0, 1\)"),
    "validation_split -1": ({"validation_split": -1}, r"validation_split must lie in \(0, 1\)"),
    "validation_split leaves nothing": ({"validation_split": 0.99}, "x is empty"),
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


# ---------------------------------------------------------------------------- compile


@pytest.mark.parametrize("argument", ["loss", "metrics", "loss_weights", "weighted_metrics"])
def test_compile_refuses_losses_and_metrics(argument):
    with pytest.raises(ValueError, match=f"{argument} must be None: the loss is the negative ELBO"):
        small_vae(compile=False).compile("adam", **{argument: ["mse"]})


def test_misspelt_optimizer_is_refused():
    with pytest.raises(ValueError, match="adamm"):
        small_vae(compile=False).compile("adamm")


@pytest.mark.parametrize("method", ["fit", "evaluate"])
def test_compile_must_come_first(method):
    with pytest.raises(ValueError, match="compile"):
        getattr(small_vae(compile=False), method)(X)


# ---------------------------------------------------------------------------- inference


@pytest.mark.parametrize("method", ["sample", "sample_latents"])
@pytest.mark.parametrize("num_samples", [0, -1])
def test_sampling_needs_at_least_one_sample(method, num_samples):
    with pytest.raises(ValueError, match=f"num_samples must be an integer >= 1; got {num_samples}"):
        getattr(small_vae(), method)(num_samples)


def test_log_likelihood_needs_at_least_one_sample():
    with pytest.raises(ValueError, match="num_samples must be an integer >= 1; got 0"):
        small_vae().log_likelihood(X, num_samples=0)


@pytest.mark.parametrize(
    "z, message",
    [
        (np.zeros((4, 3)), r"z must have shape \(N, 2\); got \(4, 3\)"),
        (np.zeros((4, 2, 1)), r"z must have shape \(N, 2\); got \(4, 2, 1\)"),
        (np.zeros(2), r"z must have .*got .*\(2,\)"),
        (np.zeros((0, 2)), r"z is empty"),
        (np.full((4, 2), np.nan), r"z must be finite"),
    ],
)
def test_decode_refuses(z, message):
    with pytest.raises(ValueError, match=message):
        small_vae().decode(z)


def test_export_needs_a_built_model(tmp_path):
    with pytest.raises(ValueError, match="export needs a built model"):
        small_vae().export(tmp_path / "model")


# ---------------------------------------------------------------------------- callbacks


@pytest.mark.parametrize("callback", [callbacks.KLWarmup, callbacks.WidthAnnealing])
@pytest.mark.parametrize(
    "options, message",
    [
        ({}, "takes either epochs or steps; got epochs=None, steps=None"),
        ({"epochs": 2, "steps": 3}, "takes either epochs or steps; got epochs=2, steps=3"),
        ({"epochs": 0}, "epochs must be a finite number > 0; got 0"),
        ({"steps": -1}, "steps must be a finite number > 0; got -1"),
        ({"epochs": float("nan")}, "epochs must be a finite number > 0; got nan"),
    ],
)
def test_schedules_refuse(callback, options, message):
    with pytest.raises(ValueError, match=message):
        callback(**options)


@pytest.mark.parametrize("callback", [callbacks.KLWarmup, callbacks.WidthAnnealing])
def test_schedules_refuse_a_duration_that_is_no_number(callback):
    with pytest.raises(TypeError, match="epochs must be a number > 0; got '2'"):
        callback(epochs="2")


def test_width_annealing_refuses_a_bad_start():
    with pytest.raises(ValueError, match="start must be a finite number > 0; got 0"):
        callbacks.WidthAnnealing(epochs=1, start=0)


def test_width_annealing_needs_clusters(untrained):
    with pytest.raises(ValueError, match="WidthAnnealing needs a mappings.Clusters"):
        untrained.fit(X, callbacks=[callbacks.WidthAnnealing(epochs=1)], verbose=0)
