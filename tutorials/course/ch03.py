"""Exercises of notebook 03, where a Gaussian fails."""

import inspect

import numpy as np

from course.exercise import Exercise, close, desk, run

# ------------------------------------------------------------------ the warm-up's weight


def my_weight(step, warmup_steps):
    """The weight of the KL before this step: a number in [0, 1]."""
    return min(step / warmup_steps, 1.0)


def _weight_by_cases(step, warmup_steps):
    if step >= warmup_steps:
        return np.float32(1)
    return np.float32(step) / np.float32(warmup_steps)


def _weight_after(step, warmup_steps):
    return min((step + 1) / warmup_steps, 1.0)


def _weight_last(step, warmup_steps):
    return min(step / (warmup_steps - 1), 1.0)


def _weight_unclipped(step, warmup_steps):
    return step / warmup_steps


def _weight_whole(step, warmup_steps):
    return min(step // warmup_steps, 1)


def _weight_falling(step, warmup_steps):
    return max(1 - step / warmup_steps, 0)


def _weight_constant(step, warmup_steps):
    return 1.0


def _weight_smooth(step, warmup_steps):
    return 0.5 - 0.5 * np.cos(np.pi * min(step / warmup_steps, 1))


def _judge_weight(answer):
    places = [
        (step, warmup_steps)
        for warmup_steps in (100, 10, 7)
        for part in (0, 1 / warmup_steps, 1 / 3, 1 / 2, 3 / 4, 1 - 1 / warmup_steps, 1, 3)
        for step in [round(part * warmup_steps)]
    ]
    values = [run(answer, *place, shape=()) for place in places]
    right = [my_weight(*place) for place in places]
    if all(map(close, values, right)):
        return None
    step, warmup_steps = place = next(
        place
        for place, value, it in zip(places, values, right, strict=True)
        if not close(value, it)
    )
    value = values[places.index(place)]
    if step > warmup_steps:
        return f"After the warm-up it should stay at 1; yours is {value:.3f}."
    at = f"Before step {step} of {warmup_steps} it should be {my_weight(*place):.3f}; yours is {value:.3f}."
    known = {
        "You count from 1: off by one step.": _weight_after,
        "You reach 1 at the last step of the warm-up: off by one step.": _weight_last,
        "It falls, and should grow.": _weight_falling,
        "It waits at 0, and then jumps to 1. (`//` drops the fraction.)": _weight_whole,
        "It is the same before each step.": lambda step, warmup_steps: values[0],
        "It should grow in a straight line.": _weight_smooth,
    }
    for message, mistake in known.items():
        if close(values, [mistake(*place) for place in places]):
            return f"{at} {message}"
    return at


weight = Exercise(
    name="weight",
    judge=_judge_weight,
    reference=my_weight,
    second=_weight_by_cases,
    wrong={
        "counted from 1": (_weight_after, "You count from 1"),
        "one step too soon": (_weight_last, "at the last step of the warm-up"),
        "without an end": (_weight_unclipped, "stay at 1"),
        "whole numbers": (_weight_whole, "jumps to 1"),
        "falling": (_weight_falling, "It falls"),
        "always 1": (_weight_constant, "the same before each step"),
        "the larger of the two": (lambda step, steps: max(step / steps, 1), "it should be"),
        "back at 0": (lambda step, steps: step / steps * (step < steps), "it should be 1"),
        "a half cosine": (_weight_smooth, "straight line"),
        "a square": (lambda step, steps: min((step / steps) ** 2, 1), "it should be"),
    },
    hints=(
        "What fraction of the warm-up is over before step number `step`?",
        "Before step 0 nothing is over. Before step `warmup_steps` all of it is.",
        "Cut the fraction off at 1: min(..., 1.0).",
    ),
    why=(
        "The weight counts the steps that are over, not the step that comes. So the first step, with "
        "codes that say nothing yet, is free, and from step `warmup_steps` on the loss is minus the ELBO."
    ),
)

# ------------------------------------------------------------------ samples off the data


def my_off(samples, data, threshold=0.1):
    """The fraction of samples further than `threshold` from all data."""
    nearest = [np.min(np.linalg.norm(data - sample, axis=1)) for sample in samples]
    return np.mean(np.array(nearest) > threshold)


def _off_by_a_tree(samples, data, threshold=0.1):
    from scipy.spatial import cKDTree

    return float(np.mean(cKDTree(data).query(samples)[0] > threshold))


def _off_squared(samples, data, threshold=0.1):
    squares = np.sum((samples[:, None] - data) ** 2, axis=-1)
    return np.mean(squares.min(axis=1) > threshold)


def _off_inside(samples, data, threshold=0.1):
    return 1 - my_off(samples, data, threshold)


def _off_swapped(samples, data, threshold=0.1):
    return my_off(data, samples, threshold)


def _off_mean_distance(samples, data, threshold=0.1):
    distances = np.linalg.norm(samples[:, None] - data, axis=-1)
    return np.mean(distances.mean(axis=1) > threshold)


def _off_percent(samples, data, threshold=0.1):
    return 100 * my_off(samples, data, threshold)


def _off_per_coordinate(samples, data, threshold=0.1):
    return np.mean(np.abs(samples[:, None] - data).max(axis=-1).min(axis=1) > threshold)


def _off_count(samples, data, threshold=0.1):
    return len(samples) * my_off(samples, data, threshold)


def _off_furthest(samples, data, threshold=0.1):
    return np.mean(np.linalg.norm(samples[:, None] - data, axis=-1).max(axis=1) > threshold)


def _off_all_pairs(samples, data, threshold=0.1):
    return np.mean(np.linalg.norm(samples[:, None] - data, axis=-1) > threshold)


def _off_added_up(samples, data, threshold=0.1):
    return np.mean(np.abs(samples[:, None] - data).sum(axis=-1).min(axis=1) > threshold)


def _off_fixed(samples, data, threshold=0.1):
    return my_off(samples, data, 0.1)


def _off_each(samples, data, threshold=0.1):
    return np.linalg.norm(samples[:, None] - data, axis=-1).min(axis=1) > threshold


def _off_by_columns(samples, data, threshold=0.1):
    apart = np.linalg.norm(samples[:, None] - data, axis=1)  # (N', 2): the samples are gone
    return np.mean(apart.min(axis=1) > threshold)


def _judge_off(answer):
    # So that each mistake gives another fraction than 0 and 1 in one of the tests at least.
    rng = np.random.default_rng(0)
    tests = []
    for size, threshold in ((1.0, 0.1), (1.0, 0.3), (0.05, 0.1), (1.0, 3.0), (1.0, 11.0)):
        data = rng.normal(scale=[size, 0.3 * size], size=(100, 2)).astype("float32")
        samples = rng.normal(scale=[0.7 * size, size], size=(80, 2)).astype("float32")
        tests.append((samples, data, threshold))
    if run(answer, *tests[0]).shape == (80,):
        return "It gives one answer per sample. You are asked for a single fraction."
    values = [run(answer, *test, shape=()) for test in tests]
    right = [my_off(*test) for test in tests]
    if all(close(value, it, 1e-6) for value, it in zip(values, right, strict=True)):
        return _judge_default(answer, *tests[0][:2])
    known = {
        "You compare the squared distance with the threshold. Take the root.": _off_squared,
        "That is the fraction of samples near the data. Strays are the others.": _off_inside,
        "You go through the data, and ask for the nearest sample. It is the other way round: are "
        "`samples` and `data` swapped, or the axis of the minimum?": _off_swapped,
        "You take the norm over the wrong axis: over the samples, not the two coordinates.": (
            _off_by_columns
        ),
        "You take the mean distance to all data. Only the nearest point counts.": _off_mean_distance,
        "You take the distance to the furthest point. Only the nearest one counts.": _off_furthest,
        "You count pairs of a sample and a data point. Only the nearest point counts.": (
            _off_all_pairs
        ),
        "Give a fraction between 0 and 1, not per cent.": _off_percent,
        "You compare coordinate by coordinate. Take the Euclidean distance.": _off_per_coordinate,
        "You add the distances of the coordinates up. Take the Euclidean distance.": _off_added_up,
        "You count the strays. Divide by the number of samples.": _off_count,
        "It does not depend on `threshold`: use the argument.": _off_fixed,
    }
    for message, mistake in known.items():
        if close(values, [mistake(*test) for test in tests], 1e-6):
            return message
    first = next(i for i, value in enumerate(values) if not close(value, right[i], 1e-6))
    return (
        f"In a test with threshold {tests[first][2]} it should be {right[first]:.3f}; "
        f"yours is {values[first]:.3f}."
    )


def _judge_default(answer, samples, data):
    """The cells below give no threshold."""
    try:
        inspect.signature(answer).bind(samples, data)
    except TypeError:
        return "Keep `threshold=0.1` in its first line: the cells below rely on it."
    if not close(run(answer, samples, data, shape=()), my_off(samples, data), 1e-6):
        return "Without a threshold it should take 0.1, as the first line of the cell says."
    return None


off = Exercise(
    name="off",
    judge=_judge_off,
    reference=my_off,
    second=_off_by_a_tree,
    wrong={
        "squared distance": (_off_squared, "squared distance"),
        "the fraction near the data": (_off_inside, "near the data"),
        "samples and data swapped": (_off_swapped, "other way round"),
        "the norm over the wrong axis": (_off_by_columns, "over the wrong axis"),
        "another default": (lambda s, data, threshold=0.2: my_off(s, data, threshold), "take 0.1"),
        "no default": (lambda s, data, threshold: my_off(s, data, threshold), "Keep `threshold"),
        "mean distance": (_off_mean_distance, "Only the nearest"),
        "per cent": (_off_percent, "per cent"),
        "per coordinate": (_off_per_coordinate, "Euclidean"),
        "a count": (_off_count, "Divide by"),
        "the furthest point": (_off_furthest, "the furthest point"),
        "all pairs": (_off_all_pairs, "count pairs"),
        "coordinates added up": (_off_added_up, "of the coordinates up"),
        "always 0.1": (_off_fixed, "depend on `threshold`"),
        "each sample": (_off_each, "a single fraction"),
        "the threshold ignored": (lambda samples, data, threshold: 0.5, "it should be"),
    },
    hints=(
        "For one sample: np.linalg.norm(data - sample, axis=1) gives all its distances.",
        "The smallest of them is the distance to the nearest data point.",
        "Go through the samples, and take the mean of `distance > threshold`.",
    ),
    why=(
        "The nearest point decides: a sample on one ring is far from the other ring, and no stray. The "
        "mean of True and False, 1 and 0, is the fraction of True. One sample at a time saves memory."
    ),
)

# ------------------------------------------------------------------ collapsed latents


def my_collapsed(x, mean, sigma):
    """True for each latent whose mean KL is below 0.01 nats: x is not needed."""
    kl = (sigma**2 + mean**2 - 1 - np.log(sigma**2)) / 2  # (N, M)
    return np.mean(kl, axis=0) < 0.01


def _collapsed_in_loops(x, mean, sigma):
    answer = []
    for m, s in zip(np.transpose(mean), np.transpose(sigma), strict=True):
        answer.append(bool(np.mean(0.5 * (s * s + m * m - 1) - np.log(s)) < 0.01))
    return answer


def _collapsed_variance_of_x(x, mean, sigma):
    return np.var(x, axis=0) < 0.01


def _collapsed_variance_of_mean(x, mean, sigma):
    return np.var(mean, axis=0) < 0.01


def _collapsed_sigma(x, mean, sigma):
    return np.abs(np.mean(sigma, axis=0) - 1) < 0.05


def _collapsed_active(x, mean, sigma):
    return ~my_collapsed(x, mean, sigma)


def _collapsed_sum(x, mean, sigma):
    return np.sum((sigma**2 + mean**2 - 1 - np.log(sigma**2)) / 2, axis=0) < 0.01


def _collapsed_narrow(x, mean, sigma):
    return np.mean(sigma, axis=0) < 0.1


def _collapsed_without_half(x, mean, sigma):
    return np.mean(sigma**2 + mean**2 - 1 - np.log(sigma**2), axis=0) < 0.01


def _collapsed_log_sigma(x, mean, sigma):
    return np.mean((sigma**2 + mean**2 - 1 - np.log(sigma)) / 2, axis=0) < 0.01


def _collapsed_no_square(x, mean, sigma):
    return np.mean((sigma + mean**2 - 1 - np.log(sigma)) / 2, axis=0) < 0.01


def _collapsed_no_one(x, mean, sigma):
    return np.mean((sigma**2 + mean**2 - np.log(sigma**2)) / 2, axis=0) < 0.01


def _collapsed_at_half(x, mean, sigma):
    return np.mean((sigma**2 + mean**2 - 1 - np.log(sigma**2)) / 2, axis=0) < 0.005


def _collapsed_median(x, mean, sigma):
    return np.median((sigma**2 + mean**2 - 1 - np.log(sigma**2)) / 2, axis=0) < 0.01


def _collapsed_places(x, mean, sigma):
    return np.flatnonzero(my_collapsed(x, mean, sigma))


def _collapsed_per_example(x, mean, sigma):
    return np.mean((sigma**2 + mean**2 - 1 - np.log(sigma**2)) / 2, axis=1) < 0.01


def _collapsed_kl(x, mean, sigma):
    return np.mean((sigma**2 + mean**2 - 1 - np.log(sigma**2)) / 2, axis=0)


def _judge_collapsed(answer):
    rng = np.random.default_rng(0)
    size = (400, 10)
    # Used; collapsed; wide but moving; collapsed; narrow and fixed, which costs nats all the same;
    # 0.0093 nats, collapsed (the other KL: 0.0106); 0.02 nats, a little too narrow and too wide;
    # 0.0111 nats (the other KL: 0.0097); and one that few examples use, for 0.03 nats in the mean.
    mean = rng.normal(size=size) * [1, 0.001, 1, 0.001, 0.01, 0, 0.001, 0.001, 0, 0]
    mean -= mean.mean(axis=0)  # what moves does so to both sides: mu is 0 in the mean, mu^2 is not
    mean[::50, 1], mean[::17, 9] = 0.4, 1  # 0.0016 nats in the mean: too few to matter
    sigma = np.array([0.05, 1, 1, 1, 0.05, 0.905, 0.85, 1.15, 1.107, 1])
    sigma = sigma + 0.0005 * rng.random(size)
    x = rng.normal(size=size) * [0.01, 1, 1, 0.01, 1, 1, 0.01, 1, 1, 1]
    arguments = [part.astype("float32") for part in (x, mean, sigma)]
    value, right = run(answer, *arguments), my_collapsed(*arguments)
    if value.shape == size:
        return "It gives one answer per example and latent. Take the mean over the data first."
    if value.shape == size[:1]:
        return "It gives one answer per example. Take the mean over the data, not over the latents."
    if value.shape == (right.sum(),):
        return f"Give True or False for each latent, {size[1]} answers here, and not their places."
    if value.shape != size[1:]:
        return (
            f"It should give one answer per latent, shape {size[1:]} here; yours has {value.shape}."
        )
    if not np.all(np.isin(value, (0, 1))):
        return "It should give True or False for each latent."
    known = {
        "You look at the variance of x. Whether a latent is used stands in its posterior.": (
            _collapsed_variance_of_x
        ),
        "You look at the mean of the posterior alone. A fixed but narrow posterior is not the prior: "
        "it costs KL.": _collapsed_variance_of_mean,
        "You look at sigma alone. A posterior with sigma = 1 whose mean moves is in use.": (
            _collapsed_sigma
        ),
        "You mark the latents in use. The collapsed ones are the others.": _collapsed_active,
        "You add up the KL over the data. Take its mean.": _collapsed_sum,
        "You mark the narrow posteriors. A collapsed one is as wide as the prior.": _collapsed_narrow,
        "You keep a latent of 0.009 nats. Has your KL its factor 1/2, and is the threshold 0.01?": (
            _collapsed_without_half
        ),
        "The median is 0 for a latent that few examples use. Take the mean.": _collapsed_median,
        "The formula has log sigma², not log sigma.": _collapsed_log_sigma,
        "`sigma` is the standard deviation, not the variance.": _collapsed_no_square,
        "It marks no latent at all. Is the KL of a posterior that is the prior 0?": _collapsed_no_one,
    }
    if np.array_equal(value, right):
        return None
    for message, mistake in known.items():
        if np.array_equal(value, mistake(*arguments)):
            return message
    yours = ", ".join(str(place) for place in np.flatnonzero(value) + 1) or "none"
    return f"In a test, latents 2, 4 and 6 of 10 have collapsed, the first one being 1. Yours: {yours}."


collapsed = Exercise(
    name="collapsed",
    judge=_judge_collapsed,
    reference=my_collapsed,
    second=_collapsed_in_loops,
    wrong={
        "variance of x": (_collapsed_variance_of_x, "variance of x"),
        "variance of the mean": (_collapsed_variance_of_mean, "mean of the posterior alone"),
        "sigma": (_collapsed_sigma, "sigma alone"),
        "the others": (_collapsed_active, "in use"),
        "sum over the data": (_collapsed_sum, "Take its mean"),
        "narrow ones": (_collapsed_narrow, "as wide as the prior"),
        "per example": (lambda x, mean, sigma: sigma > 0.9, "per example and latent"),
        "per example alone": (_collapsed_per_example, "not over the latents"),
        "no factor 1/2": (_collapsed_without_half, "its factor 1/2"),
        "half the threshold": (_collapsed_at_half, "the threshold 0.01"),
        "the median": (_collapsed_median, "Take the mean"),
        "log sigma": (_collapsed_log_sigma, "log sigma²"),
        "sigma for sigma²": (_collapsed_no_square, "not the variance"),
        "no - 1": (_collapsed_no_one, "no latent at all"),
        "their places": (_collapsed_places, "not their places"),
        "the KL itself": (_collapsed_kl, "True or False"),
        "all of them": (lambda x, mean, sigma: sigma[0] > 0, "latents 2, 4 and 6"),
    },
    hints=(
        "Write the KL for all entries of mean and sigma at once. Its shape is (N, M).",
        "Take the mean over the data, axis 0. M numbers are left.",
        "Compare them with 0.01. You do not need x.",
    ),
    why=(
        "x is not needed: whether a latent carries anything stands in its posterior. The mean over the "
        "data, because a latent that only a few examples use is in use."
    ),
)

hint, solution = desk(weight, off, collapsed)
__all__ = ["collapsed", "hint", "off", "solution", "weight"]
