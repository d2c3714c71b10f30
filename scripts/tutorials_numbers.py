"""Measured numbers in a text: placeholders, filled in from the results of the repository.

    {{toys toy="circle" model="ordinary VAE" start=0 off*100 .1f}}       3.6 ± 0.5

A placeholder names a section of benchmarks/results/claims.json; conditions on its jobs; a number of
their results, maybe times a factor; a format; and optionally what of the runs is wanted: `sd` (mean ±
standard deviation, the default), `ci` (mean ± half the 95% t-interval), `mean`, `min`, `max`, `range`
("0.1 to 0.4") or `n` (how many runs). A result inside of another is named with dots, and one in a list
by its place: `few_labels.logistic.0`.

    {{preset circle off*100 .1f}}                                        a figure of presets.figures
    {{study:line seed=800 log_p .1f}}                                    the same of the study of clusters

A section with `study:` before it is one of benchmarks/results/clusters.json, and `weight:kl_weight` that of
kl_weight.json beside it.
"""

import functools
import json
import pathlib
import re
import shlex
import statistics

ROOT = pathlib.Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "claims.json"
STUDY = ROOT / "benchmarks" / "results" / "clusters.json"
WEIGHTS = ROOT / "benchmarks" / "results" / "kl_weight.json"
FIGURES = ROOT / "intelvae_keras" / "presets" / "trained" / "figures.json"
_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_NUMBER = re.compile(r"^([\w.]+)(?:\*(-?[\d.]+))?$")
_FORMAT = re.compile(r"^,?\.\d+[fge]$|^d$")


class Unknown(Exception):
    """A placeholder that names nothing measured."""


def fill(text):
    """The text with its placeholders replaced by measured numbers.

    Raises:
        Unknown: If a placeholder cannot be read, or selects no run or no number.
    """
    return _PLACEHOLDER.sub(lambda match: _value(match.group(1)), text)


def _value(placeholder):
    try:
        section, *words = shlex.split(placeholder)
    except ValueError as error:
        raise Unknown(f"{{{{{placeholder}}}}} is empty or cannot be read.") from error
    conditions = dict(word.split("=", 1) for word in words if "=" in word)
    name = [word for word in words if "=" not in word]
    if section == "preset" and name:
        runs, name = [_figures(name[0], placeholder)], name[1:]
    else:
        runs = _runs(section, conditions)
    if not runs:
        raise Unknown(f"{{{{{placeholder}}}}} selects no run.")
    if len(name) not in (2, 3) or not _NUMBER.match(name[0]) or not _FORMAT.match(name[1]):
        raise Unknown(f"{{{{{placeholder}}}}} must end in NUMBER[*FACTOR] FORMAT [WHAT].")
    field, factor = _NUMBER.match(name[0]).groups()
    values = [_find(run, field, placeholder) * float(factor or 1) for run in runs]
    return _summary(values, name[1], name[2] if len(name) == 3 else "ci", placeholder)


def _runs(section, conditions):
    *where, name = section.split(":")
    records = {"": _records, "study": _study, "weight": _weights}["".join(where)]()
    jobs = [record for record in records if record["job"]["section"] == name]
    return [
        record["result"]
        for record in jobs
        if all(str(record["job"].get(key)) == value for key, value in conditions.items())
    ]


@functools.cache
def _records():
    return json.loads(RESULTS.read_text("utf8"))["jobs"]


@functools.cache
def _study():
    return json.loads(STUDY.read_text("utf8"))


@functools.cache
def _weights():
    return json.loads(WEIGHTS.read_text("utf8"))


def _figures(name, placeholder):
    figures = json.loads(
        FIGURES.read_text("utf8")
    )  # what presets.figures reads, without TensorFlow
    if name not in figures:
        raise Unknown(f"{{{{{placeholder}}}}}: no preset {name!r}; there are {sorted(figures)}.")
    return figures[name]


def _find(result, field, placeholder):
    for key in field.split("."):
        try:
            result = result[int(key)] if isinstance(result, list) else result[key]
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise Unknown(f"{{{{{placeholder}}}}}: there is no {key!r}.") from error
    if isinstance(result, bool) or not isinstance(result, int | float):
        raise Unknown(f"{{{{{placeholder}}}}} is no number: {result!r}.")
    return result


def _summary(values, form, what, placeholder):
    def write(value):
        return format(round(value) if form == "d" else value, form)

    mean = statistics.fmean(values)
    if what == "n":
        return str(len(values))
    if what in ("mean", "min", "max"):
        return write({"mean": mean, "min": min(values), "max": max(values)}[what])
    if what == "range":
        return f"{write(min(values))} to {write(max(values))}"
    if what != "ci":
        raise Unknown(f"{{{{{placeholder}}}}}: {what!r} is none of ci, mean, min, max, range, n.")
    if len(values) == 1:
        return write(mean)
    from scipy import stats

    half = statistics.stdev(values) * stats.t.ppf(0.975, len(values) - 1) / len(values) ** 0.5
    return f"{write(mean)} ± {write(half)}"
