"""Streams of batches, in every form that Python has, as a form that Keras takes."""

import collections
import contextlib
import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping

import keras
import numpy as np
import tensorflow as tf

from intelvae_keras._engine import arrays, old_keras

_PREFETCH = 2  # batches that Python makes while a step runs
_ENOUGH = 2 * 10**7  # data values that are looked at, 80 MB
_raised: collections.deque = collections.deque(maxlen=2)  # by the Python code of streams
_FORMS = "x, (x, y) or (x, y, sample_weight)"


def is_stream(data):
    """Whether data may be a stream of batches: it can be gone through, but is no container."""
    return isinstance(data, Iterable) and not isinstance(data, Collection)


def is_read_once(stream):
    """Whether a second look at a stream would take batches from training."""
    return isinstance(stream, Iterator | tf.distribute.DistributedDataset)


def first_batch(data):
    """Looks at the first batch of a data set.

    Args:
        data: A `tf.data.Dataset` or a `keras.utils.PyDataset`.

    Returns:
        (batch, data): the batch, or None where there is none.
    """
    if isinstance(data, tf.data.Dataset):
        return next(iter(data.take(1)), None), data
    return (data[0] if data.num_batches != 0 else None), data


def examples(data, most):
    """The first examples of a stream, about `most`, or 1,000 of large ones, as a numpy array.

    Args:
        data: A `tf.data.Dataset` or a `keras.utils.PyDataset` of tuples, that can be read again.
        most: How many.
    """
    parts, count = [], 0
    if isinstance(data, keras.utils.PyDataset):
        numbers = itertools.count() if data.num_batches is None else range(data.num_batches)
        data = map(data.__getitem__, numbers)
    for batch in data:
        parts.append(np.asarray(keras.utils.unpack_x_y_sample_weight(batch)[0]))
        count += len(parts[-1])
        if count >= most or (count >= 1_000 and count * parts[-1][0].size >= _ENOUGH):
            break
    return np.concatenate(parts)


def standard(name, stream, needs_classes=False, check=None):
    """A stream as a `tf.data.Dataset` or a `PyDataset` of tuples, and its first batch.

    Labels that are no numbers are left out, since the model ignores them. Nothing is lost from a
    generator or another iterator by looking at its first batch.

    Args:
        name: The argument's name, for the messages.
        stream: A `tf.data.Dataset`, a `PyDataset`, a PyTorch DataLoader, a generator or another
            iterable of batches.
        needs_classes: Whether the labels are needed, for class weights.
        check: A function of the name and a batch that raises, for the further batches of an iterable or a
            `PyDataset`.

    Returns:
        (batch, stream). The batch is None for a `DistributedDataset`, which cannot be looked into.

    Raises:
        TypeError: If the batches are dictionaries, sparse, or hold other things than numbers.
        ValueError: If the stream is empty, or its batches have another number of parts.
    """
    old_keras.refuse(name, stream)
    if isinstance(stream, tf.distribute.DistributedDataset):
        return None, stream
    if isinstance(stream, tf.data.Dataset):
        batch, stream = first_batch(_of_dataset(name, stream, needs_classes))
    elif isinstance(stream, keras.utils.PyDataset):
        batch, stream = first_batch(_Standard(name, stream, needs_classes, check))
    else:
        batch, stream = _of_iterable(name, stream, needs_classes, check)
    if batch is None:
        raise ValueError(f"{name} is empty: the stream yields no batch.")
    return batch, stream


def standard_batch(name, batch, needs_classes=False):
    """(x,), (x, y) or (x, y, sample_weight) as arrays, from what a stream of Python's yields."""
    if isinstance(batch, Mapping):
        raise TypeError(
            f"{name} must yield {_FORMS}; it yields dictionaries.{arrays.way_out('batch', batch)}"
        )
    parts = tuple(batch) if isinstance(batch, tuple) or _has_arrays(batch) else (batch,)
    _check_length(name, parts)
    x, y, sample_weight = [*parts, None, None][:3]
    x = np.asarray(arrays.as_array(name, x))
    y = None if y is None else arrays.numeric(y)
    _check_classes(needs_classes, y is not None)
    if sample_weight is not None:
        y = np.zeros(len(x), "int8") if y is None else y
        return x, y, arrays.weights(sample_weight)
    return (x,) if y is None else (x, y)


class _Standard(keras.utils.PyDataset):
    """A `PyDataset` whose batches are in standard form."""

    def __init__(self, name, source, needs_classes, check):
        super().__init__(
            workers=source.workers,
            use_multiprocessing=source.use_multiprocessing,
            max_queue_size=source.max_queue_size,
        )
        self.name, self.source, self.needs_classes = name, source, needs_classes
        self.check = None if source.use_multiprocessing else check  # of the model, in this process

    @property
    def num_batches(self):
        return self.source.num_batches

    def __getitem__(self, index):
        batch = standard_batch(self.name, self.source[index], self.needs_classes)
        if self.check is not None:
            self.check(self.name, batch)
        return batch

    def on_epoch_begin(self):
        self.source.on_epoch_begin()

    def on_epoch_end(self):
        self.source.on_epoch_end()


@contextlib.contextmanager
def own_errors():
    """Raises what the Python code of a stream has raised, in place of TensorFlow's report of it."""
    try:
        yield
    except tf.errors.OpError as report:
        own = [error for error in _raised if str(error) in str(report)]
        _raised.clear()
        if own:
            raise own[-1] from None
        raise


def _noting_errors(batches):
    """The function of a stream's batches, whose errors `own_errors` knows."""

    def noting():
        try:
            yield from batches()
        except Exception as error:
            _raised.append(error)
            raise

    return noting


def _of_iterable(name, iterable, needs_classes, check):
    iterator = iter(iterable)
    try:
        batch = standard_batch(name, next(iterator), needs_classes)
    except StopIteration:
        return None, None
    types = [part.dtype for part in batch]
    once = itertools.chain([batch], iterator) if iterator is iterable else None

    def batches():
        for item in iterable if once is None else _again(name, once):
            item = standard_batch(name, item, needs_classes)
            if item[0].shape[1:] != x_shape[1:]:
                raise ValueError(
                    f"{name} must yield x of one shape; got {item[0].shape} after {batch[0].shape}."
                )
            if len(item) != len(batch):
                raise ValueError(
                    f"{name} must yield batches of one form; got {len(item)} parts after {len(batch)}: "
                    f"{_FORMS}, numeric y."
                )
            if check is not None:
                check(name, item)
            for part, dtype in zip(item, types, strict=True):
                if not np.can_cast(part.dtype, dtype, "same_kind"):
                    raise TypeError(
                        f"{name} must yield batches of one dtype: {dtype}; got {part.dtype}."
                    )
            yield item

    x_shape = (None, *batch[0].shape[1:])
    shapes = [x_shape, *((None,) * part.ndim for part in batch[1:])]
    specs = tuple(map(tf.TensorSpec, shapes, types))
    dataset = tf.data.Dataset.from_generator(_noting_errors(batches), output_signature=specs)
    if type(iterable).__module__.startswith("torch.utils.data"):  # whose length is that in batches
        dataset = _with_length(dataset, iterable)
    return batch, dataset.prefetch(_PREFETCH)


def _again(name, once):
    """What is left of an iterator, which a second epoch without `steps_per_epoch` finds empty."""
    item = next(once, None)
    if item is None:
        raise ValueError(
            f"{name} has ended: a generator or iterator yields its batches once. For several epochs "
            "pass a tf.data.Dataset or a keras.utils.PyDataset, or let it go on without end and pass "
            "steps_per_epoch (validation_steps)."
        )
    yield item
    yield from once


def _with_length(dataset, loader):
    try:
        return dataset.apply(tf.data.experimental.assert_cardinality(len(loader)))
    except TypeError:  # an iterable data set has none
        return dataset


def _of_dataset(name, dataset, needs_classes):
    """A `tf.data.Dataset` whose batches have a dense x and no labels but numbers."""
    spec = dataset.element_spec
    if isinstance(spec, Mapping):
        keys = ", ".join(map(repr, spec))
        some = next(iter(spec), None)
        raise TypeError(
            f"{name} must yield {_FORMS}; it yields dictionaries with {keys}. Take the data out of "
            f"them: {name}.map(lambda batch: batch[{some!r}])."
        )
    parts = tuple(spec) if isinstance(spec, tuple | list) else (spec,)
    _check_length(name, parts)
    x = parts[0]
    if not isinstance(x, tf.TensorSpec):
        dense = {tf.SparseTensorSpec: "tf.sparse.to_dense(x)", tf.RaggedTensorSpec: "x.to_tensor()"}
        hint = f" Map it to {dense[type(x)]}." if type(x) in dense else ""
        raise TypeError(f"{name} must yield x as a dense tensor; got {type(x).__name__}.{hint}")
    if x.dtype == tf.string:
        raise TypeError(
            f"{name} must yield numbers; its x are strings. Read and decode files in {name}.map(...)."
        )
    labels = tf.nest.flatten(parts[1:2])
    numeric = [hasattr(part, "dtype") and part.dtype != tf.string for part in labels]  # not None
    _check_classes(needs_classes, len(parts) > 1 and all(numeric))
    return dataset if all(numeric) else dataset.map(_without_labels)


def _without_labels(x, y, *sample_weight):
    return (x, tf.zeros(tf.shape(x)[:1], tf.int8), *sample_weight) if sample_weight else (x,)


def _has_arrays(batch):
    return isinstance(batch, list) and any(map(arrays.is_array, batch))


def _check_length(name, parts):
    if not 1 <= len(parts) <= 3:
        raise ValueError(f"{name} must yield {_FORMS}; it yields {len(parts)} parts.")


def _check_classes(needed, known):
    if needed and not known:
        raise ValueError(
            "class_weight needs y, the class of each example, as whole numbers 0..K-1; the stream "
            "yields none."
        )
