"""Holes filled by scikit-learn: means and modes, nearest neighbours, and regressions in turn."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer, KNNImputer, SimpleImputer


def impute(view, train, test):
    """{method: standardised test rows with their holes filled}."""
    wide, spans = _dummies(view, train)
    imputers = {
        "mean and mode": SimpleImputer(),
        "nearest 5 rows": KNNImputer(n_neighbors=5),
        "regressions in turn": IterativeImputer(max_iter=20, random_state=0),
    }
    found = {}
    for name, imputer in imputers.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            imputer.fit(wide)
            filled = imputer.transform(_dummies(view, test)[0])
        found[name] = _labels(view, filled, spans, test)
    return found


def _dummies(view, x):
    """Labels as columns of 0 and 1, one for each but the first; counts as log(1 + count)."""
    columns, spans = [], []
    for d, labels in enumerate(view.labels):
        values = x[:, d]
        if labels:
            block = [np.where(np.isnan(values), np.nan, values == k) for k in range(1, labels)]
        else:
            block = [np.log1p(values) if view.kinds[d] == "count" else values]
        spans.append((len(columns), len(columns) + len(block)))
        columns += block
    return np.stack(columns, axis=1), spans


def _labels(view, wide, spans, x):
    filled = x.copy()
    for d, (first, last) in enumerate(spans):
        block = wide[:, first:last]
        if view.labels[d]:  # the first label has what the others leave
            scores = np.concatenate([1 - block.sum(axis=1, keepdims=True), block], axis=1)
            values = scores.argmax(axis=1)
        else:
            values = np.expm1(block[:, 0]) if view.kinds[d] == "count" else block[:, 0]
        filled[:, d] = np.where(np.isnan(x[:, d]), values, x[:, d])
    return filled
