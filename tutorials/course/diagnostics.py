"""Exercise of notebook 10: which diagnostics see the truth."""

import numpy as np
import scipy.stats

from course.exercise import Exercise, Mistake, call


def my_sees(true, others, larger_is_better):
    """Whether a diagnostic is better for the true g than for each of the others, beyond chance.

    true, shape (n,): its values for n seeds. others: a list of such arrays, by the same seeds.
    """
    for other in others:
        gain = true - other if larger_is_better else other - true
        half = scipy.stats.t.ppf(0.975, len(gain) - 1) * scipy.stats.sem(gain)
        if gain.mean() <= half:
            return False
    return True


def _by_test(true, others, larger_is_better):
    side = "greater" if larger_is_better else "less"
    p = [scipy.stats.ttest_rel(true, other, alternative=side).pvalue for other in others]
    return bool(np.all(np.array(p) < 0.025))


def _means(true, others, larger_is_better):
    sign = 1 if larger_is_better else -1
    return all(sign * (np.mean(true) - np.mean(other)) > 0 for other in others)


def _half(gain, factor=None, ddof=1):
    factor = factor or scipy.stats.t.ppf(0.975, len(gain) - 1)
    return factor * np.std(gain, ddof=ddof) / len(gain) ** 0.5


def _gains(true, others, larger_is_better):
    return [(true - other) * (1 if larger_is_better else -1) for other in others]


def _by_normal(*given):
    return all(g.mean() > _half(g, 1.96) for g in _gains(*given))


def _without_root(*given):
    return all(g.mean() > _half(g) * len(g) ** 0.5 for g in _gains(*given))


def _unpaired(true, others, larger_is_better):
    sign = 1 if larger_is_better else -1
    return all(
        sign * (true.mean() - other.mean()) > np.hypot(_half(true), _half(other))
        for other in others
    )


def _any(*given):
    return any(g.mean() > _half(g) for g in _gains(*given))


def _either_way(*given):
    return all(abs(g.mean()) > _half(g) for g in _gains(*given))


def _always_larger(true, others, larger_is_better):
    return my_sees(true, others, True)


def _against_the_mean(true, others, larger_is_better):
    return my_sees(true, [np.mean(others, axis=0)], larger_is_better)


def _each_seed(*given):
    return all((g > 0).all() for g in _gains(*given))


_MISTAKES = {
    "You compare means alone. Does the interval of the paired differences exclude 0?": _means,
    "You take 1.96. With {n} seeds the factor is t(0.975, n - 1) = {t:.2f}.": _by_normal,
    "You compare the spread over seeds. The interval of a mean has a root of n in it.": _without_root,
    "Seeds are paired: take the differences of each seed first, then their interval.": _unpaired,
    "It must beat each of the others. You ask for one of them.": _any,
    "A clear difference in the wrong direction counts for you: such a one condemns the truth.": _either_way,
    "`larger_is_better` is False here: of an AUC or of strays, less is better.": _always_larger,
    "It must beat each of the others, not their mean.": _against_the_mean,
    "You ask it to win in each seed. The interval of the mean difference is what counts.": _each_seed,
}


def _cases():
    """(true, others, larger_is_better): each gain has a mean of so many half intervals."""
    rng = np.random.default_rng(1)

    def true_and(*ratios, n=6, level=0.0, common=3.0, better=True):
        base = common * rng.normal(size=n)
        true, others = level + base, []
        for ratio in ratios:
            noise = rng.normal(size=n)
            noise = (noise - noise.mean()) / noise.std(ddof=1)
            gain = noise + ratio * _half(noise)
            others.append(true - gain if better else true + gain)
        return true, others, better

    yield true_and(1.3, 2.0)
    yield true_and(0.9, 2.0)  # 1.96 is not the factor
    yield true_and(2.0, 0.3)
    yield true_and(-1.5, -2.0)
    yield true_and(1.2, 1.4, n=10, level=5.0, better=False)
    yield true_and(-1.3, -3.0, better=False)
    yield true_and(2.0, -0.5, n=9)
    yield true_and(5.0, 0.5, common=0.0)  # the others' mean is beaten, one of them is not
    yield true_and(1.1, n=3)
    yield true_and(0.8, n=3)
    yield true_and(-1.3, -2.0, level=5.0, better=False)
    yield true_and(1.3, -0.5, n=7)
    yield np.ones(5), [np.ones(5), np.zeros(5)], True
    yield np.arange(6.0), [np.arange(6.0) - 2 - 0.1 * np.cos(np.arange(6))], True


def _judge(answer):
    for true, others, larger in _cases():
        right = my_sees(true, others, larger)
        value = _yes_or_no(call(answer, true, others, larger))
        if value == right:
            continue
        told = {
            message
            for message, mistake in _MISTAKES.items()
            if all(_says(answer, *case) == bool(mistake(*case)) for case in _cases())
        }
        if told:
            n = len(true)
            return min(told).format(n=n, t=scipy.stats.t.ppf(0.975, n - 1))
        gains = [f"{g.mean():+.2f} ± {_half(g):.2f}" for g in _gains(true, others, larger)]
        return f"For gains of {', '.join(gains)} it should be {right}; yours says {value}."
    return None


def _says(answer, *case):
    try:
        return _yes_or_no(call(answer, *case))
    except Mistake:
        return None


def _yes_or_no(value):
    value = np.asarray(value)
    if value.shape != () or value.dtype.kind not in "biuf" or value not in (0, 1):
        raise Mistake("It must return True or False.")
    return bool(value)


sees = Exercise(
    name="sees",
    judge=_judge,
    reference=my_sees,
    second=_by_test,
    wrong={
        "means": (_means, "means alone"),
        "1.96": (_by_normal, "You take 1.96"),
        "no root of n": (_without_root, "a root of n"),
        "unpaired": (_unpaired, "Seeds are paired"),
        "any": (_any, "You ask for one of them"),
        "either way": (_either_way, "condemns the truth"),
        "always larger": (_always_larger, "less is better"),
        "against the mean": (_against_the_mean, "not their mean"),
        "each seed": (_each_seed, "win in each seed"),
        "a number": (lambda true, others, larger: true.mean(), "True or False"),
        "always": (lambda true, others, larger: True, "it should be False"),
    },
    hints=(
        "For each of the others: the differences by seed, `true - other`, or turned if less is better.",
        "Half of their 95% interval: `scipy.stats.t.ppf(0.975, n - 1) * scipy.stats.sem(gain)`.",
        "It sees the truth if the mean gain is above this, for each of the others.",
    ),
    why="The seeds share their data, so differences of a seed leave out what all models have in common. "
    "The interval asks whether the gain is more than chance, and its direction whether it is a gain. "
    "A diagnostic that is clearly worse for the truth is the dangerous one: it condemns what is right.",
)
