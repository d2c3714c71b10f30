"""VAEs of tables beside simple models: trains what has no result yet, and writes docs/tables.md.

    python -m benchmarks.tables                          # 5 seeds: 10 minutes on two quiet cores
    python -m benchmarks.tables --sets wine --seeds 7    # one table, other seeds
    python -m benchmarks.tables --page                   # the page alone

Results of single runs lie in runs/tables: a killed run goes on where it was.
"""

import argparse
import pathlib

from benchmarks.claims.runner import archive, finished, run_jobs
from benchmarks.tables import density, holes, page, sets

FOLDER = pathlib.Path("runs/tables")
RESULTS = pathlib.Path("benchmarks/results/tables.json")
SECTIONS = {"density": density, "holes": holes}


def main():
    """Does what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sections", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--sets", nargs="+", choices=sets.SETS, default=list(sets.SETS))
    parser.add_argument("--seeds", nargs="+", type=int, default=list(range(5)))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--page", action="store_true", help="trains nothing")
    options = parser.parse_args()
    jobs = [
        job
        for seed in options.seeds
        for name in options.sets
        for section in options.sections
        for job in SECTIONS[section].jobs(name, [seed])
    ]
    failures = run_jobs([] if options.page else jobs, FOLDER, options.workers, "benchmarks.tables")
    records = archive(finished(FOLDER), RESULTS)
    pathlib.Path("docs/tables.md").write_text(page.page(records))
    for name, error in failures.items():
        print(f"{name} failed:\n{error}")


if __name__ == "__main__":
    main()
