"""How many samples lie where there are no data."""

import numpy as np
from numpy.typing import ArrayLike

from intelvae_keras._engine import checks
from intelvae_keras.metrics import checked, extra


def off_manifold(samples: ArrayLike, data: ArrayLike, threshold: float = 0.1) -> float:
    """The fraction of samples further than `threshold` from the nearest data point.

    (1/N) sum_i [ min_j |s_i - x_j| > threshold ],

    without unit, in [0, 1]: 0 where the model has no samples beside the data. It is meant for data
    of few dimensions, such as the toys of `datasets`, and for so many data points (50,000, say) that
    they lie much closer than the threshold. Fresh data have a fraction too, of the noise's tails and
    of gaps between points: state it beside the model's.

    Args:
        samples: Samples of the model, shape (N, D).
        data: Data points, shape (N', D).
        threshold: A Euclidean distance > 0, in units of the data.

    Returns:
        A float.

    Raises:
        ImportError: If SciPy is not installed.
        TypeError: If an argument has the wrong type.
        ValueError: If an argument has another shape, is empty or not finite, or threshold <= 0.
    """
    samples, data = checked.pair("samples", samples, "data", data)
    threshold = checks.positive("threshold", threshold)
    tree = extra.load("scipy.spatial", "off_manifold").cKDTree(data)
    distances, _ = tree.query(samples)
    return float(np.mean(distances > threshold))
