"""The way through the data that a run had made before it was killed, made once more without training.

A data set that shuffles has another order at each pass, and `steps_per_epoch` goes on where the last epoch
stopped. So a resumed run lets Keras' own loop go over the epochs that are done, and then goes on.
"""

import contextlib
import warnings
from collections.abc import Callable, Iterable, Iterator

import keras
import tensorflow as tf

# Of these, an iterator that is made and never used leaves the data set as a whole pass does.
_AS_USED = {
    "_AssertCardinalityDataset",
    "_BatchDataset",
    "_MapDataset",
    "_OptionsDataset",
    "_PaddedBatchDataset",
    "_ParallelBatchDataset",
    "_ParallelMapDataset",
    "_PrefetchDataset",
    "_RangeDataset",
    "_ShardDataset",
    "_ShuffleDataset",
    "_SkipDataset",
    "_TakeDataset",
    "_TensorDataset",
    "_TensorSliceDataset",
    "_ZipDataset",
    "CacheDataset",
}


def skip(
    epoch_iterator: Iterable,
    data: tf.data.Dataset | keras.utils.PyDataset,
    epochs: Iterable[int],
    on_begin: Callable[[int], None],
) -> None:
    """Goes over epochs without training.

    Args:
        epoch_iterator: Keras' iterator over the batches of an epoch.
        data: What it goes through.
        epochs: The epochs' numbers.
        on_begin: What to do before each, given its number.
    """
    unread, cached = _left_as_used(data)
    counted = epoch_iterator.steps_per_epoch is None and epoch_iterator.num_batches is not None
    for index, epoch in enumerate(epochs):
        on_begin(epoch)
        # What is cached has the order of the first whole pass.
        read = not (unread and counted) or (cached and index == 0)
        with _without_warnings(), epoch_iterator.catch_stop_iteration():
            for begin, end, iterator in epoch_iterator:
                if read:
                    _read(iterator, end - begin + 1)


def _read(iterator: Iterator, steps: int) -> None:
    """Takes so many batches, as one call of the compiled step does."""
    for step in range(steps):
        if next(iterator, None) is None:
            if step == 0:
                raise tf.errors.OutOfRangeError(None, None, "the end of the data")
            return


def _left_as_used(data):
    """(whether it need not be read, whether a part of it is cached)."""
    if isinstance(data, keras.utils.PyDataset):
        return (
            True,
            False,
        )  # its batches follow from their numbers, and from its hooks, which are called
    if not isinstance(data, tf.data.Dataset):
        return False, False
    kinds, unread, left = set(), True, [data]
    while left:
        dataset = left.pop()
        kinds.add(type(dataset).__name__)
        unread = unread and not any(map(_has_state, dataset._functions()))
        left += dataset._inputs()
    return unread and kinds <= _AS_USED, "CacheDataset" in kinds


def _has_state(function):
    graph = getattr(function.function, "graph", None)  # tf.data's debug mode makes none
    return graph is None or any(op.op_def.is_stateful for op in graph.get_operations())


@contextlib.contextmanager
def _without_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "ran out of data" has been said at its time
        yield
