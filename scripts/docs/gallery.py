"""The pages of docs/gallery.md, each what `vae.explore` writes: `python -m scripts.docs.gallery OUT`."""

import sys
from pathlib import Path

from intelvae_keras import datasets, presets

EXAMPLES = 30
# preset: its data, and the page's title.
MODELS = {
    "mnist01-clusters": ("mnist01", "0s and 1s, in one latent with a gap"),
    "circle": ("circle", "A circle, in two latents with a hole"),
    "clusters5": ("clusters", "Five clusters, in a plane torn five times"),
    "fashion-sparse": ("fashion_mnist_mini", "Garments, in 50 latents with gates"),
    "fashion-hierarchical": ("fashion_mnist_mini", "Garments, in groups of latents"),
}


def write(folder: Path) -> list[Path]:
    """Paths of the pages, one file each."""
    pages = []
    for name, (data, title) in MODELS.items():
        _, (x, _) = datasets.load(data)
        pages.append(
            presets.load(name).explore(folder / f"{name}.html", x[:EXAMPLES], title=title).index
        )
    return pages


if __name__ == "__main__":
    for page in write(Path(sys.argv[1])):
        print(f"{page.name}: {page.stat().st_size / 1e3:,.0f} kB")
