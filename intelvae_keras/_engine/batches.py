"""What `fit`, `evaluate` and `predict` are given, checked and made into batches."""

import numbers
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from intelvae_keras._engine import array_batches, arrays, streams, values


class CheckedData:
    """Mixin for a `keras.Model` with a `likelihood` and a `data_shape`: looks at data before training."""

    def check_data(self, name: str, x: Any) -> np.ndarray | tf.Tensor:
        """Data x, shape (N, *shape), checked against the model, which is built for them.

        Args:
            name: The argument's name, for the messages.
            x: An array in any form that `fit` takes.

        Returns:
            x as a numpy array, or as a tensor if it is one.

        Raises:
            TypeError: If x does not hold numbers.
            ValueError: If x is empty, not finite, of the wrong shape, or outside the support.
        """
        columns = getattr(x, "columns", None)
        x = arrays.as_array(name, x)
        if tuple(x.shape) == self.data_shape:
            raise ValueError(
                f"{name} must have a batch axis, as (N, {', '.join(map(str, self.data_shape))}); "
                f"got shape {tuple(x.shape)}. Pass one example as {name}[np.newaxis], and a data set of "
                "examples as dataset.batch(32)."
            )
        x = values.check(name, x, self.likelihood.support, self.compute_dtype, columns)
        self.check_shape(name, x)
        return x

    def check_shape(self, name: str, x: np.ndarray | tf.Tensor) -> None:
        """Checks the shape of data against the model, which is built for it.

        Args:
            name: The argument's name, for the message.
            x: Data, shape (N, *shape).

        Raises:
            ValueError: If x has another shape than the model's data.
        """
        shape = tuple(x.shape[1:])
        if self.built and shape != self.data_shape:
            raise ValueError(
                f"{name} must have shape (N, {', '.join(map(str, self.data_shape))}); "
                f"got {tuple(x.shape)}."
            )
        if not self.built:
            with self.distribute_strategy.scope():
                self.build((None, *shape))

    def check_batch(self, name: str, batch: Any) -> None:
        """Checks a batch of a stream.

        Args:
            name: The argument's name, for the messages.
            batch: x, (x, y) or (x, y, sample_weight).

        Raises:
            TypeError: As `check_data`.
            ValueError: As `check_data`; or if a weight is negative or not finite.
        """
        x, _, sample_weight = keras.utils.unpack_x_y_sample_weight(batch)
        self.check_data(name, x)
        if sample_weight is not None:
            arrays.weights(sample_weight)

    def _dataset(self, name, x, y, sample_weight, batch_size):
        if arrays.is_array(x):
            return self._array_batches(name, x, y, sample_weight, batch_size, False).dataset
        return self._checked_stream(name, x, y, sample_weight)

    def _validation_dataset(self, data, batch_size):
        x, y, sample_weight = data, None, None
        if isinstance(data, tuple | list) and len(data) <= 3 and not _holds_numbers(data):
            x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        return self._dataset("validation_data", x, y, sample_weight, batch_size)

    def _array_batches(self, name, x, y, sample_weight, batch_size, shuffle):
        x = self.check_data(name, x)
        batch_size = 32 if batch_size is None else batch_size
        if isinstance(batch_size, bool) or not isinstance(batch_size, numbers.Integral):
            raise TypeError(f"batch_size must be an integer >= 1; got {batch_size!r}.")
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1; got {batch_size}.")
        labels = None if y is None else arrays.labels("y", y, len(x), of=name)
        columns = (x,)
        if sample_weight is not None:
            weights = arrays.weights(sample_weight)
            if len(weights) != len(x):
                raise ValueError(
                    f"sample_weight must have as many rows as {name}: {len(x)}; got {len(weights)}."
                )
            columns = (x, np.zeros(len(x), "int8") if labels is None else labels, weights)
        elif labels is not None:
            columns = (x, labels)
        return array_batches.ArrayBatches(columns, batch_size, shuffle)

    def _checked_stream(self, name, data, y, sample_weight, needs_classes=False):
        if not streams.is_stream(data):
            raise TypeError(
                f"{name} must be an array, a tf.data.Dataset, a keras.utils.PyDataset or a generator; "
                f"got {type(data).__name__}.{arrays.way_out(name, data)}"
            )
        if y is not None or sample_weight is not None:
            raise ValueError(
                f"y and sample_weight must be None when {name} is a stream of batches, which then "
                "yields (x, y, sample_weight)."
            )
        batch, data = streams.standard(name, data, needs_classes)
        if batch is not None:
            self.check_batch(name, batch)
        return array_batches.without_autotuning(data) if isinstance(data, tf.data.Dataset) else data


def _holds_numbers(data):
    """Whether a list is one of rows, rather than of (x, y)."""
    return isinstance(data, list) and not any(
        part is None or arrays.is_array(part) for part in data
    )
