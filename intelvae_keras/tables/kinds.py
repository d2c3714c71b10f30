"""Which kind a column is: what a look at its values suggests, and what a user may say instead."""

import numbers

import numpy as np

KINDS = ("real", "positive", "count", "binary", "category")
_MOST_LABELS = 50  # of a column of strings; more are taken for text
_FEW_LABELS = 10
_LONG_TAIL = 0.05  # nats a value; below, the choice would hang on a few rows
_WAY_OUT = {
    "M": "Make numbers of it: (frame[{0!r}] - frame[{0!r}].min()).dt.days, or .dt.month as a category",
    "m": "Make a number of it: frame[{0!r}].dt.total_seconds()",
    "c": "Make two columns of it, frame[{0!r}].to_numpy().real and .imag",
}


def infer(name, values):
    """The kind that a column's values suggest.

    Args:
        name: The column's name, for the message.
        values: A pandas Series, holes included.

    Raises:
        TypeError: If the column holds dates, text or other objects.
        ValueError: If it holds nothing, or one value alone.
    """
    dtype = values.dtype
    if getattr(dtype, "kind", "O") in _WAY_OUT:
        raise TypeError(f"Column {name!r} holds {dtype}. {_WAY_OUT[dtype.kind].format(name)}.")
    observed = values.dropna()
    if dtype.name == "object":
        require_labels(name, observed)  # before the first look, which lists would end
    distinct = observed.unique()
    if len(distinct) < 2:
        what = "holds no value at all" if len(distinct) == 0 else f"holds {distinct[0]!r} alone"
        raise ValueError(
            f"Column {name!r} {what}, so there is nothing to learn. "
            f"Leave it out: frame.drop(columns=[{name!r}])."
        )
    if dtype.name == "category":
        return "binary" if len(dtype.categories) == 2 else "category"
    if is_number(values):
        return _of_numbers(observed.to_numpy("float64"))
    if len(distinct) > max(_FEW_LABELS, min(_MOST_LABELS, len(observed) // 2)):
        raise TypeError(
            f"Column {name!r} holds {len(distinct)} different strings in {len(observed)} rows, so it is "
            f"taken for text. Leave it out, frame.drop(columns=[{name!r}]); if these are labels, pass "
            f'kinds={{{name!r}: "category"}}.'
        )
    return "binary" if len(distinct) == 2 else "category"


def check(name, kind, values):
    """A kind that a user gave, if the column can be of it.

    Raises:
        TypeError: If the column holds no numbers, and the kind needs some.
        ValueError: If there is no such kind, or the values are not of it.
    """
    if kind not in KINDS:
        raise ValueError(f"kinds[{name!r}] must be one of {', '.join(KINDS)}; got {kind!r}.")
    if kind in ("binary", "category"):
        if values.dtype.name == "object":
            require_labels(name, values.dropna())
        infer(name, values.astype("category"))
        return kind
    if not is_number(values):
        raise TypeError(
            f"kinds[{name!r}] is {kind!r}, which needs numbers; the column holds {values.dtype}. "
            f"If they are numbers, frame[{name!r}] = pandas.to_numeric(frame[{name!r}])."
        )
    infer(name, values)
    return kind


def is_number(values):
    """Whether a Series holds numbers, rather than yes and no, labels or other objects."""
    kind = getattr(values.dtype, "kind", "O")
    if kind in "iuf" and values.dtype.name != "category":
        return True
    if values.dtype != object:
        return False
    return all(
        isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_)
        for value in values.dropna()
    )


def _of_numbers(x):
    whole = bool((x == np.floor(x)).all())
    low, high, distinct = x.min(), x.max(), len(np.unique(x))
    if whole and distinct == 2 and low in (0, 1) and high == low + 1:
        return "binary"
    if whole and 0 <= low <= max(10, high / 10):
        return "count"
    if whole and distinct <= min(_FEW_LABELS, len(x) // 2):
        return "category"  # years, classes: a few numbers far from 0
    if low <= 0:
        return "real"
    # Mean log density of the column under a log-normal fitted to it, less that under a normal, in nats.
    with np.errstate(all="ignore"):  # an infinite value is refused later, by its row
        gain = np.log(x.std()) - np.log(x).mean() - np.log(np.log(x).std())
    return "positive" if gain > _LONG_TAIL else "real"


def require_labels(name, labels):
    """Refuses labels that a saved model could not hold, by the column's name."""
    """Labels that a file can hold, or an error that names the column."""
    for label in labels:
        if not isinstance(label, str | bool | np.bool_ | numbers.Real):
            raise TypeError(
                f"Column {name!r} holds {type(label).__name__} objects, such as {label!r:.60}. "
                "A table takes numbers, yes and no, and labels: strings, numbers, True and False."
            )
