"""Draws the README's pictures: the model, and the demo's sweep (run `make demo` first).

python scripts/make_readme_images.py
"""

import pathlib
import shutil

from intelvae_keras import plots

IMAGES = pathlib.Path(__file__).parents[1] / "docs" / "images"


def main():
    IMAGES.mkdir(parents=True, exist_ok=True)
    plots.model_diagram().savefig(IMAGES / "model.png", dpi=130)
    for name in ("sweep", "latents-ordinary", "latents-intel"):
        shutil.copy(pathlib.Path("runs/demo") / f"{name}.png", IMAGES / f"{name}.png")


if __name__ == "__main__":
    main()
