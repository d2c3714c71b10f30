"""Exercise of notebook 10: a g of the learner's own, with one property of a menu."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from course.exercise import Exercise, call, close, numbers, run, trains
from course.mapping_faults import fault_of

LATENTS = 3


def _in_order(z):
    return (np.diff(z, axis=1) >= -1e-5 * (1 + np.abs(z[:, 1:]))).all(axis=1)


def _proportions(z):
    return (z > -1e-6).all(axis=1) & (np.abs(z.sum(axis=1) - 1) < 3e-3)


def _on_the_sphere(z):
    return np.abs((z**2).sum(axis=1) - 1) < 3e-3


def _balanced(z):
    return np.abs(z.sum(axis=1)) < 3e-3 * (1 + np.abs(z).max(axis=1))


# From the name to what must hold of each z, and in how many directions z must be free to move.
MENU: dict[str, tuple[Callable, int]] = {
    "in order": (_in_order, 3),
    "proportions": (_proportions, 2),
    "on the sphere": (_on_the_sphere, 2),
    "balanced": (_balanced, 2),
    "no arrow": (lambda z: np.ones(len(z), bool), 3),  # a property of g, see `_without_arrow`
}


def my_g(y):
    """Three numbers in order, z_1 <= z_2 <= z_3: y, shape (batch, 3), to z of the same shape."""
    steps = ops.concatenate([y[:, :1], ops.softplus(y[:, 1:])], axis=1)
    return ops.cumsum(steps, axis=1)


def _outer_products(y):
    y = np.asarray(y)
    return (y[:, :, None] * y[:, None, :]).reshape(len(y), 9)


def property_of(answer: Callable) -> str | None:
    """The property of the menu that a g has at draws of N(0, I); None if it has none."""
    held = _held(answer, _draws())
    return next((name for name, where in held.items() if where.all()), None)


def _draws():
    return np.random.default_rng(0).normal(size=(200, LATENTS)).astype("float32")


def _held(answer, y):
    """From each property to where it holds, shape (N,)."""
    z, opposite = (numbers(call(answer, v)) for v in (y, -y))
    held = {name: holds(z) for name, (holds, _) in MENU.items() if z.shape[1] > 1}
    same = np.abs(z - opposite).max(axis=1) < 3e-3 * (1 + np.abs(z).max(axis=1))
    return held | {"no arrow": same}


def _directions(answer, step=0.1):
    """In how many directions z moves with y: the rank of differences, the largest of ten places."""
    places = _draws()[:10]
    ahead, behind = (
        np.stack(
            [
                numbers(call(answer, places + sign * step * axis))
                for axis in np.eye(LATENTS, dtype="float32")
            ]
        )
        for sign in (1, -1)
    )
    slopes = ((ahead - behind) / (2 * step)).transpose(1, 0, 2)  # (10, latents, D)
    sizes = np.linalg.svd(slopes, compute_uv=False)
    return int(
        ((sizes > 0.03 * sizes.max(axis=1, keepdims=True)) & (sizes > 0.01)).sum(axis=1).max()
    )


def _judge(answer):
    y = _draws()
    z = run(answer, y)
    if z.ndim != 2 or len(z) != len(y):
        return f"For y of shape (200, 3), z must have shape (200, D); yours has {z.shape}."
    if close(z, z[:1]):
        return "All examples have the same z: it does not depend on y."
    if z.shape == y.shape and close(z, y):
        return (
            "This is the identity, an ordinary VAE. Choose a property of the menu, and build it in."
        )
    held = _held(answer, y)
    found = [name for name, where in held.items() if where.all()]
    if not found:
        name = max(held, key=lambda n: held[n].mean())
        at = np.flatnonzero(~held[name])[0]
        shown = [", ".join(f"{v:.2f}" for v in row[at]) for row in (y, z)]
        return (
            f"The nearest of the menu is {name!r}: it holds at {held[name].mean():.0%} of 200 draws, and "
            f"not at y = ({shown[0]}), where z is ({shown[1]})."
        )
    directions = _directions(answer)
    wanted = {name: MENU[name][1] for name in found}
    name = min(wanted, key=wanted.get)
    if directions < wanted[name]:
        return (
            f"It is {name!r}, and says too little: z moves in {directions} direction(s), where this property "
            f"leaves {wanted[name]}. Does each of the three latents do something?"
        )
    return _fault(answer, found, y)


def _fault(answer, found, y):
    """What `mappings.check` finds, with a property that the g has."""
    if trains(answer, y):
        return fault_of(answer, LATENTS, MENU[found[0]][0], in_tensorflow=True)

    def in_numpy_too(y):
        return keras.ops.convert_to_tensor(call(answer, keras.ops.convert_to_numpy(y)), "float32")

    return fault_of(in_numpy_too, LATENTS, MENU[found[0]][0])


def _of_batch(y):
    return y - ops.mean(y, axis=0)


def _held_back(y):
    return tf.stop_gradient(ops.sort(y, axis=1)) + 0 * y


own = Exercise(
    name="own",
    judge=_judge,
    reference=my_g,
    second=_outer_products,
    wrong={
        "the identity": (lambda y: y, "ordinary VAE"),
        "a constant": (lambda y: np.ones_like(y) / 3, "does not depend on y"),
        "of the batch": (lambda y: ops.softmax(y, axis=0), "The nearest of the menu"),
        "without a property": (lambda y: y**3, "The nearest of the menu"),
        "in order with one latent": (lambda y: y[:, :1] + np.arange(3), "says too little"),
        "one latent squared": (lambda y: y[:, :1] ** 2, "1 direction"),
        "overflow": (
            lambda y: ops.exp(y) / ops.sum(ops.exp(y), axis=1, keepdims=True),
            "exp(89) is already infinite",
        ),
        "0 / 0": (lambda y: y / ops.norm(y, axis=1, keepdims=True), "Do you divide 0 by 0"),
        "balanced over the batch": (_of_batch, "The nearest of the menu"),
        "no gradient": (_held_back, "gradient"),
        "noise": (
            lambda y: ops.softmax(y + keras.random.normal((len(y), 3)), axis=1),
            "without randomness",
        ),
        "a sum alone": (lambda y: ops.sum(y, axis=1), "must have shape (200, D)"),
    },
    fits=lambda answer: trains(answer, _draws()),
    hints=(
        "In order: begin with one number, and add steps that cannot be negative.",
        "Balanced: subtract something from each row. No arrow: squares and products do not see a sign.",
        "On the sphere: divide by the length, and say what y = 0 becomes. Proportions: see below.",
    ),
    why="softplus(y) = log(1 + e^y) is above 0 for every y, and has a slope everywhere. So each step goes "
    "up, and their sums are in order, whatever y is. Nothing is thrown away: from z you can compute y. A "
    "sort would do as well; it forgets which latent was which.",
)
