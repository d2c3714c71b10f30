"""From what a user gives to `fit` to a checked `tf.data.Dataset` that loses no time.

tf.data's autotuning delays the end of every epoch: destroying an iterator waits for its tuning
thread, whose period doubles each time. All data therefore pass through here, to have it off.
"""

import weakref

import keras
import numpy as np
import tensorflow as tf

from intelvae_keras._engine import fused_adam

_ROWS = 1024  # that go through a network at a time
_PREFETCH = 4  # batches; a gather is far faster than a training step
_LARGE = 2**23  # bytes of arrays that are not copied


def without_autotuning(dataset):
    """The dataset with autotuning off, unless its own options ask for it."""
    options = tf.data.Options()
    if dataset.options().autotune.enabled is None:
        options.autotune.enabled = False
    return dataset.with_options(options)


class _Copied:
    """Arrays as tensors: TensorFlow finds their rows in no time."""

    def __init__(self, arrays):
        with tf.device("CPU:0"):  # the data stay in host memory, batches go to the device
            self.arrays = tf.nest.map_structure(tf.convert_to_tensor, arrays)
        self.num_rows = int(tf.nest.flatten(self.arrays)[0].shape[0])

    def take(self, rows):
        """The rows of each array, by one operation: slicing row by row would cost more."""
        return tf.nest.map_structure(lambda array: tf.gather(array, rows), self.arrays)


class _InPlace:
    """Large arrays where they lie: to copy them would take their memory again, and its time.

    Their rows come through Python, 0.1 ms a batch.
    """

    def __init__(self, arrays):
        self.arrays = arrays
        self.num_rows = len(tf.nest.flatten(arrays)[0])

    @staticmethod
    def suits(arrays):
        """Whether these are numbers of NumPy's, in their millions."""
        arrays = tf.nest.flatten(arrays)
        plain = all(isinstance(array, np.ndarray) and _is_native(array.dtype) for array in arrays)
        return plain and sum(array.nbytes for array in arrays) >= _LARGE

    def take(self, rows):
        """The rows of each array."""
        arrays = tf.nest.flatten(self.arrays)
        # TensorFlow keeps the function for ever; so it must not keep the arrays.
        this = weakref.ref(self)
        batch = tf.numpy_function(
            lambda rows: [np.take(array, rows, axis=0) for array in tf.nest.flatten(this().arrays)],
            [rows],
            [array.dtype for array in arrays],
            stateful=False,
        )
        batch = batch if isinstance(batch, list) else [batch]  # as in tf.data's debug mode
        for part, array in zip(batch, arrays, strict=True):
            part.set_shape((None, *array.shape[1:]))
        return tf.nest.pack_sequence_as(self.arrays, batch)


def _is_native(dtype):
    return dtype.kind in "fiub" and dtype.itemsize <= 8 and dtype.isnative


class ArrayBatches:
    """Batches of arrays in memory, which may be shuffled anew in each epoch.

    Large arrays are read where they lie, and are not to change meanwhile.

    The order of an epoch depends on `key` alone, which the caller sets before each epoch. So a run that was
    killed and resumed sees the same batches as one that was not.

    Args:
        arrays: x, or (x,), (x, y), (x, y, sample_weight): arrays of the same length N.
        batch_size: Examples per batch, >= 1; None for 32, as in Keras.
        shuffle: Whether to shuffle.
    """

    def __init__(self, arrays, batch_size=None, shuffle=False):
        batch_size = 32 if batch_size is None else batch_size
        source = (_InPlace if _InPlace.suits(arrays) else _Copied)(arrays)
        with tf.device("CPU:0"):
            self.key = tf.Variable([0, 0], dtype=tf.int32, trainable=False)

        def order(_):  # one for all of an epoch, whatever becomes of the key meanwhile
            rows = tf.range(source.num_rows, dtype=tf.int64)
            if shuffle:
                rows = tf.random.experimental.stateless_shuffle(rows, self.key.read_value())
            return rows

        as_it_stands = tf.autograph.experimental.do_not_convert  # there is nothing to convert
        # No data sets within data sets: the first batch of an epoch would come 20 ms later.
        rows = tf.data.Dataset.from_tensors(0).map(as_it_stands(order)).rebatch(batch_size)
        dataset = rows.map(as_it_stands(source.take))
        dataset = dataset.apply(
            tf.data.experimental.assert_cardinality(-(-source.num_rows // batch_size))
        )
        dataset = dataset.prefetch(_PREFETCH)
        options = tf.data.Options()
        # There is nothing to rewrite, and looking for it takes 30 ms an epoch.
        options.experimental_optimization.apply_default_optimizations = False
        self.dataset = without_autotuning(dataset.with_options(options))
        self.dataset.source = source  # for as long as somebody has the data set


class Reshuffle(keras.callbacks.Callback):
    """A callback that sets the key of `ArrayBatches` at each epoch from state that checkpoints hold.

    The key is made of the model's seed and the number of batches that the optimizer has seen so far.

    Args:
        batches: The `ArrayBatches`.
        keep: Whether to keep all keys, since an order may last for several epochs (`steps_per_epoch`).
    """

    def __init__(self, batches, keep=False):
        super().__init__()
        self.batches = batches
        self.keep = keep
        self.keys = []  # which a backup holds, as all plain attributes

    def on_epoch_begin(self, epoch, logs=None):
        """Gives the coming epoch an order of its own."""
        seed = keras.ops.convert_to_numpy(self.model.seed_generator.state)[0]
        # Not `iterations`, which stands still while gradients are accumulated.
        steps = fused_adam.innermost(self.model.optimizer)._iterations
        steps = keras.ops.convert_to_numpy(steps)
        key = np.array([seed, steps]).astype("uint32").view("int32")
        if self.keep:
            self.keys.append(key.tolist())
        self.batches.key.assign(key)

    def repeat(self, epoch):
        """Sets the key that the epoch had, counted from the first of the run."""
        self.batches.key.assign(self.keys[epoch])


def in_batches(rows, function, batch_size=None):
    """Outputs of a function of rows, shape (N, ...), some at a time: a numpy array."""
    outputs = [function(piece) for piece in in_pieces(rows, batch_size)]
    return np.concatenate([np.asarray(output) for output in outputs])


def in_pieces(rows, batch_size=None):
    """Rows, shape (N, ...), some at a time."""
    batch_size = batch_size or _ROWS
    return (rows[start : start + batch_size] for start in range(0, len(rows), batch_size))


def split(columns, fraction):
    """The columns of the first examples, for training, and of the last `fraction`, as Keras does."""
    if not 0 < fraction < 1:
        raise ValueError(f"validation_split must lie in (0, 1); got {fraction}.")
    num_rows = len(columns[0])
    at = int(num_rows * (1 - fraction))
    if at == 0:
        raise ValueError(
            f"validation_split leaves no example to train with; got {fraction} of {num_rows} example(s)."
        )
    return tuple(column[:at] for column in columns), tuple(column[at:] for column in columns)
