"""The likelihood of a table whose columns are of different kinds."""

from collections.abc import Iterable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from intelvae_keras._engine import checks
from intelvae_keras.likelihoods.likelihood import Likelihood


@keras.saving.register_keras_serializable(package="intelvae_keras")
class Columns(Likelihood):
    """log p(x|z) = sum over parts of log p(columns of that part | z): a likelihood for each kind of column.

    x has shape (batch, D). The decoder gives the parameters of the first part, then those of the second,
    and so on: `parameters_shape((D,))` says how many. What a part needs, such as a centre or a unit for
    each column, has the order of the part's own columns.

    ```python
    likelihood = likelihoods.Columns(
        [
            ([0, 1], likelihoods.Gaussian(centre=x[:, :2].mean(axis=0), unit=x[:, :2].std(axis=0))),
            ([2], likelihoods.Categorical(3)),
        ]
    )
    decoder = networks.mlp_decoder(likelihood.parameters_shape((3,)), [64, 64])
    ```

    Args:
        parts: Pairs (columns, likelihood), the columns as indices: each of 0, ..., D - 1 once.
        names: D names of columns, for messages; None for their indices.
        missing: Whether every column may have holes; False leaves that to each part's own `missing`.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If a column has no likelihood or two of them, or `names` are not D.
    """

    def __init__(
        self,
        parts: Sequence[tuple[Sequence[int], str | Likelihood]],
        names: Sequence[str] | None = None,
        missing: bool = False,
        **kwargs: Any,
    ):
        from intelvae_keras.likelihoods import get  # which knows this class too

        pairs = [(_indices(columns), get(part)) for columns, part in _pairs(parts)]
        if missing:
            pairs = [(columns, _with_holes(part)) for columns, part in pairs]
        super().__init__(missing=any(part.missing for _, part in pairs), **kwargs)
        self.columns = [columns for columns, _ in pairs]
        self.likelihoods = [part for _, part in pairs]
        in_order = [column for columns in self.columns for column in columns]
        if sorted(in_order) != list(range(len(in_order))):
            raise ValueError(
                "parts must give each column 0, ..., D - 1 one likelihood; got the columns "
                f"{sorted(in_order)}."
            )
        self.num_columns = len(in_order)
        if isinstance(names, str) or not isinstance(names, Iterable | None):
            raise TypeError(f"names must be a list of names; got {names!r}.")
        self.names = None if names is None else [str(name) for name in names]
        if self.names is not None and len(self.names) != self.num_columns:
            raise ValueError(
                f"names must hold {self.num_columns} names, one for each column; got {len(self.names)}."
            )
        self._back = np.argsort(in_order)  # from the parts' order to that of x
        self._widths = [
            part.parameters_shape((len(columns),))[0] for columns, part in self._pairs()
        ]

    def _pairs(self):
        return list(zip(self.columns, self.likelihoods, strict=True))

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Builds the parts, whose parameters the decoder must give.

        Raises:
            ValueError: If it gives more or fewer.
        """
        self.data_shape(input_shape)
        for width, part in zip(self._widths, self.likelihoods, strict=True):
            if not part.built:  # as a loaded one is
                part.build((*input_shape[:-1], width))
        super().build(input_shape)

    def parameters_shape(self, data_shape: Sequence[int]) -> tuple[int, ...]:
        """The shape that the decoder's output must have, without the batch axis.

        Args:
            data_shape: The shape of one example, (D,).

        Raises:
            ValueError: If D is another number of columns.
        """
        if data_shape[-1] != self.num_columns:
            raise ValueError(
                f"likelihood describes {self.num_columns} columns; got x of shape "
                f"(N, {', '.join(map(str, data_shape))})."
            )
        return (*data_shape[:-1], sum(self._widths))

    def data_shape(self, parameters_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """The shape of x, from that of the decoder's output.

        Raises:
            ValueError: If the decoder gives another number of parameters than the parts take.
        """
        if parameters_shape[-1] != sum(self._widths):
            raise ValueError(
                f"decoder must return {sum(self._widths)} parameters for the {self.num_columns} columns "
                f"of this likelihood; got shape {tuple(parameters_shape)}."
            )
        return (*parameters_shape[:-1], self.num_columns)

    def _split(self, parameters):
        parameters = ops.convert_to_tensor(parameters, self.compute_dtype)
        return _split(parameters, self._widths)

    def _of_x(self, blocks):
        """Blocks of columns in the parts' order, joined in that of x."""
        return ops.take(ops.concatenate(blocks, axis=-1), self._back, axis=-1)

    def log_prob(self, x: tf.Tensor, parameters: tf.Tensor) -> tf.Tensor:
        """Log p(x|z) in nats, the sum of the parts'; shapes as for every likelihood."""
        blocks = zip(self._pairs(), self._split(parameters), strict=True)
        return sum(part.log_prob(_take(x, columns), block) for (columns, part), block in blocks)

    def log_prob_per_value(self, x: tf.Tensor, parameters: tf.Tensor) -> tf.Tensor:
        """Log p of each value of x, in nats, 0 for a hole; shapes as for every likelihood."""
        blocks = zip(self._pairs(), self._split(parameters), strict=True)
        return self._of_x(
            [part.log_prob_per_value(_take(x, columns), block) for (columns, part), block in blocks]
        )

    def moments(self, parameters: tf.Tensor) -> tf.Tensor:
        """The moments of the first part, then those of the second, and so on."""
        blocks = zip(self.likelihoods, self._split(parameters), strict=True)
        return ops.concatenate([part.moments(block) for part, block in blocks], axis=-1)

    def point(self, moments: tf.Tensor) -> tf.Tensor:
        """Means, and the most probable codes of categories, the shape of x."""
        widths = [len(columns) * part.num_moments for columns, part in self._pairs()]
        blocks = _split(moments, widths)
        return self._of_x(
            [part.point(block) for part, block in zip(self.likelihoods, blocks, strict=True)]
        )

    def sample(self, parameters: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """A draw x ~ p(x|z), the shape of x, from a stateless seed, int32 of shape (2,)."""
        blocks = enumerate(zip(self.likelihoods, self._split(parameters), strict=True))
        return self._of_x(
            [part.sample(block, tf.random.fold_in(seed, i)) for i, (part, block) in blocks]
        )

    def features(self, x: tf.Tensor) -> tf.Tensor:
        """The features of the first part, then those of the second, and so on, with their masks."""
        x = ops.cast(x, self.compute_dtype)
        return ops.concatenate(
            [part.features(_take(x, columns)) for columns, part in self._pairs()], axis=-1
        )

    def check_values(self, name: str, x: np.ndarray, columns: Sequence[Any] | None = None) -> None:
        """Checks each column with its own likelihood; see `Likelihood.check_values`."""
        columns = columns or self.names or range(self.num_columns)
        x = np.asarray(x)
        for indices, part in self._pairs():
            part.check_values(name, x[..., indices], [columns[index] for index in indices])

    def get_config(self) -> dict:
        """The constructor's arguments, the parts serialised."""
        serialize = keras.saving.serialize_keras_object
        return super().get_config() | {
            "parts": [[columns, serialize(part)] for columns, part in self._pairs()],
            "names": self.names,
            "missing": all(part.missing for part in self.likelihoods),
        }

    @classmethod
    def from_config(cls, config: dict) -> "Columns":
        """A likelihood of the same parts, with new weights."""
        deserialize = keras.saving.deserialize_keras_object
        parts = [(columns, deserialize(part)) for columns, part in config["parts"]]
        return cls(**config | {"parts": parts})


def _pairs(parts):
    pairs = list(parts) if isinstance(parts, list | tuple) else []
    if not pairs or not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs):
        raise TypeError(f"parts must be a list of pairs (columns, likelihood); got {parts!r}.")
    return pairs


def _indices(columns):
    if isinstance(columns, np.ndarray | range):
        columns = list(columns)
    if not isinstance(columns, list | tuple) or not columns:
        raise TypeError(f"parts must give columns as a list of indices; got {columns!r}.")
    return [checks.integer("columns", column, minimum=0) for column in columns]


def _with_holes(part):
    """The same likelihood, with missing=True; a new one, since the given one may serve elsewhere."""
    if part.missing:
        return part
    return type(part).from_config(part.get_config() | {"missing": True})


def _split(x, widths):
    """Blocks of these widths along the last axis; Keras would make float sizes of one block alone."""
    return ops.split(x, np.cumsum(widths)[:-1].tolist(), axis=-1) if len(widths) > 1 else [x]


def _take(x, columns):
    first, last = columns[0], columns[-1]
    if columns == list(range(first, last + 1)):
        return x[..., first : last + 1]
    return ops.take(x, columns, axis=-1)
