"""One column of a table: how its values become numbers, and numbers its values again."""

import dataclasses
import math
import typing
from typing import Any

import numpy as np

from intelvae_keras.tables import kinds

if typing.TYPE_CHECKING:
    import pandas

_WHOLE = 2**24  # float32 holds each whole number up to it
_FARTHEST = 1e5  # deviations from 0: there, float32 loses 0.01 nats a value
_HOLES = {"NaN": math.nan, "None": None}


@dataclasses.dataclass(frozen=True)
class Column:
    """What a column of a DataFrame holds. The fields are plain, so that a saved model keeps them.

    Attributes:
        name: The column's name.
        kind: One of "real", "positive", "count", "binary" and "category".
        dtype: The name of its pandas dtype.
        centre: The mean of its observed values, of their logarithms if positive; 0 for other kinds.
        unit: The standard deviation of the same; of a count, its mean; 1 for labels.
        span: The least and the largest value seen; empty for labels.
        holes: How many holes were seen.
        labels: What codes 0, 1, ... stand for, if binary or a category; else empty.
        label_dtype: The dtype of the categories of a categorical column; None for others.
        ordered: Whether a categorical column's labels have an order.
        hole: How a column of Python's objects writes a hole, "NaN" or "None".
    """

    name: str | int
    kind: str
    dtype: str
    centre: float = 0.0
    unit: float = 1.0
    span: tuple[float, ...] = ()
    holes: int = 0
    labels: tuple[str | float | bool, ...] = ()
    label_dtype: str | None = None
    ordered: bool = False
    hole: str = "NaN"

    @classmethod
    def of(cls, name: str | int, values: "pandas.Series", kind: str | None = None) -> "Column":
        """The column that the values of a Series show, of the kind given or inferred.

        Raises:
            TypeError: If the values are dates, text or other objects.
            ValueError: If there is one value alone or none, or the values are not of the kind.
        """
        kind = kinds.infer(name, values) if kind is None else kinds.check(name, kind, values)
        missing = values.isna()
        about: dict[str, Any] = {"dtype": str(values.dtype), "holes": int(missing.sum())}
        if values.dtype == object and missing.any() and values[missing].iloc[0] is None:
            about["hole"] = "None"
        if kind in ("binary", "category"):
            return cls(name, kind, **about | _labels(name, kind, values))
        column = cls(name, kind, **about)
        column.numbers(values)  # refuses what is not of the kind
        x = values.dropna().to_numpy("float64")
        about["span"] = (float(x.min()), float(x.max()))
        about["unit"] = float(x.mean())
        if kind != "count":
            scaled = np.log(x) if kind == "positive" else x
            about |= {"centre": float(scaled.mean()), "unit": float(scaled.std())}
            _require_near(name, about["centre"], about["unit"])
        return dataclasses.replace(column, **about)

    def numbers(self, values: "pandas.Series") -> np.ndarray:
        """Values of the column as float32, shape (N,): a label's code, NaN for a hole.

        Raises:
            TypeError: If the values are of another type.
            ValueError: If a label is new, or a number is not of the column's kind.
        """
        if self.labels:
            return self._codes(values)
        if not kinds.is_number(values):
            raise TypeError(f"Column {self.name!r} must hold numbers; got {values.dtype}.")
        x = values.to_numpy("float64", na_value=math.nan)
        with np.errstate(over="ignore"):
            single = x.astype("float32")
        self._refuse(np.isinf(single), x, "finite numbers that float32 can hold")
        if getattr(values.dtype, "kind", "O") in "iu":
            big = f"whole numbers up to {_WHOLE:,}, which float32 holds exactly (or take thousands)"
            self._refuse(np.abs(x) > _WHOLE, x, big)
        if self.kind == "positive":
            self._refuse(single <= 0, x, "numbers > 0")
        if self.kind == "count":
            self._refuse((x < 0) | (x != np.floor(x)) & ~np.isnan(x), x, "whole numbers >= 0")
        return single

    def values(self, x: np.ndarray) -> "pandas.Series":
        """Numbers, shape (N,), as values of the column's own dtype, without an index.

        Counts, and columns of integers, are rounded; so is a probability, to one of two labels. A hole in
        a column that cannot hold one makes it pandas' nullable dtype: Int64 for int64, boolean for bool.

        Raises:
            ValueError: If a category's code is not among 0, ..., K - 1.
        """
        import pandas

        holes = np.isnan(x)
        dtype = pandas.api.types.pandas_dtype(self.dtype) if self.label_dtype is None else None
        if dtype is not None and holes.any() and getattr(dtype, "kind", "O") in "iub":
            dtype = _nullable(dtype)
        if self.labels:
            return self._labelled(x, holes, dtype)
        x = np.asarray(x)
        if self.kind == "count" or dtype.kind in "iu":
            x = np.rint(x)
        if dtype.kind in "iu":
            kind = np.iinfo(getattr(dtype, "numpy_dtype", dtype))
            x = np.clip(x.astype("float64"), kind.min, kind.max)
        elif x.dtype == np.float32:
            x = _shortest(x)
        if self.dtype == "object":
            found = [_HOLES[self.hole] if np.isnan(value) else value for value in x.tolist()]
            return pandas.Series(found, dtype=object)
        series = pandas.Series(x)
        if holes.any() and dtype.kind in "iu":
            return series.astype("Float64").astype(dtype)
        return series.astype(dtype)

    def describe(self) -> str:
        """The kind, what the values are, and how many holes there were."""
        if self.labels:
            shown = ", ".join(map(str, self.labels[:4]))
            what = shown + (f", ... ({len(self.labels)} labels)" if len(self.labels) > 4 else "")
        else:
            what = " to ".join(f"{value:g}" for value in self.span)
        holes = f"; {self.holes} hole{'s' * (self.holes > 1)}" if self.holes else ""
        return f"{self.kind:<9} {what}{holes}"

    def _codes(self, values):
        code = {label: number for number, label in enumerate(self.labels)}
        found = values.astype(object).map(code, na_action="ignore")
        codes = found.to_numpy("float32", na_value=math.nan)
        known = f"one of the {len(code)} labels {', '.join(map(repr, self.labels[:8]))}"
        more = ", ..." if len(self.labels) > 8 else ""
        out = np.isnan(codes) & ~values.isna().to_numpy()
        self._refuse(out, values.astype(object).to_numpy(), known + more)
        return codes

    def _labelled(self, x, holes, dtype):
        import pandas

        codes = np.rint(x) if self.kind == "binary" else np.asarray(x)
        inside = (codes == np.floor(codes)) & (codes >= 0) & (codes < len(self.labels))
        self._refuse(~inside & ~holes, x, f"codes 0 to {len(self.labels) - 1}")
        codes = np.where(holes, -1, codes).astype(int)
        if dtype is None:
            categories = pandas.Index(list(self.labels), dtype=self.label_dtype)
            dtype = pandas.CategoricalDtype(categories, self.ordered)
            return pandas.Series(pandas.Categorical.from_codes(codes, dtype=dtype))
        hole = _HOLES[self.hole] if self.dtype == "object" else None
        labels = [*self.labels, hole]  # code -1 is the last
        return pandas.Series([labels[code] for code in codes], dtype=dtype)

    def _refuse(self, bad, values, expected):
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            raise ValueError(
                f"Column {self.name!r} must hold {expected}; got {values[row]!s:.60} in row {row}, "
                f"and the like in {int(bad.sum())} of {len(bad)} rows."
            )


def _require_near(name, centre, unit):
    """Refuses a column that float32 would hold with too few digits after scaling."""
    if abs(centre) > _FARTHEST * unit:
        raise ValueError(
            f"Column {name!r} has mean {centre:.6g} and deviation {unit:.3g}: float32 would lose the "
            f"digits in which its rows differ. Subtract a constant: "
            f"frame[{name!r}] - frame[{name!r}].min(). This does not change log p(x)."
        )


def _labels(name, kind, values):
    dtype = values.dtype
    if dtype.name == "category":
        labels, about = dtype.categories.tolist(), {"ordered": bool(dtype.ordered)}
        about["label_dtype"] = str(dtype.categories.dtype)
    else:
        labels, about = values.dropna().unique().tolist(), {}
        labels = sorted(labels, key=lambda label: (isinstance(label, str), label))
    kinds.require_labels(name, labels)
    if kind == "binary" and len(labels) != 2:
        raise ValueError(f"Column {name!r} must hold two labels to be binary; got {len(labels)}.")
    return about | {"labels": tuple(labels)}


def _nullable(dtype):
    """Pandas' dtype that holds the same numbers, and holes."""
    import pandas

    name = "boolean" if dtype.kind == "b" else str(dtype).capitalize().replace("Ui", "UI")
    return pandas.api.types.pandas_dtype(name)


def _shortest(x):
    """float32 as float64 of the fewest digits, so that 39.1 comes back, not 39.099998474."""
    return x.astype(str).astype("float64")
