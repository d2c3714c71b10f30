"""The shape of the clusters' boundaries, changed while training."""

import math

from intelvae_keras._engine import checks
from intelvae_keras.callbacks.ramp import Ramp
from intelvae_keras.mappings import Clusters


class WidthAnnealing(Ramp):
    """Narrows the steep zones of every `mappings.Clusters` in the model while it trains.

    The width goes from `start` to the mapping's own `width`, linearly in its logarithm. Wide zones
    let examples change their part early in training; narrow ones make the parts disconnected. It is
    no free lunch: codes that settle in a wide zone may stay in it as it narrows. On MNIST-01 with one
    latent the fixed default width did as well; look at `plots.latent_histograms`.

    ```python
    vae.fit(x, epochs=30, callbacks=[callbacks.WidthAnnealing(epochs=15)])
    ```

    Args:
        epochs: Epochs over which the width shrinks (fractions are allowed; with a stream of unknown
            length it shrinks between the epochs only); or
        steps: optimizer steps over which it shrinks.
        start: The first width, > 0.

    Raises:
        TypeError: If an argument is not a number.
        ValueError: If an argument is outside its range; when training begins, if the model has no
            `Clusters`.
    """

    def __init__(self, epochs=None, steps=None, start=0.5):
        super().__init__(epochs, steps)
        self.start = checks.positive("start", start)

    def on_train_begin(self, logs=None):
        """Finds the mappings."""
        self._clusters = [part for part in _parts(self.model.mapping) if isinstance(part, Clusters)]
        if not self._clusters:
            raise ValueError(
                f"WidthAnnealing needs a mappings.Clusters in the model; got {self.model.mapping!r}."
            )

    def apply(self, progress):
        """Sets the widths."""
        for clusters in self._clusters:
            log_width = (1 - progress) * math.log(self.start) + progress * math.log(clusters.width)
            clusters.current_width.assign(math.exp(log_width))


def _parts(layer):
    """The layer and all layers inside it."""
    yield layer
    for inner in getattr(layer, "layers", []):
        yield from _parts(inner)
