"""Restarts: the run that is kept is the best one, and each run is the one that its seed gives."""

import keras
import numpy as np
import pytest

from intelvae_keras import InteLVAE, callbacks, mappings, networks, restarts

X = np.random.default_rng(0).uniform(size=(32, 4)).astype("float32")
FIT = {"epochs": 2, "batch_size": 32, "verbose": 0}


def make_model(seed, rate=1e-2):
    vae = InteLVAE(
        1,
        encoder=networks.mlp_encoder([8]),
        mapping=mappings.Clusters(2),
        decoder=networks.mlp_decoder((4,), [8]),
    )
    vae.compile(keras.optimizers.Adam(rate), run_eagerly=True)  # a few steps cost less than a graph
    return vae


def test_the_best_run_is_kept_and_is_that_of_its_seed():
    seen = []
    best = restarts.best_of(
        make_model,
        X,
        num_runs=3,
        seed=5,
        after_run=lambda model, elbo: seen.append((model, elbo)),
        **FIT,
    )
    assert best.elbos == [elbo for _, elbo in seen] and len(set(best.elbos)) == 3
    assert best.run == int(np.argmax(best.elbos)) and best.model is seen[best.run][0]

    keras.utils.set_random_seed(5 + 1000 * best.run)
    alone = make_model(None)
    alone.fit(X, **FIT)
    for got, want in zip(best.model.get_weights(), alone.get_weights(), strict=True):
        np.testing.assert_array_equal(got, want)


def test_the_criterion_chooses_and_sees_the_trained_model_and_the_data():
    seen = []

    def worst(model, x):
        seen.append((model, x))
        return -model.evaluate(x, batch_size=16, verbose=0, return_dict=True)["elbo"]

    best = restarts.best_of(make_model, X, num_runs=3, seed=5, criterion=worst, **FIT)
    assert best.run == int(np.argmax(best.values)) and best.model is seen[best.run][0]
    assert all(x is X for _, x in seen) and len(seen) == 3
    # One sample of y per example, drawn anew: the two estimates of the ELBO differ by their noise.
    np.testing.assert_allclose(best.values, -np.array(best.elbos), rtol=0.05)


def test_a_run_without_a_finite_value_is_passed_over():
    values = iter([np.inf, 2.0, np.nan])
    best = restarts.best_of(
        make_model, X, num_runs=3, criterion=lambda model, x: next(values), **FIT
    )
    assert best.run == 1 and best.values[1] == 2.0
    with pytest.raises(ValueError, match=r"finite value of the criterion: \[nan\]"):
        restarts.best_of(make_model, X, num_runs=1, criterion=lambda model, x: np.nan, **FIT)


def test_callbacks_are_made_anew_for_each_run():
    made = []

    def fresh(seed):
        made.append((seed, callbacks.KLWarmup(epochs=1)))
        return [made[-1][1]]

    restarts.best_of(make_model, X, num_runs=2, callbacks=fresh, **FIT)
    assert [seed for seed, _ in made] == [0, 1000] and made[0][1] is not made[1][1]


def test_a_run_that_diverges_is_passed_over():
    def sometimes(seed):
        model = make_model(seed)
        if seed == 0:
            model.build((None, 4))
            model.set_weights([np.full_like(weight, np.nan) for weight in model.get_weights()])
        return model

    with pytest.warns(UserWarning, match="Run 0 failed. Training stopped in step 1: kl is nan"):
        best = restarts.best_of(sometimes, X, num_runs=2, **FIT)
    assert best.run == 1 and np.isnan(best.elbos[0]) and np.isfinite(best.elbos[1])
    fails = pytest.raises(ValueError, match=r"no run of make_model ended .* \[nan\]")
    with pytest.warns(UserWarning), fails:
        restarts.best_of(sometimes, X, num_runs=1, **FIT)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"num_runs": 0}, ValueError, "num_runs must be an integer >= 1; got 0"),
        ({"seed": -1}, ValueError, "seed must be an integer >= 0; got -1"),
        ({"callbacks": [callbacks.KLWarmup(epochs=1)]}, TypeError, "callbacks must be a function"),
        ({"criterion": 3}, TypeError, "criterion must be a function of the model and x; got 3"),
        (
            {"criterion": lambda model, x: None},
            TypeError,
            "criterion must return a number; got None",
        ),
        (
            {"make_model": lambda seed: None},
            TypeError,
            "make_model must return an InteLVAE; got NoneType",
        ),
    ],
)
def test_bad_arguments_are_named(change, error, message):
    with pytest.raises(error, match=message):
        restarts.best_of(**({"make_model": make_model, "x": X} | FIT | change))


def test_frozen_and_adapted_layers_may_be_shared_by_the_runs():
    first = keras.Sequential([keras.layers.Normalization(), keras.layers.Dense(4)])
    first.layers[0].adapt(X)
    first.build((None, 4))
    first.layers[1].trainable = False

    def sharing(seed):
        model = InteLVAE(1, encoder=first, decoder=networks.mlp_decoder((4,), [4]))
        model.compile("adam", run_eagerly=True)
        return model

    assert len(restarts.best_of(sharing, X, num_runs=2, verbose=0).elbos) == 2
    first.layers[1].trainable = True
    with pytest.raises(ValueError, match="make_model must make every layer anew"):
        restarts.best_of(sharing, X, num_runs=2, verbose=0)
