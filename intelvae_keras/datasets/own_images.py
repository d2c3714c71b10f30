"""Images of your own, streamed from their folder: never all of them in memory."""

import os
from typing import TYPE_CHECKING

import numpy as np

from intelvae_keras._engine import checks
from intelvae_keras.datasets import decoding, exits, image_files

if TYPE_CHECKING:
    import tensorflow as tf

# Fixed: tf.data's autotuning costs seconds of wall time whenever an iterator is destroyed.
PARALLEL_CALLS = 4
PREFETCHED_BATCHES = 2
LUMA = np.array([[0.299], [0.587], [0.114]], np.float32)  # ITU-R BT.601


def image_folder(
    path: str | os.PathLike,
    size: int,
    batch_size: int = 128,
    channels: int = 3,
    shuffle: bool = True,
    seed: int = 0,
    *,
    validation_split: float | None = None,
    subset: str | None = None,
    background: float | None = None,
    check: bool = True,
) -> "tf.data.Dataset | tuple[tf.data.Dataset, tf.data.Dataset]":
    """Stream of every image of a folder and its subfolders, cropped to its central square.

    Each image goes through these steps:

    1. Pillow decodes it and turns it upright, as its EXIF entry says. A palette's indices become
       its colours, CMYK becomes RGB; colour profiles are ignored. Of an animation or a file of
       several pages the first image is read.
    2. The largest square at its centre is kept, so that the aspect does not change.
    3. The levels become floats in [0, 1]: level / 255, or level / 65535 if the file has 16 bits.
    4. Colour becomes gray as 0.299 R + 0.587 G + 0.114 B; gray becomes RGB by repetition.
    5. The square is resized by linear interpolation, with antialiasing where it shrinks.

    Example:
        >>> train, validation = datasets.image_folder(
        ...     "photos", size=64, validation_split=0.2, subset="both"
        ... )
        >>> vae.fit(train, validation_data=validation, epochs=10)

    Args:
        path: Folder with bmp, gif, jpg (jpeg, jpe, jfif), png, tif (tiff) or webp files; other
            files are left alone. A warning counts those that are images of kinds that cannot be read,
            such as heic and avif. Hidden files and folders are skipped (a leading dot, and
            `__MACOSX`, `@eaDir`, `$RECYCLE.BIN`). Links are followed; what several links lead to
            is read once.
        size: Height and width of the images returned, in pixels.
        batch_size: Images a batch; the last batch may have fewer.
        channels: 1 for grayscale, 3 for RGB.
        shuffle: Whether to shuffle all images anew each epoch; if not, they come in the order
            of their paths, as validation images always do.
        seed: Integer that determines the split and the order of every epoch (the order together
            with TensorFlow's global seed, if one is set).
        validation_split: Fraction of the images for validation, in (0, 1); None for no split. The
            seed picks the images once for all, so both parts stay disjoint. Do not split by
            `take` and `skip`: a shuffled stream gives them other images each epoch.
        subset: With `validation_split`: "training", "validation", or "both" for the pair of them.
        background: Gray level in [0, 1] that transparent images are laid on, such as 1 for white.
            None ignores transparency: each pixel has the colour that the file stores for it.
        check: Whether to look at every file's header and end first, about 50 us each on a local disk. A
            file that is damaged in its middle is found when its turn comes.

    Returns:
        A `tf.data.Dataset` of float32 batches in [0, 1], shape (batch, size, size, channels),
        of known cardinality; for "both" the pair `(training, validation)`. On reaching a file
        that it cannot decode it raises `tf.errors.InvalidArgumentError`, which names the file.

    Raises:
        ValueError: If `path` is no folder or has no images, files are no images (all are named),
            a part of the split would be empty, or a number or `subset` is out of its range.
        TypeError: If an argument has the wrong type.
    """
    options = stream_options(size, batch_size, shuffle, seed, channels, background)
    files = image_files.find("path", path)
    parts = image_files.split(files, validation_split, subset, options["seed"])
    if checks.boolean("check", check):
        image_files.check("path", sorted(file for part in parts.values() for file in part))
    shuffle = options.pop("shuffle")
    streams = [
        stream(part, shuffle=shuffle and name == "training", **options)
        for name, part in parts.items()
    ]
    return tuple(streams) if subset == "both" else streams[0]


def stream_options(
    size: int,
    batch_size: int,
    shuffle: bool,
    seed: int,
    channels: int = 3,
    background: float | None = None,
) -> dict:
    """The checked arguments that `image_folder` and `celeba` hand to `stream`."""
    if checks.integer("channels", channels, minimum=1) not in (1, 3):
        raise ValueError(f"channels must be 1 (grayscale) or 3 (RGB), got {channels}")
    if background is not None and checks.number("background", background) > 1:
        raise ValueError(f"background must be a gray level in [0, 1], got {background}")
    return {
        "size": checks.integer("size", size, minimum=1),
        "batch_size": checks.integer("batch_size", batch_size, minimum=1),
        "shuffle": checks.boolean("shuffle", shuffle),
        "seed": checks.integer("seed", seed, minimum=0),
        "channels": channels,
        "background": background,
    }


def stream(
    files: list[str],
    size: int,
    batch_size: int,
    *,
    channels: int = 3,
    shuffle: bool,
    seed: int,
    background: float | None = None,
    crop: int | None = None,
    labels: np.ndarray | None = None,
) -> "tf.data.Dataset":
    """Stream of image files, as `image_folder` describes it.

    Args:
        files: Paths of the images, a list of N strings.
        size: Height and width of the images returned, in pixels.
        batch_size: Images a batch.
        channels: 1 for grayscale, 3 for RGB.
        shuffle: Whether to shuffle anew each epoch.
        seed: Integer that determines the order of every epoch.
        background: Gray level in [0, 1] behind transparent images; None ignores transparency.
        crop: Side of the central square that is kept, in pixels; None for the largest.
        labels: None, or an array (N, ...) of what to return beside each image.

    Returns:
        A `tf.data.Dataset` of images, or of `(images, labels)`.
    """
    import tensorflow as tf  # here, not above: the package imports fast

    def load(index):
        pixels = central_square(decoding.decode(files[index]), crop)
        return as_floats(pixels, channels, background)

    load = exits.until_exit(load, np.zeros((1, 1, channels), np.float32))

    def read(index, *label):
        # The index, not the name: a name may hold bytes that no tensor of text takes.
        image = tf.numpy_function(load, [index], tf.float32, stateful=False)
        image = tf.ensure_shape(image, (None, None, channels))
        image = tf.image.resize(image, (size, size), antialias=True)
        image = tf.ensure_shape(tf.clip_by_value(image, 0, 1), (size, size, channels))
        return (image, *label) if label else image

    indices = np.arange(len(files))
    dataset = tf.data.Dataset.from_tensor_slices(
        (indices,) if labels is None else (indices, labels)
    )
    if shuffle:
        dataset = dataset.shuffle(len(files), seed=seed, reshuffle_each_iteration=True)
    dataset = dataset.map(read, num_parallel_calls=PARALLEL_CALLS, deterministic=True)
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.batch(batch_size).prefetch(PREFETCHED_BATCHES).with_options(options)


def central_square(pixels: np.ndarray, crop: int | None) -> np.ndarray:
    """The central square of an array (H, W, C), the largest or with sides of `crop` pixels."""
    height, width = pixels.shape[:2]
    side = min(height, width, crop or height)
    top, left = (height - side) // 2, (width - side) // 2
    return pixels[top : top + side, left : left + side]


def as_floats(pixels: np.ndarray, channels: int, background: float | None) -> np.ndarray:
    """Levels (H, W, 1 to 4) of uint8 or uint16 as float32 in [0, 1], shape (H, W, channels)."""
    x = np.divide(pixels, np.iinfo(pixels.dtype).max, dtype=np.float32)
    if x.shape[-1] in (2, 4):  # the last is alpha
        x, alpha = x[..., :-1], x[..., -1:]
        if background is not None:
            x = alpha * x + (1 - alpha) * np.float32(background)
    if x.shape[-1] == 3 and channels == 1:
        return x @ LUMA
    return np.ascontiguousarray(np.broadcast_to(x, (*x.shape[:2], channels)))
