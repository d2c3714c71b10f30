"""The models that the site's explorers run: `python -m scripts.docs.models OUT` writes them all.

For a page that shows one, `finish.py` loads the scripts of docs/explorables/. Such a page holds

    <div class="explorer" data-explorer="half-way"> what readers without JavaScript see </div>

with "half-way", "draw-a-digit", "tear-the-plane", "who-pays" or "which-gates".
"""

import shutil
import sys
from pathlib import Path

import keras
import numpy as np
from PIL import Image

from intelvae_keras import datasets, metrics, presets
from intelvae_keras.explorer import Export, export
from intelvae_keras.explorer.exporting import compact, export_encoder, short
from intelvae_keras.model import InteLVAE

# Written by failed_seed.py.
FAILED = Path(__file__).resolve().parents[2] / "docs" / "explorables" / "failed_seed"
SWEEP = np.linspace(-3, 3, 601, dtype="float32")[:, None]  # the y of the half-way explorer
FRAMES = 61  # of the home page's sweep; docs/assets/site.css counts them too
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
        exports[f"{name}-encoder"] = export_encoder(vae)
    return exports


def handwritten() -> list[dict]:
    """Two 0s and two 1s of the test set, which who has only keys takes in place of drawing."""
    _, (x, labels) = datasets.load("mnist01")
    chosen = [np.flatnonzero(labels == digit)[index] for digit in (0, 1) for index in (0, 3)]
    return [
        {"label": int(labels[index]), "image": np.rint(255 * x[index].ravel()).astype(int).tolist()}
        for index in chosen
    ]


def ends() -> dict:
    """Images that the ordinary VAE draws at two y: a few kilobytes, seen before its weights are there."""
    y = np.array([[-2.0], [2.0]], "float32")
    images = np.rint(255 * presets.load("mnist01-vae").decode(y)).astype(int)
    return {"y": [-2, 2], "shape": [28, 28, 1], "images": images.reshape(2, -1).tolist()}


def sweep(name: str) -> Image.Image:
    """A strip of what a model of 0s and 1s draws, a frame for each y; the home page lets it run.

    y = 2.4 t |t| for equal steps of t from -1 to 1: slow in the middle, where the digits meet.
    """
    t = np.linspace(-1, 1, FRAMES, dtype="float32")[:, None]
    vae = presets.load(name)
    images = vae.decode(np.asarray(vae.mapping(2.4 * t * np.abs(t))))[..., 0]
    return Image.fromarray(np.rint(255 * (1 - np.concatenate(images, axis=1))).astype("uint8"))


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
        codes = short(vae.posterior(x[chosen]).mean())
        exports[name] = export(vae, about=about | {"codes": codes})
    return exports


def write(folder: Path) -> list[Path]:
    """Paths of the models' files, which it writes."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [Path(shutil.copy(file, folder)) for file in sorted(FAILED.iterdir())]
    for name, first in (("half-way", ends()), ("draw-a-digit", handwritten())):
        files.append(folder / f"{name}.json")
        files[-1].write_text(compact(first), encoding="utf-8")
    for name in ("mnist01-vae", "mnist01-clusters"):
        files.append(folder / f"{name}-sweep.png")
        sweep(name).save(files[-1], optimize=True)
    for make in (digits, toys, garments):
        for name, model in make().items():
            files += model.save(folder, name)
    return files


def main(folder: str) -> None:
    """The command."""
    files = write(Path(folder))
    size = sum(file.stat().st_size for file in files)
    print(f"{len(files)} files of the explorers' models, {size / 1e3:,.0f} kB, in {folder}")


if __name__ == "__main__":
    main(sys.argv[1])
