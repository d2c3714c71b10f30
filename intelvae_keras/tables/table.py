"""A DataFrame as an array that a model takes, and back."""

import dataclasses
import typing
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike

from intelvae_keras import networks
from intelvae_keras._engine import arrays
from intelvae_keras.tables.column import Column
from intelvae_keras.tables.table_likelihood import TableLikelihood

if typing.TYPE_CHECKING:
    import pandas


@keras.saving.register_keras_serializable(package="intelvae_keras")
class Table:
    """The columns of a DataFrame: what each holds, and how it becomes numbers.

    Each column is of one kind, which decides its density:

    | kind | what it holds | density |
    |---|---|---|
    | real | any numbers | Gaussian |
    | positive | numbers > 0 | log-normal |
    | count | whole numbers 0, 1, 2, ... | negative binomial |
    | binary | two labels, or yes and no | Bernoulli |
    | category | some labels | categorical |

    The kinds are inferred: print the table to see them, and give `kinds` to overrule them. Yes and no, two
    labels, and 0 and 1 are binary. Other labels are a category. Whole numbers that come near 0 are
    counts. Up to ten whole numbers far from 0, such as years, are a category. Other numbers are positive
    if all are > 0 with a long tail: a log-normal fits them better than a normal, by 0.05 nats a value.
    The rest are real.

    A missing value (NaN, None, NA) is a hole in any column. Dates, text, columns with a single value, and
    two columns of one name are refused: the message names them. The index plays no part.

    Make the table from the training rows alone: the columns' centres and units come from them.

    ```python
    table = tables.Table(train, kinds={"year": "category"})
    print(table)
    vae = InteLVAE(
        latent_dim=4,
        encoder=networks.mlp_encoder([64, 64]),
        decoder=table.decoder([64, 64]),
        likelihood=table.likelihood,
    )
    x = table.array(train)                # float32, (N, D): codes for labels, NaN for holes
    rows = table.frame(x)                 # a DataFrame again
    ```

    Args:
        frame: A pandas DataFrame with one row for each example.
        kinds: The kinds of some columns by name, in place of the inferred ones.

    Raises:
        TypeError: If `frame` is no DataFrame, or a column holds dates, text or other objects.
        ValueError: If `frame` is empty, two columns share a name, a column has no two values that differ, or
            its values are not of the kind that `kinds` gives.
        ImportError: If pandas is not installed.
    """

    def __init__(self, frame: "pandas.DataFrame", kinds: Mapping[str, str] | None = None):
        _require_frame("frame", frame)
        kinds = {} if kinds is None else kinds
        if not isinstance(kinds, Mapping):
            raise TypeError(
                f"kinds must be a dict from a column's name to its kind; got {kinds!r}."
            )
        if not len(frame) or not len(frame.columns):
            raise ValueError(f"frame must have rows and columns; got shape {frame.shape}.")
        unknown = [name for name in kinds if name not in frame.columns]
        if unknown:
            raise ValueError(
                f"kinds must name columns of the frame; got {unknown[0]!r}. "
                f"It has {', '.join(map(repr, frame.columns))}."
            )
        self._columns = [Column.of(n, frame[n], kinds.get(n)) for n in _names("frame", frame)]

    @property
    def columns(self) -> list[str | int]:
        """The columns' names, in the order of the array."""
        return [column.name for column in self._columns]

    @property
    def kinds(self) -> dict[str | int, str]:
        """The kind of each column by its name."""
        return {column.name: column.kind for column in self._columns}

    @property
    def labels(self) -> dict[str | int, tuple]:
        """The labels of each binary column and each category: code k stands for the k-th."""
        return {column.name: column.labels for column in self._columns if column.labels}

    @property
    def likelihood(self) -> TableLikelihood:
        """A new likelihood for the `likelihood` of a model: a density for each kind, holes allowed.

        The model's file keeps the table with it: `vae.likelihood.table`.
        """
        return TableLikelihood(self)

    def decoder(
        self, units: Sequence[int] = (64, 64), activation: Any = "relu"
    ) -> keras.Sequential:
        """A decoder of Dense layers with as many outputs as the table's likelihood takes.

        Args:
            units: Widths of the hidden layers, each >= 1.
            activation: Name of a Keras activation, or a function, for the hidden layers.

        Raises:
            ValueError: If `units` is empty or holds a width < 1.
        """
        outputs = self.likelihood.parameters_shape((len(self._columns),))
        return networks.mlp_decoder(outputs, units, activation)

    def array(self, frame: "pandas.DataFrame") -> np.ndarray:
        """The rows of a frame as numbers.

        The columns are found by name, in any order. Others are left out.

        Args:
            frame: A DataFrame with the table's columns.

        Returns:
            float32, shape (N, D): a label's code, and NaN for a hole.

        Raises:
            TypeError: If `frame` is no DataFrame, or a column holds values of another type.
            ValueError: If a column is missing or there twice, a label is new, or a number is not of the
                column's kind; the message names the column and the row.
        """
        _require_frame("frame", frame)
        self._require_columns(frame)
        return np.stack([column.numbers(frame[column.name]) for column in self._columns], axis=1)

    def _require_columns(self, frame):
        names = _names("frame", frame)
        absent = [name for name in self.columns if name not in names]
        if absent:
            raise ValueError(
                f"frame must have the column{'s' * (len(absent) > 1)} "
                f"{', '.join(map(repr, absent))}, as the table's own has; it has "
                f"{', '.join(map(repr, names))}."
            )

    def frame(
        self, array: ArrayLike, index: "pandas.Index | Sequence | None" = None
    ) -> "pandas.DataFrame":
        """Rows of numbers as a frame, with the names, labels and dtypes of the table's own.

        Counts and columns of integers are rounded. A hole in a column of int64 or bool makes it Int64 or
        boolean, as pandas' own columns of these cannot hold one.

        Args:
            array: Shape (N, D), as `array` gives it, or as a model samples or imputes it.
            index: The index of the rows; None for 0, 1, ...

        Raises:
            TypeError: If the array does not hold numbers.
            ValueError: If the array has another shape, the index another length, or a category's code is
                not one.
        """
        import pandas

        x = np.asarray(arrays.as_array("array", array))
        if x.ndim != 2 or x.shape[1] != len(self._columns):
            raise ValueError(f"array must have shape (N, {len(self._columns)}); got {x.shape}.")
        values = [column.values(x[:, i]) for i, column in enumerate(self._columns)]
        frame = pandas.concat(values, axis=1, keys=range(len(values)))
        frame.columns = pandas.Index(self.columns)
        if index is None:
            return frame
        index = pandas.Index(index)
        if len(index) != len(frame):
            raise ValueError(f"index must have {len(frame)} entries, one a row; got {len(index)}.")
        return frame.set_axis(index, axis=0)

    def fill(self, frame: "pandas.DataFrame", array: ArrayLike) -> "pandas.DataFrame":
        """A copy of a frame with its holes filled from an array, shape (N, D); all else is as it was.

        Args:
            frame: A DataFrame with the table's columns, and perhaps others, which stay as they are.
            array: Its rows without holes, as `frame` takes them.

        Raises:
            TypeError: If `frame` is no DataFrame, or the array does not hold numbers.
            ValueError: If a column is missing, the array has another shape, or a category's code is not one.
        """
        _require_frame("frame", frame)
        self._require_columns(frame)
        values = self.frame(array)
        if len(values) != len(frame):
            raise ValueError(
                f"array must have a row for each of frame's {len(frame)}; got {len(values)}."
            )
        filled = frame.reset_index(drop=True)
        for name in self.columns:
            holes = filled[name].isna()
            if holes.any():
                filled[name] = filled[name].where(~holes, values[name])
        return filled.set_axis(frame.index, axis=0)

    def get_config(self) -> dict:
        """What `from_config` makes the table of: plain values alone, as a saved model keeps them."""
        return {"columns": [_plain(dataclasses.asdict(column)) for column in self._columns]}

    @classmethod
    def from_config(cls, config: dict) -> "Table":
        """The table that `get_config` describes."""
        table = cls.__new__(cls)
        table._columns = [Column(**_tuples(about)) for about in config["columns"]]
        return table

    def __repr__(self) -> str:
        """Each column's kind, values and holes, a line each."""
        width = max(len(str(column.name)) for column in self._columns)
        lines = [f"  {column.name!s:<{width}}  {column.describe()}" for column in self._columns]
        return "\n".join([f"Table of {len(lines)} columns", *lines])


def _require_frame(argument, frame):
    try:
        import pandas
    except ImportError as error:
        raise ImportError(
            "tables.Table reads a pandas DataFrame, and pandas is not installed; "
            'run: pip install "intelvae-keras[tables]"'
        ) from error
    if not isinstance(frame, pandas.DataFrame):
        hint = " Call its to_pandas()." if hasattr(frame, "to_pandas") else ""
        raise TypeError(f"{argument} must be a pandas DataFrame; got {type(frame).__name__}.{hint}")


def _names(argument, frame):
    """The names of the columns, each there once."""
    columns = frame.columns
    twice = columns[columns.duplicated()]
    if len(twice):
        raise ValueError(
            f"{argument} must have no two columns of one name; got {twice[0]!r} twice."
        )
    names = [name.item() if isinstance(name, np.generic) else name for name in columns]
    for name in names:
        if not isinstance(name, str | int):
            raise ValueError(
                f"{argument} must have names of columns that are strings or integers; got {name!r}. "
                "Rename them: frame.columns = [str(name) for name in frame.columns]."
            )
    return names


def _plain(about):
    """With lists in place of tuples, which JSON does not know."""
    return {k: list(v) if isinstance(v, tuple) else v for k, v in about.items()}


def _tuples(about):
    return {k: tuple(v) if isinstance(v, list | tuple) else v for k, v in about.items()}
