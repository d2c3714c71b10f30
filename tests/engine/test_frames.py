"""Tables and their columns as arrays, one column at a time where types differ."""

import numpy as np
import pandas as pd
import pytest

from intelvae_keras._engine import arrays, frames

MIXED = pd.DataFrame({"whole": [1, 2], "real": [0.5, 1.5], "yes": [True, False]})
OBJECTS = MIXED.astype({"real": object})


class TitlesOnly:
    """As a table of polars, which has no `iloc`: a column is asked for by its title."""

    columns = ["whole", "real"]

    def __getitem__(self, title):
        return OBJECTS[title]

    def __array__(self, dtype=None, copy=None):
        return np.asarray(OBJECTS[self.columns].astype(object))


@pytest.mark.parametrize("table", [MIXED, OBJECTS], ids=["numbers", "objects"])
def test_columns_of_several_types_are_one_array(table):
    values = frames.as_numpy("x", table)
    assert values.dtype.kind == "f"
    np.testing.assert_array_equal(values, [[1, 0.5, 1], [2, 1.5, 0]])


def test_columns_of_one_title_are_each_taken():
    twice = OBJECTS.set_axis(["a", "a", "b"], axis=1)
    np.testing.assert_array_equal(frames.as_numpy("x", twice), frames.as_numpy("x", OBJECTS))


def test_a_table_without_places_is_read_by_its_titles():
    np.testing.assert_array_equal(frames.as_numpy("x", TitlesOnly()), [[1, 0.5], [2, 1.5]])


def test_a_column_of_objects_is_one_of_numbers_with_nan_for_missing():
    column = pd.Series([1, None, pd.NA, np.float32(2.5)], dtype=object)
    np.testing.assert_array_equal(frames.as_numpy("x", column), [1, np.nan, np.nan, 2.5])


def test_a_column_of_other_things_is_named():
    with pytest.raises(TypeError, match=r"x must hold numbers; got others in the columns 'kind'\."):
        frames.as_numpy("x", OBJECTS.assign(kind=["a", "b"]))
    with pytest.raises(TypeError, match="x must hold numbers; got dtype object"):
        arrays.as_array("x", pd.Series(["a", "b"], dtype=object))
