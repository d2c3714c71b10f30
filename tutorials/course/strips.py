"""Strips of runs: a dot for each seed, its mean, and half of its 95% interval, from stored results.

"±" means one thing in the whole course: half of the 95% t-interval of a mean over n seeds,
t(0.975, n - 1) s / sqrt(n), with s their standard deviation. For three seeds that is 2.5 s.
"""

import functools
import json
import pathlib
from collections.abc import Iterable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from scipy import stats

import intelvae_keras

_STUDIES = {
    "claims": "python -m benchmarks.claims",
    "clusters": "python -m benchmarks.clusters",
    "tables": "python -m benchmarks.tables",
    "clinic": "python -m benchmarks.clinic",
    "kl_weight": "python -m benchmarks.kl_weight",
}


def runs(section: str, of: str = "claims", **conditions) -> list[dict]:
    """The stored runs of a section, by seed: `[{"job": its settings, "result": its numbers}]`.

    Args:
        section: A section of the results, such as "hierarchy".
        of: "claims", "clusters", "tables", "clinic" or "kl_weight": the file of `benchmarks/results`.
        conditions: What the job's settings must be, such as `model="flat"`.

    Raises:
        ValueError: If there is no such file, or no such run.
    """
    if of not in _STUDIES:
        raise ValueError(f"of must be one of {', '.join(_STUDIES)}, but it is {of!r}.")
    conditions = {"section": section} | conditions
    found = [r for r in _stored(of) if conditions.items() <= r["job"].items()]
    if not found:
        raise ValueError(f"No run of {of} has {conditions}.")
    return sorted(found, key=lambda r: (r["job"]["seed"], r["job"].get("start", 0)))


@functools.cache
def _stored(of: str) -> list[dict]:
    # beside the course; or beside the package, where a copy of the course lies somewhere else
    roots = [pathlib.Path(file).parents[1] for file in (_course(), intelvae_keras.__file__)]
    paths = [root / "benchmarks" / "results" / f"{of}.json" for root in roots]
    path = next((path for path in paths if path.exists()), None)
    if path is None:
        raise FileNotFoundError(
            f"benchmarks/results/{of}.json is not here. Take the whole repository: the notebook "
            "reads stored runs from it."
        )
    stored = json.loads(path.read_text("utf8"))
    return stored["jobs"] if isinstance(stored, dict) else stored


def _course() -> pathlib.Path:
    return pathlib.Path(__file__).resolve().parent


def origin(records: Sequence[Mapping], of: str = "claims") -> None:
    """Prints how many runs these are, of which seeds, where they lie, and how to repeat them."""
    seeds = sorted({record["job"]["seed"] for record in records})
    print(
        f"{len(records)} stored runs, {len(seeds)} seeds from {seeds[0]} to {seeds[-1]}: "
        f"benchmarks/results/{of}.json. To repeat them: {_STUDIES[of]}"
    )


def mean_half(values: Iterable[float]) -> tuple[float, float]:
    """The mean, and half of its 95% t-interval; NaN for the latter if there is one value alone."""
    values = np.asarray(list(values), dtype="float64")
    if len(values) < 2:
        return float(values.mean()), float("nan")
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean()), float(half)


def words(values: Iterable[float], digits: int = 1, sign: bool = False) -> str:
    """The mean ± half of its 95% interval, as text."""
    mean, half = mean_half(values)
    first = f"{mean:{'+' if sign else ''}.{digits}f}"
    return first if np.isnan(half) else f"{first} ± {half:.{digits}f}"


def draw(
    ax: plt.Axes,
    rows: Mapping[str, Sequence[float]],
    digits: int | None = None,
    sign: bool = False,
    colours: Sequence[str] | None = None,
) -> None:
    """Draws one strip a row: a dot for each seed, a tick at the mean, a bar for its 95% interval.

    Args:
        ax: Where to draw. The first row is at the top.
        rows: From a row's name to the values of its seeds.
        digits: Writes "mean ± half" at the right end of each row, with so many digits; None does not.
        sign: Whether to write a plus sign, for differences.
        colours: One for each row; None takes the first of the cycle for all.
    """
    colours = colours or ["C0"] * len(rows)
    for row, ((_, values), colour) in enumerate(zip(rows.items(), colours, strict=True)):
        values = np.asarray(values, dtype="float64")
        mean, half = mean_half(values)
        beside = 0.2 * np.sin(2.4 * np.arange(len(values)))  # so that equal dots are both seen
        ax.scatter(values, row + beside, s=22, color=colour, linewidths=0, zorder=4)
        if half == half:
            ax.plot([mean - half, mean + half], [row, row], color="black", linewidth=1, zorder=3)
        ax.plot([mean, mean], [row - 0.3, row + 0.3], color="black", linewidth=1, zorder=3)
        if digits is not None:
            ax.annotate(
                words(values, digits, sign), (1, row), xycoords=("axes fraction", "data"),
                xytext=(4, 0), textcoords="offset points", va="center", fontsize=8,
            )  # fmt: skip
    ax.set(yticks=range(len(rows)), yticklabels=list(rows), ylim=(len(rows) - 0.4, -0.6))
