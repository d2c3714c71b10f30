"""`compile`, `fit`, `evaluate` and `predict`: Keras' own, with checked input and exact resume."""

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike

from intelvae_keras._engine import (
    array_batches,
    arrays,
    class_weights,
    ended,
    finite,
    fit_options,
    fused_adam,
    identity,
    monitors,
    owners,
    resume,
    schedules,
    steps,
    streams,
)
from intelvae_keras._engine.on_batch import Means, OnBatch


class Training(OnBatch):
    """Keras' own training loop, with checked input and exact resume.

    It adds three things to Keras. Data are checked before any training time is spent. They are fed
    without tf.data's autotuning (see `array_batches`). The order of shuffling follows from the model's seed
    generator, whose state is saved, so that a run that was killed resumes to the last bit.
    """

    _run: resume.Run | None = None  # the `fit` that is under way
    _held: tuple[Callable[[], None], ...] = ()  # what lets go of the things that it holds

    def compile(
        self,
        optimizer: str | keras.optimizers.Optimizer = "adam",
        jit_compile: bool = False,
        steps_per_execution: int | str = "auto",
        **kwargs: Any,
    ) -> None:
        """Configures training; the arguments of `keras.Model.compile` but for losses and metrics.

        Args:
            optimizer: A Keras optimizer or its name.
            jit_compile: Whether to compile the step with XLA: faster for dense networks, slower for
                convolutions on a CPU, and not reproducible by seed.
            steps_per_execution: Steps that run in one call of TensorFlow, a fifth faster for small
                models. "auto" runs some together where no callback wants to see each batch.
            **kwargs: `run_eagerly`, `auto_scale_loss`.

        Raises:
            TypeError: If an argument has the wrong type.
            ValueError: If a loss or metrics are given, since the ELBO is the loss; or for
                `jit_compile` under a strategy with several replicas, which TensorFlow cannot do.
        """
        for argument in ("loss", "loss_weights", "metrics", "weighted_metrics"):
            if kwargs.get(argument) is not None:
                raise ValueError(
                    f"{argument} must be None: the loss is the negative ELBO, and fit reports its "
                    f"terms; got {argument}={kwargs[argument]!r}."
                )
        fit_options.check_compile(optimizer, jit_compile, steps_per_execution, **kwargs)
        if jit_compile and self.distribute_strategy.num_replicas_in_sync > 1:
            raise ValueError(
                "jit_compile must be False under a tf.distribute strategy with several replicas "
                f"(TensorFlow cannot compile its all-reduce); got jit_compile={jit_compile!r}."
            )
        self._automatic_steps = steps_per_execution == "auto"
        together = 1 if self._automatic_steps else steps_per_execution
        _refuse_taken_names(self.metrics)
        super().compile(optimizer, jit_compile=jit_compile, steps_per_execution=together, **kwargs)
        self.optimizer_sum = identity.sum_of_object(self.optimizer)
        fused_adam.fuse(self.optimizer)
        self.compiled_functions.invalidate()
        self._connect()

    def get_compile_config(self) -> dict | None:
        """The arguments of `compile`, as saved with the model."""
        config = super().get_compile_config()
        if config and self._automatic_steps:
            config["steps_per_execution"] = "auto"
        return config

    def compile_from_config(self, config: dict) -> None:
        """Compiles a loaded model as the saved one was."""
        config = keras.saving.deserialize_keras_object(config)
        self.compile(**config)
        if self.built:
            self.optimizer.build(self.trainable_variables)

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: Sequence[keras.callbacks.Callback] | keras.callbacks.CallbackList | None = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: dict[int, float] | None = None,
        sample_weight: ArrayLike | None = None,
        validation_batch_size: int | None = None,
        **kwargs: Any,
    ) -> keras.callbacks.History:
        """Training of the model, and its history; the arguments of `keras.Model.fit`.

        The order of shuffling follows from the model's seed and the number of steps taken so far.
        Arrays of 8 MB or more are not copied: they may be an `np.memmap` of a file that is larger than
        the memory, and are not to change while training goes on.

        Args:
            x: Data: an array or a table, shape (N, *shape), or a stream of batches x, (x, y) or
                (x, y, sample_weight): a `tf.data.Dataset`, a `PyDataset`, or another iterable.
            y: Labels, one for each example: ignored, but for `class_weight`. None for a stream.
            batch_size: Of arrays, examples a step, >= 1; None for 32.
            epochs: The epoch to end with, >= 0.
            verbose: 0 is silent, 1 a progress bar, 2 a line for each epoch, "auto" mostly 1.
            callbacks: Keras callbacks, a list.
            validation_split: Fraction of arrays, in (0, 1), kept for validation, from the end; 0 for none.
            validation_data: x, (x, y), (x, y, sample_weight) or a stream, evaluated after each epoch.
            shuffle: Whether to shuffle arrays anew each epoch.
            class_weight: A dict from class to weight; it needs y as classes 0..K-1.
            sample_weight: Finite and >= 0, shape (N,). None for a stream.
            validation_batch_size: That of the validation data; None for `batch_size`.
            **kwargs: `initial_epoch`, `steps_per_epoch`, `validation_steps`, `validation_freq`.

        Returns:
            Keras' History: `loss`, `reconstruction`, `kl`, `elbo`, `mapping_loss` per epoch, in nats.

        Raises:
            TypeError: If the data are neither arrays nor a stream of batches, or another argument has
                the wrong type.
            ValueError: If the data are empty, not finite, of the wrong shape, or outside the support of
                the likelihood (of a `tf.data.Dataset`, the first batch is checked; of another stream,
                each), have no end, or end too early; if `compile`
                was not called, or nothing is trainable; or if an argument is outside its range.
        """
        self._assert_compile_called("fit")
        fit_options.check_keywords("fit", kwargs)
        counts = {
            "epochs": epochs,
            "batch_size": batch_size,
            "validation_batch_size": validation_batch_size,
            "shuffle": shuffle,
        }
        fit_options.check(callbacks, class_weight, validation_split, **counts, **kwargs)
        own_split = bool(validation_split) and validation_data is None
        reshuffle = None
        if arrays.is_array(x):
            if class_weight is not None:
                class_weight = arrays.class_weights(class_weight, y, sample_weight)
            columns = self._columns("x", x, y, sample_weight)
            if own_split:
                columns, held_out = array_batches.split(columns, validation_split)
            batches = array_batches.ArrayBatches(columns, batch_size, shuffle)
            data = batches.dataset
            reshuffle = array_batches.Reshuffle(batches, keep=bool(kwargs.get("steps_per_epoch")))
        elif own_split:
            raise ValueError(
                "validation_split needs x as an array; pass validation_data for a stream."
            )
        else:
            data = self._checked_stream("x", x, y, sample_weight, class_weight is not None)
            data, class_weight = class_weights.into_stream(data, class_weight)
            x = None if streams.is_read_once(x) else data
        batch_size = validation_batch_size or batch_size
        if own_split:
            validation_data = array_batches.ArrayBatches(held_out, batch_size).dataset
        elif validation_data is not None:
            validation_data = self._validation_dataset(validation_data, batch_size)
        fit_options.require_end("x", data, "steps_per_epoch", kwargs)
        fit_options.require_end("validation_data", validation_data, "validation_steps", kwargs)
        self._prepare_training(callbacks, epochs, x)
        together = self._steps_together(data, callbacks, **kwargs)
        callbacks = resume.arranged(callbacks, reshuffle)
        if reshuffle is None and kwargs.get("steps_per_epoch"):
            # First: no other is to see such an epoch.
            callbacks = [ended.Ended(), *steps.listed(callbacks)]
        with (
            steps.running_together(self, together),
            self._leaving_nothing(),
            streams.own_errors(),
            finite.named(self),
        ):
            self._run = resume.Run(callbacks, data, validation_data, reshuffle, **kwargs)
            return super().fit(
                data,
                epochs=epochs,
                verbose=verbose,
                callbacks=callbacks,
                validation_data=validation_data,
                shuffle=False,  # done by now
                class_weight=class_weight,
                **kwargs,
            )

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        sample_weight: ArrayLike | None = None,
        **kwargs: Any,
    ) -> Means:
        """The means of the loss and its terms, in nats; the arguments of `keras.Model.evaluate`.

        Args:
            x: Data, as for `fit`.
            y: Labels, which are ignored.
            batch_size: Of arrays, examples at a time, >= 1; None for 32.
            verbose: As for `fit`.
            sample_weight: Weights of the examples, finite and >= 0, shape (N,).
            **kwargs: `steps`, `callbacks`, `return_dict`.

        Returns:
            The means in nats per example: a list in the order of `metrics_names`, or with
            `return_dict=True` a dict, `loss`, `reconstruction`, `kl`, `elbo`, `mapping_loss`.

        Raises:
            TypeError: As `fit`.
            ValueError: As `fit`.
        """
        if not kwargs.get("_use_cached_eval_dataset"):  # so does fit, for its validation
            self._assert_compile_called("evaluate")
            fit_options.check_keywords("evaluate", kwargs)
            fit_options.check(batch_size=batch_size, **kwargs)
            x, y, sample_weight = self._dataset("x", x, y, sample_weight, batch_size), None, None
            fit_options.require_end("x", x, "steps", kwargs)
        with streams.own_errors():
            return super().evaluate(x, y, verbose=verbose, sample_weight=sample_weight, **kwargs)

    def predict(self, x: Any, batch_size: int | None = None, **kwargs: Any) -> np.ndarray:
        """Reconstructions E[x|z] at y = posterior mean, as a numpy array of the shape of x.

        Args:
            x: Data, as for `fit`.
            batch_size: Of arrays, examples at a time, >= 1; None for 32.
            **kwargs: `verbose`, `steps`, `callbacks`.

        Returns:
            A numpy array, shape (N, *shape).

        Raises:
            TypeError: As `fit`.
            ValueError: If the data are empty, not finite, of the wrong shape, or outside the support.
        """
        fit_options.check_keywords("predict", kwargs)
        fit_options.check(batch_size=batch_size, **kwargs)
        data = self._dataset("x", x, None, None, batch_size)
        fit_options.require_end("x", data, "steps", kwargs)
        with streams.own_errors():
            return super().predict(data, **kwargs)

    @contextlib.contextmanager
    def _leaving_nothing(self):
        """On every way out, ends what Keras ends on the normal way only, such as after Ctrl-C."""
        try:
            yield
        finally:
            for release in self._held:
                release()
            self._held, self._run = (), None
            # Of a resumed run: Keras prefers it to the next fit's argument.
            self._initial_epoch = None
            self._eval_epoch_iterator = None  # over this fit's validation data
            self._schedule_left = True  # perhaps; `train_on_batch` looks

    def _prepare_training(self, callbacks, epochs, x=None):
        """Builds the optimizer, ends what an earlier schedule has left, tells monitors what is better."""
        self._prepare_optimizer()
        callbacks = steps.listed(callbacks)
        schedules.plan(self, callbacks, epochs, x)
        schedules.refuse_rivals(callbacks)
        owners.claim(self, schedules.moved(callbacks))
        schedules.warn_of_missing(self, callbacks, epochs)
        schedules.settle(self, callbacks)
        monitors.settle(callbacks)

    def _steps_together(
        self, data, callbacks, steps_per_epoch=None, validation_steps=None, **kwargs
    ):
        one_device = self.distribute_strategy.num_replicas_in_sync == 1
        if not self._automatic_steps or self.run_eagerly or not one_device or validation_steps:
            return self.steps_per_execution
        return steps.steps_together(data, self.data_shape, callbacks, steps_per_epoch)

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        # Here alone Keras hands out what goes through the data; the first of a `fit` is for training.
        if self._run is not None and self._run.epoch_iterator is None:
            self._run.epoch_iterator = iterator
        # Keras adds up the replicas' batches to learn a shape: that fails where their sizes differ.
        if not self.built:
            super()._maybe_symbolic_build(iterator=iterator, data_batch=data_batch)


def _refuse_taken_names(metrics):
    """Refuses metrics that would be reported in the place of a term of the ELBO."""
    names = [metric.name for metric in metrics]
    taken = ("loss", "reconstruction", "kl", "elbo", "mapping_loss")
    if any(names.count(name) > 1 for name in taken):
        raise ValueError(
            f"metrics must have other names than {', '.join(taken)}, which fit reports; got {names}. Name "
            'yours: keras.metrics.Mean("my_own").'
        )
