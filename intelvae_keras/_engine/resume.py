"""What a backup needs of a `fit`: the other callbacks' memory, and the place in the data."""

from typing import Any

import keras

from intelvae_keras._engine import plain_state, replay, steps

_ANEW = (  # they write as they go: into files, which they go on with, or to the screen
    keras.callbacks.CSVLogger,
    keras.callbacks.ProgbarLogger,
    keras.callbacks.RemoteMonitor,
    keras.callbacks.TensorBoard,
)


def arranged(callbacks: Any, reshuffle: keras.callbacks.Callback | None) -> Any:
    """The callbacks in an order in which a backup holds what all of an epoch's callbacks have done.

    Those with an attribute `backs_up` come after the others, then those with `after_backup`.

    Args:
        callbacks: What the user gave to `fit`.
        reshuffle: The callback that shuffles arrays, or None.
    """
    own = [] if reshuffle is None else [reshuffle]
    listed = steps.listed(callbacks)
    backups = [callback for callback in listed if getattr(callback, "backs_up", False)]
    if not backups:
        return [*listed, *own] if own else callbacks
    late = [callback for callback in listed if getattr(callback, "after_backup", False)]
    others = [callback for callback in listed if callback not in backups and callback not in late]
    if not any(isinstance(callback, keras.callbacks.History) for callback in listed):
        own.append(keras.callbacks.History())  # else Keras adds one, behind the backup
    return [*others, *own, *backups, *late]


class Run:
    """A `fit` that may be the second part of a killed one.

    Args:
        callbacks: What `arranged` returned.
        data: The training data, a stream.
        validation: The validation data, a stream, or None.
        reshuffle: The callback that shuffles arrays, or None.
        initial_epoch: As in `fit`.
        steps_per_epoch: As in `fit`.
        validation_steps: As in `fit`.
        validation_freq: As in `fit`.

    Attributes:
        epoch_iterator: Keras' iterator over the batches of an epoch, as soon as there is one.
    """

    def __init__(
        self,
        callbacks: Any,
        data: Any,
        validation: Any,
        reshuffle: Any,
        initial_epoch: int | None = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_freq: Any = 1,
    ):
        self.memories = [c for c in steps.listed(callbacks) if not _starts_anew(c)]
        self.first_epoch = initial_epoch or 0
        self.data, self.validation, self.reshuffle = data, validation, reshuffle
        self.steps_per_epoch = steps_per_epoch
        self.validation_steps, self.validation_freq = validation_steps, validation_freq
        self.epoch_iterator: Any = None
        self._at_begin: dict[str, dict[str, plain_state.Plain]] = {}

    def begin(self) -> None:
        """Notes what the callbacks remember as they begin: what they were made with is no memory."""
        self._at_begin = {
            key: {
                name: plain.kept() for name, plain in plain_state.of(_attributes(callback)).items()
            }
            for key, callback in self._by_key()
        }

    def memory(self) -> bytes:
        """What the callbacks remember more than at the begin."""
        states = {}
        for key, callback in self._by_key():
            before = self._at_begin.get(key, {})
            now = plain_state.of(_attributes(callback))
            states[key] = {
                name: plain for name, plain in now.items() if not plain.same_as(before.get(name))
            }
        return plain_state.to_bytes(states)

    def restore(self, memory: bytes) -> None:
        """Gives the callbacks what `memory` has returned, each to that of its class and place."""
        states = plain_state.from_bytes(memory)
        for key, callback in self._by_key():
            for name, value in states.get(key, {}).items():
                setattr(callback, name, value)

    def go_on(self, model: keras.Model, epoch: int) -> None:
        """Leaves the data as a run leaves them that comes to this epoch."""
        iterator, done = self.epoch_iterator, range(self.first_epoch, epoch)
        if self.reshuffle is None or self.steps_per_epoch:  # else the order follows from the steps
            replay.skip(iterator, self.data, done, self._set_order)
        validated = [e for e in done if model._should_eval(e, self.validation_freq)]
        if self.validation is None or not validated:
            return
        model._eval_epoch_iterator = type(iterator)(
            x=self.validation,
            steps_per_epoch=self.validation_steps,
            distribute_strategy=model.distribute_strategy,
            steps_per_execution=model.steps_per_execution,
        )
        begin = model._eval_epoch_iterator.reset  # as each evaluation does
        replay.skip(model._eval_epoch_iterator, self.validation, validated, lambda _: begin())

    def _set_order(self, epoch):
        if self.reshuffle is not None:
            self.reshuffle.repeat(epoch - self.first_epoch)

    def _by_key(self):
        """The callbacks, each with its class and its place among those of its class."""
        counts: dict[str, int] = {}
        for callback in self.memories:
            kind = type(callback).__qualname__
            counts[kind] = counts.get(kind, -1) + 1
            yield f"{kind} {counts[kind]}", callback


def _starts_anew(callback):
    marks = ("backs_up", "after_backup")
    return isinstance(callback, _ANEW) or any(getattr(callback, mark, False) for mark in marks)


def _attributes(callback):
    left_out = {"params"}  # of this fit
    if isinstance(getattr(callback, "monitor", None), str):
        left_out.add("min_delta")  # whose sign Keras changes, once, as it finds which way is better
    return {name: value for name, value in vars(callback).items() if name not in left_out}
