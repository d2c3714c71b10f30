"""Streams of image files: any folder, and CelebA's layout."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from intelvae_keras import datasets
from intelvae_keras.datasets import image_files


def save(file, pixels, mode=None):
    file.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(np.asarray(pixels, np.uint8))
    (image.convert(mode) if mode else image).save(file)


def all_images(dataset):
    return np.concatenate(list(dataset.as_numpy_iterator()))


def grays(dataset):
    """The gray level (0..255) of each image of one colour."""
    return np.rint(all_images(dataset).mean(axis=(1, 2, 3)) * 255).astype(int).tolist()


@pytest.fixture
def twenty(tmp_path):
    """Image i of twenty has the gray level 10 i."""
    for i in range(20):
        save(tmp_path / f"{i:02}.png", np.full((8, 8, 3), 10 * i))
    return tmp_path


class TestImageFolder:
    def test_is_a_batched_float_stream_of_known_length(self, twenty):
        dataset = datasets.image_folder(twenty, size=4, batch_size=8)
        assert isinstance(dataset, tf.data.Dataset)
        assert dataset.element_spec == tf.TensorSpec((None, 4, 4, 3), tf.float32)
        assert dataset.cardinality() == 3
        assert [len(batch) for batch in dataset] == [8, 8, 4]
        assert dataset.options().autotune.enabled is False

    def test_load_is_the_same(self, twenty):
        loaded = datasets.load("image_folder", path=twenty, size=4)
        assert grays(loaded) == grays(datasets.image_folder(twenty, 4))

    def test_order_follows_from_the_seed_and_changes_each_epoch(self, twenty):
        first = datasets.image_folder(str(twenty), 4, seed=1)
        again = datasets.image_folder(str(twenty), 4, seed=1)
        other = datasets.image_folder(str(twenty), 4, seed=2)
        epochs = [grays(first), grays(first)]
        assert epochs == [grays(again), grays(again)]
        assert epochs[0] != epochs[1] != grays(other) != epochs[0]
        assert all(sorted(epoch) == list(range(0, 200, 10)) for epoch in epochs)

    def test_unshuffled_comes_in_the_order_of_paths(self, twenty):
        dataset = datasets.image_folder(twenty, 4, batch_size=3, shuffle=False)
        assert grays(dataset) == grays(dataset) == list(range(0, 200, 10))

    def test_reads_files_only_when_they_are_due(self, twenty):
        # 20 batches of one: a file broken after the start is met only when its turn comes.
        iterator = iter(datasets.image_folder(twenty, 4, batch_size=1, shuffle=False))
        next(iterator)
        (twenty / "19.png").write_bytes(b"broken")
        for _ in range(18):
            assert next(iterator).shape == (1, 4, 4, 3)
        with pytest.raises(tf.errors.InvalidArgumentError):
            next(iterator)

    def test_keeps_the_central_square(self, tmp_path):
        landscape = np.zeros((4, 10, 3))
        landscape[:, 3:7] = 255
        save(tmp_path / "a.png", landscape)
        save(tmp_path / "b.png", landscape.transpose(1, 0, 2))
        assert all_images(datasets.image_folder(tmp_path, 4)).min() == 1
        np.testing.assert_array_equal(
            all_images(datasets.image_folder(tmp_path, 4)), np.ones((2, 4, 4, 3))
        )

    def test_same_size_keeps_the_pixels(self, tmp_path):
        pixels = np.random.default_rng(0).integers(0, 256, (6, 6, 3))
        save(tmp_path / "a.png", pixels)
        (image,) = all_images(datasets.image_folder(tmp_path, 6))
        np.testing.assert_allclose(image, pixels / 255, atol=1e-6)

    def test_shrinks_with_antialiasing(self, tmp_path):
        checkers = np.indices((64, 64)).sum(axis=0)[..., None] % 2 * 255 * np.ones(3)
        save(tmp_path / "a.png", checkers)
        (image,) = all_images(datasets.image_folder(tmp_path, 8))
        np.testing.assert_allclose(image, 0.5, atol=0.02)  # plain subsampling gives 0 or 1
        assert datasets.image_folder(tmp_path, 128).element_spec.shape == (None, 128, 128, 3)

    def test_pixels_stay_in_the_unit_interval(self, tmp_path):
        save(tmp_path / "a.png", np.random.default_rng(0).integers(0, 2, (37, 37, 3)) * 255)
        for size in (5, 36, 37, 100):
            x = all_images(datasets.image_folder(tmp_path, size))
            assert x.min() >= 0 and x.max() <= 1

    @pytest.mark.parametrize(
        ("file", "mode"),
        [
            ("a.png", "RGB"),
            ("a.png", "RGBA"),
            ("a.png", "L"),
            ("a.png", "LA"),
            ("a.png", "P"),
            ("a.JPG", "RGB"),
            ("a.jpeg", "L"),
            ("a.jpg", "CMYK"),
            ("a.bmp", "RGB"),
            ("a.bmp", "L"),
            ("a.gif", "P"),
        ],
    )
    @pytest.mark.parametrize("channels", [1, 3])
    def test_every_format_becomes_gray_or_rgb(self, tmp_path, file, mode, channels):
        save(tmp_path / "sub" / "folder" / file, np.full((8, 8, 3), 102), mode)
        x = all_images(datasets.image_folder(tmp_path, 4, channels=channels))
        assert x.shape == (1, 4, 4, channels)
        np.testing.assert_allclose(x, 0.4, atol=0.01)

    def test_colours(self, tmp_path):
        save(tmp_path / "a.png", np.full((8, 8, 3), [255, 0, 51]))
        colour = all_images(datasets.image_folder(tmp_path, 4))[0, 0, 0]
        np.testing.assert_allclose(colour, [1, 0, 0.2], atol=1e-6)
        gray = all_images(datasets.image_folder(tmp_path, 4, channels=1))[0, 0, 0]
        np.testing.assert_allclose(gray, 0.2989 + 0.1140 * 0.2, atol=0.003)

    def test_other_files_are_left_alone(self, twenty):
        (twenty / "notes.txt").write_text("no image")
        (twenty / "._00.png").write_bytes(b"a hidden file of another system")
        assert len(image_files.find("path", twenty)) == 20

    @pytest.mark.parametrize(
        ("options", "error", "message"),
        [
            (dict(size=0), ValueError, "size must be an integer >= 1; got 0"),
            (dict(size=4.0), TypeError, "size must be an integer >= 1; got 4.0"),
            (dict(batch_size=0), ValueError, "batch_size must be an integer >= 1; got 0"),
            (dict(channels=2), ValueError, "channels must be 1 .* or 3 .*, got 2"),
            (dict(seed=-1), ValueError, "seed must be an integer >= 0; got -1"),
            (dict(seed=None), TypeError, "seed must be an integer >= 0; got None"),
            (dict(path=3), TypeError, "path must be the path of a folder, got 3"),
            (
                dict(path="no/where"),
                ValueError,
                "path must be the path of a folder, got 'no/where'",
            ),
        ],
    )
    def test_bad_input(self, twenty, options, error, message):
        with pytest.raises(error, match=message):
            datasets.load("image_folder", **{"path": twenty, "size": 4, **options})

    def test_folder_without_images(self, tmp_path):
        with pytest.raises(ValueError, match=f"path must have images .*, got none: {tmp_path}"):
            datasets.image_folder(tmp_path, 4)


PARTS = [0, 0, 0, 1, 2, 2]
SMILING = [1, -1, 1, -1, 1, -1]


@pytest.fixture
def faces(tmp_path):
    """Six images in CelebA's layout, image i of gray level 20 i; white outside 148 x 148."""
    names = [f"{i + 1:06}.jpg" for i in range(6)]
    for i, name in enumerate(names):
        pixels = np.full((218, 178, 3), 255)
        pixels[35:183, 15:163] = 20 * i
        save(tmp_path / "img_align_celeba" / name, pixels)
    (tmp_path / "list_eval_partition.txt").write_text(
        "".join(f"{name} {part}\n" for name, part in zip(names, PARTS, strict=True))
    )
    (tmp_path / "list_attr_celeba.txt").write_text(
        "6\n5_o_Clock_Shadow Smiling\n"
        + "".join(f"{name} -1  {value}\n" for name, value in zip(names, SMILING, strict=True))
    )
    return tmp_path


class TestCelebA:
    @pytest.mark.parametrize(
        ("split", "expected"), [("train", [0, 20, 40]), ("valid", [60]), ("test", [80, 100])]
    )
    def test_parts(self, faces, split, expected):
        dataset = datasets.celeba(faces, size=16, split=split)
        assert dataset.element_spec == tf.TensorSpec((None, 16, 16, 3), tf.float32)
        assert dataset.cardinality() == 1
        np.testing.assert_allclose(sorted(grays(dataset)), expected, atol=2)

    def test_crops_the_central_148(self, faces):
        x = all_images(datasets.celeba(faces, size=148, shuffle=False))
        # The white frame is gone, but for what JPEG smears over its 8 x 8 blocks.
        np.testing.assert_allclose(x[:, 8:-8, 8:-8].max(axis=(1, 2, 3)) * 255, [0, 20, 40], atol=2)
        assert datasets.celeba(faces).element_spec.shape == (None, 64, 64, 3)

    def test_load_returns_train_and_test(self, faces):
        train, test = datasets.load("celeba", path=faces, size=16, batch_size=2)
        assert train.cardinality() == 2 and test.cardinality() == 1
        np.testing.assert_allclose(grays(test), [80, 100], atol=2)

    def test_order_follows_from_the_seed(self, faces):
        first, again = (datasets.celeba(faces, size=8, seed=5) for _ in range(2))
        epochs = [[grays(dataset) for _ in range(4)] for dataset in (first, again)]
        assert epochs[0] == epochs[1]
        assert len(set(map(tuple, epochs[0]))) > 1

    def test_attributes(self, faces):
        dataset = datasets.celeba(faces, size=8, attributes=["Smiling"])
        x, labels = next(dataset.as_numpy_iterator())
        assert labels.shape == (3, 1) and labels.dtype == np.int64
        levels = np.rint(x.mean(axis=(1, 2, 3)) * 255 / 20).astype(int)
        np.testing.assert_array_equal(labels[:, 0], [SMILING[i] > 0 for i in levels])
        both = datasets.celeba(faces, size=8, attributes=("Smiling", "5_o_Clock_Shadow"))
        assert next(both.as_numpy_iterator())[1][:, 1].tolist() == [0, 0, 0]

    def test_lists_as_csv(self, faces):
        for name, header in (("eval_partition", "image_id,partition"), ("attr_celeba", None)):
            file = faces / f"list_{name}.txt"
            lines = [",".join(line.split()) for line in file.read_text().splitlines()]
            if header is None:
                lines = ["image_id," + lines[1], *lines[2:]]
            else:
                lines = [header, *lines]
            file.with_suffix(".csv").write_text("\n".join(lines))
            file.unlink()
        dataset = datasets.celeba(faces, 8, split="test", shuffle=False, attributes=["Smiling"])
        x, labels = next(dataset.as_numpy_iterator())
        np.testing.assert_allclose(x.mean(axis=(1, 2, 3)) * 255, [80, 100], atol=2)
        assert labels.tolist() == [[1], [0]]

    def test_without_the_official_list(self, faces):
        (faces / "list_eval_partition.txt").unlink()
        assert len(all_images(datasets.celeba(faces, 8))) == 6
        assert len(all_images(datasets.celeba(faces / "img_align_celeba", 8))) == 6
        with pytest.raises(ValueError, match="split 'test' needs list_eval_partition.txt in path"):
            datasets.load("celeba", path=faces)

    @pytest.mark.parametrize(
        ("options", "error", "message"),
        [
            (dict(split="dev"), ValueError, "split must be one of train, valid, test, got 'dev'"),
            (dict(attributes=["Smilng"]), ValueError, "attributes .* did you mean 'Smiling'"),
            (dict(attributes="Smiling"), TypeError, "attributes must be a list of names"),
            (dict(size=0), ValueError, "size must be an integer >= 1; got 0"),
            (dict(path="no/where"), ValueError, "path must be the path of a folder"),
        ],
    )
    def test_bad_input(self, faces, options, error, message):
        with pytest.raises(error, match=message):
            datasets.celeba(**{"path": faces, **options})

    def test_lists_that_lack_something(self, faces):
        (faces / "list_attr_celeba.txt").unlink()
        with pytest.raises(ValueError, match="path must have list_attr_celeba.txt"):
            datasets.celeba(faces, attributes=["Smiling"])
        (faces / "list_eval_partition.txt").write_text("000001.jpg 0\n")
        with pytest.raises(ValueError, match="line for every image of path, lacks '000002.jpg'"):
            datasets.celeba(faces)
