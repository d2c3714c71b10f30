"""CelebA, streamed from the folder that you have (Z. Liu, P. Luo, X. Wang, X. Tang, ICCV 2015)."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from intelvae_keras._engine import checks
from intelvae_keras.datasets import decoding, image_files, load_options, own_images

if TYPE_CHECKING:
    import tensorflow as tf

SPLITS = ("train", "valid", "test")  # 0, 1, 2 in list_eval_partition
CROP = 148  # the usual central square of the 178 x 218 images
LIST_FOLDERS = (".", "Eval", "Anno")  # of the official download; other copies have them flat


def celeba(
    path: str | os.PathLike,
    size: int = 64,
    batch_size: int = 128,
    split: str = "train",
    seed: int = 0,
    shuffle: bool = True,
    attributes: Sequence[str] | None = None,
    *,
    check: bool = True,
) -> "tf.data.Dataset":
    """Stream of CelebA's aligned faces: central 148 x 148 of 178 x 218, resized, RGB.

    Images are decoded as in `image_folder`.

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
        check: Whether to look at every file's header first, as `image_folder` does: about 6 s for
            the training part on a local disk.

    Returns:
        A `tf.data.Dataset` of float32 batches in [0, 1], shape (batch, size, size, 3), of known
        cardinality; with `attributes`, of pairs with int64 labels 0 or 1, (batch, attributes).
        On reaching a file that it cannot decode it raises `tf.errors.InvalidArgumentError`, which
        names the file.

    Raises:
        ValueError: If `path` is no folder, has no images, or lacks a list that is needed or an
            image's line in it; a list is damaged; files are no images (all are named); `split` or
            an attribute is unknown; a number is too small.
        TypeError: If an argument has the wrong type.
    """
    load_options.one_of("split", split, SPLITS)
    options = own_images.stream_options(size, batch_size, shuffle, seed)
    check = checks.boolean("check", check)
    attributes = None if attributes is None else _names("attributes", attributes)
    root = load_options.folder("path", path)
    folders = (root / "img_align_celeba", root / "Img" / "img_align_celeba", root)
    files = image_files.find("path", next(f for f in folders if f.is_dir()))
    files = _files_of(root, files, split)
    labels = None if attributes is None else _read_attributes(root, attributes, files)
    if check:
        image_files.check("path", files)
    return own_images.stream(files, crop=CROP, labels=labels, **options)


def train_and_test(
    path: str | os.PathLike,
    size: int = 64,
    batch_size: int = 128,
    seed: int = 0,
    shuffle: bool = True,
    attributes: Sequence[str] | None = None,
    *,
    check: bool = True,
) -> "tuple[tf.data.Dataset, tf.data.Dataset]":
    """Streams of the training part and, in order, the test part; arguments as in `celeba`."""
    options = dict(size=size, batch_size=batch_size, seed=seed, attributes=attributes, check=check)
    train = celeba(path, split="train", shuffle=shuffle, **options)
    return train, celeba(path, split="test", shuffle=False, **options)


def _names(argument, value):
    if isinstance(value, str) or not isinstance(value, Sequence | np.ndarray):
        raise TypeError(f"{argument} must be a list of names, got {value!r}")
    if len(value) == 0 or not all(isinstance(name, str) for name in value):
        raise TypeError(f"{argument} must be a list of at least one name, got {value!r}")
    return list(map(str, value))


def _files_of(root, files, split):
    """The files of a part."""
    file = _list_file(root, "list_eval_partition")
    if file is None and split != "train":
        raise ValueError(f"split {split!r} needs list_eval_partition.txt in path, got {root}")
    if file is None:
        return files
    _, parts = _read_list(file, files)
    if parts.shape[1] != 1 or not np.isin(parts, range(len(SPLITS))).all():
        raise ValueError(
            f"{file} must give each image one number, 0 (train), 1 (valid) or 2 (test); got "
            f"{parts.shape[1]} numbers an image, of the values {np.unique(parts)[:10].tolist()}"
        )
    files = [files[i] for i in np.flatnonzero(parts[:, 0] == SPLITS.index(split))]
    if not files:
        raise ValueError(f"split must name a part that path has, got {split!r}: no images")
    return files


def _read_attributes(root, attributes, files):
    """The values of the attributes as 0 or 1, int64, shape (files, attributes)."""
    file = _list_file(root, "list_attr_celeba")
    if file is None:
        raise ValueError(f"path must have list_attr_celeba.txt, got {root}")
    known, values = _read_list(file, files)
    if len(known) != values.shape[1]:
        raise ValueError(
            f"{file} must name each of its columns, got {len(known)} names and {values.shape[1]} "
            "numbers an image"
        )
    columns = [known.index(load_options.one_of("attributes", name, known)) for name in attributes]
    if not np.isin(values[:, columns], (-1, 0, 1)).all():
        raise ValueError(f"{file} must have the values 1 (yes) and -1 or 0 (no), got others")
    return (values[:, columns] > 0).astype(np.int64)


def _list_file(root, name):
    candidates = (root / f / (name + suffix) for f in LIST_FOLDERS for suffix in (".txt", ".csv"))
    return next((file for file in candidates if file.is_file()), None)


def _read_list(file, files):
    """A list of CelebA: its column names, and the numbers of each file (files, columns)."""
    try:
        lines = file.read_text(encoding="utf-8-sig").replace(",", " ").splitlines()
    except UnicodeDecodeError as e:
        raise ValueError(f"{file} must be a text file: {e}") from e
    names, values = [], {}
    for number, cells in enumerate(map(str.split, lines), start=1):
        if not cells:
            continue
        if "." not in cells[0]:  # the number of images, or the names of the columns
            names += [cell for cell in cells if cell != "image_id" and not cell.isdigit()]
            continue
        try:  # 000001.jpg 1 -1 ...
            row = [int(cell) for cell in cells[1:]]
        except ValueError as e:
            raise ValueError(f"{file}, line {number}: must be a file and whole numbers: {e}") from e
        first = next(iter(values.values()), row)
        if not row or len(row) != len(first) or values.get(cells[0], row) != row:
            raise ValueError(
                f"{file}, line {number}: must have {len(first) or 'some'} numbers, once for each "
                f"image, got {len(row)} for {cells[0]}"
            )
        values[cells[0]] = row
    try:
        return names, np.array([values[Path(f).name] for f in files])
    except KeyError as e:
        lacking = decoding.printable(e.args[0])
        raise ValueError(
            f"{file} must have a line for every image of path, lacks {lacking!r}"
        ) from e
