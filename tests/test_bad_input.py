"""Each row of bad_input.txt: a right result, or an error that names what is wrong, before the first step."""

import pathlib
import traceback
import types

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from helpers.models import Batches, binary, eager_functions, small_vae

import intelvae_keras
from intelvae_keras import (
    InteLVAE,
    distributed,
    explorer,
    likelihoods,
    networks,
    posteriors,
    restarts,
    tables,
)

PAGE = pathlib.Path(__file__).with_name("bad_input.txt").read_text()
ROWS = [
    tuple(cell.strip() for cell in line.rsplit(" | ", 2))
    for line in PAGE.partition("\n# ")[2].splitlines()
    if " | " in line
]
X = binary(12)
ERRORS = {
    error.__name__: error for error in (ValueError, TypeError, AttributeError, FileExistsError)
}


def with_(value):
    """X with another value in row 7, column 3."""
    x = X.astype("float32")
    x[7, 3] = value
    return x


class Nothing(keras.layers.Layer):
    """A layer whose author forgot to return something."""

    def call(self, z):
        keras.ops.tanh(z)


def likelihood_of(likelihood):
    vae = small_vae(likelihood=likelihood, compile=False)
    vae.compile("adam", run_eagerly=True)
    return vae


def models(table):
    """One model for each kind of data, each built and compiled."""
    of_table = InteLVAE(
        2,
        encoder=networks.mlp_encoder([8]),
        decoder=table.decoder([8]),
        likelihood=table.likelihood,
        seed=1,
    )
    made = {
        "vae": small_vae(compile=False),
        "gauss": small_vae(likelihood="gaussian", compile=False),
        "image": small_vae(shape=(4, 4, 1), compile=False),
        "holes": small_vae(likelihood=likelihoods.Gaussian(missing=True), compile=False),
        "of_table": of_table,
    }
    for vae in made.values():
        vae.compile("adam", run_eagerly=True)
        vae.build((None, *vae.data_shape))
    return made


@pytest.fixture(scope="module")
def shared():
    frame = pd.DataFrame(
        {
            "mass": [1.5, 2.5, 3.1, np.nan] * 3,
            "sex": ["f", "m", "f", "m"] * 3,
            "kind": ["a", "b", "c", "a"] * 3,
            "n": [0, 1, 2, 7] * 3,
        }
    )
    table = tables.Table(frame)
    return models(table), {"frame": frame, "table": table, "uncompiled": small_vae(compile=False)}


@pytest.fixture
def world(shared):
    """What the calls of the table may name; no model of it makes a step."""
    made, others = shared
    helpers = [
        small_vae,
        likelihood_of,
        Batches,
        Nothing,
        with_,
        binary,
        InteLVAE,
        pd,
        np,
        tf,
        keras,
    ]
    helpers += [posteriors, restarts, distributed, explorer]
    named = {thing.__name__.rpartition(".")[2]: thing for thing in helpers}
    named |= {"np": np, "pd": pd, "tf": tf, "nan": np.nan, "inf": np.inf, "X": X}
    probe = types.SimpleNamespace(predict=lambda z: np.zeros(len(z), int), n_features_in_=6)
    named |= {
        "probe": probe,
        "L": np.arange(12) % 3,
        "I": binary(12, (4, 4, 1)),
        "__file__": __file__,
    }
    rooms = {name: getattr(intelvae_keras, name) for name in intelvae_keras.__all__}
    with eager_functions():
        yield rooms | named | made | others
    for vae in made.values():
        assert vae.optimizer.iterations == 0


@pytest.mark.parametrize(("call", "outcome", "said"), ROWS, ids=[row[0][:60] for row in ROWS])
@pytest.mark.filterwarnings("ignore:impute", "ignore:Your input ran out")
def test_bad_input(call, outcome, said, world):
    if outcome == "right":
        assert eval(said, world | {"it": eval(call, world)})
        return
    with pytest.raises(ERRORS[outcome]) as raised:
        eval(call, world)
    assert raised.type is ERRORS[outcome]
    assert said in str(raised.value)
    assert "function_node" not in str(raised.value)  # TensorFlow's report of a graph
    *_, last = traceback.extract_tb(raised.value.__traceback__)
    assert "/tensorflow/" not in last.filename


VALUES = [0.0, 1.0, 0.5, -1.0, 255.0, np.nan, np.inf, 1e39]
DTYPES = ["float16", "float32", "float64", "int8", "int64", "bool", "complex64", "S1", "O"]


def drawn(rng):
    """An array of any shape and dtype, mostly of zeros and ones, with perhaps one other value."""
    right = [(int(rng.integers(0, 4)), 6), (3, 2), (2, 6)]
    any_shape = tuple(rng.integers(0, 7, rng.integers(0, 4)).tolist())
    shape = [*right, any_shape][rng.integers(4)]
    x = rng.integers(0, 2, shape).astype("float64")
    if x.size and rng.random() < 0.5:
        x.flat[rng.integers(x.size)] = rng.choice(VALUES)
    with np.errstate(all="ignore"):
        return x.astype(rng.choice(DTYPES))


def fits(array, width, low=-np.inf, high=np.inf):
    """Whether an array is data of so many columns: the truth, in the fewest words."""
    if array.dtype.kind not in "fiub" or array.ndim != 2 or not len(array):
        return False
    values = array.astype("float64")
    return array.shape[1] == width and bool(
        (np.isfinite(values) & (np.abs(values) < 3e38) & (low <= values) & (values <= high)).all()
    )


@pytest.mark.filterwarnings("ignore:invalid value encountered in cast")
def test_arrays_of_any_shape_dtype_and_value(world):
    """Right if and only if the array fits; else an error of ours. By seeded draws."""
    rng, vae = np.random.default_rng(0), world["vae"]
    counts = {True: 0, False: 0}
    for _ in range(80):
        x = drawn(rng)
        for call, right, name in (
            (vae.encode, fits(x, 6, 0, 1), "x"),
            (vae.decode, fits(x, 2), "z"),
        ):
            counts[right] += 1
            if right:
                assert len(call(x)) == len(x)
                continue
            with pytest.raises((ValueError, TypeError), match=rf"^{name} (must|is empty)"):
                call(x)
    assert min(counts.values()) >= 10


def test_the_table_has_a_row_for_each_room():
    assert len(ROWS) >= 150
    for room in (
        "mappings",
        "likelihoods",
        "posteriors",
        "priors",
        "networks",
        "datasets",
        "metrics",
    ):
        assert sum(call.startswith(room + ".") for call, _, _ in ROWS) >= 8, room
    for room in ("presets", "restarts", "tables", "callbacks", "plots", "explorer", "distributed"):
        assert sum(f"{room}." in call for call, _, _ in ROWS) >= 2, room
