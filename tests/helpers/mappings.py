"""Every mapping by name, points that are hard for them, and a small model with each."""

import dataclasses
import math
from collections.abc import Callable

import keras
import numpy as np
from scipy import stats

from intelvae_keras import InteLVAE, mappings, networks


@keras.saving.register_keras_serializable(package="tests")
def bend(y):
    """A smooth function from M to M + 1 latents."""
    return keras.ops.concatenate([keras.ops.tanh(2 * y), keras.ops.sin(y[:, :1])], axis=-1)


@keras.saving.register_keras_serializable(package="tests")
def signs(y):
    """A function without a gradient."""
    return keras.ops.sign(y)


@dataclasses.dataclass(frozen=True)
class Case:
    """A way to make a mapping, for latents of this dimension.

    A new mapping needs one entry in `_cases`: all tests of every mapping take theirs from there.
    """

    make: Callable[..., keras.layers.Layer]
    latent_dim: int
    smooth: bool = True  # whether its gradient is the derivative of its value
    in_page: bool = True  # whether the page of `vae.explore` has it, in JavaScript
    kind: bool = True  # whether it stands for others in the tests that take a second each

    def points(self, num_points, seed=0):
        """Draws from the prior, shape (num_points, M)."""
        rng = np.random.default_rng(seed)
        return rng.normal(size=(num_points, self.latent_dim)).astype("float32")


def _in_a_row(*makers):
    return lambda **kwargs: keras.Sequential([make(**kwargs) for make in makers])


def _variant(make, latent_dim, **kwargs):
    return Case(make, latent_dim, kind=False, **kwargs)


def _cases():
    M = mappings
    # Each number of parts once, each dimension, and the fewest and most on the line and in the plane.
    parts = {1: (2, 4, 9), 2: (2, 3, 5, 9), 10: (6, 7, 8)}
    cases = {
        f"clusters-{k}-in-{dim}d": Case(
            lambda k=k, **kw: M.Clusters(k, **kw), dim, kind=(k, dim) == (2, 1)
        )
        for dim in parts
        for k in parts[dim]
    }
    for dim in (1, 2):
        three = {"num_clusters": 3, "proportions": [0.6, 0.1, 0.3]}
        cases |= {
            f"clusters-power-in-{dim}d": _variant(lambda **kw: M.Clusters(4, power=0.3, **kw), dim),
            f"clusters-unequal-in-{dim}d": _variant(
                lambda three=three, **kw: M.Clusters(**three, **kw), dim
            ),
            f"clusters-learned-in-{dim}d": Case(
                lambda three=three, **kw: M.Clusters(**three, learn_proportions=True, **kw),
                dim,
                kind=dim == 2,
            ),
        }
    cases["clusters-still"] = _variant(lambda **kw: M.Clusters(5, turnable=False, **kw), 2)
    matrix = np.random.default_rng(0).normal(size=(5, 5))
    cases |= {
        "clusters-turnable": _variant(lambda **kw: M.Clusters(5, turnable=True, **kw), 2),
        "circle": _variant(M.Circle, 2),
        "circle-in-5d": Case(M.Circle, 5),
        "star": Case(lambda **kw: M.Star(5, **kw), 2),
        "star-of-two-in-4d": _variant(lambda **kw: M.Star(2, width=0.3, **kw), 4),
        "two-rings": Case(M.TwoRings, 2),
        "two-rings-in-3d": _variant(lambda **kw: M.TwoRings(0.5, 3.0, width=0.2, **kw), 3),
        "figure-eight": Case(M.FigureEight, 2),
        "figure-eight-in-4d": _variant(M.FigureEight, 4),
        "sphere": Case(M.Sphere, 3),
        "sphere-in-10d": _variant(M.Sphere, 10),
        "torus": Case(M.Torus, 4),
        "torus-of-three": _variant(M.Torus, 6),
        "sparse": Case(lambda **kw: M.Sparse(hidden=(8,), **kw), 5),
        "sparse-linear-gates": _variant(lambda **kw: M.Sparse(gamma=0.0, hidden=(), **kw), 2),
        "sparsity-penalty": Case(M.SparsityPenalty, 5),
        "threshold": Case(M.Threshold, 3),
        "hierarchical": Case(lambda **kw: M.Hierarchical([2, 1, 3], hidden=(8,), **kw), 6),
        "hierarchical-linear": _variant(lambda **kw: M.Hierarchical([1, 1], hidden=(), **kw), 2),
        "linear-square": _variant(lambda **kw: M.Linear(matrix, **kw), 5),
        "linear-wide": _variant(lambda **kw: M.Linear(matrix[:2], **kw), 5),
        "linear-tall": _variant(lambda **kw: M.Linear(matrix[:, :3], **kw), 3),
        "linear-learned": Case(lambda **kw: M.Linear(matrix, trainable=True, **kw), 5),
        # No Python function can be in the page.
        "function": _variant(lambda **kw: M.Function(bend, **kw), 3, in_page=False),
        "function-straight-through": Case(
            lambda **kw: M.Function(signs, straight_through=True, **kw),
            2,
            smooth=False,
            in_page=False,
        ),
        "linear-then-clusters": Case(
            _in_a_row(
                lambda **kw: M.Linear(matrix[:2], trainable=True, **kw),
                lambda **kw: M.Clusters(3, learn_proportions=True, **kw),
            ),
            5,
        ),
        "clusters-then-circle": Case(_in_a_row(lambda **kw: M.Clusters(2, **kw), M.Circle), 2),
        "hierarchical-then-sparse": Case(
            _in_a_row(
                lambda **kw: M.Hierarchical([2, 2], hidden=(4,), **kw),
                lambda **kw: M.Sparse(hidden=(4,), **kw),
            ),
            4,
        ),
    }
    return cases


CASES = _cases()
KINDS = [name for name, case in CASES.items() if case.kind]


def layers_of(mapping):
    """The mappings in a `keras.Sequential`, or the mapping itself."""
    return mapping.layers if isinstance(mapping, keras.Sequential) else [mapping]


def by_class():
    """One case for each class of mapping: of several, the last that stands for its kind."""
    named = {name: CASES[name].make() for name in (*CASES, *KINDS)}
    return {
        type(mapping): CASES[name]
        for name, mapping in named.items()
        if not isinstance(mapping, keras.Sequential)
    }


def hard_points(latent_dim):
    """Points where a careless mapping or its gradient breaks, shape (N, M).

    The origin with both signs, denormals, radii whose squares underflow, the axes up to 1e4, and
    the boundaries of 2 to 9 equal parts, on the line and in the plane, with their neighbours.
    """
    sizes = [0.0, -0.0, 1e-45, -1e-40, 1e-30, -1e-20, 1e-7, 9.9e-7, -1.1e-6, 1e-3, -1.0, -1e4, 1e4]
    eye = np.eye(latent_dim)
    points = [size * direction for size in sizes for direction in (*eye, np.ones(latent_dim))]
    quantiles = stats.norm.ppf([k / n for n in range(2, 10) for k in range(1, n)])
    for quantile in np.float32(quantiles):
        neighbours = np.nextafter(quantile, np.float32([-9, 9]))
        points += [value * eye[0] for value in (quantile, *neighbours)]
    if latent_dim >= 2:
        turns = [k / (2 * n) for n in range(2, 10) for k in range(2 * n)]  # rays and mid-sectors
        angles = [math.pi / 2 + 2 * math.pi * turn for turn in turns]
        plane = [[math.cos(angle), math.sin(angle)] for angle in angles]
        points += [radius * (row @ eye[:2]) for row in plane for radius in (1e-20, 1e-3, 1.0, 1e4)]
    return np.array(points, "float32")


def vae_with(case, seed=0, **kwargs):
    """An `InteLVAE` for data of shape (3,) in [0, 1] with the mapping of this case."""
    return InteLVAE(
        latent_dim=case.latent_dim,
        encoder=networks.mlp_encoder([4]),
        mapping=case.make(),
        decoder=networks.mlp_decoder((3,), [4]),
        seed=seed,
        **kwargs,
    )


def small_data(num_rows=16, seed=0):
    """Data for `vae_with`."""
    return np.random.default_rng(seed).uniform(size=(num_rows, 3)).astype("float32")
