"""How fast is it? Measures training beside its peers and writes docs/speed.md (about 20 minutes).

    python benchmarks/speed.py                      # ours and plain Keras
    python benchmarks/speed.py --pythae .venv-pythae/bin/python      # pythae too; see `make speed`

The processes train by turns, an epoch each, so that the machine's moods meet all alike; ratios are
medians over the rounds of the ratio within a round.
"""

import argparse
import json
import pathlib
import tempfile
import time

from speed_measures import (
    INSIDE,
    MODELS,
    best_rate,
    cores,
    elbos_by_rate,
    images,
    import_seconds,
    second_demo,
    throughput,
)
from speed_page import page
from speed_processes import HERE, inside
from tqdm import tqdm


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--images", type=int, default=20_000)
    parser.add_argument("--pythae", help="a Python that has torch and pythae")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument(
        "--only",
        nargs="+",
        choices=["rates", "runs", *INSIDE, "import"],
        help="keep the rest of the page",
    )
    parser.add_argument("--output", type=pathlib.Path, default=HERE.parent / "docs/speed.md")
    options = parser.parse_args()
    names = [n for n in options.models if options.pythae or not n.startswith("pythae")]
    archive = HERE / "results/speed.json"
    measured = json.loads(archive.read_text()) if archive.exists() and options.only else {}
    todo = options.only or ["rates", "runs", *INSIDE, "import"]
    today = time.strftime("%Y-%m-%d")
    measured["dates"] = measured.get("dates", {}) | dict.fromkeys(todo, today)
    with tempfile.TemporaryDirectory() as folder:
        data, num_images, (train, test) = images(folder, options.images)
        known = {} if "rates" in todo else measured.get("rates", {})
        unknown = [name for name in names if name not in known]
        if unknown and {"rates", "runs"} & set(todo):
            measured["rates"] = known | elbos_by_rate(unknown, train, folder, options.pythae)
            archive.write_text(json.dumps(measured, indent=1))  # lest a killed run lose it
        if "runs" in todo:
            rates = {name: best_rate(measured["rates"][name]) for name in names}
            runs = throughput(names, rates, train, test, options.rounds, options.pythae, num_images)
            about = {"data": data, "num_images": num_images, "rounds": options.rounds}
            measured |= {"runs": runs, **about}
            archive.write_text(json.dumps(measured, indent=1))  # lest a killed run lose it
        for measure in tqdm([measure for measure in INSIDE if measure in todo], "in one process"):
            measured[measure] = inside(measure, train, options.rounds)
    if "import" in todo:
        measured["import"] = import_seconds(options.rounds)
    measured["demo"] = second_demo(HERE.parent / "runs/demo")
    measured["cores"] = cores()
    archive.write_text(json.dumps(measured, indent=1))
    options.output.write_text(page(measured))
    print(page(measured))


if __name__ == "__main__":
    main()
