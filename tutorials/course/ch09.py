"""Exercises of notebook 09, hierarchy and composition."""

import keras
import numpy as np
import tensorflow as tf

from course.exercise import Exercise, NotAttempted, call, close, desk, number, numbers, trains
from course.gradients import wrong_gradient
from intelvae_keras import mappings

# ------------------------------------------------------------------ a chain of groups


def my_chain(y_1, y_2, y_3, f_2, f_3):
    """Groups z_1, z_2, z_3 side by side, each group built on the one before."""
    z_1 = y_1
    z_2 = f_2(tf.concat([z_1, y_2], axis=-1))
    z_3 = f_3(tf.concat([z_2, y_3], axis=-1))
    return tf.concat([z_1, z_2, z_3], axis=-1)


def _chain_in_a_loop(y_1, y_2, y_3, f_2, f_3):
    groups = [y_1]
    for f, y in ((f_2, y_2), (f_3, y_3)):
        groups.append(f(keras.ops.concatenate([groups[-1], y], axis=-1)))
    return keras.ops.concatenate(groups, axis=-1)


def _chain_without_chain(y_1, y_2, y_3, f_2, f_3):
    z_2 = f_2(tf.concat([y_1, y_2], axis=-1))
    z_3 = f_3(tf.concat([y_2, y_3], axis=-1))
    return tf.concat([y_1, z_2, z_3], axis=-1)


def _chain_dense(y_1, y_2, y_3, f_2, f_3):
    z_2 = f_2(tf.concat([y_3, y_2], axis=-1))
    z_3 = f_3(tf.concat([z_2, y_3], axis=-1))
    return tf.concat([y_1, z_2, z_3], axis=-1)


def _chain_swapped(y_1, y_2, y_3, f_2, f_3):
    z_2 = f_2(tf.concat([y_2, y_1], axis=-1))
    z_3 = f_3(tf.concat([y_3, z_2], axis=-1))
    return tf.concat([y_1, z_2, z_3], axis=-1)


def _chain_as_list(y_1, y_2, y_3, f_2, f_3):
    return tf.split(my_chain(y_1, y_2, y_3, f_2, f_3), 3, axis=-1)


def _chain_backwards(y_1, y_2, y_3, f_2, f_3):
    return tf.concat(tf.split(my_chain(y_1, y_2, y_3, f_2, f_3), 3, axis=-1)[::-1], axis=-1)


def _chain_in_numpy(y_1, y_2, y_3, f_2, f_3):
    z_2 = np.array(f_2(np.concatenate([y_1, y_2], axis=-1)))
    z_3 = np.array(f_3(np.concatenate([y_3, y_3], axis=-1)))
    return np.concatenate([y_1, z_2, z_3], axis=-1)


def _chain_networks_swapped(y_1, y_2, y_3, f_2, f_3):
    return my_chain(y_1, y_2, y_3, f_3, f_2)


def _chain_one_network(y_1, y_2, y_3, f_2, f_3):
    return my_chain(y_1, y_2, y_3, f_2, f_2)


def _chain_star(y_1, y_2, y_3, f_2, f_3):
    z_2 = f_2(tf.concat([y_1, y_2], axis=-1))
    return tf.concat([y_1, z_2, f_3(tf.concat([y_1, y_3], axis=-1))], axis=-1)


def _chain_first_mapped(y_1, y_2, y_3, f_2, f_3):
    z_1 = f_2(tf.concat([y_1, y_1], axis=-1))
    return my_chain(z_1, y_2, y_3, f_2, f_3)


def _chain_held_back(y_1, y_2, y_3, f_2, f_3):
    z_2 = f_2(tf.concat([y_1, y_2], axis=-1))
    z_3 = f_3(tf.concat([tf.stop_gradient(z_2), y_3], axis=-1))
    return tf.concat([y_1, z_2, z_3], axis=-1)


def _chain_last(y_1, y_2, y_3, f_2, f_3):
    return my_chain(y_1, y_2, y_3, f_2, f_3)[:, -2:]


def _chain_identity(y_1, y_2, y_3, f_2, f_3):
    return tf.concat([y_1, y_2, y_3], axis=-1)


def _blocks(function, y, f_2, f_3):
    """The size of dz_j / dy_k for each pair of groups of two, shape (3, 3)."""
    with tf.GradientTape() as tape:
        tape.watch(y)
        z = function(*tf.split(y, 3, axis=-1), f_2, f_3)
        z = tf.convert_to_tensor(z)
    jacobian = tape.batch_jacobian(z, y)  # (batch, 6, 6)
    size = tf.reduce_mean(tf.abs(jacobian), axis=0).numpy()
    return size.reshape(3, 2, 3, 2).mean(axis=(1, 3))


def _judge_chain(answer):
    rng = np.random.default_rng(0)
    weights = [tf.constant(rng.normal(size=(4, 2)), "float32") for _ in range(2)]
    f_2, f_3 = (lambda v, w=w: tf.tanh(tf.cast(v, "float32") @ w) for w in weights)
    y = tf.constant(rng.normal(size=(5, 6)), "float32")
    groups = tf.split(y, 3, axis=-1)
    z = call(answer, *groups, f_2, f_3)
    if z is ...:
        raise NotAttempted
    value, right = numbers(z), my_chain(*groups, f_2, f_3).numpy()
    if value.shape == (5, 2):
        return "It returns one group. The decoder sees all three, side by side."
    if value.shape == (3, 5, 2):
        return "You return three groups. Put them side by side, into one tensor of shape (5, 6)."
    if value.shape != (5, 6):
        return f"Three groups of 2 for five examples have shape (5, 6); yours has {value.shape}."
    if close(value, right, 5e-3):  # float16 is near enough
        return _what_is_wrong_with_chain(answer)
    known = {
        "z = y: the networks f_2 and f_3 are not used.": _chain_identity,
        "Inside f_k, the group before comes first: [z_(k-1), y_k].": _chain_swapped,
        "f_2 and f_3 have changed places.": _chain_networks_swapped,
        "You use f_2 twice. The third group has f_3.": _chain_one_network,
        "f_3 gets z_1. In a chain it gets z_2, the group just before.": _chain_star,
        "z_1 is y_1 as it is. No network maps it.": _chain_first_mapped,
    }
    for message, mistake in known.items():
        if close(value, mistake(*groups, f_2, f_3), 5e-3):
            return message
    z_1, z_2, z_3 = np.split(right, 3, axis=1)
    if close(value, np.concatenate([z_3, z_2, z_1], axis=1)):
        return "The groups are right, in the wrong order: z_1 comes first."
    try:
        blocks = _blocks(answer, y, f_2, f_3)
    except Exception:  # perhaps NumPy
        blocks = np.zeros((3, 3))
    if min(blocks[1, 1], blocks[2, 2]) < 1e-6:  # no derivatives
        return "It does not give [y_1, f_2([z_1, y_2]), f_3([z_2, y_3])]."
    if np.triu(blocks, 1).max() > 1e-6:
        j, k = np.argwhere(np.triu(blocks, 1) > 1e-6)[0]
        return (
            f"z_{j + 1} depends on y_{k + 1}: the Jacobian is not block-triangular. A group may "
            "only see its own y and the group before."
        )
    if blocks[2, 0] < 1e-6:
        return "z_3 does not depend on y_1. f_3 must see z_2, which saw z_1, and not y_2."
    return "It does not give [y_1, f_2([z_1, y_2]), f_3([z_2, y_3])]."


def _what_is_wrong_with_chain(answer):
    """Groups of unlike sizes, as in the notebook, and the gradients."""
    rng = np.random.default_rng(1)
    y = [rng.normal(size=(4, size)).astype("float32") for size in (1, 2, 3)]
    weights = [rng.normal(size=size).astype("float32") for size in ((3, 2), (5, 3))]
    f_2, f_3 = (lambda v, w=w: tf.tanh(tf.cast(v, "float32") @ w) for w in weights)
    value = numbers(call(answer, *map(tf.constant, y), f_2, f_3))
    right = my_chain(*y, f_2, f_3).numpy()
    if value.shape != right.shape or not close(value, right, 5e-3):
        return "It is right for groups of one size, and not for groups of 1, 2 and 3 latents."
    if wrong_gradient(lambda *y: answer(*y, f_2, f_3), lambda *y: my_chain(*y, f_2, f_3), *y):
        return (
            "The values are right, and the gradients are not: does a stop_gradient hold them back?"
        )
    return None


def _can_train(answer):
    def first_columns(v):
        return tf.tanh(v[:, :2])

    groups = [np.ones((3, 2), "float32")] * 3
    if not trains(lambda *y: answer(*y, first_columns, tf.tanh), *groups):
        return False
    return answer(*map(tf.constant, groups), first_columns, tf.tanh).dtype == tf.float32


chain = Exercise(
    name="chain",
    judge=_judge_chain,
    reference=my_chain,
    second=_chain_in_a_loop,
    wrong={
        "dense": (_chain_dense, "not block-triangular"),
        "y_2 for z_2": (_chain_without_chain, "f_3 must see z_2"),
        "order inside f": (_chain_swapped, "comes first"),
        "the last group only": (_chain_last, "returns one group"),
        "the identity": (_chain_identity, "not used"),
        "a list": (_chain_as_list, "You return three groups"),
        "order of the groups": (_chain_backwards, "in the wrong order"),
        "networks swapped": (
            _chain_networks_swapped,
            "changed places",
        ),
        "one network": (_chain_one_network, "f_2 twice"),
        "a star": (_chain_star, "f_3 gets z_1"),
        "z_1 mapped": (_chain_first_mapped, "No network maps it"),
        "no gradient through z_2": (_chain_held_back, "the gradients are not"),
        "groups of two": (
            lambda y_1, y_2, y_3, f_2, f_3: my_chain(y_1[:, :2], y_2, y_3[:, :2], f_2, f_3),
            "raises",
        ),
        "NumPy, y_3 twice": (_chain_in_numpy, "does not give [y_1"),
    },
    hints=(
        "z_1 = y_1. Then z_2 = f_2 of z_1 and y_2, side by side.",
        "tf.concat([a, b], axis=-1) puts two groups side by side.",
        "z_3 = f_3 of z_2 and y_3. Return all three, side by side.",
    ),
    why="z_2 is passed on, not y_2. So what the first group says reaches the third through the second, and "
    "no group hears of a later one: the Jacobian is block-triangular.",
    fits=_can_train,
)

# ------------------------------------------------------------------ the order of composition


def my_ellipse(circle, stretch):
    """A mapping whose codes all lie on an ellipse: first the circle, then the stretching."""
    return keras.Sequential([circle, stretch])


def _ellipse_by_hand(circle, stretch):
    return lambda y: stretch(circle(y))


def _ellipse_commuted(circle, stretch):
    return keras.Sequential([stretch, circle])


def _ellipse_circle(circle, stretch):
    return circle


def _ellipse_stretch(circle, stretch):
    return stretch


def _ellipse_sum(circle, stretch):
    return lambda y: circle(y) + stretch(y)


def _ellipse_pressed_again(circle, stretch):
    return keras.Sequential([circle, stretch, circle])


def _ellipse_twice(circle, stretch):
    return keras.Sequential([circle, stretch, stretch])


def _ellipse_upright(circle, stretch):
    return lambda y: tf.reverse(stretch(circle(y)), axis=[-1])


def _ellipse_one_point(circle, stretch):
    return lambda y: tf.constant([[2.0, 0.0]]) + 0 * stretch(circle(y))


def _judge_ellipse(answer):
    circle, stretch = mappings.Circle(), mappings.Linear([[2.0, 0.0], [0.0, 1.0]])
    mapping = call(answer, circle, stretch)
    if mapping is ...:
        raise NotAttempted
    if not callable(mapping):
        return "It must return a mapping: a keras.Sequential, or a function of y."
    y = np.random.default_rng(0).normal(size=(40, 2)).astype("float32")
    z = numbers(call(mapping, y), (40, 2))
    if close(z, circle(stretch(y)), 3e-3):
        return "Your codes lie on the unit circle: stretched first, then pressed onto the circle."
    if close(z, circle(y), 3e-3):
        return "Your codes lie on the unit circle: nothing stretches it."
    if close(z, stretch(y), 3e-3):
        return "Your codes fill the plane: the circle is missing."
    if close((z**2).sum(axis=1), 1, 6e-3):
        return "Your codes lie on the unit circle: what comes last decides the shape."
    if close(z[:, 0] ** 2 + (z[:, 1] / 2) ** 2, 1, 6e-3):
        return "The ellipse stands upright. It should be twice as wide as high."
    if not close((z[:, 0] / 2) ** 2 + z[:, 1] ** 2, 1, 6e-3):  # float16 is near enough
        width, height = np.abs(z).max(axis=0)
        return (
            "The codes must lie on the ellipse with half-axes 2 and 1; yours do not. They reach "
            f"{width:.2f} across and {height:.2f} up."
        )
    quarters = {tuple(signs) for signs in np.sign(z)}
    if len(quarters) < 4:
        return "Your codes lie on the ellipse, but only on a part of it."
    return None  # also stretch, circle, stretch: the ellipse is the same, the density another one


ellipse = Exercise(
    name="ellipse",
    judge=_judge_ellipse,
    reference=my_ellipse,
    second=_ellipse_by_hand,
    wrong={
        "commuted": (_ellipse_commuted, "stretched first"),
        "circle only": (_ellipse_circle, "nothing stretches"),
        "stretch only": (_ellipse_stretch, "circle is missing"),
        "their sum": (_ellipse_sum, "half-axes 2 and 1"),
        "no mapping": (lambda circle, stretch: 1.0, "must return a mapping"),
        "pressed again": (_ellipse_pressed_again, "pressed onto the circle"),
        "stretched twice": (_ellipse_twice, "across and 1.00 up"),
        "upright": (_ellipse_upright, "stands upright"),
        "one point": (_ellipse_one_point, "only on a part"),
        "a list": (lambda circle, stretch: [circle, stretch], "must return a mapping"),
    },
    hints=(
        "An ellipse is a circle that was stretched. Which comes first?",
        "keras.Sequential([a, b]) applies a first: z = b(a(y)).",
    ),
    why="The mapping that comes last decides the shape of the codes. Stretched last, a circle is an "
    "ellipse; pressed onto the circle last, all that was stretched before is a circle again.",
)

# ------------------------------------------------------------------ a control of equal size


def weights_of_chain(groups, hidden):
    """How many weights the networks f_2, ..., f_K have: each Dense(hidden), Dense(its group)."""
    pairs = zip(groups[:-1], groups[1:], strict=True)
    return sum((a + b) * hidden + hidden + hidden * b + b for a, b in pairs)


def my_width(groups, hidden):
    """The hidden width w of an MLP M-w-M with as many weights as the chain, as nearly as can be."""
    chain = 0
    for before, size in zip(groups[:-1], groups[1:], strict=True):
        chain += (before + size) * hidden + hidden  # the first layer of f_k, with biases
        chain += hidden * size + size  # its second
    latents = sum(groups)
    return round((chain - latents) / (2 * latents + 1))  # the MLP has w (2 M + 1) + M


def _width_by_trying(groups, hidden):
    latents, target = sum(groups), weights_of_chain(groups, hidden)
    sizes = {w: latents * w + w + w * latents + latents for w in range(1, 1000)}
    return min(sizes, key=lambda w: abs(sizes[w] - target))


def _width_same(groups, hidden):
    return hidden


def _width_all(groups, hidden):
    return hidden * (len(groups) - 1)


def _width_no_biases(groups, hidden):
    pairs = zip(groups[:-1], groups[1:], strict=True)
    return round(sum((a + 2 * b) * hidden for a, b in pairs) / (2 * sum(groups)))


def _width_cut_off(groups, hidden):
    latents = sum(groups)
    return (weights_of_chain(groups, hidden) - latents) // (2 * latents + 1)


def _width_rounded_up(groups, hidden):
    return int(np.ceil((weights_of_chain(groups, hidden) - sum(groups)) / (2 * sum(groups) + 1)))


def _width_own_group_only(groups, hidden):
    chain = sum(2 * size * hidden + hidden + size for size in groups[1:])
    return round((chain - sum(groups)) / (2 * sum(groups) + 1))


def _width_of_all_groups(groups, hidden):
    chain = weights_of_chain([0, *groups], hidden)
    return round((chain - sum(groups)) / (2 * sum(groups) + 1))


def _width_no_output_biases(groups, hidden):
    return round(weights_of_chain(groups, hidden) / (2 * sum(groups) + 1))


def _width_of_count(groups, hidden):
    return weights_of_chain(groups, hidden)


def _judge_width(answer):
    cases = [([16, 16, 16], 64), ([4, 4, 4, 4], 64), ([2, 10], 32), ([6, 3, 3], 40)]
    cases += [([1, 2, 8], 64), ([9, 1, 5], 7), ([3, 3], 100), ([2, 3, 4], 16)]
    given = [number(call(answer, list(groups), hidden)) for groups, hidden in cases]
    if any(g != round(g) for g in given):
        return f"A width is a whole number; yours gives {given[0]:g}."
    right = [my_width(groups, hidden) for groups, hidden in cases]
    if all(abs(g - r) < 1 for g, r in zip(given, right, strict=True)):
        return None
    for (groups, hidden), width, best in zip(cases, given, right, strict=True):
        if abs(width - best) >= 1:
            latents = sum(groups)
            mlp = 2 * latents * width + width + latents
            target = weights_of_chain(groups, hidden)
            break
    what = f"groups {groups} and hidden {hidden} have {target:,} weights, your MLP {mlp:,.0f}"
    if given == [float(hidden) for _, hidden in cases]:
        return f"The width of one f_k is no control of equal size: {what}."
    if given == [float(_width_all(groups, hidden)) for groups, hidden in cases]:
        return f"All hidden units together make it too large: {what}."
    if given == [float(_width_of_count(groups, hidden)) for groups, hidden in cases]:
        return "That is the number of weights. Asked is the width that gives an MLP so many."
    if given == [float(_width_no_biases(groups, hidden)) for groups, hidden in cases]:
        return f"Count the biases too: {what}."
    if given == [float(_width_cut_off(groups, hidden)) for groups, hidden in cases]:
        return f"You cut off the fraction. Round to the nearest width: {what}."
    known = {
        # to forget these biases comes to the same as to round up, for all sizes
        "You round up, or forget the M biases at the MLP's output": _width_rounded_up,
        "f_k gets the group before as well as its own": _width_own_group_only,
        "Group 1 has no network: count f_2, ..., f_K": _width_of_all_groups,
    }
    for message, mistake in known.items():
        if given == [float(mistake(groups, hidden)) for groups, hidden in cases]:
            return f"{message}: {what}."
    return f"Not of equal size: {what}."


width = Exercise(
    name="width",
    judge=_judge_width,
    reference=my_width,
    second=_width_by_trying,
    wrong={
        "the same width": (_width_same, "no control of equal size"),
        "all hidden units": (_width_all, "make it too large"),
        "the count": (_width_of_count, "That is the number of weights"),
        "a fraction": (lambda groups, hidden: 12.5, "whole number"),
        "no biases": (_width_no_biases, "Count the biases too"),
        "cut off": (_width_cut_off, "cut off the fraction"),
        "rounded up": (_width_rounded_up, "You round up"),
        "own group only": (_width_own_group_only, "the group before as well"),
        "group 1 too": (_width_of_all_groups, "Group 1 has no network"),
        "no biases at the output": (_width_no_output_biases, "or forget the M biases"),
        "one too many": (lambda groups, hidden: my_width(groups, hidden) + 1, "Not of equal size"),
        "a constant": (lambda groups, hidden: 64, "Not of equal size"),
    },
    hints=(
        "A Dense layer from a to b has a * b weights and b biases.",
        "f_k goes from g_(k-1) + g_k to `hidden`, then to g_k. Add these up for k = 2, 3, ...",
        "The MLP M-w-M has w (2 M + 1) + M weights. Solve for w, and round.",
    ),
    why="A model with more weights may win by its size. With as many weights on both sides, a difference "
    "can come from the order of the groups.",
)

hint, solution = desk(chain, ellipse, width)
__all__ = ["chain", "ellipse", "hint", "solution", "weights_of_chain", "width"]
