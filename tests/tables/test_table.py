"""A frame through `Table` and back, for every kind and dtype, and what it refuses, by name."""

import json

import numpy as np
import pandas
import pytest

from intelvae_keras import datasets, tables
from intelvae_keras.tables import Table

N = None


def series(values, dtype=None):
    return pandas.Series(values, dtype=dtype)


# What a user's columns look like, and the kind that is expected.
COLUMNS = {
    "floats": (series([39.1, -0.25, 1e-7, 123.456, 7.0]), "real"),
    "floats with a hole": (series([39.1, np.nan, 1e-7, -123.456, 7.0]), "real"),
    "float32": (series([0.1, 0.2, -0.3, np.nan, 0.5], "float32"), "real"),
    "Float64": (series([0.1, N, -0.3, 0.4, 0.5], "Float64"), "real"),
    "amounts": (series([0.01, 1.5, 12.25, 3000.125, 7.5]), "positive"),
    "counts": (series([0, 3, 16_777_216, 2, 5]), "count"),
    "counts, floats with a hole": (series([0.0, 3.0, np.nan, 2.0, 5.0]), "count"),
    "uint8": (series([0, 3, 255, 2, 5], "uint8"), "count"),
    "Int64": (series([0, N, 40, 2, 5], "Int64"), "count"),
    "UInt16": (series([0, N, 40, 2, 5], "UInt16"), "count"),
    "negative whole numbers": (series([-4, 3, 9, 2, 5]), "real"),
    "years": (series([2007, 2008, 2009, 2007, 2007, 2008, 2009]), "category"),
    "0 and 1": (series([0, 1, 1, 0, 1]), "binary"),
    "bool": (series([True, False, True, True, False]), "binary"),
    "boolean": (series([True, N, True, True, False], "boolean"), "binary"),
    "object bool": (series([True, None, True, True, False], object), "binary"),
    "str": (series(["a", "b", "a", "c", "b"]), "category"),
    "string": (series(["a", N, "a", "c", "b"], "string"), "category"),
    "object strings, NaN": (series(["a", np.nan, "a", "c", "b"], object), "category"),
    "object strings, None": (series(["a", None, "a", "c", "b"], object), "category"),
    "object numbers": (series([1.5, None, -2.5, 3.5, 4.5], object), "real"),
    "two labels": (series(["yes", "no", "no", "yes", "no"], "str"), "binary"),
    "category": (series(["a", N, "a", "c", "b"], "category"), "category"),
    "ordered, a label unseen": (
        series(
            pandas.Categorical(
                ["low", "high", N, "low", "low"], ["low", "middle", "high"], ordered=True
            )
        ),
        "category",
    ),
    "category of integers": (series([3, 1, 3, N, 7], "category"), "category"),
    "category of two": (series(["f", "m", N, "f", "m"], "category"), "binary"),
}


def penguins_table():
    penguins = datasets.load("penguins")
    return penguins, Table(penguins)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_comes_back_as_it_was(name):
    column, kind = COLUMNS[name]
    frame = column.to_frame(name)
    table = Table(frame)
    assert table.kinds == {name: kind}
    array = table.array(frame)
    assert array.dtype == np.float32 and array.shape == (len(frame), 1)
    np.testing.assert_array_equal(np.isnan(array[:, 0]), column.isna())
    for read in (table, Table.from_config(json.loads(json.dumps(table.get_config())))):
        pandas.testing.assert_frame_equal(read.frame(read.array(frame)), frame, check_exact=True)


def test_penguins_come_back_with_their_index():
    penguins, table = penguins_table()
    assert table.kinds == {
        "species": "category",
        "island": "category",
        "bill_length_mm": "real",
        "bill_depth_mm": "real",
        "flipper_length_mm": "real",
        "body_mass_g": "real",
        "sex": "binary",
        "year": "category",
    }
    shuffled = penguins.sample(frac=1, random_state=0)[penguins.columns[::-1]].assign(more="x")
    back = table.frame(table.array(shuffled), index=shuffled.index)
    pandas.testing.assert_frame_equal(back, shuffled[penguins.columns])
    assert (
        "bill_length_mm" in repr(table) and "Adelie, Chinstrap, Gentoo; " not in repr(table)
    ) and "32.1 to 59.6; 2 holes" in repr(table)


def test_codes_follow_the_labels():
    frame = pandas.DataFrame({"size": pandas.Categorical(["L", "S", None], ["S", "M", "L"])})
    table = Table(frame)
    np.testing.assert_array_equal(table.array(frame), np.array([[2], [0], [np.nan]], "float32"))
    assert table.labels == {"size": ("S", "M", "L")}
    # A label that the categories name, though no row of the first frame has it.
    assert table.array(pandas.DataFrame({"size": ["M"]})) == 1


def test_centre_and_unit_are_those_of_the_observed_values():
    frame = pandas.DataFrame({"a": [1.0, np.nan, -4.0, 9.5], "b": [0.1, 1.0, 100.0, np.nan]})
    a, b = Table(frame, kinds={"b": "positive"})._columns
    assert (a.centre, a.unit) == pytest.approx((frame["a"].mean(), frame["a"].std(ddof=0)))
    logs = np.log(frame["b"])
    assert (b.centre, b.unit) == pytest.approx((logs.mean(), logs.std(ddof=0)), rel=1e-6)


def test_values_of_a_model_become_values_of_the_column():
    frame = pandas.DataFrame(
        {
            "n": series([0, 3, 9, 5], "int64"),
            "small": series([-100, 3, 9, 100], "int8"),
            "yes": [True, False, True, False],
            "x": [0.5, -1.0, 2.0, 4.0],
        }
    )
    table = Table(frame)
    got = table.frame([[2.6, 300.0, 0.3, 0.25], [np.nan, np.nan, np.nan, np.nan]])
    assert got.dtypes.astype(str).to_dict() == {
        "n": "Int64", "small": "Int8", "yes": "boolean", "x": "float64",
    }  # fmt: skip
    assert got.loc[0].tolist() == [3, 127, False, 0.25] and got.loc[1].isna().all()
    assert table.frame(table.array(frame)).dtypes.equals(frame.dtypes)


def test_a_table_takes_a_view_of_its_own_frame_with_other_dtypes():
    frame = pandas.DataFrame({"n": [0, 3, 9, 12], "yes": [True, False, True, False]})
    table = Table(frame)
    loose = pandas.DataFrame({"yes": series([True, None], object), "n": [3.0, np.nan]})
    np.testing.assert_array_equal(table.array(loose), [[3, 1], [np.nan, np.nan]])


def test_kinds_overrule():
    penguins, _ = penguins_table()
    table = Table(penguins, kinds={"year": "real", "body_mass_g": "positive", "sex": "category"})
    assert [table.kinds[name] for name in ("year", "body_mass_g", "sex")] == [
        "real",
        "positive",
        "category",
    ]
    pandas.testing.assert_frame_equal(table.frame(table.array(penguins)), penguins)


X = pandas.DataFrame({"a": [0.5, 1.5, -2.5], "s": ["u", "v", "u"]})
MANY = pandas.DataFrame({"note": [f"text {i}" for i in range(60)]})


@pytest.mark.parametrize(
    "frame, kinds, error, message",
    [
        (X.assign(c=1.0), N, ValueError, "'c' holds .*1.0.* alone.*drop"),
        (X.assign(c=np.nan), N, ValueError, "'c' holds no value at all"),
        (X.assign(c=None), N, ValueError, "'c' holds no value at all"),
        (X.assign(c="one"), N, ValueError, "'c' holds 'one' alone"),
        (X.assign(c=pandas.Timestamp("2026-01-01")), N, TypeError, "'c' holds datetime64.*dt.days"),
        (
            X.assign(c=pandas.Timedelta(days=1)),
            N,
            TypeError,
            "'c' holds timedelta64.*total_seconds",
        ),
        (X.assign(c=pandas.period_range("2026", periods=3)), N, TypeError, "'c' holds Period"),
        (X.assign(c=[1j, 2j, 3j]), N, TypeError, "'c' holds complex128"),
        (X.assign(c=[[1], [2], [3]]), N, TypeError, "'c' holds list"),
        (MANY, N, TypeError, "'note' holds 60 different strings in 60 rows"),
        (pandas.concat([X, X[["a"]]], axis=1), N, ValueError, "one name; got 'a' twice"),
        (X.rename(columns={"a": ("a", 1)}), N, ValueError, r"\('a', 1\)"),
        (X.assign(a=[1.0, np.inf, 2.0]), N, ValueError, "'a' must hold finite .*got inf in row 1"),
        (X.assign(a=[1.5, np.inf, 2.0]), N, ValueError, "'a' must hold finite .*got inf in row 1"),
        (X.assign(a=[[1], [2], [3]]), {"a": "category"}, TypeError, "'a' holds list"),
        (X.assign(a=[1e9, 1e9 + 1.5, 1e9 + 3]), N, ValueError, "'a' has mean 1e.09 .*Subtract"),
        (X.assign(a=[20261129, -1, 3]), N, ValueError, "'a' must hold whole numbers up to"),
        (X[:0], N, ValueError, "must have rows"),
        (X[[]], N, ValueError, "must have rows and columns"),
        ([[1.0]], N, TypeError, "must be a pandas DataFrame; got list"),
        (X, {"b": "real"}, ValueError, "got 'b'. It has 'a', 's'"),
        (X, {"a": "normal"}, ValueError, "must be one of real, .*got 'normal'"),
        (X, {"s": "real"}, TypeError, "needs numbers; .*to_numeric"),
        (X, {"a": "count"}, ValueError, "'a' must hold whole numbers >= 0; got 0.5 in row 0"),
        (X, {"a": "positive"}, ValueError, "'a' must hold numbers > 0; got -2.5 in row 2"),
        (X, {"a": "binary"}, ValueError, "two labels to be binary; got 3"),
    ],
)
def test_what_is_refused_is_named(frame, kinds, error, message):
    with pytest.raises(error, match=message):
        Table(frame, kinds)


@pytest.mark.parametrize(
    "frame, error, message",
    [
        (X[["a"]], ValueError, "must have the column 's'"),
        (X.assign(s=["u", "w", "x"]), ValueError, "'s' must hold one .*'u', 'v'; got w in row 1"),
        (X.assign(a=["1", "2", "3"]), TypeError, "'a' must hold numbers"),
        (X.assign(a=[1e39, 0, 0]), ValueError, "'a' must hold finite numbers"),
        (pandas.concat([X, X[["s"]]], axis=1), ValueError, "one name; got 's' twice"),
        (X.to_numpy(), TypeError, "must be a pandas DataFrame; got ndarray"),
    ],
)
def test_what_a_later_frame_gets_wrong_is_named(frame, error, message):
    with pytest.raises(error, match=message):
        Table(X, {"s": "category"}).array(frame)


def test_text_is_a_category_if_the_user_says_so():
    table = Table(MANY, kinds={"note": "category"})
    pandas.testing.assert_frame_equal(table.frame(table.array(MANY)), MANY)


@pytest.mark.parametrize(
    "array, message",
    [
        (np.zeros((3, 1)), r"shape \(N, 2\); got \(3, 1\)"),
        ([[0.0, 1.5]], "'s' must hold codes 0 to 1; got 1.5 in row 0"),
        ([[0.0, 2.0]], "'s' must hold codes 0 to 1; got 2.0"),
    ],
)
def test_an_array_that_is_no_table_is_refused(array, message):
    with pytest.raises(ValueError, match=message):
        Table(X, {"s": "category"}).frame(array)


def test_public_names():
    assert tables.__all__ == ["Table"]
