"""`train_on_batch`, `test_on_batch` and `predict_on_batch`, for loops of the user's own."""

from typing import Any

import numpy as np

from intelvae_keras._engine import arrays

Means = list[float] | dict[str, float]  # the latter with return_dict=True


class OnBatch:
    """Mixin for a `keras.Model`: one batch at a time, by the model as it is now."""

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
            ValueError: If x has the wrong shape, `compile` was not called, or nothing is trainable.
        """
        self._assert_compile_called("train_on_batch")
        x = self._batch(x, "train_function")
        self._prepare_optimizer()
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
            ValueError: If x has the wrong shape.
        """
        self._assert_compile_called("test_on_batch")
        return super().test_on_batch(self._batch(x, "test_function"), *args, **kwargs)

    def predict_on_batch(self, x: Any) -> np.ndarray:
        """Reconstructions of one batch, a numpy array of the shape of x.

        Args:
            x: An array of shape (batch, *shape), whose values are not checked.

        Raises:
            TypeError: If x does not hold numbers.
            ValueError: If x has the wrong shape.
        """
        return super().predict_on_batch(self._batch(x, "predict_function"))

    def _batch(self, x, function):
        """The batch as an array of the model's shape, and Keras' function made anew if need be."""
        x = arrays.as_array("x", self.likelihood.array(x))
        self.check_shape("x", x)
        self.compiled_functions.renew(self, function)
        return x
