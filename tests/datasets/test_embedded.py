"""`load` and the embedded sets."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from intelvae_keras import datasets
from intelvae_keras.datasets import embedded, full

CHECKOUT = Path(__file__).resolve().parents[2]
EMBEDDED = {"mnist01": (12_665, 2_115), "fashion_mnist_mini": (10_000, 2_000)}


@pytest.fixture(scope="module", params=EMBEDDED)
def embedded_set(request):
    return request.param, datasets.load(request.param)


class TestLoad:
    def test_names_are_what_load_takes(self):
        assert len(datasets.names()) == 14
        with pytest.raises(ValueError) as error:
            datasets.load("cifar")
        assert all(name in str(error.value) for name in [*datasets.names(), "'cifar'"])

    def test_unknown_name_suggests_the_closest(self):
        with pytest.raises(ValueError, match="name .*got 'MNIST-01'; did you mean 'mnist01'"):
            datasets.load("MNIST-01")

    def test_name_of_wrong_type(self):
        with pytest.raises(TypeError, match="name must be a string, got 1"):
            datasets.load(1)

    @pytest.mark.parametrize("name", ["mnist01", "mnist", "image_folder", "celeba"])
    def test_unknown_option(self, name):
        with pytest.raises(TypeError, match=rf"load\('{name}'\) takes the options .*'sede'"):
            datasets.load(name, sede=0, **({} if "mnist" in name else {"path": ".", "size": 8}))

    def test_import_is_light(self):
        # Loaded by its path: the package's own import needs TensorFlow for other reasons.
        code = (
            "import sys, types; package = types.ModuleType('intelvae_keras');"
            f"package.__path__ = [{str(CHECKOUT / 'intelvae_keras')!r}];"
            "sys.modules['intelvae_keras'] = package; import intelvae_keras.datasets;"
            "assert not {'tensorflow', 'keras'} & set(sys.modules);"
            "print(*sorted(m for m in sys.modules if m.startswith('intelvae_keras.')))"
        )
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        others = {m for m in run.stdout.split() if not m.startswith("intelvae_keras.datasets")}
        engine = {f"intelvae_keras._engine{name}" for name in ("", ".checks", ".damaged")}
        assert others == engine


class TestEmbedded:
    def test_counts_shapes_types_and_range(self, embedded_set):
        name, parts = embedded_set
        for (x, y), count in zip(parts, EMBEDDED[name], strict=True):
            assert x.shape == (count, 28, 28, 1) and x.dtype == np.float32
            assert y.shape == (count,) and y.dtype == np.int64
            assert x.min() == 0 and x.max() == 1
            np.testing.assert_array_equal(x * 255, np.rint(x * 255))

    def test_classes(self, embedded_set):
        name, ((_, y_train), (_, y_test)) = embedded_set
        if name == "mnist01":
            expected = [5_923, 6_742], [980, 1_135]
        else:
            expected = [1_000] * 10, [200] * 10
        assert (np.bincount(y_train).tolist(), np.bincount(y_test).tolist()) == expected

    def test_damaged_file(self, monkeypatch, tmp_path):
        shutil.copytree(CHECKOUT / "data", tmp_path, dirs_exist_ok=True)
        monkeypatch.setattr(embedded, "FOLDERS", (tmp_path,))
        file = tmp_path / "mnist01.npz"
        content = bytearray(file.read_bytes())
        content[1000] ^= 1
        file.write_bytes(content)
        with pytest.raises(OSError, match="mnist01.npz is damaged: SHA-256 .* expected .* restore"):
            datasets.load("mnist01")
        assert len(datasets.load("fashion_mnist_mini")[1][1]) == 2_000

    def test_missing_files(self, monkeypatch, tmp_path):
        monkeypatch.setattr(embedded, "FOLDERS", (tmp_path,))
        with pytest.raises(FileNotFoundError, match="SHA256SUMS is missing; reinstall"):
            datasets.load("mnist01")
        (tmp_path / "SHA256SUMS").write_text("0  mnist01.npz\n")
        with pytest.raises(FileNotFoundError, match="mnist01.npz is missing; reinstall"):
            datasets.load("mnist01")

    def test_penguins(self):
        frame = datasets.load("penguins")
        assert frame.shape == (344, 8) and int(frame.isna().sum().sum()) == 19
        counts = frame["species"].value_counts().to_dict()
        assert counts == {"Adelie": 152, "Gentoo": 124, "Chinstrap": 68}
        assert frame["sex"].dtype == "category" and frame["sex"].isna().sum() == 11
        # The means that the authors of the package print.
        means = frame[["bill_length_mm", "body_mass_g"]].mean()
        np.testing.assert_allclose(means, [43.92193, 4201.754], rtol=1e-6)

    def test_penguins_without_pandas(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "pandas", None)
        with pytest.raises(ImportError, match=r"pip install .intelvae-keras\[tables\]"):
            datasets.load("penguins")

    def test_folder_beside_the_modules_comes_first(self):
        assert embedded.FOLDERS[0] == Path(embedded.__file__).parents[1] / "data"

    @pytest.mark.skipif("INTELVAE_DATA_DIR" not in os.environ, reason="needs the full MNIST")
    def test_mnist01_is_the_zeros_and_ones_of_mnist(self):
        for (x, y), (full_x, full_y) in zip(
            datasets.load("mnist01"), full.read("mnist"), strict=True
        ):
            np.testing.assert_array_equal(x[..., 0], full_x[full_y < 2] / np.float32(255))
            np.testing.assert_array_equal(y, full_y[full_y < 2])
