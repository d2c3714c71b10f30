"""The clinic of notebook 10 over seeds: data drawn through a known g, and what each diagnostic says.

    python -m benchmarks.clinic                  # 8 seeds: 4 minutes on two quiet cores
    python -m benchmarks.clinic --seeds 20 21    # others, added to the file

Each model sees the data of its seed. Results of single runs lie in runs/: a killed run goes on where it was.
"""

import argparse
import pathlib
import sys

import keras

from benchmarks.claims.runner import archive, read, run_jobs
from intelvae_keras import metrics

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tutorials"))

from course import clinic  # noqa: E402

FOLDER = pathlib.Path("runs")
RESULTS = ROOT / "benchmarks" / "results" / "clinic.json"
DATA = "data"  # the row of the truth: fresh data in place of a model's draws


def jobs(seeds):
    """One job for each model and seed, and one for the data."""
    return [
        {"section": "clinic", "name": f"{model}-{seed}", "model": model, "seed": seed}
        for seed in seeds
        for model in (DATA, *clinic.MODELS)
    ]


def run(job):
    """All diagnostics of one model on the data of one seed."""
    keras.backend.clear_session()
    seed = job["seed"]
    x, x_test = clinic.data(3_000, seed), clinic.data(600, 1_000 + seed)
    if job["model"] != DATA:
        return clinic.diagnose(clinic.train(job["model"], x, seed), x, x_test)
    fresh = clinic.data(3_000, 2_000 + seed)
    return {
        "log_p": float(clinic.log_p_of_data(x_test).mean()),
        "auc_x": metrics.two_sample_auc(fresh, x),
        "strays": clinic.strays(fresh, x),
    }


def main():
    """Runs what has no result yet, and adds it to the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", nargs="+", type=int, default=list(range(8)))
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    wanted = jobs(options.seeds)
    failures = run_jobs(wanted, FOLDER, options.workers, "benchmarks")
    archive([record for job in wanted if (record := read(job, FOLDER))], RESULTS)
    for name, error in failures.items():
        print(f"{name} failed:\n{error}")


if __name__ == "__main__":
    main()
