"""CelebA, streamed from the folder that you have (Z. Liu, P. Luo, X. Wang, X. Tang, ICCV 2015)."""

from pathlib import Path

import numpy as np

from intelvae_keras.datasets import arguments, images

SPLITS = ("train", "valid", "test")  # 0, 1, 2 in list_eval_partition
CROP = 148  # the usual central square of the 178 x 218 images
LIST_FOLDERS = (".", "Eval", "Anno")  # of the official download; other copies have them flat


def celeba(path, size=64, batch_size=128, split="train", seed=0, shuffle=True, attributes=None):
    """Streams CelebA's aligned faces: central 148 x 148 of 178 x 218, resized, RGB.

    Args:
        path: Folder with `img_align_celeba/*.jpg` (else: with the images themselves, subfolders
            included) and `list_eval_partition.txt`, the official list of the parts. The lists
            may be csv files.
        size: Height and width of the images returned, in pixels.
        batch_size: Images a batch; the last batch may have fewer.
        split: "train" (162,770 images), "valid" (19,867) or "test" (19,962). Without the
            official list "train" is all images, and the others are an error.
        seed: Integer that determines the order of every epoch (together with TensorFlow's global
            seed, if one is set).
        shuffle: Whether to shuffle all images anew each epoch; if not, they come in the order
            of their names.
        attributes: None, or names from `list_attr_celeba.txt`, such as `["Smiling", "Male"]`,
            whose values are returned as labels.

    Returns:
        A `tf.data.Dataset` of float32 batches in [0, 1], shape (batch, size, size, 3), of known
        cardinality; with `attributes`, of pairs with int64 labels 0 or 1, (batch, attributes).

    Raises:
        ValueError: If `path` is no folder, has no images, or lacks a list that is needed or an
            image's line in it; `split` or an attribute is unknown; a number is too small.
        TypeError: If an argument has the wrong type.
    """
    arguments.one_of("split", split, SPLITS)
    root = arguments.folder("path", path)
    folders = (root / "img_align_celeba", root / "Img" / "img_align_celeba", root)
    files = images.image_files("path", next(f for f in folders if f.is_dir()))
    if _list_file(root, "list_eval_partition"):
        _, parts = _read_list(root, "list_eval_partition", files)
        files = [files[i] for i in np.flatnonzero(parts[:, 0] == SPLITS.index(split))]
        if not files:
            raise ValueError(f"split must name a part that path has, got {split!r}: no images")
    elif split != "train":
        raise ValueError(f"split {split!r} needs list_eval_partition.txt in path, got {root}")
    labels = None if attributes is None else _read_attributes(root, attributes, files)
    return images.stream(
        files, size, batch_size, shuffle=shuffle, seed=seed, crop=CROP, labels=labels
    )


def train_and_test(path, size=64, batch_size=128, seed=0, shuffle=True, attributes=None):
    """Streams the training part and, in order, the test part; arguments as in `celeba`."""
    options = dict(size=size, batch_size=batch_size, seed=seed, attributes=attributes)
    train = celeba(path, split="train", shuffle=shuffle, **options)
    return train, celeba(path, split="test", shuffle=False, **options)


def _read_attributes(root, attributes, files):
    """Returns the values of the attributes as 0 or 1, int64, shape (files, attributes)."""
    if isinstance(attributes, str) or not all(isinstance(name, str) for name in attributes):
        raise TypeError(f"attributes must be a list of names, got {attributes!r}")
    known, values = _read_list(root, "list_attr_celeba", files)
    columns = [known.index(arguments.one_of("attributes", name, known)) for name in attributes]
    return (values[:, columns] > 0).astype(np.int64)  # the list has -1 and 1


def _list_file(root, name):
    candidates = (root / f / (name + suffix) for f in LIST_FOLDERS for suffix in (".txt", ".csv"))
    return next((file for file in candidates if file.is_file()), None)


def _read_list(root, name, files):
    """Reads a list of CelebA: its column names, and the values of each file (files, columns)."""
    file = _list_file(root, name)
    if file is None:
        raise ValueError(f"path must have {name}.txt, got {root}")
    names, values = [], {}
    for cells in map(str.split, file.read_text(encoding="ascii").replace(",", " ").splitlines()):
        if cells and "." in cells[0]:  # 000001.jpg 1 -1 ...
            values[cells[0]] = np.array(cells[1:], np.int8)
        else:  # the number of images, or the names of the columns
            names += [cell for cell in cells if cell != "image_id" and not cell.isdigit()]
    try:
        return names, np.stack([values[Path(f).name] for f in files])
    except KeyError as e:
        raise ValueError(f"{file} must have a line for every image of path, lacks {e}") from e
