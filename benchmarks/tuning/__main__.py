"""Runs what is missing, and writes benchmarks/results/tuning.json. See `benchmarks.tuning`."""

import argparse
import datetime
import pathlib
import sys

from benchmarks import tuning
from benchmarks.claims import report, runner
from benchmarks.tuning import settings
from benchmarks.tuning.runs import jobs
from intelvae_keras._engine import json_files


def measured(jobs, folder):
    """The record of each job: of the folder, or else of the archive, where another run has it."""
    archive = settings.ARCHIVE
    known = json_files.read(archive, "git restore it")["jobs"] if archive.exists() else []
    known = {(record["job"]["section"], record["job"]["name"]): record for record in known}
    found = [runner.read(job, folder) or known.get((job["section"], job["name"])) for job in jobs]
    return [record for record in found if record is not None]


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
    records = measured(jobs(), options.folder)
    head = {"date": datetime.date.today().isoformat(), "versions": report.versions()}
    head["minutes"] = sum(record["minutes"] for record in records)
    report.write_json(head | {"jobs": records}, settings.ARCHIVE)
    print(f"Wrote {settings.ARCHIVE}: {len(records)} of {len(jobs())} trainings.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
