"""A good start for learned proportions: boundaries where the decoded example changes most."""

import math

import keras
import numpy as np
from numpy.typing import ArrayLike

from intelvae_keras import mappings
from intelvae_keras._engine import checks
from intelvae_keras.callbacks import reached
from intelvae_keras.metrics.boundaries import decoded_change

_AT = np.linspace(0.02, 0.98, 193)  # the quantiles of the codes that are looked at
_APART = 0.02  # of the codes, at least, lie between two boundaries
_MOST = 10_000  # examples whose codes are looked at
_LEAST = 1e-4  # of the prior's mass in a part


class BoundarySearch(keras.callbacks.Callback):
    """Boundaries of a `mappings.Clusters` that start where the decoded example changes most.

    It is for learned proportions in one latent. No gradient leads a boundary to its place: one that
    starts far off may never find it.

    While the strength is still 0, z = y, and the clusters of the data follow each other along y. Where one
    ends and the next begins, what the decoder draws changes most over 1% of the codes. This callback looks
    for that place between the 2% and the 98% quantile of the codes, and sets the boundary there. It does so
    at the beginning of each of a few early epochs. Then the proportions learn as they do without it.

    With K > 2 parts, it takes the K - 1 largest changes, with at least 2% of the codes between two of
    them. It has been tried for K = 2 only.

    ```python
    during = [
        callbacks.BoundarySearch(x, epochs=(3, 6)),
        callbacks.StrengthAnnealing(epochs=(6, 14)),
    ]
    vae.fit(x, epochs=20, callbacks=during)
    ```

    Source: ours.

    Args:
        x: Training data, shape (N, *shape). Of more than 10,000 examples it takes every so many.
        epochs: (first, last), with 1 <= first <= last; fractions are allowed. Each epoch between them
            begins with a search, the last one too. `StrengthAnnealing` must not begin before.

    Raises:
        TypeError: If x is no array, or `epochs` does not hold numbers.
        ValueError: If `epochs` is no such pair. When training begins: if the mapping is no `Clusters`
            with `learn_proportions=True`, there is more than one latent, `fit` ends before the first
            search, or x does not fit the model. When a search begins: if the strength in force is not 0.

    Attributes:
        found: The proportions that the last search set, a list of K floats; None before.
    """

    schedules = ("raw_logits",)
    clusters: mappings.Clusters | None = None  # whose boundaries; None for the model's mapping

    def __init__(self, x: ArrayLike, epochs: tuple[float, float]):
        super().__init__()
        self.x = thinned(x)
        self.epochs = _pair(epochs)
        self.found = None

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Checks the model and the number of epochs."""
        clusters = self.clusters or self.model.mapping
        if not isinstance(clusters, mappings.Clusters) or not clusters.learn_proportions:
            raise ValueError(
                "BoundarySearch needs a model with mappings.Clusters(..., learn_proportions=True); "
                f"got {clusters!r}."
            )
        if self.model.latent_dim != 1:
            raise ValueError(
                f"BoundarySearch needs one latent; got latent_dim={self.model.latent_dim}."
            )
        if self.params["epochs"] <= self.epochs[0]:
            raise ValueError(
                f"BoundarySearch would never search: epochs={self.epochs} begins after the last of the "
                f"{self.params['epochs']} epochs of fit."
            )
        self.model.check_data("BoundarySearch's x", self.x)

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Sets the boundaries, if it is time."""
        first, last = self.epochs
        if not first <= epoch <= last:
            return
        clusters = self.clusters or self.model.mapping
        strength = float(keras.ops.convert_to_numpy(clusters.current_strength))
        if strength > 0:
            raise ValueError(
                f"BoundarySearch in epoch {epoch} needs a strength in force of 0, else it finds the gap "
                f"that is there already; got {strength:.3g}. Let StrengthAnnealing begin at epoch {last:g} "
                "or later."
            )
        codes = self.model.posterior(self.x).mean().numpy()[:, 0]
        change = decoded_change(self.model, codes, _AT)
        at = _AT[_largest_apart(change, clusters.num_clusters - 1)]
        found = np.quantile(codes, at).astype("float32")[:, None]
        found = np.sort(reached.through(self.model.mapping, clusters, found)[:, 0])
        # The mass of N(0, 1) between the boundaries.
        below = [0.5 + 0.5 * math.erf(y / math.sqrt(2)) for y in found]
        masses = np.diff([0.0, *below, 1.0]).clip(_LEAST)
        self.found = (masses / masses.sum()).tolist()
        clusters.proportions = self.found


def thinned(x: np.ndarray) -> np.ndarray:
    """Every so many examples, at most 10,000.

    Raises:
        TypeError: If x is no array.
    """
    if not hasattr(x, "shape") or not hasattr(x, "__getitem__"):
        raise TypeError(f"x must be an array of shape (N, *shape); got {type(x).__name__}.")
    return x[:: math.ceil(len(x) / _MOST) or 1]


def _pair(epochs):
    if not isinstance(epochs, tuple | list) or len(epochs) != 2:
        raise ValueError(f"epochs must be a pair (first, last); got {epochs!r}.")
    first, last = (checks.number("epochs", number) for number in epochs)
    if not 1 <= math.ceil(first) <= last:
        raise ValueError(
            "epochs must be (first, last) with 1 <= first <= last and a whole epoch between them; "
            f"got {epochs!r}."
        )
    return first, last


def _largest_apart(change, count):
    """The indices, in order, of the largest values, each at least `_APART` from the others."""
    left, chosen = change.astype("float64"), []
    for _ in range(count):
        index = int(np.argmax(left))
        chosen.append(index)
        left[np.abs(_AT - _AT[index]) < _APART] = -np.inf
    return sorted(chosen)
