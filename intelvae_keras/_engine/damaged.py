"""The error of a file that is not as it was written, and of one that was written to do harm."""

import zipfile


class DamagedFile(OSError, ValueError):
    """A file that is not as it was written: an OSError, and a ValueError, since its content is refused."""


def largest(stored: int) -> int:
    """The bytes in memory that so many on the disk may become: no file of numbers has more."""
    return max(2**30, 100 * stored)  # the ratio is Keras'


def refuse_bombs(archive: zipfile.ZipFile) -> None:
    """Refuses a zip file that would take far more memory than it takes on the disk.

    Raises:
        DamagedFile: If it is such a file.
    """
    for member in archive.infolist():
        if member.file_size > largest(member.compress_size):
            raise DamagedFile(f"{member.filename} in it would take {member.file_size:,} bytes")
