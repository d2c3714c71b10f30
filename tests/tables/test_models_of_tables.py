"""A model that takes a DataFrame: training, holes filled, new rows, and the file that keeps the table."""

import json
import math

import keras
import numpy as np
import pandas
import pytest
from scipy import stats

from intelvae_keras import InteLVAE, datasets, networks, tables

MIXED = pandas.DataFrame(
    {
        "size": [1.5, -0.25, np.nan, 7.0, 2.123456789012, 0.5],
        "mass": [0.01, 12.0, 3000.0, 7.5, np.nan, 1.0],
        "young": pandas.array([0, 3, 40, None, 2, 1], dtype="Int64"),
        "alive": pandas.array([True, None, False, True, True, False], dtype="boolean"),
        "kind": pandas.Categorical(["a", "b", "a", None, "c", "b"]),
    },
    index=list("uvwxyz"),
)


def model_of(table, latent_dim=2):
    vae = InteLVAE(
        latent_dim,
        encoder=networks.mlp_encoder([8]),
        decoder=table.decoder([8]),
        likelihood=table.likelihood,
        seed=0,
    )
    vae.compile(keras.optimizers.Adam(1e-2), run_eagerly=True)
    return vae


@pytest.fixture(scope="module")
def trained():
    table = tables.Table(MIXED, kinds={"mass": "positive"})
    vae = model_of(table)
    weights = np.ones(len(MIXED))
    history = vae.fit(
        MIXED,
        epochs=2,
        batch_size=3,
        validation_data=(MIXED, None),
        sample_weight=weights,
        verbose=0,
    )
    assert np.isfinite(history.history["val_loss"]).all()
    return table, vae


def test_a_frame_and_its_array_are_the_same_to_the_model(trained):
    table, vae = trained
    array = table.array(MIXED)
    np.testing.assert_array_equal(vae.encode(MIXED), vae.encode(array))
    np.testing.assert_array_equal(
        vae.log_likelihood(MIXED, num_samples=5), vae.log_likelihood(array, num_samples=5)
    )
    assert vae.evaluate(MIXED, verbose=0, return_dict=True)["loss"] > 0
    assert vae.predict(MIXED, verbose=0).shape == array.shape
    assert np.isfinite(vae.test_on_batch(MIXED)).all()
    columns = MIXED.columns[::-1]
    np.testing.assert_array_equal(vae.encode(MIXED[columns]), vae.encode(array))


def test_validation_split_takes_the_last_rows():
    table = tables.Table(MIXED)
    history = model_of(table).fit(MIXED, validation_split=0.5, verbose=0).history
    assert np.isfinite(history["val_loss"]).all()


def test_log_p_is_in_the_units_of_the_frame(trained, line_by_line):
    """With a decoder that gives 0 whatever z is, log p is that of columns on their own."""
    table, _ = trained
    vae = model_of(table)
    vae.build((None, 5))
    for layer in (vae.decoder, vae.encoder, vae.posterior_layer):  # of 0 alone, q(y|x) is the prior
        for weight in layer.weights:
            weight.assign(np.zeros(weight.shape))
    size, mass, young = MIXED["size"], np.log(MIXED["mass"]), MIXED["young"].dropna()
    m = young.mean()
    expected = [
        stats.norm.logpdf(size, size.mean(), size.std(ddof=0)),
        stats.norm.logpdf(mass, mass.mean(), mass.std(ddof=0)) - mass,
        stats.nbinom.logpmf(MIXED["young"].to_numpy("float64", na_value=np.nan), 1, 1 / (1 + m)),
        np.where(MIXED["alive"].isna(), 0, -math.log(2)),
        np.where(MIXED["kind"].isna(), 0, -math.log(3)),
    ]
    got = vae.log_likelihood(MIXED, num_samples=5)
    np.testing.assert_allclose(got, np.nansum(expected, axis=0), rtol=1e-3)


@pytest.mark.filterwarnings("ignore:impute")
def test_impute_gives_a_frame_whose_observed_values_stay(trained, line_by_line):
    _, vae = trained
    frame = MIXED.assign(note=list("abcdef"))
    filled = vae.impute(frame, num_samples=20, seed=0)
    assert filled.dtypes.equals(frame.dtypes) and filled.index.equals(frame.index)
    assert not filled.isna().any(axis=None) and (filled["mass"] > 0).all()
    pandas.testing.assert_frame_equal(filled.where(frame.notna()), frame, check_exact=True)
    first, second = vae.impute(frame, num_samples=20, draws=2, seed=0)
    assert first.dtypes.equals(frame.dtypes) and not first.equals(second)
    pandas.testing.assert_frame_equal(second.where(frame.notna()), frame, check_exact=True)
    array = vae.impute(vae.likelihood.table.array(MIXED), num_samples=20, draws=3, seed=0)
    assert array.shape == (3, 6, 5)


def test_new_rows_are_rows_of_the_table(trained):
    table, vae = trained
    rows = table.frame(vae.sample(50, seed=0, noise=True))
    assert rows.dtypes.equals(MIXED.dtypes) and rows["kind"].nunique() == 3
    np.testing.assert_array_equal(table.array(rows)[:, 2], rows["young"].to_numpy("float32"))


def test_a_frame_that_does_not_fit_is_refused_by_name(trained):
    _, vae = trained
    with pytest.raises(ValueError, match="'kind' must hold one of the 3 labels .* got d in row 1"):
        vae.encode(MIXED.assign(kind=["a", "d", "a", "a", "a", "a"]))
    with pytest.raises(ValueError, match="must have the column 'mass'"):
        vae.fit(MIXED.drop(columns="mass"))
    with pytest.raises(ValueError, match="column 'young'"):  # an array has names too
        vae.encode(np.where(np.arange(5) == 2, 1.5, 1.0) * np.ones((2, 1)))


def test_a_loaded_model_takes_a_frame(trained, tmp_path):
    _, vae = trained
    vae.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(loaded.encode(MIXED), vae.encode(MIXED), rtol=1e-5)
    table = loaded.likelihood.table
    assert repr(table) == repr(vae.likelihood.table)
    back = table.frame(table.array(MIXED), MIXED.index)
    assert back.dtypes.equals(MIXED.dtypes) and back.index.equals(MIXED.index)


def test_the_page_shows_names_units_and_labels(trained):
    _, vae = trained
    script = vae.explore(x=MIXED).files()["model.js"]
    page = json.loads(script.split(" = ", 1)[1].rstrip(";\n"))
    assert page["names"] == list(MIXED.columns)
    assert page["columns"][0] == [-0.25, 7] and page["columns"][2] == [0, 40]
    assert page["labels"] == [[], [], [], [], ["a", "b", "c"]]
    np.testing.assert_allclose(page["codes"], vae.posterior(MIXED).mean(), atol=1e-4)


def test_columns_of_one_kind():
    frame = MIXED[["size"]].assign(other=[0.5, -1.0, 2.0, np.nan, 0.0, 1.0])
    vae = model_of(tables.Table(frame))
    assert np.isfinite(vae.fit(frame, verbose=0).history["loss"]).all()
    assert not vae.impute(frame, num_samples=500).isna().any(axis=None)


def test_penguins_in_a_step():
    penguins = datasets.load("penguins")
    vae = model_of(tables.Table(penguins), 4)
    history = vae.fit(penguins, batch_size=344, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    z = vae.encode(penguins)
    assert z.shape == (344, 4) and np.isfinite(z).all()
