"""One image file to its pixels: Pillow decodes, because it sees what the container says.

TensorFlow's decoder ignores EXIF's rotation, reads the indices of a palette bmp as colours, and
turns 16 bits into 8. Its ordinary JPEGs differ from Pillow's by up to 4 of 255 levels, since its
inverse cosine transform is the fast one; Pillow's is the exact one. Only for 16-bit PNG files is
TensorFlow the better: Pillow has no mode for 16-bit colour, and drops 8 of the 16 bits.
"""

import contextlib
import io
import os
from pathlib import Path

import numpy as np
from PIL import Image

FORMATS = ("BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")
ORIENTATION = 0x0112  # EXIF's tag
BITS_PER_SAMPLE, PHOTOMETRIC = 258, 262  # TIFF's tags
STRIP_OFFSETS, STRIP_BYTES = 273, 279
_ENDS = {"PNG": b"IEND\xaeB`\x82", "JPEG": b"\xff\xd9", "GIF": b";"}
GRAYS = ("1", "L", "LA", "La")
COLOURS = ("P", "PA", "RGB", "RGBX", "RGBA", "RGBa", "CMYK", "YCbCr")
# The inverse of what EXIF says the camera did: mirrors and turns of an array (H, W, C).
UPRIGHT = {
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: a.swapaxes(0, 1)[:, ::-1],
    7: lambda a: a.swapaxes(0, 1)[::-1, ::-1],
    8: lambda a: a.swapaxes(0, 1)[::-1],
}


def check(file: str) -> None:
    """Raises ValueError, which names the file, if its header or its end is not that of a usable image."""
    with _naming(file), open(file, "rb") as stream, _opened(stream) as image:
        _bits(image)
        if _may_be_cut_off(stream, image):
            image.load()  # raises if it is: some telephones only write more behind the end


def decode(file: str) -> np.ndarray:
    """The pixels of an image file, upright.

    Args:
        file: Its path. Of several frames or pages the first is read.

    Returns:
        An array (H, W, C) of uint8, or uint16 where the file has 16 bits. C is 1 for gray, 2 for
        gray and alpha, 3 for RGB, 4 for RGB and alpha.

    Raises:
        ValueError: If the file is missing, damaged, no image or of an unknown kind. It names the
            file.
    """
    with _naming(file):
        content = Path(file).read_bytes()
        with _opened(io.BytesIO(content)) as image:
            bits = _bits(image)
            image.load()
            if bits == 16 and image.format == "PNG":
                pixels = _png_of_16_bits(content, image.has_transparency_data)
            elif bits == 16:
                pixels = np.asarray(image).astype(np.uint16)  # in the machine's byte order
            else:
                pixels = np.asarray(image.convert(_mode(image)))
            turn = UPRIGHT.get(_orientation(image), np.asarray)
    return turn(pixels.reshape(*pixels.shape[:2], -1))


def printable(path: str | os.PathLike) -> str:
    """The path with bytes that are not UTF-8 escaped: such a name could not be printed."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


@contextlib.contextmanager
def _naming(file):
    """Turns whatever a decoder raises into a ValueError that names the file."""
    try:
        yield
    except Exception as error:  # decoders of damaged files raise nearly everything
        what = f"{type(error).__name__}: {error}".replace("\n", " ").rstrip(". ")
        way_out = "Replace or remove it."
        if isinstance(error, _Unsuitable):
            what, way_out = str(error), "Convert it, for example to PNG, or remove it."
        elif isinstance(error, OSError) and error.strerror:
            link = ", a link that leads nowhere" if os.path.islink(file) else ""
            what = error.strerror + link * (not os.path.exists(file))
        elif not str(error):
            what = type(error).__name__
        elif isinstance(error, OSError):  # Pillow's own, which say what is wrong
            what = str(error)
        raise ValueError(
            f"{printable(file)} is no image that can be read: {what}. {way_out}"
        ) from error


class _Unsuitable(Exception):
    """A file that is in order, but not of a kind that becomes levels in [0, 1]."""


def _opened(stream):
    """Opens an image lazily; otherwise the error says what the file is."""
    try:
        # Named, so that a file is never run: Pillow gives PostScript to an interpreter.
        return Image.open(stream, formats=FORMATS)
    except Image.UnidentifiedImageError as error:
        stream.seek(0)
        start = stream.read(16)
        if not start:
            raise OSError("it is empty") from error
        if start[4:8] == b"ftyp":  # HEIC and AVIF, which telephones write
            kind = start[8:12].decode("ascii", "backslashreplace")
            raise _Unsuitable(
                f"it is of the kind {kind!r}, not one of {', '.join(FORMATS)}"
            ) from error
        raise OSError(f"it starts with {start!r}, as none of {', '.join(FORMATS)} does") from error


def _may_be_cut_off(stream, image):
    """Whether the file does not end as its kind does, or is shorter than it says itself."""
    position = stream.tell()
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - 12))
    end = stream.read()
    stream.seek(2)
    bmp_size = int.from_bytes(stream.read(4), "little")
    stream.seek(position)
    if image.format in _ENDS:
        return not end.endswith(_ENDS[image.format])
    if image.format == "TIFF":
        places = (image.tag_v2.get(tag, ()) for tag in (STRIP_OFFSETS, STRIP_BYTES))
        return max(map(sum, zip(*places, strict=False)), default=size + 1) > size  # tiles, too
    return image.format == "BMP" and size < bmp_size


def _bits(image):
    """The bits of a sample, 8 (or fewer) or 16; raises where the levels have no known range."""
    bits = 8
    if image.format == "PNG":
        position = image.fp.tell()
        image.fp.seek(24)  # the header chunk comes first: 8 + 8 bytes, width, height, depth
        bits = image.fp.read(1)[0]
        image.fp.seek(position)
    elif image.format == "TIFF":
        tags = image.tag_v2
        bits = max(tags.get(BITS_PER_SAMPLE, (1,)))
        black_is_zero = image.mode.startswith("I;16") and tags.get(PHOTOMETRIC) == 1
        if bits > 8 and not (bits == 16 and black_is_zero):
            raise _Unsuitable(
                f"a TIFF must have samples of 8 bits, or gray ones of 16 whose 0 is black; this "
                f"has {bits} bits and the mode {image.mode}"
            )
    if bits <= 8 and image.mode not in GRAYS + COLOURS:
        raise _Unsuitable(f"its mode is {image.mode}, which has no known black and white")
    return 16 if bits == 16 else 8


def _mode(image):
    """Pillow's name of what an 8-bit image becomes."""
    mode = "L" if image.mode in GRAYS else "RGB"
    return mode + "A" if image.has_transparency_data else mode


def _png_of_16_bits(content, has_alpha):
    import tensorflow as tf  # here, not above: the package imports fast

    return tf.io.decode_png(content, channels=4 * has_alpha, dtype=tf.uint16).numpy()


def _orientation(image):
    if image.format == "TIFF":
        return 1  # Pillow turns it itself
    try:
        return image.getexif().get(ORIENTATION)
    except Exception:  # damaged EXIF: every viewer shows the pixels as they lie
        return 1
