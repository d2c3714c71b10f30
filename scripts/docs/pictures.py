"""Draws the pictures of the explanation and reference pages: `python -m scripts.docs.pictures [NAME ...]`.

Without a name it draws all. Those of mappings need no training. What the page shows is what the package's
own mappings compute.
"""

import io
import pathlib
import sys

import keras
from PIL import Image

from scripts.docs import draw_explanation, draw_mappings

IMAGES = pathlib.Path(__file__).parents[2] / "docs" / "images"


def main(names):
    """Draws the pictures named, or all."""
    pictures = draw_mappings.PICTURES | draw_explanation.PICTURES
    unknown = set(names) - set(pictures)
    if unknown:
        sys.exit(f"no picture is named {sorted(unknown)}; there are {sorted(pictures)}")
    for name in names or pictures:
        keras.utils.set_random_seed(0)
        figure = pictures[name]()
        target = IMAGES / f"{name}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=120)
        # 128 colours are enough for a drawing, and a third of the bytes.
        picture = Image.open(buffer).convert("RGB").quantize(128, dither=Image.Dither.NONE)
        picture.save(target, optimize=True)
        print(f"{target.relative_to(IMAGES.parents[1])}: {target.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
