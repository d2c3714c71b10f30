"""The features: of the last hidden layer, cached whole, by all settings, and robustly."""

import functools
import threading

import keras
import numpy as np
import pytest

from intelvae_keras import datasets, metrics
from intelvae_keras.metrics import cache
from intelvae_keras.metrics import features as module

OPTIONS = {"num_train": 200, "num_test": 1}
pytestmark = pytest.mark.usefixtures("line_by_line")  # a few steps are made


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("INTELVAE_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def trainings(monkeypatch):
    """Counts the classifiers that are trained; those of points are one, trained beforehand."""
    count = []

    def train(x, labels, **kwargs):
        count.append(kwargs)
        return a_classifier() if x.ndim == 2 else metrics.train_classifier(x, labels, **kwargs)

    monkeypatch.setattr(module, "train_classifier", train)
    return count


@functools.cache
def a_classifier():
    return metrics.train_classifier(*datasets.clusters(100), epochs=1)


def points(num=50):
    return datasets.clusters(num, seed=9)[0]


def test_are_the_layer_before_the_probabilities():
    (x, labels), _ = datasets.load("fashion_mnist_mini")
    features = metrics.train_features(x[:300], labels[:300], epochs=1)
    codes = features(x[:1500])
    assert codes.shape == (1500, 128) and codes.dtype == np.float32 and codes.min() >= 0
    kernel, bias = features.classifier.layers[-1].get_weights()
    probabilities = keras.ops.softmax(codes[:20] @ kernel + bias)
    np.testing.assert_allclose(probabilities, features.classifier(x[:20]), atol=1e-5)


def test_the_distance_grows_with_the_damage_done_to_images():
    (x, labels), (x_test, _) = datasets.load("fashion_mnist_mini")
    features = metrics.train_features(x[:1000], labels[:1000], epochs=2)
    other = x[-1000:]
    noise = np.random.default_rng(0).normal(size=other.shape)
    distances = [
        metrics.frechet_distance(x_test, np.clip(other + s * noise, 0, 1), features)
        for s in (0, 0.1, 0.3)
    ]
    assert distances[0] < distances[1] < distances[2]


def test_the_same_seed_gives_the_same_features_and_another_seed_others():
    x, labels = datasets.clusters(100)
    first, again, other = (metrics.train_features(x, labels, s, epochs=1)(x) for s in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0


def test_a_second_load_reads_the_cache_and_gives_the_same_bits(folder, trainings):
    first = metrics.load_features("clusters", epochs=1, **OPTIONS)(points())
    again = metrics.load_features("clusters", epochs=1, **OPTIONS)(points())
    np.testing.assert_array_equal(first, again)
    assert len(trainings) == 1
    (file,) = folder.iterdir()  # and no temporary one
    assert file.name.startswith("features-clusters-") and file.suffix == ".npz"


def test_images_come_back_from_the_cache_too(trainings, monkeypatch):
    (x, labels), test = datasets.load("fashion_mnist_mini")
    monkeypatch.setattr(datasets, "load", lambda name: ((x[:200], labels[:200]), test))
    first = metrics.load_features("fashion_mnist_mini", epochs=1)(x[:9])
    again = metrics.load_features("fashion_mnist_mini", epochs=1)(x[:9])
    np.testing.assert_array_equal(first, again)
    assert len(trainings) == 1


def test_every_setting_has_a_file_of_its_own(folder, trainings, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(module, "_RECIPE", 0)
        metrics.load_features("clusters", epochs=1, **OPTIONS)
    metrics.load_features("clusters", epochs=1, **OPTIONS)
    metrics.load_features("clusters", epochs=2, **OPTIONS)
    metrics.load_features("clusters", epochs=1, seed=1, **OPTIONS)
    metrics.load_features("clusters", epochs=1, **OPTIONS, noise=0.2)
    metrics.load_features("two_rings", epochs=1, **OPTIONS)
    assert len(list(folder.iterdir())) == 6


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "other arrays", "object"])
def test_a_damaged_file_is_computed_anew(folder, trainings, damage):
    good = metrics.load_features("clusters", epochs=1, **OPTIONS)(points())
    (file,) = folder.iterdir()
    content = file.read_bytes()
    if damage == "other arrays":
        np.savez(file, np.zeros(3), np.zeros(2))
    elif damage == "object":
        np.savez(file, np.array([None], dtype=object))
    else:
        file.write_bytes({"cut": content[:900], "empty": b"", "text": b"hello"}[damage])
    again = metrics.load_features("clusters", epochs=1, **OPTIONS)(points())
    np.testing.assert_array_equal(good, again)
    assert len(trainings) == 2
    assert len(cache.read(file)) == 7  # the shape, and a kernel and a bias of three layers


def test_no_damaged_byte_raises(tmp_path):
    file, arrays = tmp_path / "a.npz", [np.zeros(3), np.ones((2, 2))]
    cache.write(file, arrays)
    content = file.read_bytes()
    wrong = 0
    for at in range(len(content)):
        file.write_bytes(content[:at] + bytes([content[at] ^ 9]) + content[at + 1 :])
        wrong += cache.read(file) is None
    assert wrong > len(content) / 3
    with open(file, "wb") as handle:
        np.save(handle, np.zeros(3))  # one array, where an archive should be
    assert cache.read(file) is None


def test_arrays_of_no_classifier_are_computed_anew():
    for shape in ([np.inf, 1.0], [np.nan], [-1.0], np.zeros((2, 2)), 3.0):
        assert module._restore([np.array(shape), np.zeros((2, 2)), np.zeros(2)]) is None


def test_a_folder_that_cannot_be_written_only_warns(folder, monkeypatch):
    folder.write_text("in the way")
    with pytest.warns(UserWarning, match="could not be written .* INTELVAE_CACHE_DIR"):
        features = metrics.load_features("clusters", epochs=1, **OPTIONS)
    assert features(points()).shape == (50, 128)


def test_a_failed_write_leaves_nothing(folder, monkeypatch):
    def full(file, *arrays):
        raise OSError("no space left")

    monkeypatch.setattr(np, "savez", full)
    with pytest.warns(UserWarning, match="no space left"):
        cache.write(folder / "a.npz", [np.zeros(3)])
    assert list(folder.iterdir()) == []


def test_readers_never_see_half_a_file(folder):
    file, seen = folder / "a.npz", []
    cache.write(file, [np.zeros(20_000)])
    writers = [
        threading.Thread(target=lambda k=k: [cache.write(file, [np.full(20_000, k)])] * 5)
        for k in range(4)
    ]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        seen.append(cache.read(file))
    for writer in writers:
        writer.join()
    for content in [*seen, cache.read(file)]:
        assert content is not None and len(np.unique(content[0])) == 1


def test_without_the_variable_the_cache_is_in_the_home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("INTELVAE_CACHE_DIR")
    assert cache.folder() == tmp_path / ".cache" / "intelvae_keras"


@pytest.mark.parametrize("name", ["celeba", "image_folder", "penguins", "cifar"])
def test_refuses_a_set_without_labels(name):
    with pytest.raises(ValueError, match=f"name must be .*fashion_mnist.*got '{name}'"):
        metrics.load_features(name)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"seed": -1}, ValueError, "seed"),
        ({"epochs": 0}, ValueError, "epochs"),
        ({"noise": {1}}, TypeError, "options must be"),
        ({"nose": 1}, TypeError, "nose"),
    ],
)
def test_refuses_settings(change, error, message):
    with pytest.raises(error, match=message):
        metrics.load_features("clusters", **change)


def test_refuses_data_of_another_shape():
    features = metrics.train_features(*datasets.clusters(50), epochs=1)
    with pytest.raises(ValueError, match=r"x must have shape \(N, 2\).*got \(4, 3\)"):
        features(np.zeros((4, 3), "float32"))
    with pytest.raises(ValueError, match="x is empty"):
        features(np.zeros((0, 2), "float32"))
