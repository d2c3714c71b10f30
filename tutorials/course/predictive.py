"""Exercise of notebook 11: a predictive check, which asks the model for tables and compares."""

import numpy as np

from course.exercise import Exercise, call, close, run


def my_check(x, draws):
    """Proportion of the drawn tables with at least as many zeros as the data.

    x, shape (N, D): the data. draws, shape (R, N, D): R tables that the model drew.
    """
    zeros = np.sum(x == 0)
    return np.mean(np.sum(draws == 0, axis=(1, 2)) >= zeros)


def _in_a_loop(x, draws):
    hits = 0
    for table in draws:
        hits += int((np.asarray(table) == 0).sum() >= (np.asarray(x) == 0).sum())
    return hits / len(draws)


def _strict(x, draws):
    return np.mean((draws == 0).sum(axis=(1, 2)) > (x == 0).sum())


def _other_way(x, draws):
    return np.mean((draws == 0).sum(axis=(1, 2)) <= (x == 0).sum())


def _pooled(x, draws):
    return float((draws == 0).mean() >= (x == 0).mean())


def _difference(x, draws):
    return (draws == 0).mean() - (x == 0).mean()


def _by_column(x, draws):
    return np.mean((draws == 0).sum(axis=1) >= (x == 0).sum(axis=0))


def _by_row(x, draws):
    return np.mean((draws == 0).sum(axis=2) >= (x == 0).sum(axis=1))


def _non_zeros(x, draws):
    return np.mean((draws > 0).sum(axis=(1, 2)) >= (x > 0).sum())


def _counted(x, draws):
    return np.sum((draws == 0).sum(axis=(1, 2)) >= (x == 0).sum())


def _means(x, draws):
    return np.mean(draws.mean(axis=(1, 2)) >= x.mean())


_MISTAKES = {
    "At least as many: a tie counts too. Use >= in place of >.": _strict,
    "You count the tables with at most as many zeros: those with as much that is not 0.": _other_way,
    "You average all tables, and compare once. Compare each by itself: how they scatter is the point.": (
        _pooled
    ),
    "This is a difference of two proportions. How large is large? Compare each drawn table with the data.": (
        _difference
    ),
    "You compare column by column. Count the zeros of a whole table: sum over rows and columns.": _by_column,
    "You compare row by row. Row n of a drawn table is not that of the data: count whole tables.": _by_row,
    "You give a number of tables. Divide by how many there are.": _counted,
    "You compare means, and those fit nearly always. Compare the numbers of zeros.": _means,
}


def _cases():
    rng = np.random.default_rng(0)
    for rows, columns, tables, rate in ((8, 3, 40, 1.0), (5, 4, 25, 0.8), (30, 2, 50, 1.5)):
        x = rng.poisson(rate, (rows, columns)).astype("float32")
        yield x, rng.poisson(rate, (tables, rows, columns)).astype("float32")
    yield np.zeros((3, 2), "float32"), np.zeros((4, 3, 2), "float32")
    # The same means, and twice the zeros: what a check of means cannot see.
    yield np.array([[0, 2], [0, 2]], "float32"), np.ones((6, 2, 2), "float32")
    yield (
        np.ones((2, 2), "float32"),
        np.array([[[0, 2], [1, 1]]] * 3 + [[[1, 1], [1, 1]]], "float32"),
    )


def _judge(answer):
    for x, draws in _cases():
        right = my_check(x, draws)
        value = run(answer, x, draws, shape=())
        if close(value, right):
            continue
        for message, mistake in _MISTAKES.items():
            if all(_like(answer, mistake, *case) for case in _cases()):
                return message
        what = f"{len(draws)} tables of shape {x.shape}"
        return f"For {what} it should be {right:.3f}; yours gives {value:.3f}."
    return None


def _like(answer, mistake, x, draws):
    value = np.asarray(call(answer, x, draws), "float64")
    return value.shape == () and close(value, mistake(x, draws))


predictive = Exercise(
    name="predictive",
    judge=_judge,
    reference=my_check,
    second=_in_a_loop,
    wrong={
        "strict": (_strict, "a tie counts"),
        "the other way": (_other_way, "at most as many"),
        "pooled": (_pooled, "Compare each by itself"),
        "a difference": (_difference, "How large is large"),
        "by column": (_by_column, "column by column"),
        "by row": (_by_row, "row by row"),
        "what is not 0": (_non_zeros, "at most as many"),
        "a number": (_counted, "Divide by how many"),
        "means": (_means, "compare means"),
        "a constant": (lambda x, draws: 0.5, "it should be"),
    },
    hints=(
        "Count the zeros of the data, one number, and the zeros of each drawn table, R numbers.",
        "`np.sum(draws == 0, axis=(1, 2))` has one number for each table.",
        "Then the mean of `>=` is a proportion of tables.",
    ),
    why="A count of zeros by itself says nothing: by how much do tables of this size differ by chance? The "
    "model itself answers, since it can draw as many as you like. Near 0, the data have more zeros than the "
    "model ever makes; near 1, fewer. In between, this check has found nothing, and another one may.",
)
