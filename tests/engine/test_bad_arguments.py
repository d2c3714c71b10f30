"""Bad arguments are refused at once, by an error that says what is wanted."""

import keras
import numpy as np
import pytest
from helpers.models import binary, small_vae

from intelvae_keras import callbacks, likelihoods, mappings

X = binary(12)

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
        {"likelihood": "beta"},
        ValueError,
        r"likelihood must be one of .*bernoulli.*got 'beta'",
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


def test_mapping_of_numpy_is_refused_with_the_way_out():
    with pytest.raises(ValueError, match=r"mapping cannot take the latents: y .*keras\.ops"):
        small_vae(2, mapping=np.linalg.norm)


def test_encoder_that_cannot_take_the_data_is_named():
    inputs = [keras.Input((6,)), keras.Input((6,))]
    for encoder in (
        keras.Sequential([keras.Input((5,)), keras.layers.Dense(3)]),
        keras.Model(inputs, keras.layers.Add()(inputs)),
    ):
        with pytest.raises(
            ValueError, match=r"encoder cannot take the data: x has shape \(None, 6\)"
        ):
            small_vae(encoder=encoder).fit(X, verbose=0)


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
