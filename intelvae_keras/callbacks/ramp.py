"""A quantity that changes with the progress of training."""

import keras

from intelvae_keras._engine import checks


class Ramp(keras.callbacks.Callback):
    """Calls `apply` before each batch with a progress that grows linearly from 0 to 1.

    It follows from the state that checkpoints hold, so that a resumed run goes on as it would have.

    Args:
        epochs: Epochs of `fit` over which it grows; or
        steps: optimizer steps over which it grows, counted over the model's whole life.
    """

    every_batch = False  # a few batches at a time will do, see `_engine.steps`

    def __init__(self, epochs=None, steps=None):
        super().__init__()
        if (epochs is None) == (steps is None):
            raise ValueError(
                f"{type(self).__name__} takes either epochs or steps; got epochs={epochs}, steps={steps}."
            )
        name, duration = ("steps", steps) if epochs is None else ("epochs", epochs)
        checks.positive(name, duration)
        self.epochs = epochs
        self.steps = steps
        self._epoch = 0

    def apply(self, progress):
        """Sets the quantity; progress in [0, 1]."""
        raise NotImplementedError

    def on_epoch_begin(self, epoch, logs=None):
        """Notes the epoch."""
        self._epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        """Sets the quantity for this batch."""
        if self.epochs is None:
            progress = int(keras.ops.convert_to_numpy(self.model.optimizer.iterations)) / self.steps
        else:
            batches = self.params.get("steps")  # None for a stream of unknown length
            within = batch / batches if batches else 0.0
            progress = (self._epoch + within) / self.epochs
        self.apply(min(progress, 1.0))
