"""The verdict on claim 5, computed from the numbers."""

from benchmarks.claims.report import cell, mean_ci
from benchmarks.claims.sparsity.runs import FACTOR, NAMES, difference, paired, ratio


def _chosen(runs):
    """The sparsest gamma whose validation distance is no worse than the ordinary VAE's, else None."""
    fits = [
        (_mean(runs, key, "hoyer_validation", ratio), key)
        for key in _at_beta_1(runs, "sparse")
        if key[1] > 0 and _mean(runs, key, "frechet_validation", difference) <= 0
    ]
    return max(fits)[1] if fits else None


def _at_beta_1(runs, *models):
    return [key for key in runs if key[0] in models and key[2] == 1]


def _mean(runs, key, measure, combine):
    return mean_ci(paired(runs, key, measure, combine))[0]


def statement(runs):
    """The verdict's word, and the sentences with its figures; `summary` picks from them."""
    key = _chosen(runs)
    if key is None:
        word = "none from a single seed" if len(next(iter(runs.values()))) < 2 else "does not hold"
        return (
            f"{word}.** No gamma > 0 had a mean Frechet distance on the validation images as low "
            f"as the ordinary VAE's.{_nearest(runs)}{_baselines(runs)}"
        )
    times = paired(runs, key, "hoyer_test", ratio)
    worse = paired(runs, key, "frechet_test", difference)
    measured = (
        f"On the validation images, gamma = {key[1]} gave the sparsest codes with a mean distance no "
        f"worse than the ordinary VAE's. On the test images it is {cell(times, 2)} times as sparse, "
        f"and its Frechet distance differs by {cell(worse, 1)} (below 0: better)."
    )
    if len(times) < 2:
        return f"none from a single seed.** {measured}{_baselines(runs)}"
    (times_mean, half), (change, change_half) = mean_ci(times), mean_ci(worse)
    if times_mean - half >= FACTOR and change + change_half <= 0:
        word, why = "holds", "Both hold for the whole 95% interval."
    elif times_mean >= FACTOR and change <= 0:
        word = "holds in part"
        why = (
            "Both hold in the mean, but not for the whole 95% interval, which over "
            f"{len(times)} seeds is wide: a sparsity of {max(times_mean - half, 0):.2f} times, or a "
            f"distance that is worse by {max(change + change_half, 0):.1f}, is not excluded."
        )
    elif change <= 0:
        word = "does not hold as stated"
        why = f"The distance is no worse in the mean, but the sparsity stays below {FACTOR} times."
    else:
        word, why = "does not hold", "On the test images the distance is worse in the mean."
    return f"{word}.** {measured} {why}{_baselines(runs)}"


def _nearest(runs):
    """What the claimed sparsity costs at least: the gamma that reaches it with the best validation images."""
    reached = [
        key
        for key in _at_beta_1(runs, "sparse")
        if _mean(runs, key, "hoyer_validation", ratio) >= FACTOR
    ]
    if not reached:
        return f" No gamma was {FACTOR} times as sparse there."
    key = min(reached, key=lambda k: _mean(runs, k, "frechet_validation", difference))
    measures = ("hoyer_test", ratio, 2), ("frechet_test", difference, 1), ("elbo", difference, 1)
    times, distance, elbo = (cell(paired(runs, key, m, combine), d) for m, combine, d in measures)
    return (
        f" Gamma {key[1]} is the cheapest that is {FACTOR} times as sparse on the validation images. On the "
        f"test images it is {times} times as sparse; the Frechet distance changes by {distance} (above 0: "
        f"worse), the ELBO by {elbo} nats."
    )


def _baselines(runs):
    """The most that a penalty or a prior alone reached."""
    others = _at_beta_1(runs, "penalty", "laplace")
    if not others:
        return ""
    reached = {key: _mean(runs, key, "hoyer_test", ratio) for key in others}
    most = max(others, key=reached.get)
    gamma = f", gamma {most[1]}" if most[0] == "penalty" else ""
    distance = _mean(runs, most, "frechet_test", difference)
    return (
        f" Without gates, the sparsest ({NAMES[most[0]]}{gamma}) reached {reached[most]:.2f} times the "
        f"ordinary VAE's sparsity, at a Frechet distance {abs(distance):.1f} "
        f"{'higher' if distance > 0 else 'lower'} than its."
    )
