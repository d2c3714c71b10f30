"""What `fit`, `evaluate` and `predict` are given, checked and made into batches."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from intelvae_keras._engine import array_batches, arrays, streams, values
from intelvae_keras._engine.parts import Parts


class CheckedData(Parts):
    """Data are looked at before any training time is spent, and are converted once."""

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
        # By the likelihood's names first: a table's frame may have its columns in another order.
        columns = getattr(self.likelihood, "names", None) or getattr(x, "columns", None)
        x = arrays.as_array(name, self.likelihood.array(x))
        if tuple(x.shape) == self.data_shape:
            raise ValueError(
                f"{name} must have a batch axis, as (N, {', '.join(map(str, self.data_shape))}); "
                f"got shape {tuple(x.shape)}. Pass one example as {name}[np.newaxis], and a data set of "
                "examples as dataset.batch(32)."
            )
        values.check(name, x, None, self.likelihood.compute_dtype, columns, self.likelihood.missing)
        self.check_shape(name, x)
        titles = None if columns is None else list(columns)
        self.likelihood.check_values(name, np.asarray(x), titles)
        self._check_seen(name, x)
        return x

    def _check_seen(self, name, x):
        """Checks that half precision or int32, if the encoder works in it, can hold what it sees."""
        if self.encoder_dtype == self.likelihood.compute_dtype:
            return
        for rows in array_batches.in_pieces(x):
            values.check(name, self.likelihood.features(rows), dtype=self.encoder_dtype)

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
            ValueError: As `check_data`; or if a weight is negative or not finite, or y or the weights have
                another length than x.
        """
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(batch)
        x = self.check_data(name, x)
        refuse_targets(name, x, y)
        if y is not None:
            arrays.labels("y", y, len(x), of=name)
        if sample_weight is not None:
            check_length("sample_weight", arrays.weights(sample_weight), name, x)

    def _dataset(self, name, x, y, sample_weight, batch_size):
        if arrays.is_array(x):
            columns = self._columns(name, x, y, sample_weight)
            return array_batches.ArrayBatches(columns, batch_size).dataset
        return self._checked_stream(name, x, y, sample_weight)

    def _validation_dataset(self, data, batch_size):
        x, y, sample_weight = data, None, None
        if isinstance(data, tuple | list) and 1 <= len(data) <= 3 and not _holds_numbers(data):
            x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        return self._dataset("validation_data", x, y, sample_weight, batch_size)

    def _columns(self, name, x, y, sample_weight):
        """(x,), (x, y) or (x, y, sample_weight) as arrays of the same length, checked."""
        given, x = x, self.check_data(name, x)
        labels = None if y is None else arrays.labels("y", y, len(x), of=name)
        if y is not given:  # a table's frame is no array yet
            refuse_targets(name, x, labels)
        if sample_weight is not None:
            weights = arrays.weights(sample_weight)
            check_length("sample_weight", weights, name, x)
            return x, np.zeros(len(x), "int8") if labels is None else labels, weights
        return (x,) if labels is None else (x, labels)

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
        batch, data = streams.standard(name, data, needs_classes, self.check_batch)
        if batch is not None:
            self.check_batch(name, batch)
        return array_batches.without_autotuning(data) if isinstance(data, tf.data.Dataset) else data


def check_length(argument, values, name, x):
    """Refuses values that are more or fewer than the examples."""
    if len(values) != len(x):
        raise ValueError(
            f"{argument} must have as many rows as {name}: {len(x)}; got {len(values)}."
        )


def refuse_targets(name, x, y):
    """Refuses a y that is another x: Keras would train towards it, an InteL-VAE has no use for it."""
    if y is x or not arrays.is_array(y) or tuple(y.shape) != tuple(x.shape):
        return
    y, x = np.asarray(y), np.asarray(x)
    labels = np.isin(y, (0, 1)).all() and (y.reshape(len(y), -1).sum(axis=1) == 1).all()  # one-hot
    labels |= y.shape[1:] == (1,) and y.dtype.kind in "iu" and x.dtype.kind == "f"  # of one column
    if labels or y.dtype.kind not in "fiub":
        return
    # In single precision: x may have been rounded to it, and y not. NaN is a hole here.
    rounded = (array.astype("float32", copy=False) for array in (y, x))
    if np.array_equal(*rounded, equal_nan=True):
        return
    raise ValueError(
        f"y must be labels, which are ignored, or {name} itself; got other values of the same shape, "
        f"{tuple(x.shape)}. A VAE reconstructs {name}. For a denoising VAE pass the clean data alone, and "
        "let the encoder add the noise: keras.Sequential([keras.layers.GaussianNoise(0.1), encoder])."
    )


def _holds_numbers(data):
    """Whether a list is one of rows, rather than of (x, y)."""
    return isinstance(data, list) and not any(
        part is None or arrays.is_array(part) for part in data
    )
