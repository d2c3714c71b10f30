"""Runs what is missing, and writes benchmarks/results/tuning.json. See `benchmarks.tuning`."""

import argparse
import datetime
import pathlib
import sys

from benchmarks import tuning
from benchmarks.claims import report, runner
from benchmarks.tuning import settings
from benchmarks.tuning.runs import jobs


def main():
    parser = argparse.ArgumentParser(
        description=tuning.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=list(settings.GRIDS))
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("runs/tuning"))
    parser.add_argument("--workers", type=int, default=2, help="processes of one thread")
    options = parser.parse_args()
    to_run = [job for job in jobs() if job["section"] in (options.only or settings.GRIDS)]
    failures = runner.run_jobs(
        to_run, options.folder, options.workers, "benchmarks.tuning.sections"
    )
    records = [record for job in jobs() if (record := runner.read(job, options.folder)) is not None]
    head = {"date": datetime.date.today().isoformat(), "versions": report.versions()}
    head["minutes"] = sum(record["minutes"] for record in records)
    report.write_json(head | {"jobs": records}, settings.ARCHIVE)
    print(f"Wrote {settings.ARCHIVE}: {len(records)} of {len(jobs())} trainings.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
