"""The small sets that ship with the package, in its folder `data`: images, and a table."""

import hashlib
import io
from pathlib import Path
from typing import TYPE_CHECKING

from intelvae_keras._engine.damaged import DamagedFile
from intelvae_keras.datasets import archives

if TYPE_CHECKING:
    import pandas

PACKAGE = Path(__file__).resolve().parents[1]
# Beside the modules when installed; at the top of the repository in a checkout.
FOLDERS = (PACKAGE / "data", PACKAGE.parent / "data")


def load(name: str) -> archives.Raw:
    """Embedded set, its SHA-256 checked.

    Args:
        name: "mnist01" (every 0 and 1 of MNIST: 12,665 training and 2,115 test images) or
            "fashion_mnist_mini" (1,000 training and 200 test images of each class).

    Returns:
        `(x_train, y_train), (x_test, y_test)`: float32 in [0, 1], (N, 28, 28, 1); int64 labels.

    Raises:
        FileNotFoundError: If the file did not come with the package.
        OSError: If the file is not the one that shipped.
    """
    file, content = _read(f"{name}.npz")
    return archives.scale(archives.read_npz(content, file))


def penguins() -> "pandas.DataFrame":
    """Penguins of the Palmer Archipelago: 344 rows, 8 columns, 19 holes; the SHA-256 checked.

    Species, island and sex are categories. Bill, flipper and body are numbers in mm and g. A hole is NaN.

    Source: Gorman, Williams and Fraser, "Ecological sexual dimorphism and environmental variability
    within a community of Antarctic penguins", PLoS ONE 9(3), 2014, doi 10.1371/journal.pone.0090081;
    as in Horst, Hill and Gorman, "palmerpenguins", 2020, which is in the public domain (CC0).

    Raises:
        ImportError: If pandas is not installed.
        FileNotFoundError: If the file did not come with the package.
        OSError: If the file is not the one that shipped.
    """
    try:
        import pandas
    except ImportError as e:
        raise ImportError(
            'datasets.load("penguins") gives a pandas DataFrame, and pandas is not installed; '
            'run: pip install "intelvae-keras[tables]"'
        ) from e
    _, content = _read("penguins.csv")
    labels = dict.fromkeys(["species", "island", "sex"], "category")
    return pandas.read_csv(io.BytesIO(content), dtype=labels)


def _read(name):
    """The path and the bytes of a file that ships, or an error that says how to get it back."""
    folder = next((f for f in FOLDERS if (f / "SHA256SUMS").is_file()), FOLDERS[0])
    file = folder / name
    try:
        sums = (folder / "SHA256SUMS").read_text(encoding="ascii")
        content = file.read_bytes()
    except FileNotFoundError as e:
        raise FileNotFoundError(f"{e.filename} is missing; {_remedy(file)}") from e
    # The format of sha256sum: the sum and the file's name on each line.
    sums = {line.split()[-1]: line.split()[0] for line in sums.splitlines() if line.split()}
    expected = sums.get(file.name)
    got = hashlib.sha256(content).hexdigest()
    if got != expected:
        raise DamagedFile(f"{file} is damaged: SHA-256 {got}, expected {expected}; {_remedy(file)}")
    return file, content


def _remedy(file):
    return f"reinstall intelvae_keras, or in a checkout run: git restore data/{file.name}"
