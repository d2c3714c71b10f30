"""Exercise of notebook 11: log p of a row of which only some columns are known."""

import numpy as np
import scipy.special

from course.exercise import Exercise, NotFinite, close, run


def my_log_p(log_columns, log_ratio, observed):
    """Log p(x_obs), in nats, from S samples y_s of q(y|x_obs).

    log_columns, shape (S, D): log p(x_d | y_s). log_ratio, shape (S,): log p(y_s) - log q(y_s | x_obs).
    observed, shape (D,): whether column d is known.
    """
    log_weights = log_columns[:, observed].sum(axis=1) + log_ratio
    return np.logaddexp.reduce(log_weights) - np.log(len(log_weights))


def _by_hand(log_columns, log_ratio, observed):
    total = list(log_ratio)
    for d in range(len(observed)):
        if observed[d]:
            total = [t + log_columns[s][d] for s, t in enumerate(total)]
    largest = max(total)
    return largest + np.log(np.mean([np.exp(t - largest) for t in total]))


def _all_columns(log_columns, log_ratio, observed):
    return my_log_p(np.nan_to_num(log_columns), log_ratio, np.ones(len(observed), bool))


def _times_the_mask(log_columns, log_ratio, observed):
    log_weights = (log_columns * observed).sum(axis=1) + log_ratio
    return scipy.special.logsumexp(log_weights) - np.log(len(log_weights))


def _scaled_up(log_columns, log_ratio, observed):
    factor = len(observed) / max(observed.sum(), 1)
    return my_log_p(log_columns * factor, log_ratio, observed)


def _mean_of_logs(log_columns, log_ratio, observed):
    return np.mean(log_columns[:, observed].sum(axis=1) + log_ratio)


def _without_log_s(log_columns, log_ratio, observed):
    return scipy.special.logsumexp(log_columns[:, observed].sum(axis=1) + log_ratio)


def _without_ratio(log_columns, log_ratio, observed):
    return my_log_p(log_columns, 0 * log_ratio, observed)


def _ratio_turned(log_columns, log_ratio, observed):
    return my_log_p(log_columns, -log_ratio, observed)


def _holes_alone(log_columns, log_ratio, observed):
    return my_log_p(log_columns, log_ratio, ~observed)


def _column_by_column(log_columns, log_ratio, observed):
    columns = log_columns[:, observed] + log_ratio[:, None]
    return np.sum(scipy.special.logsumexp(columns, axis=0) - np.log(len(columns)))


def _means(log_columns, log_ratio, observed):
    return np.log(np.mean(np.exp(log_columns[:, observed].sum(axis=1) + log_ratio)))


_MISTAKES = {
    "This is the mean of the logarithms, the ELBO. First average the weights themselves.": _mean_of_logs,
    "You sum over the samples. Their mean needs - log S.": _without_log_s,
    "The ratio p(y) / q(y|x) of each sample is missing.": _without_ratio,
    "The ratio is p(y) / q(y|x): add its logarithm, do not subtract it.": _ratio_turned,
    "`observed` is true where a value is known. You take the holes.": _holes_alone,
    "You scale the sum up to all columns. Half a row has a smaller sum, and that is right.": _scaled_up,
    "You average each column by itself. All columns of a sample share its y: sum over columns first.": (
        _column_by_column
    ),
    "The holes count in your sum. Whatever stands there, leave it out.": _all_columns,
}


def _cases():
    """(log_columns, log_ratio, observed): holes that are NaN, holes that are filled, none, and all."""
    rng = np.random.default_rng(0)
    for holes, shift in ((-3.0, -2.0), (0.5, -400.0), (np.nan, -2.0), (np.nan, 60.0)):
        log_columns = rng.normal(shift, 1.5, size=(30, 5))
        observed = np.array([True, False, True, True, False])
        log_columns[:, ~observed] = holes
        yield log_columns, rng.normal(0, 0.7, 30), observed
    yield rng.normal(-2, 1, (20, 3)), rng.normal(0, 0.7, 20), np.ones(3, bool)
    yield np.full((20, 3), np.nan), rng.normal(0, 0.7, 20), np.zeros(3, bool)


def _judge(answer):
    for log_columns, log_ratio, observed in _cases():
        right = my_log_p(log_columns, log_ratio, observed)
        try:
            value = run(answer, log_columns, log_ratio, observed, shape=())
        except NotFinite as fault:
            if np.isnan(log_columns).any():
                return f"{fault} An entry of a hole is NaN, and NaN times 0 is NaN. Select the known columns."
            return f"{fault} exp() of such sums leaves the range of numbers. Take log-sum-exp."
        if close(value, right):
            continue
        for message, mistake in _MISTAKES.items():
            with np.errstate(all="ignore"):
                if close(value, mistake(log_columns, log_ratio, observed)):
                    return message
        known = f"{observed.sum()} of {len(observed)} columns"
        return f"For {known} it should be {right:.3f}; yours gives {value:.3f}."
    return None


half = Exercise(
    name="half",
    judge=_judge,
    reference=my_log_p,
    second=_by_hand,
    wrong={
        "all columns": (_all_columns, "The holes count"),
        "a mask by multiplication": (_times_the_mask, "NaN times 0"),
        "scaled up": (_scaled_up, "scale the sum up"),
        "mean of logarithms": (_mean_of_logs, "the ELBO"),
        "no - log S": (_without_log_s, "- log S"),
        "no ratio": (_without_ratio, "is missing"),
        "ratio turned": (_ratio_turned, "do not subtract"),
        "the holes": (_holes_alone, "You take the holes"),
        "column by column": (_column_by_column, "share its y"),
        "exp first": (_means, "log-sum-exp"),
    },
    hints=(
        "Given y, the columns are independent. So log p(x_obs | y) is the sum of the known columns alone.",
        "Each sample has the weight p(x_obs | y_s) p(y_s) / q(y_s | x_obs), and p(x_obs) is their mean.",
        "Select with `log_columns[:, observed]`. `np.logaddexp.reduce` sums in the logarithm, safely.",
    ),
    why="Given y, a column is independent of the rest, and integrating it out gives a factor of 1. So a hole "
    "is left out of the sum, with no correction. The mean over samples is taken of the weights, not of "
    "their logarithms, and in log-sum-exp, since e^-1000 is 0 to a computer.",
)
