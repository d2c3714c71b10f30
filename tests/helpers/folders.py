"""Folders of generated images, and what a stream makes of them."""

import numpy as np
from PIL import Image


def save(file, pixels, mode=None, **options):
    """Writes pixels (uint8) as an image file, in a mode of Pillow's."""
    file.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(np.asarray(pixels, np.uint8))
    (image.convert(mode) if mode else image).save(file, **options)


def all_images(dataset):
    """The images of one epoch, shape (N, size, size, channels)."""
    return np.concatenate(list(dataset.as_numpy_iterator()))


def grays(dataset):
    """The gray level (0..255) of each image of one colour."""
    return np.rint(all_images(dataset).mean(axis=(1, 2, 3)) * 255).astype(int).tolist()
