"""Installs a wheel into a fresh environment, and uses it outside of the checkout.

The environment shares the site packages of the one that runs this, so that only the wheel is new.

    python scripts/check_wheel.py build/wheel
"""

import pathlib
import subprocess
import sys
import tempfile
import venv

CHECK = """
import pathlib, intelvae_keras
from intelvae_keras import datasets, presets
place = pathlib.Path(intelvae_keras.__file__).parent
assert "site-packages" in str(place), place
for name in ("mnist01", "fashion_mnist_mini"):
    (x, _), _ = datasets.load(name)
    print(name, x.shape, "from", (place / "data").name)
print("penguins", datasets.load("penguins").shape)
assert (place / "data").is_dir()
print("a page of 'circle':", *presets.load("circle").explore("page").files())
"""


def main(folder):
    (wheel,) = pathlib.Path(folder).resolve().glob("*.whl")
    packages = subprocess.run(
        [
            sys.executable,
            "-c",
            "import keras, pathlib; print(pathlib.Path(keras.__file__).parents[1])",
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()[-1]
    with tempfile.TemporaryDirectory() as place:
        venv.create(place, with_pip=True)
        python = pathlib.Path(place) / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", wheel], check=True)
        (site,) = pathlib.Path(place).glob("lib/python*/site-packages")
        (site / "shared.pth").write_text(
            packages
        )  # the dependencies, without installing them again
        subprocess.run([python, "-c", CHECK], check=True, cwd=place)


if __name__ == "__main__":
    main(sys.argv[1])
