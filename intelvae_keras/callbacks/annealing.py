"""The shape of a mapping, changed while the model trains: width, strength, fold."""

import math

from intelvae_keras._engine import checks
from intelvae_keras.callbacks.ramp import Ramp, Span
from intelvae_keras.mappings import Clusters, Growth, Mapping, Star


class Growing(Ramp):
    """Moves one weight of mappings from a first value to its full one, see `mappings.Growth`."""

    kind: type = Mapping
    log = False  # whether the logarithm moves linearly
    start = 0.0  # the value before
    layers: list[Mapping] | None = None  # the mappings; None for all of the kind in the model

    @classmethod
    def of(cls, layer: Mapping, growth: Growth) -> "Growing":
        """The callback for what one mapping asks for."""
        kinds = (StrengthAnnealing, WidthAnnealing, Folding)
        fits = [k for k in kinds if isinstance(layer, k.kind) and k.schedules == (growth.weight,)]
        callback = (fits or [cls])[0](epochs=(growth.first, growth.last))
        callback.schedules = (growth.weight,)
        callback.layers, callback.start, callback.log = [layer], growth.start, growth.log
        return callback

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Finds the mappings."""
        self._mappings = self.layers or [
            layer for layer in self.model.mapping._flatten_layers() if isinstance(layer, self.kind)
        ]
        if not self._mappings:
            raise ValueError(
                f"{type(self).__name__} needs a mappings.{self.kind.__name__} in the model; "
                f"got {self.model.mapping!r}."
            )

    def apply(self, progress: float) -> None:
        """Sets the weights."""
        (weight,) = self.schedules
        for mapping in self._mappings:
            full = mapping.scheduled[weight]
            full = getattr(mapping, full) if isinstance(full, str) else full
            if self.log:
                value = math.exp((1 - progress) * math.log(self.start) + progress * math.log(full))
            else:
                value = (1 - progress) * self.start + progress * full
            getattr(mapping, weight).assign(value)


class StrengthAnnealing(Growing):
    """Gaps of every `mappings.Clusters` in the model that open while it trains.

    strength in force = progress * strength, the progress growing linearly from 0 to 1.

    Training begins with z = y, so that each cluster of the data finds a side for itself, and the gap opens
    slowly. With the full strength from the start, examples that begin on the wrong side of a boundary
    may never cross it: the decoder would have to blend them on the way.

    If the gap opens late, the border between two clusters may have slid off its place. So let it grow from
    the first epoch on, and leave a third of training after it, for the networks to settle.

    In the plane, clusters settle at any angle, and a ray that comes later may cut through one. There,
    take `RayTurn` before it, and `WidthAnnealing` beside it.

    ```python
    vae.fit(x, epochs=20, callbacks=[callbacks.StrengthAnnealing(epochs=14)])
    ```

    Source: ours.

    Args:
        epochs: Epochs over which the strength grows, as (first, last), or the last alone, from 0 on
            (fractions are allowed; with a stream of unknown length it grows between the epochs); or
        steps: optimizer steps over which it grows, likewise.

    Raises:
        TypeError: If an argument is not a number.
        ValueError: If an argument is outside its range; when training begins, if the model has no
            `Clusters`.
    """

    kind = Clusters
    schedules = ("current_strength",)


class WidthAnnealing(Growing):
    """Steep zones of every `mappings.Clusters` in the model that narrow while it trains.

    log(width in force) = (1 - progress) log(start) + progress log(width), the progress growing
    linearly from 0 to 1. Wide zones let examples change their part early in training; narrow ones make
    the parts disconnected. Take it for clusters in the plane. With one latent, `StrengthAnnealing` is
    the better choice: codes that settle in a wide zone may stay in it as it narrows. Look at
    `plots.latent_histograms`.

    ```python
    vae.fit(x, epochs=30, callbacks=[callbacks.WidthAnnealing(epochs=15)])
    ```

    Source: ours.

    Args:
        epochs: Epochs over which the width shrinks, as (first, last), or the last alone, from 0 on
            (fractions are allowed; with a stream of unknown length it shrinks between the epochs); or
        steps: optimizer steps over which it shrinks, likewise.
        start: The first width, > 0.

    Raises:
        TypeError: If an argument is not a number.
        ValueError: If an argument is outside its range; when training begins, if the model has no
            `Clusters`.
    """

    kind = Clusters
    schedules = ("current_width",)
    log = True

    def __init__(self, epochs: Span | None = None, steps: Span | None = None, start: float = 0.5):
        super().__init__(epochs, steps)
        self.start = checks.positive("start", start)


class Folding(Growing):
    """Plane that folds into every `mappings.Star` of the model while it trains.

    z = progress * star(y) + (1 - progress) * y, the progress growing linearly from 0 to 1. Pressed onto
    its rays from the start, two rays of the data may settle on one ray of the latents.

    ```python
    vae.fit(x, epochs=30, callbacks=[callbacks.Folding(epochs=20)])
    ```

    Source: ours.

    Args:
        epochs: Epochs over which the plane folds, as (first, last), or the last alone, from 0 on; or
        steps: optimizer steps over which it folds, likewise.

    Raises:
        TypeError: If an argument is not a number.
        ValueError: If an argument is outside its range; when training begins, if the model has no
            `Star`.
    """

    kind = Star
    schedules = ("current_fold",)
