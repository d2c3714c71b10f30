"""Locks that the operating system holds: they end with the process, however it ends."""

import contextlib
import os
import pathlib
from collections.abc import Callable, Iterator

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None
    import msvcrt


class HeldFile:
    """A file that one process at a time may hold; a kill lets go of it.

    Args:
        path: The file, which is made if need be.

    Raises:
        BlockingIOError: If it is held already.
    """

    def __init__(self, path: pathlib.Path):
        self.path = path
        while True:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
            try:
                _lock(self._file)
            except OSError as error:
                os.close(self._file)
                raise BlockingIOError(f"{path} is held") from error
            if self._is_there():
                return
            os.close(self._file)  # the one who held it has removed the file meanwhile

    def _is_there(self):
        with contextlib.suppress(FileNotFoundError):
            return os.path.samestat(os.stat(self.path), os.fstat(self._file))
        return False

    def release(self) -> None:
        """Removes the file and lets go of it; a second time does nothing."""
        if self._file is not None:
            with contextlib.suppress(OSError):  # Windows removes no open file
                self.path.unlink()
            os.close(self._file)
            self._file = None


def _lock(file):
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    else:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)


@contextlib.contextmanager
def used_by_many(folder: pathlib.Path, first: Callable[[pathlib.Path], None]) -> Iterator[None]:
    """A lock of a folder that many may hold at once; whoever comes to an unused one calls `first`.

    Where the system cannot lock a folder, nothing is locked, and `first` is not called.
    """
    try:
        file = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows cannot open folders
        yield
        return
    try:
        if fcntl is not None:
            _lock_folder(file, folder, first)
        yield
    finally:
        os.close(file)


def _lock_folder(file, folder, first):
    with contextlib.suppress(OSError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        first(folder)
    with contextlib.suppress(OSError):  # some disks of other machines cannot
        fcntl.flock(file, fcntl.LOCK_SH)
