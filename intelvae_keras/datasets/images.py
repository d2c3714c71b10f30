"""Images of your own, streamed from their folder: never all of them in memory."""

from intelvae_keras._engine import checks
from intelvae_keras.datasets import arguments

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
# Fixed: tf.data's autotuning costs seconds of wall time whenever an iterator is destroyed.
PARALLEL_CALLS = 4
PREFETCHED_BATCHES = 2


def image_folder(path, size, batch_size=128, channels=3, shuffle=True, seed=0):
    """Streams every image of a folder and its subfolders, cropped to its central square.

    Example:
        >>> faces = datasets.image_folder("photos", size=64)
        >>> vae.fit(faces, epochs=10)

    Args:
        path: Folder with jpg, jpeg, png, bmp or gif files (of a gif: the first frame).
        size: Height and width of the images returned, in pixels.
        batch_size: Images a batch; the last batch may have fewer.
        channels: 1 for grayscale, 3 for RGB. Transparency is ignored.
        shuffle: Whether to shuffle all images anew each epoch; if not, they come in the order
            of their paths.
        seed: Integer that determines the order of every epoch (together with TensorFlow's global
            seed, if one is set).

    Returns:
        A `tf.data.Dataset` of float32 batches in [0, 1], shape (batch, size, size, channels),
        of known cardinality. It raises `tf.errors.InvalidArgumentError` on reaching a file that
        is no image.

    Raises:
        ValueError: If `path` is no folder or has no images, `size` or `batch_size` is < 1,
            `channels` is neither 1 nor 3, or `seed` is < 0.
        TypeError: If an argument has the wrong type.
    """
    files = image_files("path", path)
    return stream(files, size, batch_size, channels=channels, shuffle=shuffle, seed=seed)


def image_files(argument, path):
    """Returns the sorted paths of all images below a folder; hidden files are none."""
    folder = arguments.folder(argument, path)
    files = sorted(
        str(file)
        for file in folder.rglob("*")
        if file.suffix.lower() in SUFFIXES and not file.name.startswith(".") and file.is_file()
    )
    if not files:
        raise ValueError(f"{argument} must have images ({', '.join(SUFFIXES)}), got none: {folder}")
    return files


def stream(files, size, batch_size, *, channels=3, shuffle, seed, crop=None, labels=None):
    """Streams image files as `image_folder` does.

    Args:
        files: Paths of the images, a list of N strings.
        size: Height and width of the images returned, in pixels.
        batch_size: Images a batch.
        channels: 1 for grayscale, 3 for RGB.
        shuffle: Whether to shuffle anew each epoch.
        seed: Integer that determines the order of every epoch.
        crop: Side of the central square that is kept, in pixels; None for the largest.
        labels: None, or an array (N, ...) of what to return beside each image.

    Returns:
        A `tf.data.Dataset` of images, or of `(images, labels)`.
    """
    import tensorflow as tf  # here, not above: the package imports fast

    size = checks.integer("size", size, minimum=1)
    batch_size = checks.integer("batch_size", batch_size, minimum=1)
    seed = checks.integer("seed", seed, minimum=0)
    if checks.integer("channels", channels, minimum=1) not in (1, 3):
        raise ValueError(f"channels must be 1 (grayscale) or 3 (RGB), got {channels}")

    def read(file, *label):
        image = tf.io.decode_image(tf.io.read_file(file), expand_animations=False)
        image = tf.ensure_shape(image, (None, None, None))  # (H, W, 1 to 4)
        height, width, depth = tf.unstack(tf.shape(image))
        side = tf.minimum(height, width)
        if crop is not None:
            side = tf.minimum(side, crop)
        top, left = (height - side) // 2, (width - side) // 2
        image = image[top : top + side, left : left + side]  # (side, side, 1 to 4)
        if depth != 3:  # grayscale is repeated, transparency dropped
            image = tf.gather(image, tf.range(3) * tf.cast(depth > 3, tf.int32), axis=-1)
        if channels == 1:
            image = tf.image.rgb_to_grayscale(image)  # (side, side, 1)
        image = tf.image.resize(image, (size, size), antialias=True) / 255
        image = tf.ensure_shape(tf.clip_by_value(image, 0, 1), (size, size, channels))
        return (image, *label) if label else image

    dataset = tf.data.Dataset.from_tensor_slices((files,) if labels is None else (files, labels))
    if shuffle:
        dataset = dataset.shuffle(len(files), seed=seed, reshuffle_each_iteration=True)
    dataset = dataset.map(read, num_parallel_calls=PARALLEL_CALLS, deterministic=True)
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.batch(batch_size).prefetch(PREFETCHED_BATCHES).with_options(options)
