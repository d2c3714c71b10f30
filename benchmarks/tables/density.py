"""Test log p(x) of each table, in nats a row and in the data's own units."""

import keras
import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from benchmarks.tables import gaussians, mixture, sets, vaes
from benchmarks.tables.views import View
from intelvae_keras import likelihoods, mappings

_SAMPLES = 1000


def jobs(name, seeds, epochs=None):
    """One job for each seed."""
    return [
        {
            "section": "density",
            "name": f"{name}-{seed}",
            "set": name,
            "seed": seed,
            "epochs": epochs,
        }
        for seed in seeds
    ]


def run(job):
    """Every model on one split of one table."""
    keras.backend.clear_session()
    name, seed = job["set"], job["seed"]
    train, test, classes, test_classes = sets.load(name, seed)
    table = sets.table_of(train)
    view, x, held_out = View(table), table.array(train), table.array(test)
    rows, test_rows = view.standardised(x), view.standardised(held_out)
    volume = view.log_volume(held_out).mean()
    of_products = mixture.best(view, rows, seed)
    log_p = {
        "independent": mixture.Mixture(view, 1).fit(rows).log_p(test_rows).mean() + volume,
        "mixture": of_products.log_p(test_rows).mean() + volume,
    }
    if view.scaled.all():
        log_p["gaussian"] = gaussians.full_covariance(rows, test_rows).mean() + volume
        factors = gaussians.factor_analysis(rows, test_rows, seed)
        log_p["factors"] = factors.mean() + volume
    found = {"log_p": log_p, "components": of_products.components, "rows": [len(x), len(held_out)]}

    def fit(**options):
        vae = vaes.fit(name, table, x, seed, job["epochs"], **options)
        return vae, float(vae.log_likelihood(held_out, num_samples=_SAMPLES, seed=seed).mean())

    vae, log_p["vae"] = fit()
    if name == "cells":
        _, _, profiles = sets.cells(seed)
        log_p["truth"] = sets.log_p_cells(held_out, profiles).mean()
        _, log_p["poisson"] = fit(likelihood=likelihoods.Poisson(unit=x.mean(axis=0)))
    if name == "wine":
        both = np.concatenate([x, held_out])
        codes = vae.posterior(both).mean()
        vae, log_p["clusters"] = fit(mapping=mappings.Clusters(3))
        groups = {
            "parts of Clusters(3)": np.asarray(vae.mapping.part(vae.posterior(both).mean())),
            "KMeans of the data": _kmeans(view.standardised(both), seed),
            "KMeans of the ordinary VAE's codes": _kmeans(codes, seed),
        }
        cultivars = np.concatenate([classes, test_classes])
        found["rand"] = {
            words: adjusted_rand_score(cultivars, group) for words, group in groups.items()
        }
    found["log_p"] = {model: float(value) for model, value in log_p.items()}
    return found


def _kmeans(rows, seed):
    return KMeans(3, n_init=10, random_state=seed).fit(rows).labels_
