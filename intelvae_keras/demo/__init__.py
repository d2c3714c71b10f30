"""The demo: an ordinary VAE and an InteL-VAE with one latent each, on the 0s and 1s of MNIST."""

import argparse
import pathlib
from collections.abc import Sequence

from intelvae_keras.demo import experiment, report, results
from intelvae_keras.demo.results import Settings


def main(arguments: Sequence[str] | None = None) -> None:
    """Trains both models, prints the table, writes the figures and report.html.

    What a run has made is reused by the next one with the same settings; a killed run resumes.

    Args:
        arguments: Command line, a list of strings; by default that of the process.
    """
    parser = argparse.ArgumentParser(prog="python -m intelvae_keras", description=__doc__)
    parser.add_argument(
        "--folder", type=pathlib.Path, default=pathlib.Path("runs/demo"), help="where to write"
    )
    parser.add_argument("--epochs", type=int, default=Settings.epochs, help="of each model")
    parser.add_argument("--seed", type=int, default=Settings.seed, help="of everything random")
    options = parser.parse_args(arguments)
    settings = Settings(epochs=options.epochs, seed=options.seed)

    finished = results.read(settings, options.folder)
    measured = finished or experiment.run(settings, options.folder)
    if finished is None or not (options.folder / "report.html").exists():
        report.write(measured, settings, options.folder)
    results.show(measured, options.folder, fresh=finished is None)
