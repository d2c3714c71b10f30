"""Difference quotients of a mapping that know where they can be trusted."""

import numpy as np

_DOUBLE = (2.0**-14, 2.0**-15, 2.0**-16)  # steps, halved
_SINGLE = (2.0**-6, 2.0**-7, 2.0**-8)
_ROUNDING = {True: 2.0**-50, False: 2.0**-22}


def slopes(tried, y, cotangent, seed=2):
    """Slopes of sum(cotangent * g(y)) in a random direction, and where they exist.

    The quotients are taken ahead and behind, each with three steps that are halved. They converge if
    each halving brings them closer, or rounding hides that it does, and if both go to one number: not at
    a kink or a jump, nor where g is so steep that the steps are too long.

    Args:
        tried: The mapping.
        y: Points, shape (N, M).
        cotangent: Weights, shape (N, D).
        seed: Of the direction.

    Returns:
        (direction, slope, converged): shapes (N, M), (N,), (N,).
    """
    exact = tried.double is not None
    evaluate = tried.double if exact else tried.values
    kind = "float64" if exact else "float32"
    rng = np.random.default_rng(seed)
    direction = rng.normal(size=y.shape)
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    y, direction = y.astype(kind), direction.astype(kind)

    def total(at):
        return np.sum(cotangent.astype("float64") * evaluate(at), axis=1)

    here, steps = total(y), _DOUBLE if exact else _SINGLE
    size = np.abs(cotangent * evaluate(y)).sum(axis=1)
    ahead = np.stack([(total(y + step * direction) - here) / step for step in steps])
    behind = np.stack([(here - total(y - step * direction)) / step for step in steps])
    limits, converged = [], np.isfinite(ahead).all(axis=0) & np.isfinite(behind).all(axis=0)
    noise = 8 * _ROUNDING[exact] * (size + 1) / steps[-1]
    for quotients in (ahead, behind):
        first, second = np.abs(np.diff(quotients, axis=0))
        converged &= second <= 0.7 * first + noise
        limits.append(2 * quotients[2] - quotients[1])  # the error is linear in the step
    slope = (limits[0] + limits[1]) / 2
    apart = np.abs(limits[0] - limits[1])
    converged &= apart <= 2e-3 * np.abs(slope) + 4 * noise
    return direction, slope, converged
