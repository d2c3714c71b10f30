"""The small image sets that ship with the package, in its folder `data`."""

import hashlib
from pathlib import Path

from intelvae_keras.datasets import archives

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
    folder = next((f for f in FOLDERS if (f / "SHA256SUMS").is_file()), FOLDERS[0])
    file = folder / f"{name}.npz"
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
        raise OSError(f"{file} is damaged: SHA-256 {got}, expected {expected}; {_remedy(file)}")
    return archives.scale(archives.read_npz(content, file))


def _remedy(file):
    return f"reinstall intelvae_keras, or in a checkout run: git restore data/{file.name}"
