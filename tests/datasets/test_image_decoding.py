"""`image_folder` sees the pixels that a viewer would show, and names every file that it cannot read."""

import os

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from intelvae_keras import datasets

SIDE = 4
# Four quarters of known colours, so that each orientation is another picture.
QUARTERS = np.zeros((SIDE, SIDE, 3), "uint8")
QUARTERS[:2, :2], QUARTERS[:2, 2:] = (255, 0, 0), (0, 255, 0)
QUARTERS[2:, :2], QUARTERS[2:, 2:] = (0, 0, 255), (255, 255, 0)


def load(folder, channels=3, **options):
    """All images of a folder, in the order of their paths."""
    stream = datasets.image_folder(folder, SIDE, channels=channels, shuffle=False, **options)
    return np.concatenate(list(stream.as_numpy_iterator()))


# What turns the upright picture into the stored one, for each value of EXIF's orientation.
STORED = {
    1: lambda image: image,
    2: lambda image: image[:, ::-1],
    3: lambda image: image[::-1, ::-1],
    4: lambda image: image[::-1],
    5: lambda image: image.transpose(1, 0, 2),
    6: lambda image: np.rot90(image, 1),
    7: lambda image: image[::-1, ::-1].transpose(1, 0, 2),
    8: lambda image: np.rot90(image, -1),
}


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("ending", ["png", "webp"])
def test_every_orientation_is_turned_upright(orientation, ending, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation](QUARTERS)))
    options = {"lossless": True} if ending == "webp" else {}
    stored.save(tmp_path / f"x.{ending}", exif=exif, **options)
    np.testing.assert_allclose(load(tmp_path)[0], QUARTERS / 255)


def test_16_bits_keep_their_levels(tmp_path):
    levels = np.arange(SIDE * SIDE, dtype="uint16").reshape(SIDE, SIDE) * 7 + 300
    Image.fromarray(levels).save(tmp_path / "x.png")
    found = load(tmp_path, channels=1)[0, :, :, 0]
    np.testing.assert_allclose(found, levels / 65535, atol=1e-7)
    assert len(np.unique(found)) == SIDE * SIDE


@pytest.mark.parametrize("ending", ["bmp", "png", "gif"])
def test_a_palette_gives_its_colours(ending, tmp_path):
    Image.fromarray(QUARTERS).convert("P", palette=Image.Palette.ADAPTIVE).save(
        tmp_path / f"x.{ending}"
    )
    np.testing.assert_allclose(load(tmp_path)[0], QUARTERS / 255, atol=0.01)


def test_one_bit_cmyk_and_capital_endings(tmp_path):
    mask = QUARTERS[:, :, 0] > 0
    Image.fromarray(mask).save(tmp_path / "a.PNG")
    Image.new("CMYK", (SIDE, SIDE), (0, 255, 255, 0)).save(tmp_path / "b.JPG", quality=100)
    one_bit, cmyk = load(tmp_path)
    np.testing.assert_array_equal(one_bit, np.repeat(mask[:, :, None], 3, axis=-1))
    np.testing.assert_allclose(cmyk, np.broadcast_to([1, 0, 0], cmyk.shape), atol=0.02)


def test_transparency_is_laid_on_the_background_that_is_asked_for(tmp_path):
    pixels = np.concatenate([QUARTERS, np.full((SIDE, SIDE, 1), 255, "uint8")], axis=-1)
    pixels[0, 0, 3] = 0
    Image.fromarray(pixels).save(tmp_path / "x.png")
    np.testing.assert_allclose(load(tmp_path)[0, 0, 0], [1, 0, 0])
    np.testing.assert_allclose(load(tmp_path, background=1.0)[0, 0, 0], [1, 1, 1])
    np.testing.assert_allclose(load(tmp_path, background=0.0)[0, 0, 0], [0, 0, 0])
    np.testing.assert_allclose(load(tmp_path, background=1.0)[0, 3, 3], [1, 1, 0])


@pytest.mark.parametrize("content", [b"", b"no image", b"\x89PNG\r\n\x1a\n\x00\x00"])
def test_a_file_that_is_no_image_is_named_before_training(content, tmp_path):
    Image.fromarray(QUARTERS).save(tmp_path / "good.png")
    (tmp_path / "bad.png").write_bytes(content)
    with pytest.raises(ValueError, match="bad.png"):
        datasets.image_folder(tmp_path, SIDE)


def test_a_file_that_ends_too_early_is_named_when_its_turn_comes(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype("uint8")
    Image.fromarray(noise).save(tmp_path / "short.png")
    whole = (tmp_path / "short.png").read_bytes()
    (tmp_path / "short.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises((ValueError, tf.errors.InvalidArgumentError), match="short.png"):
        load(tmp_path)


def test_hidden_copies_are_left_out_and_links_are_followed_once(tmp_path):
    real, elsewhere = tmp_path / "real", tmp_path / "elsewhere"
    for folder in (real / ".ipynb_checkpoints", real / "__MACOSX", elsewhere):
        folder.mkdir(parents=True)
        Image.fromarray(QUARTERS).save(folder / "copy.png")
    Image.fromarray(QUARTERS).save(real / "._x.png")
    Image.fromarray(QUARTERS).save(real / "x.png")
    assert len(load(real)) == 1
    os.symlink(elsewhere, real / "linked")
    os.symlink(real, real / "loop")  # upward: it must end
    os.symlink(real / "x.png", real / "again.png")
    assert len(load(real)) == 2


def _grays(dataset):
    return [round(255 * float(image[0, 0, 0])) for batch in dataset for image in batch]


def test_a_split_is_disjoint_in_every_epoch_and_the_same_when_called_twice(tmp_path):
    for level in range(20):
        Image.new("L", (SIDE, SIDE), level).save(tmp_path / f"{level:02}.png")
    options = {"channels": 1, "batch_size": 3, "validation_split": 0.25, "seed": 4}
    train, validation = datasets.image_folder(tmp_path, SIDE, subset="both", **options)
    held_out = _grays(validation)
    assert len(held_out) == 5
    orders = [_grays(train) for _ in range(3)]
    for order in orders:
        assert sorted(order + held_out) == list(range(20))
    assert orders[0] != orders[1]
    again = datasets.image_folder(tmp_path, SIDE, subset="validation", **options)
    assert _grays(again) == held_out
    other = datasets.image_folder(tmp_path, SIDE, subset="validation", **options | {"seed": 5})
    assert _grays(other) != held_out


@pytest.mark.parametrize(
    "options",
    [
        {"validation_split": 1.0, "subset": "both"},
        {"validation_split": 0.5, "subset": "test"},
        {"validation_split": 0.5},
        {"subset": "both"},
        {"background": 2.0},
    ],
)
def test_bad_arguments_of_the_split_are_refused(options, tmp_path):
    for name in "ab":
        Image.fromarray(QUARTERS).save(tmp_path / f"{name}.png")
    with pytest.raises(ValueError):
        datasets.image_folder(tmp_path, SIDE, **options)
