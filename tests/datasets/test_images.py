"""Streams of image files of any folder."""

import os
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from helpers.folders import all_images, grays, save

from intelvae_keras import datasets


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
        with pytest.raises(tf.errors.InvalidArgumentError, match="19.png is no image"):
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

    @pytest.mark.parametrize(
        ("options", "error", "message"),
        [
            (dict(size=0), ValueError, "size must be an integer >= 1; got 0"),
            (dict(size=4.0), TypeError, "size must be an integer >= 1; got 4.0"),
            (dict(batch_size=0), ValueError, "batch_size must be an integer >= 1; got 0"),
            (dict(channels=2), ValueError, "channels must be 1 .* or 3 .*, got 2"),
            (dict(seed=-1), ValueError, "seed must be an integer >= 0; got -1"),
            (dict(seed=None), TypeError, "seed must be an integer >= 0; got None"),
            (dict(shuffle="no"), TypeError, "shuffle must be True or False; got 'no'"),
            (dict(check=1), TypeError, "check must be True or False; got 1"),
            (dict(background=1.5), ValueError, "background must be a gray level in"),
            (dict(background="white"), TypeError, "background must be a number"),
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

    def test_images_of_kinds_that_cannot_be_read_are_counted(self, tmp_path):
        for name in ("a.HEIC", "b.heic", "c.svg", "notes.txt", ".hidden.avif"):
            (tmp_path / name).touch()
        said = "Left out are images of kinds that cannot be read: 2 .heic, 1 .svg. Convert them"
        with pytest.raises(ValueError, match=f"got none: .*{said}"):
            datasets.image_folder(tmp_path, 4)
        save(tmp_path / "d.png", np.zeros((4, 4, 3)))
        with pytest.warns(UserWarning, match=f"path: {said}"):
            datasets.image_folder(tmp_path, 4)


class TestSplit:
    OPTIONS = dict(size=4, batch_size=3, validation_split=0.25, seed=3)

    def test_parts_are_disjoint_over_all_epochs(self, twenty):
        train, validation = datasets.image_folder(twenty, subset="both", **self.OPTIONS)
        seen = [set(sum((grays(part) for _ in range(4)), [])) for part in (train, validation)]
        assert [len(part) for part in seen] == [15, 5]
        assert not seen[0] & seen[1] and seen[0] | seen[1] == set(range(0, 200, 10))

    def test_each_subset_is_that_of_both_and_of_another_call(self, twenty):
        both = datasets.image_folder(twenty, subset="both", **self.OPTIONS)
        for name, part in zip(("training", "validation"), both, strict=True):
            alone = datasets.load("image_folder", path=twenty, subset=name, **self.OPTIONS)
            assert sorted(grays(alone)) == sorted(grays(part))

    def test_order_of_the_parts(self, twenty):
        train, validation = datasets.image_folder(twenty, subset="both", **self.OPTIONS)
        assert grays(train) != grays(train)  # shuffled anew each epoch
        assert grays(validation) == sorted(grays(validation)) == grays(validation)
        unshuffled = datasets.image_folder(twenty, subset="training", shuffle=False, **self.OPTIONS)
        assert grays(unshuffled) == sorted(grays(train))

    def test_the_seed_picks_the_images(self, twenty):
        options = {**self.OPTIONS, "subset": "validation"}
        parts = {
            tuple(grays(datasets.image_folder(twenty, **{**options, "seed": seed})))
            for seed in range(5)
        }
        assert len(parts) == 5

    @pytest.mark.parametrize(
        ("options", "error", "message"),
        [
            (dict(validation_split=0.2), ValueError, "needs subset, one of training, valid"),
            (dict(subset="training"), ValueError, "subset='training' needs validation_split"),
            (dict(validation_split=1.0, subset="both"), ValueError, "between 0 and 1, got 1.0"),
            (dict(validation_split=0, subset="both"), ValueError, "validation_split .* > 0; got 0"),
            (dict(validation_split="a", subset="both"), TypeError, "validation_split must be a"),
            (dict(validation_split=0.2, subset="val"), ValueError, "subset must be one of"),
            (dict(validation_split=0.01, subset="both"), ValueError, "leaves 0 for validation"),
        ],
    )
    def test_bad_input(self, twenty, options, error, message):
        with pytest.raises(error, match=message):
            datasets.image_folder(twenty, 4, **options)


class TestFaults:
    def test_every_broken_file_is_named_before_training(self, twenty):
        (twenty / "03.png").write_bytes(b"")
        (twenty / "05.png").write_text("<!DOCTYPE html>")
        with pytest.raises(ValueError) as error:
            datasets.image_folder(twenty, 4)
        for part in (
            "path has 2 of 20 files that cannot be used",
            f"{twenty / '03.png'} is no image that can be read: it is empty. Replace or remove it",
            f"{twenty / '05.png'} is no image that can be read: it starts with b'<!DOCTYPE html>'",
        ):
            assert part in str(error.value)

    def test_many_broken_files_are_counted(self, twenty):
        for file in twenty.iterdir():
            file.write_bytes(b"")
        with pytest.raises(ValueError, match=r"(?s)20 of 20 files.*09.png.*and 10 more$"):
            datasets.image_folder(twenty, 4)

    def test_damaged_pixels_are_named_when_their_turn_comes(self, twenty):
        file = twenty / "07.png"
        save(file, np.random.default_rng(0).integers(0, 256, (64, 64, 3)))
        content = file.read_bytes()
        file.write_bytes(content[:4000] + b"damage" + content[4006:])
        dataset = datasets.image_folder(twenty, 4, batch_size=20)
        with pytest.raises(tf.errors.InvalidArgumentError, match="07.png is no .* broken data"):
            next(iter(dataset))

    def test_file_that_vanished(self, twenty):
        dataset = datasets.image_folder(twenty, 4, batch_size=20)
        (twenty / "07.png").unlink()
        with pytest.raises(tf.errors.InvalidArgumentError, match="07.png is no .*No such file"):
            next(iter(dataset))


def test_gray_files_keep_their_levels_in_one_channel(tmp_path):
    levels = np.arange(256).reshape(16, 16)
    save(tmp_path / "a.png", levels)
    (image,) = all_images(datasets.image_folder(tmp_path, 16, channels=1))
    np.testing.assert_allclose(image[..., 0], levels / 255, rtol=1e-6)


@pytest.mark.parametrize(("background", "expected"), [(None, 0.2), (0, 0.08), (1, 0.68)])
@pytest.mark.parametrize("channels", [1, 3])
def test_background_of_a_transparent_image(tmp_path, background, expected, channels):
    # 40% of the level 51: alpha 102 of 255.
    save(tmp_path / "a.png", np.full((8, 8, 4), [51, 51, 51, 102]))
    save(tmp_path / "b.png", np.full((8, 8, 4), [51, 51, 51, 102]), "LA")
    x = all_images(datasets.image_folder(tmp_path, 4, channels=channels, background=background))
    np.testing.assert_allclose(x, expected, atol=1e-6)


@pytest.mark.slow
def test_python_ends_although_an_iterator_still_decodes(tmp_path):
    # Python's end kills TensorFlow's threads; the iterator then waited for them for ever.
    rng = np.random.default_rng(0)
    for i in range(16):
        save(tmp_path / f"{i}.jpg", rng.integers(0, 256, (700, 700, 3)))
    code = (
        "from intelvae_keras import datasets;"
        f"it = iter(datasets.image_folder({str(tmp_path)!r}, 8, batch_size=4)); next(it)"
    )
    fresh = {name: value for name, value in os.environ.items() if not name.startswith("TF_CPP")}
    run = subprocess.run(
        [sys.executable, "-c", code], env=fresh, capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""  # nor a notice of TensorFlow's
