"""Python functions that TensorFlow's threads may still call while Python ends.

Python kills a thread that asks for its lock after the end has begun. If that thread was decoding
for a `tf.data` iterator, the iterator waits for it for ever, and the process hangs.
"""

import atexit
import contextlib
import threading
import time
from collections.abc import Callable

QUIET = 0.2  # seconds without a call after which none is expected
PATIENCE = 10  # seconds at most that the end waits


class _Calls:
    """Which calls run now, and since when none did."""

    def __init__(self):
        self.lock = threading.Lock()
        self.running = 0
        self.last = -float("inf")
        self.ending = False
        atexit.register(self.end)  # runs before Python kills threads

    @contextlib.contextmanager
    def count(self):
        self._change(1)
        try:
            yield
        finally:
            self._change(-1)

    def end(self):
        self.ending = True
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and (self.running or time.monotonic() < self.last + QUIET):
            time.sleep(0.01)

    def _change(self, by):
        with self.lock:
            self.running += by
            self.last = time.monotonic()


_calls = _Calls()


def until_exit(function: Callable, otherwise: object) -> Callable:
    """The function, which returns `otherwise` at once when Python is about to end."""

    def call(*args):
        with _calls.count():
            return otherwise if _calls.ending else function(*args)

    return call
