"""Where the data lie among the latents: y, before the mapping, and z = g(y), after it."""

import math

import numpy as np
from keras import ops
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from intelvae_keras import priors
from intelvae_keras._engine import checks
from intelvae_keras.model import InteLVAE
from intelvae_keras.plots import drawable, style

_PRIOR_SAMPLES = 20_000
_BINS = 60


def latent_histograms(
    model: InteLVAE,
    x: ArrayLike,
    labels: ArrayLike | None = None,
    dimension: int = 0,
    seed: int = 0,
) -> Figure:
    """Histograms of y ~ q(y|x) and of z = g(y) over data, by class, beside what the prior gives.

    If the model has learned well, the classes together fill the outline of the prior.

    Args:
        model: An `InteLVAE`.
        x: Data, shape (N, *shape), some thousand examples.
        labels: Classes, shape (N,), at most ten; None for a single one.
        dimension: The latent shown, in 0..min(M, D)-1.
        seed: Integer seed of the draws.

    Returns:
        The figure: y on the left, z on the right.

    Raises:
        ValueError: If `x` does not fit the model, or an argument is outside its range.
    """
    y, z = _draw(model, x, seed)
    drawable.index_below("dimension", dimension, min(y.shape[1], z.shape[1]))
    groups = drawable.classes(labels, len(y))
    prior_z = model.sample_latents(_PRIOR_SAMPLES, seed=seed)[:, dimension]
    y, z = y[:, dimension], z[:, dimension]
    subscript = "" if model.latent_dim == 1 else f"_{{{dimension + 1}}}"

    figure = style.Picture((style.WIDTH, 2.9))
    left, right = figure.subplots(1, 2)
    edges = _edges(y, [-4, 4])
    _stack(left, y, groups, edges)
    left.plot(*_prior_curve(model, edges, dimension, seed), color=style.INK, linewidth=style.LINE)
    edges = _edges(z, prior_z)
    _stack(right, z, groups, edges)
    density, _ = np.histogram(prior_z, edges, density=True)
    right.stairs(density, edges, color=style.INK, linewidth=style.LINE, label="prior")
    style.tidy(left, "Before the mapping", f"$y{subscript}$", "density")
    style.tidy(right, "After the mapping", f"$z{subscript} = g(y){subscript}$")
    handles, names = right.get_legend_handles_labels()
    title = None if labels is None else "class"
    style.legend(figure, handles=handles, labels=names, title=title, loc="outside right upper")
    return figure


def latent_scatter(
    model: InteLVAE,
    x: ArrayLike,
    labels: ArrayLike | None = None,
    space: str = "z",
    dimensions: tuple[int, int] = (0, 1),
    seed: int = 0,
    ax: Axes | None = None,
) -> Figure | Axes:
    """Two latents of data, sampled from the posterior, by class.

    Args:
        model: An `InteLVAE`.
        x: Data, shape (N, *shape), some thousand examples.
        labels: Classes, shape (N,), at most ten; None for a single one.
        space: "z", after the mapping, or "y", before it.
        dimensions: The two latents shown.
        seed: Integer seed of the draws.
        ax: Axes to draw on, in place of a new figure.

    Returns:
        The figure, or `ax`.

    Raises:
        ValueError: If `x` does not fit the model, the space has one dimension, or an argument is
            outside its range.
    """
    if space not in ("y", "z"):
        raise ValueError(f'space must be "y" or "z"; got {space!r}.')
    latents = _draw(model, x, seed)[space == "z"]
    if latents.shape[1] < 2:
        raise ValueError(f"{space} must have two dimensions or more; latent_histograms shows one.")
    dimensions = drawable.pair_of_indices("dimensions", dimensions)
    first, second = (drawable.index_below("dimensions", i, latents.shape[1]) for i in dimensions)
    ax, result = style.axes_and_result(ax, (4.6, 4.2))
    size = float(np.clip(6000 / len(latents), 2, 20))
    for name, colour, mask in drawable.classes(labels, len(latents)):
        points = latents[mask]
        ax.scatter(
            points[:, first], points[:, second], s=size, color=colour, linewidths=0, label=name
        )
    style.equal_scales(ax)
    title = "Data, after the mapping" if space == "z" else "Data, before the mapping"
    style.tidy(ax, title, f"${space}_{{{first + 1}}}$", f"${space}_{{{second + 1}}}$")
    if labels is not None:
        style.legend(ax, title="class", markerscale=math.sqrt(30 / size), handletextpad=0.2)
    return result


def _draw(model, x, seed):
    """One y ~ q(y|x) for each x, shape (N, M), and z = g(y), shape (N, D)."""
    checks.model("model", model)
    y = model.posterior(x).sample(seed=[0, checks.seed("seed", seed)])
    return y.numpy(), ops.convert_to_numpy(model.mapping(y))


def _edges(values, others):
    low = min(np.min(values), np.min(others))
    return np.linspace(low, max(np.max(values), np.max(others)), _BINS + 1)


def _stack(ax, values, groups, edges):
    """Stacked histograms whose total is the density of all values."""
    weight = 1 / (len(values) * (edges[1] - edges[0]))
    parts = [values[mask] for _, _, mask in groups]
    ax.hist(
        parts,
        bins=edges,
        weights=[np.full(len(part), weight) for part in parts],
        stacked=True,
        color=[colour for _, colour, _ in groups],
        label=["data" if name is None else str(name) for name, _, _ in groups],
    )


def _prior_curve(model, edges, dimension, seed):
    """Points and density of the prior of one latent."""
    prior, latent_dim = model.prior, model.latent_dim
    if isinstance(prior, priors.StandardNormal) or latent_dim == 1:
        points = np.linspace(edges[0], edges[-1], 400, dtype="float32")
        log_density = prior.log_prob(ops.convert_to_tensor(points[:, None]))
        return points, np.exp(ops.convert_to_numpy(log_density))
    # Of any other prior, one dimension has no closed form.
    drawn = prior.sample(_PRIOR_SAMPLES, latent_dim, ops.array([0, seed], "int32"))
    density, _ = np.histogram(ops.convert_to_numpy(drawn)[:, dimension], edges, density=True)
    return (edges[1:] + edges[:-1]) / 2, density
