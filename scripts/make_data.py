"""Makes the images that ship with the package, `data/*.npz`, and `data/SHA256SUMS` of all sets.

Deterministic: the same sources give the same bytes. Run it in a checkout, with the package
installed; data/README.md has the command.
"""

import argparse
import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np

from intelvae_keras.datasets import archives, full


def zeros_and_ones(x, y):
    keep = y < 2
    return x[keep], y[keep]


def first_of_each_class(x, y, num_per_class):
    """Keeps the first images of each class, in the order of the file."""
    firsts = [np.flatnonzero(y == label)[:num_per_class] for label in np.unique(y)]
    keep = np.sort(np.concatenate(firsts))
    return x[keep], y[keep]


def write_npz(path, train, test):
    """Writes a raw data set as `np.savez_compressed` does, but smaller and without the time."""
    with zipfile.ZipFile(path, "w") as archive:
        for key, array in zip(archives.NPZ_KEYS, (*train, *test), strict=True):
            entry = zipfile.ZipInfo(f"{key}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # the same on every operating system
            content = io.BytesIO()
            np.lib.format.write_array(content, array.astype(np.uint8))
            archive.writestr(entry, content.getvalue(), compresslevel=9)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    source = "npz file or folder with gzipped IDX files; default: what datasets.load finds"
    parser.add_argument("--mnist", help=source)
    parser.add_argument("--fashion-mnist", help=source)
    parser.add_argument("--output", type=Path, default=Path(__file__).parents[1] / "data")
    args = parser.parse_args(arguments)

    train, test = archives.read(args.mnist) if args.mnist else full.read("mnist")
    write_npz(args.output / "mnist01.npz", zeros_and_ones(*train), zeros_and_ones(*test))

    fashion = args.fashion_mnist
    train, test = archives.read(fashion) if fashion else full.read("fashion_mnist")
    write_npz(
        args.output / "fashion_mnist_mini.npz",
        first_of_each_class(*train, num_per_class=1000),
        first_of_each_class(*test, num_per_class=200),
    )

    files = sorted([*args.output.glob("*.npz"), *args.output.glob("*.csv")])
    sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
    (args.output / "SHA256SUMS").write_text("".join(sums), encoding="ascii", newline="\n")
    for file in files:
        print(f"{file}: {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
