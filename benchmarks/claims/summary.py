"""The table on top of the page of results: what the paper says, what was found, the verdict.

Each sentence is made from the numbers of the runs, each verdict is the one that the claim's section
computes. And the folding of a section: its claim, picture, verdict and first table stay open.
"""

import re

import numpy as np

from benchmarks.claims import full, hierarchy, mnist01, proportions, report
from benchmarks.claims.mnist01 import page as digits
from benchmarks.claims.toys.models import ORDINARY
from benchmarks.claims.toys.runs import Runs

INTEL = "InteL-VAE"
MARKS = {"holds": "holds", "holds in part": "in part", "does not hold": "does not hold"}
CLAIM = ("*The paper says:*", "**The claim.**", "What the paper says:")
SETTINGS = "| what | how |"  # the header of a table of settings
FOLDED = "Settings, seeds and further tables"


def table(results, texts):
    """The table on top, a row a claim.

    Args:
        results: {section: records of its runs}; sections without runs may be missing.
        texts: {section: its Markdown}, which holds the verdicts.
    """
    header = ["", "the paper says", "we found", "verdict"]
    return report.table(header, [row for make in _ROWS for row in make(results, texts)])


def _row(number, anchor, says, found, verdict):
    return [f"[{number}](#{anchor})", says, found, f"**{verdict}**"]


def _verdict(text, pattern):
    """The verdict that the section's text states: one of `MARKS`, or "none"."""
    found = re.search(rf"\*\*Verdict{pattern}: ([a-z ]+)", text)
    return MARKS.get(found[1].strip(), "none") if found else "none"


def _percent(values):
    return f"{100 * np.nanmean(values):.1f}%"


def _toys(results, texts):
    if "toys" not in results:
        return
    runs, text = Runs(results["toys"]), texts["toys"]
    if INTEL not in runs.models or ORDINARY not in runs.models:
        return

    def mean(model, key, toys=runs.toys):
        return np.nanmean([np.nanmean(runs.values(toy, model, key)) for toy in toys])

    found = (
        f"Off the data, mean of {len(runs.toys)} toys: the data's own distribution "
        f"{100 * mean(ORDINARY, 'off_data'):.1f}% of samples, ordinary VAE "
        f"{100 * mean(ORDINARY, 'off'):.1f}%, InteL-VAE {100 * mean(INTEL, 'off'):.1f}%"
    )
    if runs.learned:
        best = min(runs.learned, key=lambda model: mean(model, "off"))
        nats = max(mean(model, "log_p") for model in runs.learned) - mean(INTEL, "log_p")
        more = "higher" if nats > 0 else "lower"
        found += (
            f", a learned prior ({best}) {100 * mean(best, 'off'):.1f}%. The best learned prior's "
            f"log p(x) is {abs(nats):.2f} nats {more} than the InteL-VAE's"
        )
    yield _row(
        1,
        "1-topology",
        "A Gaussian prior cannot have the data's holes and gaps. A mapping mends it, another prior does not.",
        f"{found}.",
        _verdict(text, f" on {INTEL}, topology"),
    )
    toys = [toy for toy in ("clusters", "two_rings") if toy in runs.toys]
    if toys:
        found = ", ".join(
            [f"the data's own distribution {100 * mean(ORDINARY, 'between_data', toys):.1f}%"]
            + [
                f"{model} {100 * mean(model, 'between', toys):.1f}%"
                for model in (ORDINARY, INTEL, *runs.learned)
            ]
        )
        yield _row(
            2,
            "2-a-multimodal-generator",
            "Samples of the ordinary VAE bridge the modes; those of a mapping with gaps do not.",
            f"Samples between the modes: {found}.",
            _verdict(text, f" on {INTEL}, modes"),
        )


def _digits(results, texts):
    if "mnist01" not in results:
        return
    runs = {}
    for record in results["mnist01"]:
        runs.setdefault(record["job"]["model"], []).append(record["result"])
    real = 100 * results["mnist01"][0]["result"]["uncertain_test"]
    found = f"the real test images {real:.2f}%, " + ", ".join(
        f"{digits.NAMES[model]} {100 * np.mean([r['uncertain'] for r in runs[model]]):.2f}%"
        for model in digits.NAMES
        if model in runs
    )
    yield _row(
        3,
        report.slug(mnist01.TITLE),
        "With one latent, the ordinary VAE blends 0s into 1s. Clusters part them, another prior does not.",
        f"Images that a classifier is unsure of: {found}.",
        _verdict(texts["mnist01"], r" on InteL-VAE, Clusters\(2\)"),
    )


def _proportions(results, texts):
    if "proportions" not in results:
        return
    groups = {}
    for record in results["proportions"]:
        groups.setdefault(record["job"]["proportion"], []).append(record["result"])
    hits = ", ".join(
        f"{len(group) - len(proportions.misses(group))} of {len(group)} seeds for a true {true:.2f}"
        for true, group in sorted(groups.items(), reverse=True)
    )
    yield _row(
        4,
        report.slug(proportions.TITLE),
        "The proportions of the clusters can be learned.",
        f"Learned within {proportions.AIM}: {hits}.{proportions.by_kmeans(groups)}",
        _verdict(texts["proportions"], ""),
    )


def _sparsity(results, texts):
    if "sparsity" not in results:
        return
    text = texts["sparsity"]
    for number, anchor, says in (
        (5, "claim-5", "Gates make codes sparser at no worse samples; a penalty does not."),
        (6, "claim-6", "Sparse codes need fewer labels, and stand noise and lost dimensions."),
    ):  # fmt: skip
        # The section's own sentence after the verdict: it has the figures.
        stated = re.search(rf"\*\*Verdict on claim {number}: [^*]*\*\*\s*(.*)", text)
        sentence = _first_sentences(stated[1], number) if stated else "Not measured."
        title = re.search(rf"### (Claim {number}[^\n]*)", text)
        link = report.slug(title[1]) if title else anchor
        yield _row(number, link, says, sentence, _verdict(text, f" on claim {number}"))


def _first_sentences(text, number):
    sentences = re.split(r"(?<=\.) (?=[A-Z])", text)
    if number == 5 and len(sentences) > 1:  # the first says what was chosen, the next what it gave
        return " ".join(sentences[1:3] if sentences[0].startswith("No gamma") else sentences[1:2])
    return sentences[0]


def _hierarchy(results, texts):
    if "hierarchy" not in results:
        return
    stated = re.search(r"\*\*Verdict: [^*]*\*\*\s*(.*)", texts["hierarchy"])
    numbers = re.search(r"\| Groups of [^\n]*", texts["hierarchy"])
    cells = [cell.strip() for cell in numbers[0].split("|")] if numbers else []
    found = f"Frechet distance {cells[3]}, ELBO {cells[5]} nats, groups minus flat" if cells else ""
    yield _row(
        7,
        report.slug(hierarchy.TITLE),
        "Latents in groups, each built on the one before, model data better than one flat latent.",
        f"{found or _first_sentences(stated[1], 7) if stated else 'Not measured'}.",
        _verdict(texts["hierarchy"], ""),
    )


def _full(results, texts):
    if not results.get("full"):
        return
    runs, found = {}, []
    for record in results["full"]:
        job = record["job"]
        runs.setdefault((job["data"], job["model"]), []).append(record["result"])
    for data, name in full.SETS.items():
        if {(data, "ordinary"), (data, "sparse")} <= set(runs):
            nats, frechet = (
                np.mean([run[key] for run in runs[data, "sparse"]])
                - np.mean([run[key] for run in runs[data, "ordinary"]])
                for key in ("log_likelihood", "frechet")
            )
            numbers = f"log p(x) {nats:+.1f} nats, Frechet distance {frechet:+.1f}"
            found.append(f"{name}: {numbers.replace('-', '−')}")
    seeds = len({record["job"]["seed"] for record in results["full"]})
    yield _row(
        8,
        report.slug(full.TITLE),
        "What the gates do on a part of the images, they do on all 60,000.",
        f"Gates less the ordinary VAE, {seeds} seed{'s' * (seeds > 1)}. {'; '.join(found)}.",
        _verdict(texts["full"], ""),
    )


_ROWS = (_toys, _digits, _proportions, _sparsity, _hierarchy, _full)


def fold(text):
    """A section with its claim, picture, verdict and first table open, and all else folded."""
    parts = re.split(r"(?m)^(?=### )", text.strip())
    return "\n\n".join(filter(None, (_fold(part) for part in parts)))


def _fold(part):
    blocks = [block for block in re.split(r"\n\s*\n", part.strip()) if block]
    kinds = {"heading": [], "claim": [], "picture": [], "verdict": [], "table": []}
    rest = []
    for block in blocks:
        kind = _kind(block)
        single = kind in ("claim", "table", "picture")
        if kind is None or (single and kinds[kind]):
            rest.append(block)
        else:
            kinds[kind].append(block)
    lines = [block for blocks in kinds.values() for block in blocks]
    if rest:
        inside = "\n\n".join(rest)
        lines.append(
            f'<details markdown="1">\n<summary>{FOLDED}</summary>\n\n{inside}\n\n</details>'
        )
    return "\n\n".join(lines)


def _kind(block):
    if block.startswith("#"):
        return "heading"
    if block.startswith("!["):
        return "picture"
    if block.startswith("**Verdict"):
        return "verdict"
    if block.startswith("|"):
        return None if block.startswith(SETTINGS) else "table"
    return "claim" if block.startswith(CLAIM) else None
