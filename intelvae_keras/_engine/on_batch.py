"""`train_on_batch`, `test_on_batch` and `predict_on_batch`, for loops of the user's own."""

from typing import Any

import numpy as np
import tensorflow as tf

from intelvae_keras._engine import arrays, finite, frozen, fused_adam, schedules
from intelvae_keras._engine.batches import CheckedData, refuse_targets

Means = list[float] | dict[str, float]  # the latter with return_dict=True


class OnBatch(CheckedData):
    """One batch at a time, by the model as it is now: the functions that Keras compiles follow it."""

    _schedule_left = False  # whether a schedule may have left a value that no one goes on with

    def make_train_function(self, force: bool = False) -> None:
        """Keras' hook: the compiled step of training, for the model as it is now.

        Args:
            force: Whether to make it anew in any case.
        """
        make = super().make_train_function
        self.compiled_functions.step(self, "train_function", make, force)

    def _make_function(self, step_function):
        """Keras' maker of both: where the data have ended, nothing of a step runs, no count and no draw."""

        def step(data):
            # Else TensorFlow counts a step while it still waits for data whose length nobody knows.
            with tf.control_dependencies(list(filter(tf.is_tensor, tf.nest.flatten(data)))):
                return step_function(data)

        return super()._make_function(step)

    def make_test_function(self, force: bool = False) -> None:
        """Keras' hook: the same of evaluation.

        Args:
            force: As of `make_train_function`.
        """
        make = super().make_test_function
        self.compiled_functions.step(self, "test_function", make, force)

    def make_predict_function(self, force: bool = False) -> None:
        """Keras' hook: the same of prediction.

        Args:
            force: As of `make_train_function`.
        """
        make = super().make_predict_function
        self.compiled_functions.step(self, "predict_function", make, force)

    def train_on_batch(self, x: Any, *args: Any, **kwargs: Any) -> Means:
        """One step on one batch; the arguments of `keras.Model.train_on_batch`. Values are not checked.

        Args:
            x: An array of shape (batch, *shape).
            *args: `y`, `sample_weight`, `class_weight`, `return_dict`.
            **kwargs: The same, by name.

        Returns:
            The means since the metrics were reset, in the form of `evaluate`.

        Raises:
            TypeError: If x does not hold numbers.
            ValueError: If x is empty or has the wrong shape, y is another x, weights do not fit, `compile`
                was not called, or nothing is trainable.
        """
        self._assert_compile_called("train_on_batch")
        x = self._batch(x, *args[:3], **kwargs)
        self._prepare_optimizer()
        if (
            self._schedule_left
        ):  # by a fit, or in a file; not by the caller, who may have a schedule too
            schedules.settle(self, [])
            self._schedule_left = False
        with finite.named(self):
            return super().train_on_batch(x, *args, **kwargs)

    def test_on_batch(self, x: Any, *args: Any, **kwargs: Any) -> Means:
        """The loss and its terms on one batch; the arguments of `keras.Model.test_on_batch`.

        Args:
            x: An array of shape (batch, *shape).
            *args: `y`, `sample_weight`, `return_dict`.
            **kwargs: The same, by name.

        Returns:
            The means since the metrics were reset, in the form of `evaluate`.

        Raises:
            TypeError: If x does not hold numbers.
            ValueError: If x is empty or has the wrong shape, y is another x, or weights do not fit.
        """
        self._assert_compile_called("test_on_batch")
        return super().test_on_batch(self._batch(x, *args[:2], **kwargs), *args, **kwargs)

    def predict_on_batch(self, x: Any) -> np.ndarray:
        """Reconstructions of one batch, a numpy array of the shape of x.

        Args:
            x: An array of shape (batch, *shape), whose values are not checked.

        Raises:
            TypeError: If x does not hold numbers.
            ValueError: If x is empty or has the wrong shape.
        """
        return super().predict_on_batch(self._batch(x))

    def _batch(self, x, y=None, sample_weight=None, class_weight=None, **_):
        """The batch as an array of the model's shape; y is no other x, and weights are one each."""
        given, x = x, arrays.as_array("x", self.likelihood.array(x))
        self.check_shape("x", x)
        if not len(x):
            raise ValueError(
                f"x is empty: got shape {tuple(x.shape)}, expected an example or more."
            )
        if sample_weight is not None and len(arrays.weights(sample_weight)) != len(x):
            raise ValueError(
                f"sample_weight must have as many rows as x: {len(x)}; got {len(sample_weight)}."
            )
        if class_weight is not None and y is None:
            raise ValueError("class_weight needs y, the class of each example; got x alone.")
        if y is not given:
            refuse_targets("x", x, y)
        return x

    def _prepare_optimizer(self):
        """Builds the optimizer for what is trainable now."""
        variables = self.trainable_variables
        if not variables:
            raise ValueError(
                f"Nothing in the model is trainable. {frozen.way_out(self)} Then call compile() again."
            )
        optimizer = fused_adam.innermost(self.optimizer)
        if optimizer.built:
            known = {id(variable) for variable in optimizer._trainable_variables}
            unknown = [variable.path for variable in variables if id(variable) not in known]
            if unknown:
                raise ValueError(
                    "The optimizer does not know all trainable weights, since a part was exchanged or "
                    "unfrozen after compile(), or since it has trained another model: "
                    f"{', '.join(unknown[:3])}{', ...' if len(unknown) > 3 else ''}. Call compile() again, "
                    f"with a new optimizer: keras.optimizers.{type(optimizer).__name__}(...)."
                )
        with self.distribute_strategy.scope():
            self.optimizer.build(variables)
