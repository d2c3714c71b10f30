"""The explorers of the docs site: `python -m intelvae_keras.explorer.site OUT` writes all their files.

OUT then holds the page (JavaScript and CSS) and `models/`, the presets that its explorers run. A page
of the site loads `OUT/explorer.css` and, as a module, `OUT/main.js`, and holds, for each explorer,

    <div class="explorer" data-explorer="half-way"> what readers without JavaScript see </div>

with "half-way", "tear-the-plane", "who-pays" or "which-gates".
"""

import argparse
import shutil
import sys
from pathlib import Path

import keras
import numpy as np

from intelvae_keras import datasets, metrics, presets
from intelvae_keras.explorer.exporting import Export, compact, export, posteriors_of
from intelvae_keras.model import InteLVAE

PAGE = Path(__file__).resolve().parent / "page"
FAILED = PAGE.parent / "failed_seed"  # written by failed.py
SWEEP = np.linspace(-3, 3, 601, dtype="float32")[:, None]  # the y of the half-way explorer
GARMENTS = (
    "T-shirt",
    "trousers",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "boot",
)
TOYS = {
    "circle-vae": "circle",
    "circle": "circle",
    "circle-mixture": "circle",
    "clusters5": "clusters",
    "star": "star",
}


def digits() -> dict[str, Export]:
    """Two decoders of 0s and 1s, and what a classifier reads in what they draw at each y."""
    (x, labels), _ = datasets.load("mnist01")
    judge = metrics.train_classifier(x, labels)
    exports = {}
    for name in ("mnist01-vae", "mnist01-clusters"):
        vae = presets.load(name)
        exports[name] = export(vae, about={"reads": reads(vae, judge)})
    return exports


def ends() -> dict:
    """Images that the ordinary VAE draws at two y: a few kilobytes, seen before its weights are there."""
    y = np.array([[-2.0], [2.0]], "float32")
    images = np.rint(255 * presets.load("mnist01-vae").decode(y)).astype(int)
    return {"y": [-2, 2], "shape": [28, 28, 1], "images": images.reshape(2, -1).tolist()}


def reads(vae: InteLVAE, judge: keras.Model) -> list[float]:
    """The probability of a 1, as a classifier sees it, in what is drawn at each y of `SWEEP`."""
    images = vae.decode(np.asarray(vae.mapping(SWEEP)))
    return np.round(np.asarray(judge(images))[:, 1].astype("float64"), 3).tolist()


def toys() -> dict[str, Export]:
    """Models of points of the plane, with their encoders, and some of the data."""
    exports = {}
    for name, toy in TOYS.items():
        _, (x, labels) = datasets.load(toy)
        data = {
            "points": np.round(x[:400].astype("float64"), 3).tolist(),
            "labels": labels[:400].tolist(),
        }
        figures = {"log_likelihood": presets.figures(name)["log_likelihood"]}
        exports[name] = export(presets.load(name), encoder=True, about=data | figures)
    return exports


def garments() -> dict[str, Export]:
    """Models of garments with 50 latents, and the codes of some test garments."""
    _, (x, labels) = datasets.load("fashion_mnist_mini")
    chosen = [int(np.flatnonzero(labels == kind)[1]) for kind in (6, 1, 3, 7, 8, 9)]
    about = {
        "garments": [GARMENTS[labels[index]] for index in chosen],
        "images": [np.rint(255 * x[index].ravel()).astype(int).tolist() for index in chosen],
    }
    exports = {}
    for name in ("fashion-vae", "fashion-sparse"):
        vae = presets.load(name)
        codes = posteriors_of(vae, x[chosen])["means"]
        exports[name] = export(vae, about=about | {"codes": codes})
    return exports


def write(folder: str | Path) -> list[Path]:
    """Paths of the page's and the models' files, which it writes."""
    folder = Path(folder)
    models = folder / "models"
    models.mkdir(parents=True, exist_ok=True)
    files = [Path(shutil.copy(file, folder)) for file in sorted(PAGE.iterdir())]
    files += [Path(shutil.copy(file, models)) for file in sorted(FAILED.iterdir())]
    files.append(models / "half-way.json")
    files[-1].write_text(compact(ends()), encoding="utf-8")
    for make in (digits, toys, garments):
        for name, model in make().items():
            files += model.save(models, name)
    return files


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description="Write the docs site's explorers and their models."
    )
    parser.add_argument("folder", help="where to; files of the same names are replaced")
    files = write(parser.parse_args().folder)
    size = sum(file.stat().st_size for file in files)
    print(f"{len(files)} files, {size / 1e3:,.0f} kB, in {Path(sys.argv[-1]).resolve()}")


if __name__ == "__main__":
    main()
