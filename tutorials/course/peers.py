"""What notebook 11 fills holes with beside the VAE: nearest rows, and a mixture of Gaussians."""

import numpy as np
import scipy.special
import scipy.stats
from sklearn.impute import KNNImputer
from sklearn.mixture import GaussianMixture


class Wide:
    """Rows of a table as standardised numbers: labels as columns of 0 and 1, all but the first label.

    Args:
        table: A `tables.Table`.
        train: Its training rows as an array, shape (N, D).
    """

    def __init__(self, table, train):
        self.labels = [len(table.labels.get(name, ())) for name in table.columns]
        wide = self._expanded(train)
        self.mean, self.deviation = np.nanmean(wide, axis=0), np.nanstd(wide, axis=0)

    def _expanded(self, x):
        columns = []
        for d, labels in enumerate(self.labels):
            v = x[:, d]
            columns += (
                [np.where(np.isnan(v), np.nan, v == k) for k in range(1, labels)] if labels else [v]
            )
        return np.stack(columns, axis=1).astype("float64")

    def of(self, x):
        """Rows, shape (N, D), to standardised numbers, shape (N, W), with holes where x has them."""
        return (self._expanded(x) - self.mean) / self.deviation

    def back(self, wide):
        """Standardised numbers, shape (..., W), to rows, shape (..., D): the most probable labels."""
        wide, at, columns = wide * self.deviation + self.mean, 0, []
        for labels in self.labels:
            block = wide[..., at : at + max(labels - 1, 1)]
            at += block.shape[-1]
            if labels:
                first = 1 - block.sum(axis=-1, keepdims=True)
                columns.append(np.concatenate([first, block], axis=-1).argmax(axis=-1))
            else:
                columns.append(block[..., 0])
        return np.stack(columns, axis=-1)


def nearest_rows(train, rows, neighbours=5):
    """Holes filled with the mean of the 5 nearest training rows that know the column."""
    return KNNImputer(n_neighbors=neighbours).fit(train).transform(rows)


def mixture(train, components=range(1, 7), seed=0):
    """A mixture of Gaussians, fitted to the complete rows: the number of them with the best BIC."""
    whole = train[~np.isnan(train).any(axis=1)]
    fits = [GaussianMixture(k, reg_covar=0.05, n_init=2, random_state=seed) for k in components]
    return min((fit.fit(whole) for fit in fits), key=lambda fit: fit.bic(whole))


def draws_of_mixture(model, rows, number, rng):
    """The rows `number` times, holes filled by draws of p(hidden | known), shape (number, N, W).

    A component by its weight for the known columns; then its Gaussian, given these columns.
    """
    filled = np.repeat(rows[None], number, axis=0)
    for n, row in enumerate(rows):
        known, hidden = np.flatnonzero(~np.isnan(row)), np.flatnonzero(np.isnan(row))
        if not len(hidden):
            continue
        means, covariances = model.means_, model.covariances_
        log_weight = np.log(model.weights_) + [
            scipy.stats.multivariate_normal.logpdf(row[known], m[known], c[np.ix_(known, known)])
            for m, c in zip(means, covariances, strict=True)
        ]
        chosen = rng.choice(len(means), number, p=scipy.special.softmax(log_weight))
        for k in np.unique(chosen):
            slope = np.linalg.solve(
                covariances[k][np.ix_(known, known)], covariances[k][np.ix_(known, hidden)]
            )
            mean = means[k][hidden] + (row[known] - means[k][known]) @ slope
            spread = (
                covariances[k][np.ix_(hidden, hidden)]
                - slope.T @ (covariances[k][np.ix_(known, hidden)])
            )
            at = np.flatnonzero(chosen == k)
            filled[np.ix_(at, [n], hidden)] = rng.multivariate_normal(mean, spread, len(at))[
                :, None
            ]
    return filled


def mixture_of_all(rows, rounds=5, seed=0):
    """A mixture that uses rows with holes, too: it fills them by draws, and is fitted again."""
    rng = np.random.default_rng(seed)
    model = mixture(rows, seed=seed)
    for _ in range(rounds):
        model.fit(draws_of_mixture(model, rows, 1, rng)[0])
    return model
