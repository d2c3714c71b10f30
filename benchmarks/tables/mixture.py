"""Mixtures of products over the columns of a table with holes, fitted by EM."""

import numpy as np
from scipy import special

_R = np.geomspace(0.1, 1000, 41)  # of a negative binomial: the best of these
_SMALLEST = 0.05  # deviation, of standardised columns
_PSEUDO = 0.5  # a row in each label, so that none has probability 0


class Mixture:
    """p(x) = sum over k of w_k times prod over d of p(x_d; k): normal, negative binomial, or labels.

    With one component, it is a model of independent columns.

    Args:
        view: The `View` of the table.
        components: K >= 1.
        seed: Of the start: K rows, and soft memberships by their distance.
    """

    def __init__(self, view, components, seed=0):
        self.view, self.components, self.seed = view, components, seed

    def fit(self, x, steps=100):
        """Fits standardised rows, shape (N, D), NaN for holes."""
        columns = _Columns(self.view, x, _R)
        log_q, last = self._start(x), -np.inf
        for _ in range(steps):
            q = np.exp(log_q)
            self.log_weights = np.log(q.mean(axis=0) + 1e-12)
            self.normals = columns.normals(q)
            self.parameters = columns.others(q)
            log_joint = self._log_joint(columns)
            total = special.logsumexp(log_joint, axis=1)
            log_q = log_joint - total[:, None]
            if total.mean() - last < 1e-4:
                break
            last = total.mean()
        return self

    def log_p(self, x):
        """Log p of the observed values of standardised rows, in nats, shape (N,)."""
        return special.logsumexp(self._log_joint(_Columns(self.view, x, _R)), axis=1)

    def impute(self, x):
        """Rows with their holes filled: means, and the most probable label."""
        log_joint = self._log_joint(_Columns(self.view, x, _R))
        q = np.exp(log_joint - special.logsumexp(log_joint, axis=1)[:, None])
        filled = np.where(np.isnan(x), 0.0, x)
        scaled = self.view.scaled
        filled[:, scaled] = np.where(np.isnan(x), q @ self.means(), x)[:, scaled]
        for d, found in self.parameters.items():
            holes = np.isnan(x[:, d])
            if self.view.labels[d]:
                filled[holes, d] = (q[holes] @ found).argmax(axis=1)
            else:
                filled[holes, d] = q[holes] @ found[0]
        return filled

    def means(self):
        """Means of real and positive columns by component, shape (K, D); 0 for others."""
        means = np.zeros((self.components, len(self.view.kinds)))
        means[:, self.view.scaled] = self.normals[0]
        return means

    def _start(self, x):
        random = np.random.default_rng(self.seed)
        known = np.nan_to_num((x - np.nanmean(x, axis=0)) / np.nanstd(x, axis=0))
        centres = known[random.choice(len(x), self.components, replace=False)]
        distance = ((known[:, None] - centres) ** 2).mean(axis=-1)
        return -2 * distance - special.logsumexp(-2 * distance, axis=1)[:, None]

    def _log_joint(self, columns):
        total = self.log_weights + columns.log_normals(*self.normals)
        for d, found in self.parameters.items():
            total[columns.seen[d]] += columns.log_other(d, found)
        return total


class _Columns:
    """The columns of rows, shape (N, D): sums over rows and log densities, for all components at once."""

    def __init__(self, view, x, grid):
        self.view, self.grid = view, grid
        self.seen = ~np.isnan(x).T
        self.values = [x[seen, d] for d, seen in enumerate(self.seen)]
        self.mask = self.seen.T[:, view.scaled].astype(float)  # of real and positive columns
        self.x = np.nan_to_num(x[:, view.scaled])
        self._gammas = {}

    def normals(self, q):
        """Means and deviations, shape (K, D') each, of the D' real and positive columns."""
        mass = q.T @ self.mask + 1e-9
        mean = q.T @ self.x / mass
        variance = q.T @ self.x**2 / mass - mean**2
        return mean, np.sqrt(np.maximum(variance, _SMALLEST**2))

    def others(self, q):
        """Of each other column: the probabilities of labels, (K, L), or mean and r of counts, (K,) each."""
        return {
            d: self._labels(d, q[self.seen[d]]) if self.view.labels[d] else self._count(d, q)
            for d in np.flatnonzero(~self.view.scaled)
        }

    def log_normals(self, mean, deviation):
        """Log density of the observed real and positive values, shape (N, K)."""
        precision = deviation**-2
        square = self.x**2 @ precision.T - 2 * self.x @ (mean * precision).T
        square += self.mask @ (mean**2 * precision).T
        return -square / 2 - self.mask @ (np.log(deviation) + np.log(2 * np.pi) / 2).T

    def log_other(self, d, found):
        """Log probability of the observed labels or counts of column d, shape (rows that have some, K)."""
        if self.view.labels[d]:
            return np.log(found[:, self.values[d].astype(int)]).T
        mean, r = found
        at = np.searchsorted(self.grid, r)
        odds = np.log(r + mean)
        v = self.values[d][:, None]
        log_p = self._of_gammas(d)[:, at] - special.gammaln(v + 1)
        return log_p + r * (np.log(r) - odds) + v * (np.log(mean) - odds)

    def _labels(self, d, q):
        counts = [q[self.values[d] == k].sum(axis=0) for k in range(self.view.labels[d])]
        counts = np.stack(counts, axis=1) + _PSEUDO
        return counts / counts.sum(axis=1, keepdims=True)

    def _count(self, d, q):
        """The mean, which is the rows' whatever r is, and the best r of the grid."""
        q, v, r = q[self.seen[d]], self.values[d], self.grid
        mass = q.sum(axis=0) + 1e-9
        mean = np.maximum(v @ q / mass, 1e-3)
        odds = np.log(r + mean[:, None])
        fits = q.T @ self._of_gammas(d) + mass[:, None] * r * (np.log(r) - odds)
        fits += (v @ q)[:, None] * (np.log(mean)[:, None] - odds)
        return mean, r[np.argmax(fits, axis=1)]

    def _of_gammas(self, d):
        """Log Gamma(v + r) - log Gamma(r) for each value and each r: the costly part, done once."""
        if d not in self._gammas:
            v = self.values[d][:, None]
            self._gammas[d] = special.gammaln(v + self.grid) - special.gammaln(self.grid)
        return self._gammas[d]


def best(view, x, seed, components=(1, 2, 3, 4, 6, 8, 10), starts=2):
    """The mixture with the K that is the best on a fifth of the rows, fitted to all; of several starts."""
    rows = np.random.default_rng([seed, 3]).permutation(len(x))
    held_out = len(x) // 5
    fitted, checked = x[rows[held_out:]], x[rows[:held_out]]
    found = {
        k: max(Mixture(view, k, s).fit(fitted).log_p(checked).mean() for s in range(starts))
        for k in components
    }
    k = max(found, key=found.get)
    models = [Mixture(view, k, s).fit(x) for s in range(starts)]
    return max(models, key=lambda model: model.log_p(x).mean())
