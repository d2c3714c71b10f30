"""Learning curves."""

from collections.abc import Sequence

import keras
import numpy as np
from matplotlib.figure import Figure

from intelvae_keras.plots import style

_TITLES = {
    "elbo": "ELBO",
    "kl": "KL divergence",
    "loss": "Loss",
    "mapping_loss": "Loss of the mapping",
    "reconstruction": "Reconstruction, −log p(x|z)",
}


def learning_curves(
    history: keras.callbacks.History | dict, keys: Sequence[str] = ("elbo", "reconstruction", "kl")
) -> Figure:
    """Terms of the ELBO over the epochs: training as a line, validation dashed.

    Args:
        history: What `fit` returned, its `history` dict, or a dict from name to either, to compare.
        keys: Terms to show, a panel each.

    Returns:
        The figure.

    Raises:
        ValueError: If `history` or `keys` is empty, or a history lacks a key.
    """
    histories = _by_name(history)
    if isinstance(keys, str):
        raise TypeError(f"keys must be a list of terms; got {keys!r}. Pass [{keys!r}].")
    if not keys:
        raise ValueError("keys must name at least one term, such as 'elbo'.")
    figure = style.Picture((max(2.7 * len(keys), 3.6), 2.8))
    axes = figure.subplots(1, len(keys), squeeze=False)[0]
    for ax, key in zip(axes, keys, strict=True):
        for index, (name, logs) in enumerate(histories.items()):
            _draw(ax, logs, key, name, style.PALETTE[index % len(style.PALETTE)])
        style.whole_numbers(ax.xaxis)
        style.tidy(
            ax, _TITLES.get(key, key), "epoch", "nats per example" if ax is axes[0] else None
        )
    lines = axes[0].get_lines()
    if len(lines) > 1:
        columns = min(len(lines), 4)
        style.legend(figure, handles=lines, loc="outside lower center", ncols=columns)
    return figure


def _by_name(history):
    """A dict from name to (epochs, {key: values})."""
    several = isinstance(history, dict) and any(
        isinstance(value, dict | keras.callbacks.History) for value in history.values()
    )
    logs = {name: _logs(value) for name, value in (history if several else {"": history}).items()}
    for name, (epochs, _) in logs.items():
        if not epochs:
            raise ValueError(f"history {name!r} is empty." if name else "history is empty.")
    return logs


def _logs(history):
    if isinstance(history, keras.callbacks.History):
        epochs = getattr(history, "epoch", [])  # of one that saw no fit
        return [epoch + 1 for epoch in epochs], history.history
    if not isinstance(history, dict) or any(np.ndim(values) != 1 for values in history.values()):
        raise ValueError(
            f"history must be what fit returned, or a dict from term to values; got {history!r:.200}."
        )
    longest = max((len(values) for values in history.values()), default=0)
    return list(range(1, longest + 1)), history


def _draw(ax, logs, key, name, colour):
    epochs, values = logs
    if key not in values:
        raise ValueError(f"keys must be among {sorted(values)}, which history holds; got {key!r}.")
    marker = "o" if len(epochs) == 1 else None  # a line of one point is invisible
    for prefix, what, dashes in (("", "training", "-"), ("val_", "validation", (0, (3, 1.5)))):
        series = values.get(prefix + key, [])
        if len(series):
            ax.plot(
                epochs[: len(series)],
                series,
                color=colour,
                linewidth=style.LINE,
                linestyle=dashes,
                marker=marker,
                label=f"{name}, {what}" if name else what,
            )
