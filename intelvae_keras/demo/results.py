"""What the demo measured, on disk and as a table. Imports no TensorFlow, which takes seconds.

`make demo` runs this file first: `python intelvae_keras/demo/results.py runs/demo` shows the results
of a finished demo at once, and exits with 1 where there is none.
"""

import dataclasses
import json
import os
import pathlib
import sys
from typing import Any


@dataclasses.dataclass(frozen=True)
class Settings:
    """The settings that both models have in common; their recipes are presets."""

    epochs: int = 20
    seed: int = 0
    likelihood_samples: int = 200
    prior_samples: int = 10_000


@dataclasses.dataclass
class Result:
    """The measures of one model, on the test images."""

    log_likelihood: float  # mean over images, nats
    standard_error: float  # of that mean, nats
    uncertain: float  # fraction of prior samples that the classifier is unsure of
    seconds: float  # training
    history: dict  # per epoch, as `fit` reports it


def read(settings: Settings, folder: str | os.PathLike) -> dict[str, Result] | None:
    """The results of a finished demo with these settings, a dict from name to `Result`, or None."""
    content = saved(pathlib.Path(folder) / "results.json")
    try:
        if content["settings"] != dataclasses.asdict(settings):
            return None
        return {name: Result(**values) for name, values in content["results"].items()}
    except (TypeError, KeyError, AttributeError):  # missing, damaged, or of another version
        return None


def saved(path: pathlib.Path) -> Any:
    """What `save` wrote to a file; None where it is missing or damaged."""
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None


def save(content: Any, path: pathlib.Path) -> None:
    """Writes what JSON can hold, whole or not at all: a killed run leaves no half of a file."""
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(content, indent=1))
    os.replace(unfinished, path)


def write(results: dict[str, Result], settings: Settings, folder: str | os.PathLike) -> None:
    """Saves results for `read`."""
    measured = {name: dataclasses.asdict(result) for name, result in results.items()}
    content = {"settings": dataclasses.asdict(settings), "results": measured}
    save(content, pathlib.Path(folder) / "results.json")


def show(results: dict[str, Result], folder: str | os.PathLike, fresh: bool) -> None:
    """Prints the table, and the report's place last."""
    print(f"\n{'':14}{'test log p(x), nats':>22}{'uncertain samples':>20}{'training':>12}")
    for name, result in results.items():
        bound = f"{result.log_likelihood:.1f} +- {result.standard_error:.1f}"
        print(f"{name:14}{bound:>22}{result.uncertain:>20.2%}{result.seconds:>10.0f} s")
    if not fresh:
        print(f"Trained before; to train anew, delete {folder}.")
    print(f"Report: {pathlib.Path(folder).resolve() / 'report.html'}")


def main() -> None:
    """Shows the results in the folder that the command line names, if they are complete."""
    folder = pathlib.Path(sys.argv[1])
    results = read(Settings(), folder)
    if results is None or not (folder / "report.html").exists():
        sys.exit(1)
    show(results, folder, fresh=False)


if __name__ == "__main__":
    main()
