"""The full sets, from a folder or from Keras, and the script that cuts the embedded ones."""

import gzip
import importlib.util
from pathlib import Path

import keras
import numpy as np
import pytest

from intelvae_keras import datasets
from intelvae_keras.datasets import archives, embedded

CHECKOUT = Path(__file__).resolve().parents[2]


def raw_dataset(num_train=20, num_test=10):
    """A raw set with every class, uint8."""
    rng = np.random.default_rng(0)

    def part(n):
        images = rng.integers(0, 256, (n, 28, 28), np.uint8)
        return images, (np.arange(n) % 10).astype(np.uint8)

    return part(num_train), part(num_test)


def write_npz(file, raw):
    file.parent.mkdir(parents=True, exist_ok=True)
    (x_train, y_train), (x_test, y_test) = raw
    np.savez(file, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)


def write_idx(folder, raw):
    folder.mkdir(parents=True, exist_ok=True)
    values = [array for part in raw for array in part]
    for name, array in zip(archives.IDX_FILES, values, strict=True):
        header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
        (folder / name).write_bytes(gzip.compress(header + array.tobytes()))


def assert_is_scaled(loaded, raw):
    for (x, y), (raw_x, raw_y) in zip(loaded, raw, strict=True):
        assert x.dtype == np.float32 and y.dtype == np.int64
        np.testing.assert_allclose(x, raw_x[..., None] / 255.0, atol=1e-7)
        np.testing.assert_array_equal(y, raw_y)


@pytest.fixture
def no_network(monkeypatch):
    def load_data():
        raise Exception("URL fetch failure")

    for name in ("mnist", "fashion_mnist"):
        monkeypatch.setattr(getattr(keras.datasets, name), "load_data", load_data)
    monkeypatch.delenv("INTELVAE_DATA_DIR", raising=False)


class TestFull:
    @pytest.mark.parametrize(
        ("name", "file"),
        [
            ("mnist", "mnist.npz"),
            ("mnist", "MNIST/mnist.npz"),
            ("fashion_mnist", "fashion_mnist.npz"),
            ("fashion_mnist", "fashion-mnist.npz"),
            ("fashion_mnist", "FashionMNIST/fashion-mnist.npz"),
        ],
    )
    def test_npz(self, monkeypatch, tmp_path, name, file):
        raw = raw_dataset()
        write_npz(tmp_path / file, raw)
        monkeypatch.setenv("INTELVAE_DATA_DIR", str(tmp_path))
        assert_is_scaled(datasets.load(name), raw)

    @pytest.mark.parametrize("root", ["", "here"])
    @pytest.mark.parametrize(
        ("name", "folder"),
        [
            ("mnist", "mnist"),
            ("mnist", "MNIST/raw"),
            ("fashion_mnist", "fashion-mnist"),
            ("fashion_mnist", "fashion_mnist"),
            ("fashion_mnist", "FashionMNIST/raw"),
        ],
    )
    def test_idx(self, monkeypatch, tmp_path, name, folder, root):
        raw = raw_dataset()
        write_idx(tmp_path / folder, raw)
        # Both the folder above, and the named folder itself.
        monkeypatch.setenv("INTELVAE_DATA_DIR", str(tmp_path / (folder if root else "")))
        assert_is_scaled(datasets.load(name), raw)

    def test_one_folder_with_both_sets(self, monkeypatch, tmp_path):
        digits, clothes = raw_dataset(20), raw_dataset(30)
        write_idx(tmp_path / "MNIST" / "raw", digits)
        write_idx(tmp_path / "FashionMNIST" / "raw", clothes)
        monkeypatch.setenv("INTELVAE_DATA_DIR", str(tmp_path))
        assert_is_scaled(datasets.load("mnist"), digits)
        assert_is_scaled(datasets.load("fashion_mnist"), clothes)

    @pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
    def test_idx_in_a_folder_that_does_not_say_which_set(
        self, no_network, monkeypatch, tmp_path, name
    ):
        write_idx(tmp_path / "data", raw_dataset())
        monkeypatch.setenv("INTELVAE_DATA_DIR", str(tmp_path / "data"))
        with pytest.raises(FileNotFoundError, match=f"INTELVAE_DATA_DIR.*{name}.npz.*-idx3-"):
            datasets.load(name)

    def test_folder_without_the_set(self, no_network, monkeypatch, tmp_path):
        write_npz(tmp_path / "mnist.npz", raw_dataset())
        monkeypatch.setenv("INTELVAE_DATA_DIR", str(tmp_path))
        with pytest.raises(FileNotFoundError, match=f"{tmp_path}.*fashion_mnist.npz"):
            datasets.load("fashion_mnist")

    def test_folder_missing(self, monkeypatch, tmp_path):
        monkeypatch.setenv("INTELVAE_DATA_DIR", str(tmp_path / "nowhere"))
        with pytest.raises(ValueError, match="INTELVAE_DATA_DIR must be the path .*nowhere"):
            datasets.load("mnist")

    @pytest.mark.parametrize("content", [b"", b"no zip", b"PK\3\4 broken"])
    def test_damaged_npz(self, monkeypatch, tmp_path, content):
        (tmp_path / "mnist.npz").write_bytes(content)
        monkeypatch.setenv("INTELVAE_DATA_DIR", str(tmp_path))
        with pytest.raises(ValueError, match="mnist.npz must be an npz file with .*x_train"):
            datasets.load("mnist")

    def test_npz_with_other_arrays(self, monkeypatch, tmp_path):
        monkeypatch.setenv("INTELVAE_DATA_DIR", str(tmp_path))
        np.savez(tmp_path / "mnist.npz", images=np.zeros(3))
        with pytest.raises(ValueError, match="mnist.npz must be an npz file with .*x_train"):
            datasets.load("mnist")
        write_npz(tmp_path / "mnist.npz", [(np.zeros((5, 784)), np.zeros(5))] * 2)
        with pytest.raises(ValueError, match=r"train part must have uint8 .* got float64 \(5, 784"):
            datasets.load("mnist")

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"no gzip", "gzipped IDX"),
            (gzip.compress(bytes(100))[:-12], "gzipped IDX"),
            (gzip.compress(b"\0\0\x0d\1\0\0\0\1" + bytes(4)), "IDX file of bytes"),
            (gzip.compress(b"\0\0\x08\1\0\0\0\7" + bytes(4)), r"hold \[7\] bytes, got 4"),
        ],
        ids=["no gzip", "cut off", "other type", "too short"],  # gzip's bytes hold the time
    )
    def test_damaged_idx(self, monkeypatch, tmp_path, content, message):
        write_idx(tmp_path / "mnist", raw_dataset())
        (tmp_path / "mnist" / "t10k-labels-idx1-ubyte.gz").write_bytes(content)
        monkeypatch.setenv("INTELVAE_DATA_DIR", str(tmp_path))
        with pytest.raises(ValueError, match=f"t10k-labels-idx1-ubyte.gz must .*{message}"):
            datasets.load("mnist")

    def test_npy_that_is_named_npz(self, monkeypatch, tmp_path):
        with open(tmp_path / "mnist.npz", "wb") as file:
            np.save(file, np.zeros(3))
        monkeypatch.setenv("INTELVAE_DATA_DIR", str(tmp_path))
        with pytest.raises(ValueError, match=r"mnist.npz must be an npz .* one array of .*\(3,\)"):
            datasets.load("mnist")

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda train, test: (test, train), "training part has 10 .* test part 20; .*swapped"),
            (lambda train, test: (train, (test[0], test[1] / 2)), "test labels must be integers"),
            (lambda train, test: (train, (test[0], test[1] + 5)), "labels 0 to 9, got .* 5 to 14"),
            (lambda train, test: ((train[1], train[0]), test), "train part must have uint8 images"),
            (lambda train, test: (train, (test[0][:, 1:], test[1])), r"one size, got \(28, 28\)"),
            (lambda *parts: [(x[:, 1:], y) for x, y in parts], r"28 x 28 .* got \(27, 28\)"),
            (lambda train, test: (train, (test[0][:0], test[1][:0])), r"got uint8 \(0, 28, 28\)"),
        ],
        ids=["swapped", "halves", "labels", "images", "sizes", "small", "none"],
    )
    @pytest.mark.parametrize("keras_has_it", [False, True])
    def test_other_contents(self, no_network, monkeypatch, tmp_path, change, message, keras_has_it):
        raw = change(*raw_dataset())
        if keras_has_it:
            monkeypatch.setattr(keras.datasets.mnist, "load_data", lambda: raw)
        else:
            write_npz(tmp_path / "mnist.npz", raw)
            monkeypatch.setenv("INTELVAE_DATA_DIR", str(tmp_path))
        source = "Keras' copy of mnist" if keras_has_it else "mnist.npz"
        with pytest.raises(ValueError, match=f"{source}: .*{message}"):
            datasets.load("mnist")

    @pytest.mark.parametrize("name", ["{}", "{}.idx"])
    def test_unpacked_idx(self, monkeypatch, tmp_path, name):
        raw = raw_dataset()
        write_idx(tmp_path / "mnist", raw)
        for file in list((tmp_path / "mnist").iterdir()):
            stem = file.name.removesuffix(".gz")
            unpacked = stem.replace("-idx", ".idx") if "." in name else stem
            (file.parent / unpacked).write_bytes(gzip.decompress(file.read_bytes()))
            file.unlink()
        monkeypatch.setenv("INTELVAE_DATA_DIR", str(tmp_path))
        assert_is_scaled(datasets.load("mnist"), raw)

    def test_idx_files_that_are_swapped_or_missing(self, no_network, monkeypatch, tmp_path):
        write_idx(tmp_path / "mnist", raw_dataset())
        images, labels = (tmp_path / "mnist" / name for name in archives.IDX_FILES[:2])
        content = images.read_bytes()
        images.write_bytes(labels.read_bytes())
        monkeypatch.setenv("INTELVAE_DATA_DIR", str(tmp_path))
        with pytest.raises(ValueError, match=r"train-images-.* must hold images .* 1 dimensions"):
            datasets.load("mnist")
        images.write_bytes(content)
        labels.unlink()
        with pytest.raises(FileNotFoundError, match=r"missing: \['train-labels-idx1-ubyte.gz'\]"):
            datasets.load("mnist")

    @pytest.mark.parametrize(
        "error",
        [
            EOFError("Compressed file ended before the end-of-stream marker was reached"),
            NotImplementedError("That compression method is not supported"),
            RuntimeError("File 'x_train.npy' is encrypted"),
        ],
        ids=lambda error: type(error).__name__,
    )
    def test_damaged_copy_of_keras(self, no_network, monkeypatch, error):
        def load_data():
            raise error

        monkeypatch.setattr(keras.datasets.fashion_mnist, "load_data", load_data)
        with pytest.raises(ValueError, match="Keras' copy of fashion_mnist is damaged .*Remove it"):
            datasets.load("fashion_mnist")

    @pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
    def test_keras_without_the_variable(self, no_network, monkeypatch, name):
        raw = raw_dataset()
        monkeypatch.setattr(getattr(keras.datasets, name), "load_data", lambda: raw)
        assert_is_scaled(datasets.load(name), raw)

    @pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
    def test_no_network_names_the_three_ways(self, no_network, name):
        with pytest.raises(FileNotFoundError, match="URL fetch failure") as error:
            datasets.load(name)
        for way in (f"with {name}.npz", f"subfolder {name} that has train-", "be online once"):
            assert way in str(error.value)
        assert error.value.__cause__ is not None


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("make_data", CHECKOUT / "scripts/make_data.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


class TestScript:
    def run(self, script, output, *options):
        output.mkdir()
        script.main([*options, "--output", str(output)])
        return {file.name: file.read_bytes() for file in output.iterdir()}

    def test_same_sources_give_the_same_bytes(self, script, tmp_path, monkeypatch):
        write_npz(tmp_path / "mnist.npz", raw_dataset())
        write_idx(tmp_path / "fashion-mnist", raw_dataset())
        sources = "--mnist", str(tmp_path / "mnist.npz")
        sources += "--fashion-mnist", str(tmp_path / "fashion-mnist")
        first = self.run(script, tmp_path / "first", *sources)
        assert set(first) == {"mnist01.npz", "fashion_mnist_mini.npz", "SHA256SUMS"}
        assert self.run(script, tmp_path / "second", *sources) == first
        monkeypatch.setenv("INTELVAE_DATA_DIR", str(tmp_path))
        assert self.run(script, tmp_path / "third") == first

    def test_what_it_writes_loads(self, script, tmp_path, monkeypatch):
        (x_train, y_train), test = raw = raw_dataset()
        write_npz(tmp_path / "all.npz", raw)
        source = str(tmp_path / "all.npz")
        self.run(script, tmp_path / "out", "--mnist", source, "--fashion-mnist", source)
        monkeypatch.setattr(embedded, "FOLDERS", (tmp_path / "out",))
        (x, y), _ = datasets.load("mnist01")
        np.testing.assert_array_equal(y, [0, 1, 0, 1])
        np.testing.assert_array_equal(x[..., 0], x_train[[0, 1, 10, 11]] / np.float32(255))
        assert_is_scaled(datasets.load("fashion_mnist_mini"), raw)

    def test_keeps_the_first_of_each_class_in_order(self, script):
        y = np.array([1, 0, 1, 1, 0, 0])
        x, labels = script.first_of_each_class(np.arange(6), y, 2)
        assert x.tolist() == [0, 1, 2, 4] and labels.tolist() == [1, 0, 1, 0]
