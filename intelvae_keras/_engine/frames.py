"""Tables of pandas and polars, whose columns may be of several types, as arrays."""

import math
import numbers

import numpy as np


def as_numpy(name, table):
    """A table, or a column of one, as a numpy array; missing values become NaN.

    Columns of booleans, integers and floats become one array of floats. So do columns of Python's
    own objects, if all of them are numbers.

    Args:
        name: The argument's name, for the message.
        table: A DataFrame or a Series of pandas, polars or a like library.

    Raises:
        TypeError: If a column of a table holds other things than numbers; it is named.
    """
    values = np.asarray(table)
    if values.dtype.kind in "fiub":
        return values
    if not hasattr(table, "columns"):
        column = _numbers(values)
        return values if column is None else column
    columns, others = [], []
    for index, title in enumerate(table.columns):
        of_title = table.iloc[:, index] if hasattr(table, "iloc") else table[title]
        column = _numbers(np.asarray(of_title))
        columns.append(column)
        if column is None:
            others.append(title)
    if others:
        some = ", ".join(map(repr, others[:5])) + (", ..." if len(others) > 5 else "")
        raise TypeError(
            f"{name} must hold numbers; got others in the columns {some}. Leave them out, "
            f"{name}.drop(columns=[...]), or make numbers of them, as pandas.get_dummies({name}) does."
        )
    return np.stack(columns, axis=1)


def _numbers(column):
    """A column as numbers, or None if it holds others."""
    if column.dtype.kind in "fiub":
        return column
    if column.dtype.kind != "O":
        return None
    values = [None if type(value).__name__ == "NAType" else value for value in column.flat]
    if not all(value is None or isinstance(value, numbers.Real | np.bool_) for value in values):
        return None
    return np.array([math.nan if value is None else float(value) for value in values])
