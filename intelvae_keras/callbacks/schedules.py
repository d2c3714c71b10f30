"""Quantities that change while training: the weight of the KL, the width of the clusters' boundaries."""

import math

import keras

from intelvae_keras._engine import checks
from intelvae_keras.mappings import Clusters


class _Ramp(keras.callbacks.Callback):
    """Calls `apply` before each batch with a share that grows linearly from 0 to 1.

    It follows from the state that checkpoints hold, so that a resumed run goes on as it would have.

    Args:
        epochs: Epochs of `fit` over which it grows; or
        steps: optimizer steps over which it grows, counted over the model's whole life.
    """

    every_batch = False  # a few batches at a time will do, see `execution`

    def __init__(self, epochs=None, steps=None):
        super().__init__()
        if (epochs is None) == (steps is None):
            raise ValueError(
                f"{type(self).__name__} takes either epochs or steps; got epochs={epochs}, steps={steps}."
            )
        name, duration = ("steps", steps) if epochs is None else ("epochs", epochs)
        checks.positive(name, duration)
        self.epochs = epochs
        self.steps = steps
        self._epoch = 0

    def apply(self, share):
        """Sets the quantity; share in [0, 1]."""
        raise NotImplementedError

    def on_epoch_begin(self, epoch, logs=None):
        """Notes the epoch."""
        self._epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        """Sets the quantity for this batch."""
        if self.epochs is None:
            share = int(keras.ops.convert_to_numpy(self.model.optimizer.iterations)) / self.steps
        else:
            batches = self.params.get("steps")  # None for a stream of unknown length
            within = batch / batches if batches else 0.0
            share = (self._epoch + within) / self.epochs
        self.apply(min(share, 1.0))


class KLWarmup(_Ramp):
    """Raises the weight of the KL linearly from 0 to the model's beta.

    Without it, a decoder that is still poor makes the posterior collapse to the prior, from which a
    small VAE, above all one with a learned variance, may never return. The `loss` rises along with
    the weight; `elbo`, which has the full KL at all times, is the number to watch.

    The weight stays where training ends, so let the warm-up end before training does.
    Source: Bowman et al. (2016), "Generating sentences from a continuous space", section 3.1.

    ```python
    vae.fit(x, epochs=30, callbacks=[callbacks.KLWarmup(epochs=10)])
    ```

    Args:
        epochs: Epochs over which the weight grows (fractions are allowed; with a stream of unknown
            length it grows between the epochs only); or
        steps: optimizer steps over which it grows.

    Raises:
        TypeError: If the one given is not a number.
        ValueError: Unless exactly one is given, and it is > 0.
    """

    def apply(self, share):
        """Sets the share of beta in force."""
        self.model.kl_weight.assign(share)


class WidthAnnealing(_Ramp):
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

    def apply(self, share):
        """Sets the widths."""
        for clusters in self._clusters:
            log_width = (1 - share) * math.log(self.start) + share * math.log(clusters.width)
            clusters.current_width.assign(math.exp(log_width))


def _parts(layer):
    """The layer and all layers inside it."""
    yield layer
    for inner in getattr(layer, "layers", []):
        yield from _parts(inner)
