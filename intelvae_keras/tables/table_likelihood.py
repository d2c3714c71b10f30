"""The likelihood of a table's columns, which knows the table."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from intelvae_keras import likelihoods


@keras.saving.register_keras_serializable(package="intelvae_keras")
class TableLikelihood(likelihoods.Columns):
    """`Columns` with a likelihood for each kind of column in a `Table`, which a saved model keeps.

    Each column may have holes. Centres and units are those of the frame that the table was made of, and
    log p(x) is in the units of that frame.

    Args:
        table: The `Table`.
    """

    def __init__(self, table: Any, **kwargs: Any):
        super().__init__(
            _parts(table.get_config()["columns"]),
            names=[str(name) for name in table.columns],
            missing=True,
            **kwargs,
        )
        self.table = table

    def array(self, x: Any) -> Any:
        """A DataFrame as the table's array; what is no frame as it is."""
        return self.table.array(x) if _is_frame(x) else x

    def in_form_of(self, x: Any, values: np.ndarray) -> Any:
        """For a DataFrame x, the frame with its holes filled from values, or a list of such; else values."""
        if not _is_frame(x):
            return values
        filled = [self.table.fill(x, array) for array in values.reshape(-1, *values.shape[-2:])]
        return filled if values.ndim == 3 else filled[0]

    def get_config(self) -> dict:
        """The constructor's arguments, the table serialised."""
        config = super().get_config()
        kept = {key: config[key] for key in ("name", "trainable", "dtype")}
        return kept | {"table": keras.saving.serialize_keras_object(self.table)}

    @classmethod
    def from_config(cls, config: dict) -> "TableLikelihood":
        """A likelihood of the same table, with new weights."""
        table = keras.saving.deserialize_keras_object(config["table"])
        return cls(**config | {"table": table})


def _is_frame(x):
    return hasattr(x, "iloc") and hasattr(x, "columns")


def _parts(columns: Sequence[dict]):
    """Pairs (indices, likelihood): one for each kind, and for each number of categories."""
    groups: dict[tuple, list[int]] = {}
    for index, column in enumerate(columns):
        width = len(column["labels"]) if column["kind"] == "category" else 0
        groups.setdefault((column["kind"], width), []).append(index)
    return [
        (indices, _of_kind(kind, width, [columns[index] for index in indices]))
        for (kind, width), indices in groups.items()
    ]


def _of_kind(kind, width, columns):
    centre = np.array([column["centre"] for column in columns])
    unit = np.array([column["unit"] for column in columns])
    if kind == "real":
        return likelihoods.Gaussian("per_column", centre=centre, unit=unit)
    if kind == "positive":
        return likelihoods.LogNormal("per_column", centre=centre, unit=unit)
    if kind == "count":
        return likelihoods.NegativeBinomial(unit=unit)
    return likelihoods.Bernoulli() if kind == "binary" else likelihoods.Categorical(width)
