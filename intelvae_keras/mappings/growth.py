"""What should change in a mapping while a model trains, as plain data: `callbacks.Warmup` does it."""

from typing import NamedTuple


class Growth(NamedTuple):
    """A weight of a mapping that moves from a first value to its full one.

    value = (1 - progress) * start + progress * full, with a progress that grows linearly from 0 to 1.
    With `log`, the same holds for the logarithms. The full value is that of `Mapping.scheduled`.

    Attributes:
        weight: The weight's name, one of `Mapping.scheduled`.
        first: Epoch at which it begins to move, >= 0; fractions are allowed.
        last: Epoch at which it has its full value, > `first`.
        start: The value before.
        log: Whether the logarithm moves linearly; `start` is > 0 then.
    """

    weight: str
    first: float
    last: float
    start: float = 0.0
    log: bool = False


class Turn(NamedTuple):
    """The rays of `Clusters` turn once, as `callbacks.RayTurn` does it.

    Attributes:
        epoch: The epoch at whose beginning they turn, >= 1.
    """

    epoch: int


class Search(NamedTuple):
    """The boundaries of `Clusters` are searched, as `callbacks.BoundarySearch` does it.

    Attributes:
        first: Epoch of the first search; fractions are allowed.
        last: Epoch of the last one.
    """

    first: float
    last: float


Step = Growth | Turn | Search
