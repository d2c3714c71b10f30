"""Verdicts on the claims about the toys, computed from the numbers."""

import numpy as np

from benchmarks.claims.report import cell, mean_ci, table
from benchmarks.claims.toys.models import ORDINARY
from benchmarks.claims.toys.runs import WORDS

NEAR = 0.1  # nats


WORDS_OF = {1: "yes", 0: "none seen", -1: "no"}


def statements(runs):
    """Markdown: who is better where, and how near each mapping comes to the best learned prior."""
    rows = [row for own in runs.mapped for row in _comparisons(runs, own)]
    parts = [
        "*Yes*, *no*: the 95% interval of the paired difference lies on that side of 0. *None seen*: it "
        "holds 0, so no difference is seen.",
        table(["", "verdict", *(WORDS[toy] for toy in runs.toys)], rows),
    ]
    kinds = [
        (own, best)
        for own in runs.mapped
        for best in ((False, True) if runs.restarted else (False,))
    ]
    if runs.learned:
        header = ["nats below the best learned prior", f"within {NEAR} nat on every toy"]
        rows = [_nearness(runs, own, best) for own, best in kinds]
        parts.append(table([*header, *(WORDS[toy] for toy in runs.toys)], rows))
    if "clusters" in runs.toys:
        lines = [
            _off_clusters(runs, own, best)
            for own, best in kinds
            if not best or ("clusters", own) in runs.restarted
        ]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _comparisons(runs, own):
    """A row each: fewer samples off the data, a higher log p(x), than the ordinary VAE, than each prior."""
    measures = (("off", -1, "fewer samples off the data"), ("log_p", 1, "a higher log p(x)"))
    kinds = [([ORDINARY], "the ordinary VAE")]
    if runs.learned:
        kinds.append((runs.learned, "each learned prior without g"))
    for rivals, name in kinds:
        for key, sign, words in measures:
            outcomes = [paired(runs, toy, key, own, rivals, sign) for toy in runs.toys]
            cells = [WORDS_OF.get(outcome, "") for outcome in outcomes]
            yield [f"{own} has {words} than {name}", _in_a_word(outcomes), *cells]


def _in_a_word(outcomes):
    if None in outcomes:
        return "none from one seed"
    if all(outcome == 1 for outcome in outcomes):
        return "**holds**"
    return "**in part**" if 1 in outcomes else "**does not hold**"


def topology(runs):
    """The claim in one sentence a model."""
    lines = []
    for own in runs.mapped:
        off = [paired(runs, toy, "off", own, [ORDINARY], -1) for toy in runs.toys]
        log_p = [paired(runs, toy, "log_p", own, [ORDINARY], 1) for toy in runs.toys]
        if None in off:
            lines.append(f"**Verdict on {own}, topology: none from one seed.**")
            continue
        text = (
            f"Fewer samples off the data than the ordinary VAE on {_of(off)} toys, a higher log p(x) on "
            f"{_of(log_p)}"
        )
        enough = []
        if runs.learned:
            enough = [paired(runs, toy, "off", own, runs.learned, -1) for toy in runs.toys]
            text += (
                f". Fewer off the data than every learned prior on {_of(enough)}, and log p(x) within {NEAR} "
                f"nat of the best of them on {_of(_near(_gaps(runs, own)))}"
            )
            if runs.restarted:
                near = _of(_near(_gaps(runs, own, best=True)))
                text += f" ({near} with the best of {runs.num_starts} starts)"
        lines.append(f"**Verdict on {own}, topology: {_word(off, enough)}.** {text}.")
    return "\n\n".join(lines)


def _of(outcomes):
    return f"{sum(outcome == 1 for outcome in outcomes)} of {len(outcomes)}"


def _word(repairs, enough):
    """What the paper says has two halves: g repairs the ordinary VAE, and another prior would not do."""
    if all(outcome == 1 for outcome in [*repairs, *enough]):
        return "holds"
    return "holds in part" if 1 in repairs else "does not hold"


def _off_clusters(runs, own, best=False):
    """The fraction off the data on 5 clusters, against the aim of 1% in every seed."""
    worst = runs.values("clusters", own, "off", best).max()
    return (
        f"- Aim: {_named(runs, own, best)} under 1% off the data on 5 clusters in every seed: "
        f"**{_reached(runs, worst < 0.01)}** (worst seed {100 * worst:.1f}%)."
    )


def _named(runs, own, best):
    return f"{own}, best of {runs.num_starts}," if best else own


def _reached(runs, whether):
    if len(runs.seeds) < 2:
        return "no verdict from one seed"
    return "reached" if whether else "not reached"


def paired(runs, toy, key, own, rivals, sign):
    """1 if the model is better than all rivals, -1 if worse than one, 0 if no difference is seen.

    By the 95% interval of the difference over the seeds, which have the same data.
    """
    values = runs.values(toy, own, key)
    outcomes = [_sign(sign * (values - runs.values(toy, rival, key))) for rival in rivals]
    return None if None in outcomes else min(outcomes)


def _sign(differences):
    """1 or -1 if the 95% interval of the mean difference excludes 0, else 0; None for one seed."""
    mean, half_width = mean_ci(differences)
    if len(differences) < 2:
        return None
    return int(np.sign(mean)) if abs(mean) > half_width else 0


def verdict(statement, outcomes):
    """A line with the verdict, and the toys for which it holds."""
    by_outcome = {
        value: [WORDS[toy] for toy, outcome in outcomes.items() if outcome == value]
        for value in (1, 0, -1)
    }
    if None in outcomes.values():
        return f"- {statement}: no verdict from one seed."
    if len(by_outcome[1]) == len(outcomes):
        return f"- {statement}: **holds** (on every toy)."
    word = "in part" if by_outcome[1] else "does not hold"
    details = [
        f"{name} on {', '.join(toys)}"
        for name, toys in zip(
            ("yes", "no difference seen", "the opposite"), by_outcome.values(), strict=True
        )
        if toys
    ]
    return f"- {statement}: **{word}** ({'; '.join(details)})."


def _nearness(runs, own, best=False):
    """A row: how far a model is below the best learned prior on each toy, and whether that is the aim."""
    gaps = _gaps(runs, own, best)
    reached = _reached(runs, all(_near(gaps)))
    return [
        _named(runs, own, best).rstrip(","),
        f"**{reached}**",
        *(cell(gap, 2) for gap in gaps.values()),
    ]


def _near(gaps):
    """For each toy, 1 if the whole 95% interval is as near to the best learned prior as the aim, else 0."""
    return [int(sum(mean_ci(gap)) <= NEAR) for gap in gaps.values()]


def _gaps(runs, own, best=False):
    """{toy: nats of log p(x) by which each seed is below the best learned prior without g}."""
    gaps = {}
    for toy in runs.toys:
        rival = max(runs.learned, key=lambda model: runs.values(toy, model, "log_p").mean())
        gaps[toy] = runs.values(toy, rival, "log_p") - runs.values(toy, own, "log_p", best)
    return gaps


def bridges(own, less, enough):
    """The claim in one sentence."""
    if None in less:
        return f"**Verdict on {own}, modes: none from one seed.**"
    text = f"Less mass between the modes than the ordinary VAE on {_of(less)} toys"
    if enough:
        text += f", less than every learned prior on {_of(enough)}"
    return f"**Verdict on {own}, modes: {_word(less, enough)}.** {text}."


def excess(runs, toy):
    own = runs.values(toy, ORDINARY, "between_data")
    return _sign(runs.values(toy, ORDINARY, "between") - own)
