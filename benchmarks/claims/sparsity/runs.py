"""The runs of claim 5 by configuration, and paired with the ordinary VAE of the same seed and beta."""

from benchmarks.claims.report import mean_ci

NAMES = {
    "ordinary": "Ordinary VAE",
    "sparse": "InteL-VAE, Sparse",
    "threshold": "InteL-VAE, Threshold",
    "penalty": "Ordinary VAE, penalty on abs(z)",
    "laplace": "Ordinary VAE, Laplace prior",
}
# What a job's "gamma" is: the strength of its means. The others have none.
STRENGTHS = {"sparse": "γ", "threshold": "active", "penalty": "γ"}


def by_configuration(results, names=NAMES):
    """{(model, gamma, beta): {seed: result}}, in the order of the table; names: {model: its name}."""
    runs = {}
    for entry in results:
        job = entry["job"]
        key = (job["model"], job["gamma"], job.get("beta", 1))
        runs.setdefault(key, {})[job["seed"]] = entry["result"] | {"minutes": entry["minutes"]}
    order = list(names)
    return dict(
        sorted(runs.items(), key=lambda item: (item[0][2], order.index(item[0][0]), item[0][1]))
    )


def strength(key):
    """Its words, such as "γ = 3"; empty where a model has none."""
    model, gamma, _ = key
    return f"{STRENGTHS[model]} = {gamma:g}" if model in STRENGTHS else ""


def values(by_seed, measure):
    """The measure of each seed that has it."""
    return [result[measure] for result in by_seed.values() if measure in result]


def changes(runs, key, measure):
    """What the measure is above that of the ordinary VAE of the same beta, for each seed of both."""
    ordinary = runs.get(("ordinary", 0, key[2]), {})
    return [
        result[measure] - ordinary[seed][measure]
        for seed, result in runs[key].items()
        if measure in result and measure in ordinary.get(seed, {})
    ]


def sign(differences):
    """1 or -1 where the 95% interval over seeds lies above or below 0; 0 if it holds 0, or for one seed."""
    mean, half = mean_ci(differences)
    return int(mean > half) - int(mean < -half)  # NaN compares as false
