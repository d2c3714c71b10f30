"""All that should grow while training, in one callback."""

from typing import Any

import keras
from numpy.typing import ArrayLike

from intelvae_keras._engine import arrays, checks, streams
from intelvae_keras.callbacks.annealing import Growing
from intelvae_keras.callbacks.boundary_search import BoundarySearch
from intelvae_keras.callbacks.kl_warmup import KLWarmup
from intelvae_keras.callbacks.ray_turn import RayTurn
from intelvae_keras.mappings import Mapping
from intelvae_keras.mappings.growth import Growth, Search, Step, Turn

_MOST = 10_000  # examples of a stream that are looked at


class Warmup(keras.callbacks.Callback):
    """All that should grow while training, for the model at hand: the KL's weight, and the mapping's shape.

    | what | when, as a proportion of the epochs of `fit` | by |
    |---|---|---|
    | weight of the KL | 0 to 0.4; with `Threshold`, full from the start | `KLWarmup` |
    | gaps of `Clusters` in one latent | 0 to 0.7 | `StrengthAnnealing` |
    | ... with learned proportions | search at 0.15 to 0.3, gaps 0.3 to 0.7 | `BoundarySearch` |
    | rays of `Clusters` in the plane | turn at 0.25, gaps 0.25 to 0.3 | `RayTurn` |
    | ... and their steep zones | 0 to 0.7, from a width of 1 | `WidthAnnealing` |
    | `Star` | 0 to 0.7 | `Folding` |

    Every mapping of the model says what it needs, in its `schedule` and its `kl_warmup`, also inside a
    `keras.Sequential`. One of your own may do so, too. Give a callback of the table beside this one to set
    its span yourself: `Warmup` leaves to other callbacks what they move.

    It follows the epochs as its parts do. So a resumed run goes on where it was, and a second `fit` begins
    anew. With a single epoch nothing turns and nothing is searched, since no epoch comes before.

    ```python
    vae.fit(x, epochs=20, callbacks=[callbacks.Warmup()])
    ```

    Source: `docs/clusters-study.md` for `Clusters`. The KL: see `KLWarmup`.

    Args:
        kl: Proportion of the epochs over which the KL's weight grows, in [0, 1]; 0 for the full weight
            from the start. None for what the mappings say, the least of their `kl_warmup`; 0.4 without any.
            `Sparse` was best with 0 where the data have few of many features.
        x: Training data, shape (N, *shape), where the rays turn or boundaries are searched; None for those
            that `fit` gets: of a stream the first 10,000, which should be mixed. An iterator can be read
            once, so that you must give them.

    Raises:
        TypeError: If `kl` is not a number, or x is no array.
        ValueError: If `kl` is outside of [0, 1]. When training begins: if the data are needed, and `fit`
            cannot read them twice.

    Attributes:
        callbacks: The callbacks that it stands for, a list; empty before `fit`.
    """

    every_batch = False  # a few batches at a time will do, see `_engine.steps`

    def __init__(self, kl: float | None = None, x: ArrayLike | None = None):
        super().__init__()
        self.kl = None if kl is None else checks.number("kl", kl)
        if kl is not None and self.kl > 1:
            raise ValueError(f"kl must be a proportion of the epochs, in [0, 1]; got {kl}.")
        self.x = None if x is None else arrays.as_array("x", x)
        self.callbacks = []

    @property
    def schedules(self) -> tuple[str, ...]:
        """The names of the weights that it moves: `fit` leaves them to it."""
        return tuple(name for callback in self.callbacks for name in callback.schedules)

    def plan(
        self, model: keras.Model, epochs: int, x: Any = None, taken: set[str] = frozenset()
    ) -> None:
        """Makes the callbacks for a training; `fit` calls it.

        Args:
            model: The model, built.
            epochs: Epochs of `fit`.
            x: Data of `fit`: an array, or a stream that can be read twice; None for another one.
            taken: Names of weights that other callbacks move.
        """
        self.callbacks = []
        if epochs == 0:
            return
        layers = [part for part in model.mapping._flatten_layers() if isinstance(part, Mapping)]
        kl = self.kl
        if kl is None:
            kl = min([Mapping.kl_warmup, *(layer.kl_warmup for layer in layers)])
        found = [KLWarmup(epochs=kl * epochs)] if kl else []
        for layer in layers:
            for step in layer.schedule(epochs):
                if not (isinstance(step, Search) and model.latent_dim > 1):
                    found.append(self._callback(layer, step, x))
        self.callbacks = [callback for callback in found if not taken & set(callback.schedules)]

    def _callback(self, layer: Mapping, step: Step, x: Any) -> keras.callbacks.Callback:
        if isinstance(step, Growth):
            return Growing.of(layer, step)
        x = self._data(layer, x)
        if isinstance(step, Turn):
            callback = RayTurn(x, step.epoch)
        else:
            callback = BoundarySearch(x, (step.first, step.last))
        callback.clusters = layer
        return callback

    def _data(self, layer, x):
        x = x if self.x is None else self.x
        if x is None:
            raise ValueError(
                f"Warmup must look at data for {layer.name!r}, and those of fit, such as an iterator's, can "
                "be read once. Give it some: callbacks.Warmup(x=...)."
            )
        if arrays.is_array(x):
            return arrays.as_array("x", x)
        return streams.examples(x, _MOST)

    def set_params(self, params: dict) -> None:
        """Passes Keras' parameters on."""
        super().set_params(params)
        for callback in self.callbacks:
            callback.set_params(params)

    def set_model(self, model: keras.Model) -> None:
        """Passes the model on."""
        super().set_model(model)
        for callback in self.callbacks:
            callback.set_model(model)

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Lets each callback check the model."""
        for callback in self.callbacks:
            callback.on_train_begin(logs)

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Turns rays, or searches boundaries, if it is time."""
        for callback in self.callbacks:
            callback.on_epoch_begin(epoch, logs)

    def on_train_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        """Sets what grows, for this batch."""
        for callback in self.callbacks:
            callback.on_train_batch_begin(batch, logs)
