"""What a user gives as an array: taken as it is meant, or refused with the way out."""

import os
from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from intelvae_keras._engine import frames


def as_array(name, data):
    """The array that `data` stands for: a numpy array of numbers, or a tensor as it is.

    Nothing is copied that is an array already, and no value is looked at, but for the mask of a
    masked array and the objects of a table's column.

    Args:
        name: The argument's name, for the message.
        data: A NumPy array, a tensor, a table of pandas or polars, an open HDF5 data set, nested
            lists of numbers, or another object that NumPy can convert.

    Raises:
        TypeError: If data holds other things than numbers, or is no array at all.
        ValueError: If values are masked.
    """
    data = plain(name, data)
    if isinstance(data, tf.Tensor):
        values = data
    elif isinstance(data, keras.KerasTensor):
        raise TypeError(f"{name} must hold values; got a symbolic KerasTensor, which has none yet.")
    elif hasattr(data, "toarray"):  # SciPy's
        raise TypeError(f"{name} must be dense; got a sparse array. Pass {name}.toarray().")
    elif isinstance(data, tf.SparseTensor):
        raise TypeError(
            f"{name} must be dense; got a SparseTensor. Pass tf.sparse.to_dense({name})."
        )
    elif isinstance(data, tf.RaggedTensor):
        raise TypeError(
            f"{name} must have examples of one shape; got a RaggedTensor. Pass {name}.to_tensor(), "
            "which fills the missing values."
        )
    else:
        values = _as_numpy(name, data)
    _require_numbers(name, values)
    if isinstance(values, np.ndarray) and values.dtype.kind == "f" and values.dtype.itemsize > 8:
        return values.astype("float64")  # TensorFlow has no longer ones
    return values


def plain(name, data):
    """Data of any type as they are, unless some are masked."""
    if isinstance(data, np.ma.MaskedArray):
        _refuse_masked(name, data)
        return data.data
    return data


def is_array(data):
    """Whether data is an array in memory, rather than a stream of batches."""
    return hasattr(data, "__array__") or (hasattr(data, "shape") and hasattr(data, "dtype"))


def labels(name, y, num_rows, of):
    """The labels as an array, one for each of `num_rows` rows; None if they are no numbers.

    The model ignores labels; so any form will do, and what is no number is left out.
    """
    try:
        length = len(y)
    except TypeError:
        raise TypeError(
            f"{name} must have one entry per row of {of}, as an array or a list; got {y!r:.60}."
        ) from None
    if length != num_rows:
        raise ValueError(f"{name} must have as many rows as {of}: {num_rows}; got {length}.")
    return numeric(y)


def numeric(y):
    """The labels as an array; None if they are no numbers, or of different lengths."""
    try:
        values = y if isinstance(y, tf.Tensor) else np.asarray(_detached(y))
    except (TypeError, ValueError):
        return None
    return values if values.ndim and _is_numeric(values.dtype) else None


def weights(sample_weight):
    """Sample weights as a float32 array of shape (N,), finite and >= 0."""
    expected = "sample_weight must hold one finite number >= 0 per example, shape (N,)"
    try:
        values = np.asarray(as_array("sample_weight", sample_weight))
    except (TypeError, ValueError) as error:
        raise type(error)(f"{expected}. {error}") from error
    with np.errstate(over="ignore"):  # too large a weight is infinite by then
        values = values.astype("float32")
    if values.ndim != 1 or not np.isfinite(values).all() or (values < 0).any():
        column = values.ndim == 2 and values.shape[1] == 1
        hint = " Pass sample_weight.reshape(-1)." if column else ""
        got = f"shape {values.shape}"
        if values.ndim == 1:
            row = int(np.argmin(np.isfinite(values) & (values >= 0)))
            got = f"{values[row]} in row {row}"
        raise ValueError(f"{expected}; got {got}.{hint}")
    return values


def class_weights(class_weight, y, sample_weight):
    """The weight of each class that occurs: 1 for one that `class_weight` leaves out."""
    if y is None:
        raise ValueError("class_weight needs y, the class of each example; got x alone.")
    y = numeric(plain("y", y))
    is_one_hot = y is not None and y.ndim == 2 and y.shape[1] > 1
    if y is None or not (is_one_hot or _are_classes(np.asarray(y))):
        raise ValueError(
            "class_weight needs y as whole numbers 0..K-1; got others. "
            "np.unique(y, return_inverse=True)[1] numbers the classes."
        )
    if sample_weight is not None:
        raise ValueError("Give class_weight or sample_weight, not both: pass their product.")
    num_classes = y.shape[1] if is_one_hot else int(np.max(y)) + 1
    return {k: class_weight.get(k, 1.0) for k in range(num_classes)}


def way_out(name, data):
    """A sentence that says what to pass in place of data that are no array; "" if unknown."""
    if isinstance(data, str | bytes | os.PathLike):
        return f" Load the file first: {name} = np.load({data!r}), or see datasets.load."
    if isinstance(data, Mapping) or (hasattr(data, "keys") and hasattr(data, "__getitem__")):
        keys = list(data.keys())
        if not keys:
            return " It is empty."
        some = ", ".join(map(repr, keys[:5]))
        return f" It has the entries {some}: pass the one that holds the data, {name}[{keys[0]!r}]."
    if isinstance(data, list | tuple):
        if 1 < len(data) < 4 and all(map(_is_set, data)):
            return " Pass the parts one by one: (x_train, y_train), (x_test, y_test) = ..."
        if 0 < len(data) < 4 and is_array(data[0]) and len(np.shape(data[0])) > 1:
            return f" Pass {name}[0]; labels, if you have some, are an argument of their own."
        return f" Make it one array: np.asarray({name})."
    if hasattr(data, "__getitem__") and hasattr(data, "__len__"):
        return " If it has batches by index, let its class inherit from keras.utils.PyDataset."
    if hasattr(data, "__iter__"):
        return " Of a stream, give the batches one by one."
    if callable(data):
        return " It is a function: call it, and pass what it returns."
    return ""


def _is_set(data):
    return isinstance(data, tuple | list) and 1 < len(data) < 4 and all(map(is_array, data))


def _detached(data):
    """PyTorch's tensors, which may hang on a graph or a device, freed of both."""
    return data.detach().cpu() if hasattr(data, "detach") else data


def _as_numpy(name, data):
    if isinstance(data, str | bytes | os.PathLike | Mapping) or data is None:
        raise TypeError(f"{name} must be an array; got {type(data).__name__}.{way_out(name, data)}")
    data = _detached(data)
    if hasattr(data, "to_numpy"):
        return frames.as_numpy(name, data)
    try:
        values = np.asarray(data)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{name} must be one array, its examples of one shape; got {type(data).__name__}."
            f"{way_out(name, data)} It says: {error}"
        ) from error
    if values.ndim == 0 and not is_array(data):
        raise TypeError(f"{name} must be an array; got {type(data).__name__}.{way_out(name, data)}")
    return values


def _refuse_masked(name, data):
    count = int(np.count_nonzero(np.ma.getmaskarray(data)))
    if count:
        raise ValueError(
            f"{name} must have no masked values; got a masked array with {count} of them. Fill them, "
            f"{name}.filled(value), or leave out the examples that have some."
        )


def _are_classes(y):
    return y.dtype.kind == "b" or bool(((y >= 0) & (y == np.floor(y))).all())


def _require_numbers(name, values):
    if _is_numeric(values.dtype):
        return
    hint = ""
    objects = not isinstance(values, tf.Tensor) and values.dtype == object
    if objects and values.size and np.ndim(values.flat[0]):
        hint = f" It holds arrays: if they are of one shape, pass np.stack({name})."
    elif objects:
        hint = f' If they are numbers, pass {name}.astype("float32").'
    raise TypeError(f"{name} must hold numbers; got dtype {_name(values.dtype)}.{hint}")


def _is_numeric(dtype):
    if isinstance(dtype, tf.DType):
        return dtype.is_floating or dtype.is_integer or dtype.is_bool
    return dtype.kind in "fiub" or dtype.name == "bfloat16"


def _name(dtype):
    return dtype.name if isinstance(dtype, tf.DType) else dtype
