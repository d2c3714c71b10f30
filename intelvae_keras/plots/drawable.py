"""Arguments of the figures, checked and brought into one form."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from intelvae_keras._engine import arrays, checks
from intelvae_keras.plots.style import FAINT, PALETTE


def images(name: str, values: ArrayLike) -> np.ndarray:
    """Images in [0, 1], shape (N, H, W) or (N, H, W, 3), from any common form.

    Raises:
        TypeError: If `values` do not hold numbers.
        ValueError: If `values` are not N >= 1 grey or RGB images.
    """
    array = np.asarray(arrays.as_array(name, values))
    if array.ndim == 4 and array.shape[-1] == 1:
        array = array[..., 0]
    expected = f"{name} must be images of shape (N, H, W), (N, H, W, 1) or (N, H, W, 3), N >= 1"
    if array.size == 0 or not (array.ndim == 3 or (array.ndim == 4 and array.shape[-1] == 3)):
        raise ValueError(f"{expected}; got shape {np.shape(values)}.")
    if array.ndim == 3 and np.ndim(values) == 3 and array.shape[2] in (1, 3) and array.shape[1] > 3:
        raise ValueError(
            f"{expected}; got shape {array.shape}, which is one image. Pass {name}[np.newaxis]."
        )
    if array.dtype == np.uint8:
        array = array / 255
    low, high = float(array.min()), float(array.max())
    if not -1 <= low <= high <= 2:  # a Gaussian decoder may overshoot a little; NaN fails, too
        hint = " Divide pixels 0..255 by 255." if 0 <= low and 2 < high <= 255 else ""
        raise ValueError(f"{name} must lie in [0, 1]; got values from {low:g} to {high:g}.{hint}")
    return np.clip(array, 0, 1)


def are_points(data_shape: Sequence[int]) -> bool:
    """Whether data are points of the plane; else they must be images.

    Raises:
        ValueError: If they are neither.
    """
    data_shape = tuple(data_shape)
    if data_shape == (2,):
        return True
    if len(data_shape) == 2 or (len(data_shape) == 3 and data_shape[-1] in (1, 3)):
        return False
    raise ValueError(
        "model must be one of images, (H, W, 1) or (H, W, 3), or of points, (2,); "
        f"its data have shape {data_shape}."
    )


def steps_between(low: float, high: float, steps: int) -> np.ndarray:
    """`steps` values from low to high."""
    check_ends(low, high)
    return np.linspace(low, high, checks.integer("steps", steps, minimum=2))


def check_ends(low: float, high: float) -> None:
    """Refuses an interval that is none."""
    if not checks.finite("low", low) < checks.finite("high", high):
        raise ValueError(f"low must be less than high; got low={low}, high={high}.")


def pair_of_indices(name: str, indices: Sequence[int]) -> tuple[int, int]:
    """Two different indices."""
    if not isinstance(indices, Iterable) or isinstance(indices, str):
        raise TypeError(f"{name} must be two latents, as (0, 1); got {indices!r}.")
    indices = tuple(indices)
    if len(indices) != 2 or indices[0] == indices[1]:
        raise ValueError(f"{name} must be two different latents; got {indices}.")
    return indices


def index_below(name: str, index: int, size: int) -> int:
    """An index in 0..size-1."""
    if not 0 <= checks.integer(name, index, minimum=-size) < size:
        raise ValueError(f"{name} must lie in 0..{size - 1}, the latents there are; got {index}.")
    return index


def classes(labels: ArrayLike | None, num_examples: int) -> list[tuple[Any, str, np.ndarray]]:
    """[(label, colour, mask)] for each class, missing labels last; a single nameless one for labels None.

    Raises:
        TypeError: If labels are of several types, such as strings and numbers.
        ValueError: If there is not one label per example, or there are more classes than colours.
    """
    if labels is None:
        return [(None, PALETTE[0], np.ones(num_examples, bool))]
    labels = np.asarray(arrays.plain("labels", labels))
    if labels.shape != (num_examples,):
        raise ValueError(
            f"labels must have shape ({num_examples},), one per row of x; got {labels.shape}."
        )
    missing = np.array([label is None or label != label for label in labels.tolist()])
    try:
        names = np.unique(labels[~missing])
    except TypeError as error:
        raise TypeError(f"labels must be of one type; got several: {error}.") from error
    if len(names) > len(PALETTE):
        raise ValueError(f"labels must name at most {len(PALETTE)} classes; got {len(names)}.")
    found = [(name, colour, labels == name) for name, colour in zip(names, PALETTE, strict=False)]
    return [*found, ("missing", FAINT, missing)] if missing.any() else found
