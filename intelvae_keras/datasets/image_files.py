"""Which files of a folder are its images, and which of them are for validation."""

import collections
import os
import stat
import warnings

import numpy as np
from tqdm import tqdm

from intelvae_keras._engine import checks
from intelvae_keras.datasets import decoding, load_options

SUFFIXES = (
    ".bmp",
    ".gif",
    ".jfif",
    ".jpe",
    ".jpeg",
    ".jpg",
    ".png",
    ".tif",
    ".tiff",
    ".webp",
)
# Images of kinds that Pillow does not decode, or that are no levels in [0, 1].
UNREADABLE = (
    *(".avif", ".heic", ".heif", ".jp2", ".jxl", ".svg", ".psd", ".xcf", ".eps", ".exr", ".hdr"),
    *(".arw", ".cr2", ".cr3", ".dng", ".nef", ".orf", ".raf", ".raw", ".rw2"),
)
# Copies that an archive of macOS, a Synology disk and the bin of Windows keep beside the images.
SYSTEM_FOLDERS = ("__MACOSX", "@eaDir", "$RECYCLE.BIN")
SUBSETS = ("training", "validation", "both")
FAULTS_SHOWN = 10
SECONDS_WITHOUT_BAR = 2


def find(argument: str, path: str | os.PathLike) -> list[str]:
    """The images of a folder and its subfolders, sorted by their paths.

    Linked files and folders count. A file or folder that several links (or names) lead to is read
    once, under the first of them; a link to a folder above is none. Names that start with a dot
    are hidden, and so is what lies below a hidden folder; the folder itself may be hidden.

    Args:
        argument: Name of the argument, for errors.
        path: The folder.

    A warning counts images of kinds that cannot be read (`UNREADABLE`).

    Returns:
        Absolute paths. A link that leads nowhere is among them: `check` reports it.

    Raises:
        ValueError: If `path` is no folder, has no images, or has a folder that cannot be read.
        TypeError: If `path` is no path.
    """
    root = load_options.folder(argument, path)

    def stop(error):
        raise ValueError(
            f"{argument} has a folder that cannot be read: {decoding.printable(error.filename)} "
            f"({error.strerror}). Make it readable, or move it away."
        ) from error

    found, unreadable = [], collections.Counter()
    seen = {_identity(folder) for folder in (root, *root.parents)}  # no link leads back up
    for folder, subfolders, names in os.walk(root, onerror=stop, followlinks=True):
        subfolders[:] = [
            name
            for name in sorted(filter(_is_visible, subfolders))
            if _is_new(os.path.join(folder, name), seen)
        ]
        for name in filter(_is_visible, names):
            file = os.path.join(folder, name)
            suffix = os.path.splitext(name)[1].lower()
            if suffix in SUFFIXES and _may_be_read(file):
                found.append(file)
            elif suffix in UNREADABLE:
                unreadable[suffix] += 1
    found.sort(key=lambda file: file.replace(os.sep, "/"))  # one order on every system
    files = [file for file in found if _is_new(file, seen)]
    if not files:
        raise ValueError(
            f"{argument} must have images ({', '.join(SUFFIXES)}), got none: "
            f"{decoding.printable(root)}.{_left_out(unreadable)}"
        )
    if unreadable:
        warnings.warn(f"{argument}:{_left_out(unreadable)}", stacklevel=3)
    return files


def check(argument: str, files: list[str]) -> None:
    """Looks at the header and the end of every file, about 50 us each, and names those that are no images."""
    faults = []
    bar = tqdm(files, "Checking images", unit="", leave=False, delay=SECONDS_WITHOUT_BAR)
    for file in bar:
        try:
            decoding.check(file)
        except ValueError as error:
            faults.append(str(error))
    if faults:
        shown = "\n  ".join(faults[:FAULTS_SHOWN])
        more = f"\n  and {len(faults) - FAULTS_SHOWN} more" if len(faults) > FAULTS_SHOWN else ""
        raise ValueError(
            f"{argument} has {len(faults)} of {len(files)} files that cannot be used:\n  {shown}{more}"
        )


def split(
    files: list[str], validation_split: float | None, subset: str | None, seed: int
) -> dict[str, list[str]]:
    """The parts of the files that `subset` names, each in the files' order.

    As in Keras, int(validation_split * N) of N files are for validation. The seed picks them from
    the sorted paths, so the parts are the same in every epoch, call and process.

    Args:
        files: N sorted paths.
        validation_split: Fraction of the files for validation, or None for no split.
        subset: "training", "validation", "both", or None where there is no split.
        seed: Integer >= 0.

    Returns:
        The files of each part by its name, "training" or "validation"; without a split all are
        for training.

    Raises:
        ValueError: If a value is out of its range, only one of `validation_split` and `subset` is
            given, or a part would be empty.
        TypeError: If a value has the wrong type.
    """
    if validation_split is None:
        if subset is not None:
            raise ValueError(
                f"subset={subset!r} needs validation_split, the fraction of the images that are "
                "for validation, such as 0.2"
            )
        return {"training": files}
    if checks.positive("validation_split", validation_split) >= 1:
        raise ValueError(
            f"validation_split must be a fraction between 0 and 1, got {validation_split}"
        )
    if subset is None:
        raise ValueError(
            f"validation_split={validation_split} needs subset, one of {', '.join(SUBSETS)}"
        )
    load_options.one_of("subset", subset, SUBSETS)
    count = int(validation_split * len(files))
    if not 0 < count < len(files):
        raise ValueError(
            f"validation_split={validation_split} of {len(files)} images leaves {count} for "
            f"validation and {len(files) - count} for training; each part needs at least one"
        )
    order = np.random.default_rng(seed).permutation(len(files))
    chosen = {"training": order[:-count], "validation": order[-count:]}
    return {
        name: [files[i] for i in np.sort(part)]
        for name, part in chosen.items()
        if subset in (name, "both")
    }


def _left_out(unreadable):
    """A sentence on the images that are left out, by their endings; "" if there are none."""
    if not unreadable:
        return ""
    kinds = ", ".join(f"{count} {suffix}" for suffix, count in sorted(unreadable.items()))
    return f" Left out are images of kinds that cannot be read: {kinds}. Convert them, for example to PNG."


def _is_visible(name):
    return not name.startswith(".") and name not in SYSTEM_FOLDERS


def _may_be_read(file):
    """Whether it is a file, not a pipe or a socket; True for a link that leads nowhere."""
    try:
        return stat.S_ISREG(os.stat(file).st_mode)
    except OSError:
        return True


def _is_new(path, seen):
    """Whether no other name of the same file or folder was seen; from now on it is."""
    identity = _identity(path)
    if identity in seen:
        return False
    seen.add(identity)
    return True


def _identity(path):
    """What two names of the same file or folder have in common."""
    try:
        status = os.stat(path)
    except OSError:
        return path
    # Some network disks number nothing.
    return (status.st_dev, status.st_ino) if status.st_ino else os.path.realpath(path)
