"""Measures every claim and writes the page of results.

    python -m benchmarks.claims                      # docs/results.md, 70 minutes on two quiet cores
    python -m benchmarks.claims --quick              # runs/claims-quick/results.md, 2 minutes
    python -m benchmarks.claims --only toys --seeds 3
    python -m benchmarks.claims --from-archive       # the page anew from benchmarks/results/claims.json

Finished jobs stay in the folder: a killed run goes on where it was, and `--only` renews one section
while the page keeps the others, from the folder or else from the archive.
"""

import argparse
import importlib
import pathlib
import sys
import time
import traceback

from benchmarks.claims import report, runner, summary
from benchmarks.tuning import page as tuning
from intelvae_keras._engine import json_files

# On the page in the order of the claims; run in an order in which a run cut short has the most.
SECTIONS = ("toys", "mnist01", "proportions", "sparsity", "patterns", "hierarchy", "full")
RUN_ORDER = ("mnist01", "toys", "sparsity", "patterns", "hierarchy", "proportions", "full")


def main():
    options = _options()
    modules = {name: importlib.import_module(f"benchmarks.claims.{name}") for name in SECTIONS}
    jobs = {name: modules[name].jobs(options.quick, options.seeds) for name in SECTIONS}
    chosen = [name for name in RUN_ORDER if name in options.only]

    start = time.perf_counter()
    archived, failures, stale = {}, {}, False
    if options.from_archive or (options.archive.exists() and not options.quick):
        kept = json_files.read(options.archive, "git restore it, or measure anew")
        stale = options.from_archive and kept.get("code") != report.code()
        for record in kept["jobs"]:
            archived.setdefault(record["job"]["section"], []).append(record)
    if not options.from_archive:
        to_run = [job for name in chosen for job in jobs[name]]
        failures = runner.run_jobs(to_run, options.folder, options.workers)
    elapsed = (time.perf_counter() - start) / 60

    options.output.parent.mkdir(parents=True, exist_ok=True)
    images = options.output.parent / "images" / "results"
    images.mkdir(parents=True, exist_ok=True)
    records, sections, broken = [], [], []
    results, texts = {}, {}
    for name in SECTIONS:
        done = archived.get(name, [])
        if not options.from_archive:
            found = [runner.read(job, options.folder) for job in jobs[name]]
            found = [record for record in found if record is not None]
            # What was not asked for, and was run elsewhere or on data that are not here, stays as it was.
            done = done if name not in chosen and not found else found
        if jobs[name] and not done:
            sections.append((modules[name].TITLE, "Not run yet; `make claims` goes on here."))
            continue
        records += done
        try:
            text = modules[name].section(done, images, options.quick)
            results[name], texts[name] = done, text
            text = summary.fold(text)
        except Exception:
            broken.append(name)
            text = f"This section could not be written:\n\n```\n{traceback.format_exc()}```"
            print(text, file=sys.stderr)
        sections.append((modules[name].TITLE, text))

    sections.append((tuning.TITLE, tuning.section()))
    minutes = sum(record["minutes"] for record in records)
    command = "make claims-quick" if options.quick else "make claims"
    page = report.page(
        sections,
        failures,
        minutes,
        options.workers,
        options.quick,
        command,
        options.archive,
        summary.table(results, texts),
        stale,
    )
    options.output.write_text(page)
    if options.from_archive:
        print(f"Wrote {options.output} from {options.archive}.")
        return 1 if broken else 0
    archive = report.archive(records, failures, elapsed, options.workers)
    report.write_json(archive, options.archive)
    print(f"Wrote {options.output} and {options.archive}; {elapsed:.1f} minutes.")
    return 1 if failures or broken else 0


def _options():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few steps, one seed, few models")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=SECTIONS)
    parser.add_argument(
        "--seeds", type=int, help="number of seeds; each section has its own default"
    )
    parser.add_argument("--folder", type=pathlib.Path, help="where finished jobs are kept")
    parser.add_argument("--output", type=pathlib.Path, help="the page")
    parser.add_argument(
        "--from-archive",
        action="store_true",
        help="write the page from the numbers kept, train nothing",
    )
    parser.add_argument("--workers", type=int, default=2, help="processes of one thread")
    options = parser.parse_args()
    folder = pathlib.Path("runs/claims-quick" if options.quick else "runs/claims")
    options.folder = options.folder or folder
    docs = pathlib.Path("docs/results.md")
    options.output = options.output or (options.folder / "results.md" if options.quick else docs)
    # The numbers of the page in docs lie with the benchmarks, those of any other page beside it.
    archived = pathlib.Path("benchmarks/results/claims.json")
    options.archive = archived if options.output == docs else options.output.with_suffix(".json")
    return options


if __name__ == "__main__":
    sys.exit(main())
