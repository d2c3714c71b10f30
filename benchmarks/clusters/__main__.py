"""The study of `mappings.Clusters`: trains what has no result yet, and writes docs/clusters-study.md.

    python -m benchmarks.clusters --seeds 800 801 802              # of every recipe
    python -m benchmarks.clusters --sections plane --recipes width-1 turned-width
    python -m benchmarks.clusters --sections defaults --recipes plane --clusters 2 5 9
    python -m benchmarks.clusters --sections preset --recipes kl-10 --seeds $(seq 3000 3039)
    python -m benchmarks.clusters --page                           # the page alone

A training on MNIST-01 takes about 20 s of one core, one in the plane 10 s, one of learned proportions 12 s.
Results of single trainings lie in runs/clusters: a killed run goes on where it was. Digits above 1 need
the whole of MNIST, see `datasets.load`.
"""

import argparse
import pathlib

from benchmarks.claims.runner import archive, finished, run_jobs
from benchmarks.clusters import defaults, line, page, plane, preset, proportions

FOLDER = pathlib.Path("runs/clusters")
RESULTS = pathlib.Path("benchmarks/results/clusters.json")
SECTIONS = {
    "line": line,
    "plane": plane,
    "proportions": proportions,
    "defaults": defaults,
    "preset": preset,
}


def main():
    """Does what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sections", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--recipes", nargs="+", help="by default all of the sections")
    parser.add_argument("--seeds", nargs="+", type=int, default=list(range(800, 810)))
    parser.add_argument("--clusters", nargs="+", type=int, default=[2], help="of line and defaults")
    parser.add_argument("--proportions", nargs="+", type=float, default=[0.5, 0.2, 0.05])
    parser.add_argument("--starts", type=int, default=1, help="of learned proportions")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--page", action="store_true", help="trains nothing")
    options = parser.parse_args()
    jobs = [] if options.page else chosen(options)
    failures = run_jobs(jobs, FOLDER, options.workers, "benchmarks.clusters")
    records = archive(finished(FOLDER), RESULTS)
    pathlib.Path("docs/clusters-study.md").write_text(page.page(records))
    for name, error in failures.items():
        print(f"{name} failed:\n{error}")


def chosen(options):
    """The jobs that the command line names, seed by seed."""
    found = []
    for seed in options.seeds:
        for section in options.sections:
            module = SECTIONS[section]
            for recipe in module.RECIPES:
                if options.recipes is None or recipe in options.recipes:
                    cases = {"proportions": options.proportions}
                    cases["line"] = cases["defaults"] = options.clusters
                    for case in cases.get(section, [None]):
                        further = [] if case is None else [case]
                        if section == "proportions":
                            further.append(options.starts)
                        found += module.jobs(recipe, [seed], *further)
    return found


if __name__ == "__main__":
    main()
