"""A quantity that changes with the progress of training."""

import math

import keras

from intelvae_keras._engine import checks

Span = float | tuple[float, float]  # (first, last), or the last alone, from 0 on


class Ramp(keras.callbacks.Callback):
    """A callback that calls `apply` before each batch, with a progress that grows linearly from 0 to 1.

    It follows from the state that checkpoints hold, so that a resumed run goes on as it would have.

    Args:
        epochs: Epochs of `fit` over which it grows: their number, or (first, last); or
        steps: optimizer steps over which it grows, likewise, counted over the model's whole life.

    Attributes:
        schedules: The names of the weights that the callback moves: `fit` leaves them to it.
    """

    every_batch = False  # a few batches at a time will do, see `_engine.steps`
    schedules: tuple[str, ...] = ()

    def __init__(self, epochs: Span | None = None, steps: Span | None = None):
        super().__init__()
        if (epochs is None) == (steps is None):
            raise ValueError(
                f"{type(self).__name__} takes either epochs or steps; got epochs={epochs}, steps={steps}."
            )
        name, span = ("steps", steps) if epochs is None else ("epochs", epochs)
        self.first, self.last = _span(name, span)
        self.epochs = epochs
        self.steps = steps
        self._epoch = 0

    def apply(self, progress: float) -> None:
        """Sets the quantity; progress in [0, 1]."""
        raise NotImplementedError

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Notes the epoch."""
        self._epoch = epoch

    def on_train_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        """Sets the quantity for this batch."""
        if self.epochs is None:
            now = int(keras.ops.convert_to_numpy(self.model.optimizer.iterations))
        else:
            batches = self.params.get("steps")  # None for a stream of unknown length
            # No epoch comes after the last, at whose begin it would be grown.
            last = self._epoch + 1 >= self.params.get("epochs", math.inf)
            now = self._epoch + (batch / batches if batches else float(last))
        self.apply(min(max((now - self.first) / (self.last - self.first), 0.0), 1.0))


def _span(name, span):
    """(first, last) from what the user gave."""
    if not isinstance(span, list | tuple):
        return 0.0, checks.positive(name, span)
    if len(span) != 2:
        raise ValueError(f"{name} must be a number or (first, last); got {span!r}.")
    first, last = checks.number(name, span[0]), checks.positive(name, span[1])
    if first >= last:
        raise ValueError(f"{name} must be (first, last) with first < last; got {span!r}.")
    return first, last
