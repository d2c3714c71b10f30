"""A Gaussian of full covariance, and factor analysis: for tables of real and positive columns alone."""

import numpy as np
from scipy import stats
from sklearn.covariance import ledoit_wolf
from sklearn.decomposition import FactorAnalysis


def full_covariance(train, test):
    """Log p of standardised test rows, in nats, shape (N,), by mean and shrunk covariance of the others."""
    covariance, _ = ledoit_wolf(train)
    return stats.multivariate_normal.logpdf(test, train.mean(axis=0), covariance)


def factor_analysis(train, test, seed):
    """The same of factor analysis, whose number of factors is the best on a fifth of the training rows."""
    rows = np.random.default_rng([seed, 3]).permutation(len(train))
    held_out = len(train) // 5
    fitted, checked = train[rows[held_out:]], train[rows[:held_out]]
    factors = range(1, min(10, train.shape[1] // 2) + 1)
    found = {k: FactorAnalysis(k, random_state=0).fit(fitted).score(checked) for k in factors}
    best = max(found, key=found.get)
    return FactorAnalysis(best, random_state=0).fit(train).score_samples(test)
