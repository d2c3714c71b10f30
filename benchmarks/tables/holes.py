"""A fifth of a table's values taken away, in training and test rows, and filled again in the latter."""

import warnings

import keras
import numpy as np

from benchmarks.tables import imputers, mixture, sets, vaes
from benchmarks.tables.views import View

_SAMPLES = 300


def jobs(name, seeds, epochs=None):
    """One job for each seed."""
    return [
        {"section": "holes", "name": f"{name}-{seed}", "set": name, "seed": seed, "epochs": epochs}
        for seed in seeds
    ]


def run(job):
    """Every method on one split of one table: RMSE in deviations of numbers, accuracy of labels."""
    keras.backend.clear_session()
    name, seed = job["set"], job["seed"]
    train, test, _, _ = sets.load(name, seed)
    table = sets.table_of(train)
    view, truth = View(table), table.array(test)
    x, _ = sets.with_holes(table.array(train), seed)
    held_out, made = sets.with_holes(truth, 1000 + seed)
    rows, test_rows = view.standardised(x), view.standardised(held_out)
    filled = imputers.impute(view, rows, test_rows)
    filled["mixture of products"] = mixture.best(view, rows, seed).impute(test_rows)
    vae = vaes.fit(name, table, x, seed, job["epochs"])
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="impute")  # of few effective samples
        imputed = vae.impute(held_out, num_samples=_SAMPLES, seed=seed)
    binary = np.array([kind == "binary" for kind in view.kinds])
    imputed[:, binary] = np.rint(
        imputed[:, binary]
    )  # impute gives the probability of the second label
    filled["VAE"] = view.standardised(imputed)
    return errors(view, view.standardised(truth), filled, made)


def errors(view, truth, filled, made):
    """{"rmse": ..., "accuracy": ...} by method; counts are compared as log(1 + count)."""
    counts = np.array([kind == "count" for kind in view.kinds])
    is_label = np.array(view.labels) > 0
    found = {"rmse": {}, "accuracy": {}}
    for method, values in filled.items():
        difference = values - truth
        difference[:, counts] = np.log1p(values[:, counts]) - np.log1p(truth[:, counts])
        numbers = difference[:, ~is_label][made[:, ~is_label]]
        found["rmse"][method] = float(np.sqrt((numbers**2).mean()))
        if is_label.any():
            same = (values == truth)[:, is_label][made[:, is_label]]
            found["accuracy"][method] = float(same.mean())
    return found
