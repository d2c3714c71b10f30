"""Weights as bytes: rounded to float16 or to 8 bits a row, and the same rounding back in numpy."""

import zlib

import numpy as np
from numpy.typing import ArrayLike

TYPES = ("float32", "float16", "int8")
_LARGEST = {"float32": 3.4e38, "float16": 65504.0, "int8": 3.4e38}


class Tensors:
    """The weights of a model, one behind the other, each beginning at a multiple of 4 bytes.

    `int8` keeps a scale for each output unit (the last axis): value = scale * byte, in -127..127.
    A vector (a bias) is small, and keeps 16 bits all the same.

    Attributes:
        specs: For each tensor its shape, its type and where its bytes begin.
    """

    def __init__(self):
        self.specs = []
        self._payload = bytearray()

    def add(self, values: ArrayLike, dtype: str) -> int:
        """The index of a tensor that it appends, by which a layer names it.

        Raises:
            ValueError: If `values` are not finite, or too large for `dtype`.
        """
        values = np.asarray(values, dtype="float32")
        if dtype == "int8" and values.ndim < 2:
            dtype = "float16"
        largest = float(np.max(np.abs(values), initial=0.0))
        if not largest <= _LARGEST[dtype]:
            raise ValueError(
                f"weights must be finite, and at most {_LARGEST[dtype]:.3g} as {dtype}; "
                f"the largest is {largest}."
            )
        spec = {"shape": list(values.shape), "type": dtype}
        if dtype == "int8":
            numbers, scales = _to_bytes(values)
            spec["scales"] = self._append(scales)
            spec["offset"] = self._append(numbers)
        else:
            spec["offset"] = self._append(values.astype(dtype))
        self.specs.append(spec)
        return len(self.specs) - 1

    def _append(self, array):
        offset = len(self._payload)
        little_endian = array.astype(array.dtype.newbyteorder("<"))
        self._payload += little_endian.tobytes()
        self._payload += bytes(-len(self._payload) % 4)
        return offset

    def payload(self) -> bytes:
        """All weights, packed: first each pair's low byte, then each pair's high byte, deflated.

        A float16's high byte holds sign, exponent and little else; side by side they shrink by a half,
        and the whole by a fifth.
        """
        pairs = np.frombuffer(bytes(self._payload), "uint8").reshape(-1, 2)
        return zlib.compress(pairs.T.tobytes(), 9)


def rounded(values: ArrayLike, dtype: str) -> np.ndarray:
    """The values that the page computes with, float32: what `Tensors.add` keeps of them."""
    values = np.asarray(values, dtype="float32")
    if dtype == "int8" and values.ndim >= 2:
        numbers, scales = _to_bytes(values)
        return numbers.astype("float32") * scales
    return values.astype("float16" if dtype == "int8" else dtype).astype("float32")


def _to_bytes(values):
    axes = tuple(range(values.ndim - 1))
    scales = np.maximum(np.abs(values).max(axis=axes), 1e-30).astype("float32") / np.float32(127)
    return np.rint(values / scales).astype("int8"), scales
