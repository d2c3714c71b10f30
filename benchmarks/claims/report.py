"""The page of results: numbers over seeds, tables, and the sections put together."""

import datetime
import hashlib
import importlib.metadata
import json
import math
import os
import pathlib
import platform
import re

import numpy as np
from scipy import stats

from intelvae_keras._engine import whole_files

_PACKAGES = ("tensorflow", "keras", "tensorflow-probability", "numpy", "scikit-learn", "scipy")
_LONG = 100  # entries from which a list is data rather than a result


def mean_ci(values):
    """The mean, and the half width of its 95% t-interval: t_(0.975, n-1) s / sqrt(n).

    NaN values, of runs that failed, make both NaN; with one value the half width is NaN.
    """
    values = np.asarray(values, dtype="float64")
    if len(values) == 0:
        return math.nan, math.nan
    if len(values) == 1:
        return float(values[0]), math.nan
    error = values.std(ddof=1) / math.sqrt(len(values))
    return float(values.mean()), float(stats.t.ppf(0.975, len(values) - 1) * error)


def cell(values, digits, percent=False):
    """The mean and its 95% interval, as "1.2 ± 0.3"; the mean alone for one value.

    Args:
        values: One number for each seed.
        digits: Digits after the point.
        percent: Whether to write fractions in per cent.
    """
    mean, half_width = mean_ci(np.asarray(values, dtype="float64") * (100 if percent else 1))
    if math.isnan(mean):
        return "–"
    text = (
        f"{_number(mean, digits)}{'' if math.isnan(half_width) else f' ± {half_width:.{digits}f}'}"
    )
    return text.replace("-", "−")


def _number(value, digits):
    return f"{round(value, digits) + 0.0:.{digits}f}"  # + 0.0: no "-0.0"


def table(header, rows):
    """A Markdown table, from the texts of its header and of its rows."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def slug(title):
    """The anchor that Python-Markdown gives a heading."""
    words = re.sub(r"[^\w\s-]", "", title.lower()).strip()
    return re.sub(r"[-\s]+", "-", words)


def draw(figure, path, **options):
    """Saves the figure that the function `figure` makes.

    Figures of images and points need lists that the archive leaves out: made from the archive, the page
    keeps the picture that is there.
    """
    try:
        drawn = figure()
    except KeyError:
        if path.exists():
            return
        raise
    drawn.savefig(path, **options)


def page(
    sections,
    failures,
    minutes,
    workers,
    quick,
    command,
    archive="benchmarks/results/claims.json",
    summary="",
    stale=False,
):
    """The Markdown page.

    Args:
        sections: [(title, text)] in order.
        failures: {name of a job: traceback}.
        minutes: Minutes of all jobs together.
        workers: Number of processes.
        quick: Whether it is the short run, which shows that all works and supports no statement.
        command: The command that made it.
        archive: Where all numbers of all runs are.
        summary: The table on top.
        stale: Whether the numbers were made by another version of the code than this one.
    """
    jobs_word = f"{minutes:.0f} minutes of computing, in {workers} processes of one thread each"
    lines = ["# Results", ""]
    if quick:
        lines += ["**A quick run: few steps, one seed. Its numbers support no statement.**", ""]
    if summary:
        lines += ["In two minutes: each claim of the paper, and what we found.", "", summary, ""]
    lines += [
        "*Holds*: the 95% intervals say so. *In part*: they say so of one half of the claim. *None*: one "
        "seed, so no interval. Where an interval holds 0, no difference is seen. Each verdict is computed "
        "from the numbers below, none is written by hand.",
        "",
        '<details markdown="1">',
        "<summary>How it was measured</summary>",
        "",
        f"Written by `{command}` ({jobs_word}; {_versions_line()}). Numbers are the mean over seeds, "
        "[±](reference/glossary.md) half of its 95% t-interval. The page's seeds were not used to choose "
        "settings. All "
        f"numbers of all runs: `{archive}`.",
        "",
        "</details>",
        "",
    ]
    if stale:
        lines += [
            "**The runs are of an earlier version of the code: settings stated here may not be theirs.**",
            "",
        ]
    if failures:
        lines += [f"**{len(failures)} runs failed** and are missing: {', '.join(failures)}.", ""]
    for title, text in sections:
        text = text.strip()
        lines += [text if text.startswith("## ") else f"## {title}\n\n{text}", ""]
    return "\n".join(lines)


def archive(records, failures, elapsed, workers):
    """What results.json holds: all jobs with their results, and what they were made with."""
    return {
        "date": datetime.date.today().isoformat(),
        "versions": versions(),
        "code": code(),
        "cores": os.cpu_count(),
        "workers": workers,
        "minutes": {
            "jobs": sum(record["minutes"] for record in records),
            "this_call": elapsed,
        },
        "failures": failures,
        "jobs": [record | {"result": compact(record["result"])} for record in records],
    }


def write_json(content, path):
    """Writes JSON with one job a line, so that two versions can be compared."""
    jobs = ",\n  ".join(json.dumps(job) for job in content["jobs"])
    head = json.dumps({key: value for key, value in content.items() if key != "jobs"}, indent=1)
    whole_files.write(path, f'{head[:-2]},\n "jobs": [\n  {jobs}\n ]\n}}\n'.encode())


def compact(value):
    """A result with six significant digits and without long lists, which stay in the jobs' files."""
    if isinstance(value, dict):
        items = {key: compact(entry) for key, entry in value.items() if not _is_long(entry)}
        return items
    if isinstance(value, list):
        return [compact(entry) for entry in value]
    if isinstance(value, float):
        return float(f"{value:.6g}")
    return value


def _is_long(value):
    return isinstance(value, list) and np.size(value) > _LONG


# Made anew from the archive's numbers, so it cannot be older than the page.
_DRAWN = ("figures", "report", "summary", "verdict", "verdicts", "page", "codes_page")


def code():
    """A digest of what determines the runs."""
    root = pathlib.Path(__file__).parents[2]
    folders = (root / "benchmarks" / "claims", root / "intelvae_keras" / "presets")
    digest = hashlib.sha256()
    for file in sorted(file for folder in folders for file in folder.rglob("*.py")):
        if file.stem not in _DRAWN and file.parent.name not in _DRAWN:
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def versions():
    """{package: version} of what the numbers depend on."""
    return {"python": platform.python_version()} | {
        name: importlib.metadata.version(name) for name in _PACKAGES
    }


def _versions_line():
    found = versions()
    return f"Python {found['python']}, TensorFlow {found['tensorflow']}, Keras {found['keras']}"
