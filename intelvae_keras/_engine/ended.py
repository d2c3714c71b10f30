"""An epoch without any batch, which a `fit` does not count as one."""

import keras


class Ended(keras.callbacks.Callback):
    """Ends a `fit` whose data ended with an epoch: Keras would report a loss of 0.0 for the next one."""

    async_safe = True
    schedules = ()

    def __init__(self):
        super().__init__()
        self.has_trained = True

    def on_epoch_begin(self, epoch, logs=None):
        """Nothing has been trained yet."""
        self.has_trained = False

    def on_train_batch_end(self, batch, logs=None):
        """Now something has."""
        self.has_trained = True

    def on_epoch_end(self, epoch, logs=None):
        """Raises a ValueError if the epoch had no batch."""
        if not self.has_trained:
            raise ValueError(
                f"x has ended: no batch was left for epoch {epoch + 1}. Leave steps_per_epoch out, or let x "
                "go on without end, such as by dataset.repeat()."
            )
