"""Each kind of image file against colours that are known without any decoder."""

import io
import struct
import zlib

import numpy as np
import pytest
from helpers.folders import all_images, save
from PIL import Image

from intelvae_keras import datasets
from intelvae_keras.datasets import decoding

COLOURS = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 0]]], np.uint8)


def chunk(kind, content):
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def png(rows, bits, colour, *, before=b"", after=b""):
    """The bytes of a PNG by its specification: colour 0 gray, 2 RGB, 3 palette, 4 LA, 6 RGBA."""
    rows = np.asarray(rows)
    height, width = rows.shape[:2]
    flat = rows.reshape(height, -1)
    if bits >= 8:
        lines = [row.astype(f">u{bits // 8}").tobytes() for row in flat]
    else:
        digits = ["".join(f"{v:0{bits}b}" for v in row) for row in flat]
        lines = [
            int(d.ljust(-(-len(d) // 8) * 8, "0"), 2).to_bytes(-(-len(d) // 8)) for d in digits
        ]
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + line for line in lines))  # filter 0: none
    chunks = chunk(b"IHDR", header) + before + chunk(b"IDAT", pixels) + after + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def read(folder, size, **options):
    (image,) = all_images(datasets.image_folder(folder, size, **options))
    return image


class TestOrientation:
    """EXIF says where the stored first row and column are in the upright picture."""

    UPRIGHT = np.arange(9).reshape(3, 3) * 20
    # From the standard: (row 0, column 0) of the stored array is (top, left), (top, right), ...
    STORED = {
        1: UPRIGHT,
        2: UPRIGHT[:, ::-1],
        3: UPRIGHT[::-1, ::-1],
        4: UPRIGHT[::-1],
        5: UPRIGHT.T,
        6: UPRIGHT.T[::-1],  # row 0 is the right side from the top
        7: UPRIGHT[::-1, ::-1].T,
        8: UPRIGHT.T[:, ::-1],  # row 0 is the left side from the bottom
    }

    @pytest.mark.parametrize("orientation", range(1, 9))
    @pytest.mark.parametrize("suffix", ["png", "tif", "webp"])
    def test_all_eight(self, tmp_path, orientation, suffix):
        stored = np.repeat(self.STORED[orientation][..., None], 3, axis=-1)
        exif = Image.Exif()
        exif[0x0112] = orientation
        options = {"lossless": True} if suffix == "webp" else {}
        save(tmp_path / f"a.{suffix}", stored, exif=exif, **options)
        np.testing.assert_allclose(read(tmp_path, 3)[..., 0] * 255, self.UPRIGHT, atol=1e-4)

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_jpeg(self, tmp_path, orientation):
        # Blocks of 16 x 16, so that JPEG keeps their inner levels.
        exif = Image.Exif()
        exif[0x0112] = orientation
        stored = np.kron(self.STORED[orientation], np.ones((16, 16)))
        save(tmp_path / "a.jpg", stored, quality=100, exif=exif)
        levels = read(tmp_path, 48, channels=1)[8::16, 8::16, 0] * 255
        np.testing.assert_allclose(levels, self.UPRIGHT, atol=2)

    @pytest.mark.parametrize("bits", [8, 16])
    def test_exif_behind_the_pixels_of_a_png(self, tmp_path, bits):
        exif = Image.Exif()
        exif[0x0112] = 6
        after = chunk(b"eXIf", exif.tobytes()[6:])
        (tmp_path / "a.png").write_bytes(png(self.STORED[6], bits, 0, after=after))
        x = read(tmp_path, 3, channels=1)[..., 0]
        np.testing.assert_allclose(x * (2**bits - 1), self.UPRIGHT, atol=1e-3)

    @pytest.mark.parametrize("exif", [b"Exif\0\0no tiff header", b"Exif\0\0II*\0", b"other"])
    def test_damaged_exif_leaves_the_pixels(self, tmp_path, exif):
        save(tmp_path / "a.jpg", np.full((8, 8, 3), 102), exif=exif)
        np.testing.assert_allclose(read(tmp_path, 8), 0.4, atol=0.005)

    def test_turned_before_it_is_cropped(self, tmp_path):
        exif = Image.Exif()
        exif[0x0112] = 6
        stored = np.repeat(np.arange(0, 250, 25)[None, :, None], 5, axis=0) * np.ones(3)
        save(tmp_path / "a.png", stored, exif=exif)  # 5 x 10 becomes 10 x 5
        expected = np.repeat(np.arange(0, 250, 25)[2:7, None], 5, axis=1)
        np.testing.assert_allclose(read(tmp_path, 5)[..., 0] * 255, expected, atol=1e-4)


class TestSixteenBits:
    LEVELS = np.arange(256, dtype=np.uint16).reshape(16, 16) * 255 + 7  # 256 of 65,536

    @pytest.mark.parametrize("channels", [1, 3])
    def test_gray_png(self, tmp_path, channels):
        (tmp_path / "a.png").write_bytes(png(self.LEVELS, 16, 0))
        x = read(tmp_path, 16, channels=channels)
        np.testing.assert_allclose(
            x, np.repeat(self.LEVELS[..., None] / 65535, channels, 2), rtol=1e-6
        )

    def test_neighbouring_levels_stay_apart(self, tmp_path):
        # 256 neighbouring levels are one level of 8 bits.
        levels = 30_000 + np.arange(256, dtype=np.uint16).reshape(16, 16)
        Image.fromarray(levels).save(tmp_path / "a.png")
        assert len(np.unique(read(tmp_path, 16, channels=1))) == 256

    def test_colour_png(self, tmp_path):
        levels = np.stack([self.LEVELS, self.LEVELS[::-1], 65535 - self.LEVELS], axis=-1)
        (tmp_path / "a.png").write_bytes(png(levels, 16, 2))
        np.testing.assert_allclose(read(tmp_path, 16), levels / 65535, rtol=1e-6)

    @pytest.mark.parametrize("colour", [4, 6])
    def test_png_with_alpha(self, tmp_path, colour):
        levels = np.full((4, 4, 2 if colour == 4 else 4), 1000)
        levels[..., -1] = 65535 // 5
        (tmp_path / "a.png").write_bytes(png(levels, 16, colour))
        np.testing.assert_allclose(read(tmp_path, 4), 1000 / 65535, rtol=1e-6)
        expected = 0.2 * 1000 / 65535 + 0.8
        np.testing.assert_allclose(read(tmp_path, 4, background=1), expected, rtol=1e-6)

    @pytest.mark.parametrize("dtype", ["<u2", ">u2"])
    def test_gray_tiff(self, tmp_path, dtype):
        Image.fromarray(self.LEVELS.astype(dtype)).save(tmp_path / "a.tif")
        x = read(tmp_path, 16, channels=1)[..., 0]
        np.testing.assert_allclose(x, self.LEVELS / 65535, rtol=1e-6)

    @pytest.mark.parametrize("dtype", [np.float32, np.int32])
    def test_levels_of_no_known_range(self, tmp_path, dtype):
        Image.fromarray(np.ones((4, 4), dtype)).save(tmp_path / "a.tif")
        with pytest.raises(
            ValueError, match="a.tif is no .*32 bits.*Convert it, for example to PNG"
        ):
            datasets.image_folder(tmp_path, 4)


class TestContainers:
    @pytest.mark.parametrize("suffix", ["png", "bmp", "gif", "tif"])
    def test_palette(self, tmp_path, suffix):
        image = Image.fromarray(np.array([[2, 0], [1, 3]], np.uint8), mode="P")
        image.putpalette([0, 255, 0, 0, 0, 255, 255, 0, 0, 255, 255, 0])
        image.save(tmp_path / f"a.{suffix}")
        np.testing.assert_array_equal(read(tmp_path, 2), COLOURS / 255)

    @pytest.mark.parametrize(("background", "expected"), [(None, [1, 0, 0]), (1, [1, 0.8, 0.8])])
    def test_palette_with_transparency(self, tmp_path, background, expected):
        palette = chunk(b"PLTE", bytes([255, 0, 0])) + chunk(b"tRNS", bytes([51]))
        (tmp_path / "a.png").write_bytes(png(np.zeros((4, 4), int), 1, 3, before=palette))
        x = read(tmp_path, 4, background=background)
        np.testing.assert_allclose(x, np.broadcast_to(expected, (4, 4, 3)), atol=1e-6)

    @pytest.mark.parametrize("bits", [8, 16])
    def test_transparent_colour(self, tmp_path, bits):
        levels = COLOURS.astype(int) * (257 if bits == 16 else 1)
        red = chunk(b"tRNS", struct.pack(">HHH", *levels[0, 0]))
        (tmp_path / "a.png").write_bytes(png(levels, bits, 2, before=red))
        np.testing.assert_array_equal(read(tmp_path, 2), COLOURS / 255)
        expected = COLOURS / 255
        expected[0, 0] = 0.5
        np.testing.assert_allclose(read(tmp_path, 2, background=0.5), expected, atol=1e-6)

    @pytest.mark.parametrize("bits", [1, 2, 4])
    def test_few_bits(self, tmp_path, bits):
        levels = np.arange(16).reshape(4, 4) % 2**bits
        (tmp_path / "a.png").write_bytes(png(levels, bits, 0))
        x = read(tmp_path, 4, channels=1)[..., 0]
        np.testing.assert_allclose(x, levels / (2**bits - 1), atol=1e-6)

    @pytest.mark.parametrize("suffix", ["png", "bmp", "tif"])
    def test_one_bit(self, tmp_path, suffix):
        levels = np.indices((8, 8)).sum(axis=0) % 2
        save(tmp_path / f"a.{suffix}", levels * 255, "1")
        np.testing.assert_array_equal(read(tmp_path, 8, channels=1)[..., 0], levels)

    @pytest.mark.parametrize("suffix", ["jpg", "tif"])
    def test_cmyk(self, tmp_path, suffix):
        # R = 1 - C where there is no black; JPEG rounds.
        colour = Image.new("CMYK", (16, 16), (255, 51, 0, 0))
        colour.save(tmp_path / f"a.{suffix}", **({"quality": 100} if suffix == "jpg" else {}))
        x = read(tmp_path, 8)
        np.testing.assert_allclose(x, np.broadcast_to([0, 0.8, 1], x.shape), atol=0.012)

    @pytest.mark.parametrize("suffix", ["gif", "png", "tif", "webp"])
    def test_first_of_several_frames(self, tmp_path, suffix):
        first, second = (Image.new("RGB", (8, 8), (level,) * 3) for level in (102, 204))
        options = {"lossless": True} if suffix == "webp" else {}
        first.save(tmp_path / f"a.{suffix}", save_all=True, append_images=[second], **options)
        np.testing.assert_allclose(read(tmp_path, 4), 0.4, atol=1e-6)

    def test_content_counts_not_the_ending(self, tmp_path):
        save(tmp_path / "a.jpg", COLOURS, format="bmp")
        np.testing.assert_array_equal(read(tmp_path, 2), COLOURS / 255)


def encoded(kind):
    stream = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(pixels).save(stream, kind)
    return stream.getvalue()


class TestFaults:
    @pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "bmp", "tiff", "webp"])
    @pytest.mark.parametrize("kept", [1, 20, 0.5, 0.9])
    def test_cut_off(self, tmp_path, kind, kept):
        content = encoded(kind)
        file = tmp_path / f"a.{kind}"
        file.write_bytes(content[: kept if kept >= 1 else int(kept * len(content))])
        with pytest.raises(ValueError, match=f"{file} is no image that can be read: .*remove it"):
            decoding.decode(str(file))

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "it is empty. Replace"),
            (b"hello", "it starts with b'hello', as none of BMP, GIF, .* does. Replace"),
            (b"%!PS-Adobe-3.0 EPSF-3.0\n", "it starts with b'%!PS"),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "it is of the kind 'heic'.*Convert it"),
        ],
        ids=["empty", "text", "postscript", "heic"],
    )
    def test_no_image(self, tmp_path, content, message):
        file = tmp_path / "a.png"
        file.write_bytes(content)
        for look in (decoding.check, decoding.decode):
            with pytest.raises(ValueError, match=f"{file} is no image that can be read: {message}"):
                look(str(file))

    @pytest.mark.parametrize("kind", ["bmp", "gif", "jpg", "png", "tif", "webp"])
    def test_a_file_that_is_cut_off_is_found_before_it_is_decoded(self, tmp_path, kind):
        file = tmp_path / f"a.{kind}"
        save(file, np.random.default_rng(0).integers(0, 256, (40, 40, 3)))
        decoding.check(str(file))
        content = file.read_bytes()
        for kept in (0.4, 0.9):
            file.write_bytes(content[: int(kept * len(content))])
            with pytest.raises(ValueError, match=f"{file} is no image that can be read"):
                decoding.check(str(file))

    def test_what_a_telephone_writes_behind_the_end_is_no_damage(self, tmp_path):
        save(tmp_path / "a.jpg", np.zeros((8, 8, 3)))
        (tmp_path / "a.jpg").write_bytes((tmp_path / "a.jpg").read_bytes() + b"a short film" * 9)
        decoding.check(str(tmp_path / "a.jpg"))

    def test_bomb(self, tmp_path, monkeypatch):
        save(tmp_path / "a.png", np.zeros((64, 64, 3)))
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
        with pytest.raises(ValueError, match="a.png is no .*DecompressionBombError.*4096 pixels"):
            datasets.image_folder(tmp_path, 4)
