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
        log_q, self._gammas = self._start(x), {}
        last = -np.inf
        for _ in range(steps):
            self._maximise(x, np.exp(log_q))
            log_joint = self._log_joint(x)
            total = special.logsumexp(log_joint, axis=1)
            log_q = log_joint - total[:, None]
            if total.mean() - last < 1e-4:
                break
            last = total.mean()
        return self

    def log_p(self, x):
        """Log p of the observed values of standardised rows, in nats, shape (N,)."""
        return special.logsumexp(self._log_joint(x), axis=1)

    def impute(self, x):
        """Rows with their holes filled: means, and the most probable label."""
        log_joint = self._log_joint(x)
        q = np.exp(log_joint - special.logsumexp(log_joint, axis=1)[:, None])
        filled = x.copy()
        for d, labels in enumerate(self.view.labels):
            holes = np.isnan(x[:, d])
            if labels:
                filled[holes, d] = (q[holes] @ self.parameters[d]).argmax(axis=1)
            else:
                filled[holes, d] = q[holes] @ self.parameters[d][0]
        return filled

    def _start(self, x):
        random = np.random.default_rng(self.seed)
        known = np.nan_to_num((x - np.nanmean(x, axis=0)) / np.nanstd(x, axis=0))
        centres = known[random.choice(len(x), self.components, replace=False)]
        distance = ((known[:, None] - centres) ** 2).mean(axis=-1)
        return -2 * distance - special.logsumexp(-2 * distance, axis=1)[:, None]

    def _maximise(self, x, q):
        self.log_weights = np.log(q.mean(axis=0) + 1e-12)
        self.parameters = [self._fitted(d, x[:, d], q) for d in range(x.shape[1])]

    def _fitted(self, d, values, q):
        seen = ~np.isnan(values)
        v, q = values[seen], q[seen]
        mass = q.sum(axis=0) + 1e-9
        if self.view.labels[d]:
            counts = np.stack([q[v == k].sum(axis=0) for k in range(self.view.labels[d])], axis=1)
            return (counts + _PSEUDO) / (counts + _PSEUDO).sum(axis=1, keepdims=True)
        mean = v @ q / mass
        if self.view.kinds[d] != "count":
            variance = (q * (v[:, None] - mean) ** 2).sum(axis=0) / mass
            return mean, np.maximum(np.sqrt(variance), _SMALLEST)
        mean = np.maximum(mean, 1e-3)
        # The mean of a negative binomial is that of the rows whatever r is; r is the best of some. Of their
        # sum over rows, only the gamma functions need each row, and these stay the same in all steps.
        if d not in self._gammas:
            self._gammas[d] = special.gammaln(v[:, None] + _R) - special.gammaln(_R)
        gammas = self._gammas[d]
        odds = np.log(_R + mean[:, None])
        fits = q.T @ gammas + mass[:, None] * _R * (np.log(_R) - odds)
        fits += (v @ q)[:, None] * (np.log(mean)[:, None] - odds)
        return mean, _R[np.argmax(fits, axis=1)]

    def _log_joint(self, x):
        total = np.tile(self.log_weights, (len(x), 1))
        for d, parameters in enumerate(self.parameters):
            seen = ~np.isnan(x[:, d])
            v = x[seen, d]
            if self.view.labels[d]:
                total[seen] += np.log(parameters[:, v.astype(int)]).T
            elif self.view.kinds[d] == "count":
                total[seen] += _log_nb(v[:, None], *parameters)
            else:
                total[seen] += _log_normal(v[:, None], *parameters)
        return total


def _log_normal(x, mean, deviation):
    return -(((x - mean) / deviation) ** 2) / 2 - np.log(deviation) - np.log(2 * np.pi) / 2


def _log_nb(x, mean, r):
    gammas = special.gammaln(x + r) - special.gammaln(r) - special.gammaln(x + 1)
    return gammas + r * (np.log(r) - np.log(r + mean)) + x * (np.log(mean) - np.log(r + mean))


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
