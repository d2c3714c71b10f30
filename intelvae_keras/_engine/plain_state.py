"""What an object remembers in plain attributes: numbers, strings, arrays, and lists and dicts of them."""

import io
import json
from typing import Any

import numpy as np

_PLAIN = (type(None), bool, int, float, str)
_KINDS = "biufcSU"  # of arrays that NumPy writes without pickling
_LARGE = 2**20  # bytes of an array that is compared by its identity


class Plain:
    """A value in a form that can be compared later and written to a file.

    Args:
        value: Any value.

    Raises:
        TypeError: If it is not plain.
    """

    def __init__(self, value: Any):
        self.arrays = []
        self.tree = self._encoded(value)

    def _encoded(self, value):
        """The value as JSON has it; of an array its place among the arrays."""
        if type(value) in _PLAIN:
            return value
        if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in _KINDS:
            self.arrays.append(value)
            return ["scalar" if isinstance(value, np.generic) else "array", len(self.arrays) - 1]
        if type(value) in (list, tuple):
            return [type(value).__name__, [self._encoded(item) for item in value]]
        if type(value) is dict:
            return ["dict", [[self._encoded(k), self._encoded(v)] for k, v in value.items()]]
        raise TypeError(f"{type(value).__name__} is not plain")

    def kept(self) -> "Plain":
        """The same, safe from changes in place; but for large arrays, which most likely are data."""
        self.arrays = [a if a.nbytes >= _LARGE else np.array(a) for a in self.arrays]
        return self

    def same_as(self, other: "Plain | None") -> bool:
        """Whether the other has the same value."""
        if other is None or self.tree != other.tree:
            return False
        return all(map(_same, self.arrays, other.arrays))


def _same(one, other):
    if one is other:
        return True
    return one.nbytes < _LARGE and one.dtype == other.dtype and np.array_equal(one, other)


def of(attributes: dict[str, Any]) -> dict[str, Plain]:
    """The attributes that are plain."""
    plain = {}
    for name, value in attributes.items():
        try:
            plain[name] = Plain(value)
        except (TypeError, RecursionError):
            continue
    return plain


def to_bytes(states: dict[str, dict[str, Plain]]) -> bytes:
    """The content of a file that holds the attributes of several objects, by the objects' keys."""
    trees, arrays = {}, {}
    for key, attributes in states.items():
        trees[key] = {name: plain.tree for name, plain in attributes.items()}
        for name, plain in attributes.items():
            arrays |= {f"{key}/{name}/{i}": array for i, array in enumerate(plain.arrays)}
    file = io.BytesIO()
    np.savez(file, trees=np.array(json.dumps(trees)), **arrays)
    return file.getvalue()


def from_bytes(content: bytes) -> dict[str, dict[str, Any]]:
    """The attributes that `to_bytes` was given."""
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        return {
            key: {name: _decoded(tree, file, f"{key}/{name}") for name, tree in attributes.items()}
            for key, attributes in json.loads(str(file["trees"])).items()
        }


def _decoded(tree, file, at):
    if not isinstance(tree, list):
        return tree
    kind, content = tree
    if kind in ("array", "scalar"):
        array = file[f"{at}/{content}"]
        return array if kind == "array" else array[()]
    if kind == "dict":
        return {_decoded(key, file, at): _decoded(value, file, at) for key, value in content}
    items = [_decoded(item, file, at) for item in content]
    return items if kind == "list" else tuple(items)
