"""The runs of claim 5 by configuration, and paired with the ordinary VAE of the same seed and beta."""

FACTOR = 3  # the claim: so many times the ordinary VAE's sparsity
NAMES = {
    "ordinary": "Ordinary VAE",
    "sparse": "InteL-VAE, Sparse",
    "penalty": "Ordinary VAE, penalty on abs(z)",
    "laplace": "Ordinary VAE, Laplace prior",
}


def by_configuration(results):
    """{(model, gamma, beta): {seed: result}}, in the order of the table."""
    runs = {}
    for entry in results:
        job = entry["job"]
        key = (job["model"], job["gamma"], job["beta"])
        runs.setdefault(key, {})[job["seed"]] = entry["result"] | {"minutes": entry["minutes"]}
    order = list(NAMES)
    return dict(
        sorted(runs.items(), key=lambda item: (item[0][2], order.index(item[0][0]), item[0][1]))
    )


def values(by_seed, measure):
    """The measure of each seed."""
    return [result[measure] for result in by_seed.values()]


def paired(runs, key, measure, combine):
    """combine(value of the model, value of the ordinary VAE of the same beta) for each seed."""
    ordinary = runs.get(("ordinary", 0, key[2]), {})
    return [
        combine(result[measure], ordinary[seed][measure])
        for seed, result in runs[key].items()
        if seed in ordinary
    ]


def ratio(a, b):
    """Times the ordinary VAE's."""
    return a / b


def difference(a, b):
    """More than the ordinary VAE's."""
    return a - b
