"""The rule of CONTRIBUTING, "Findings", on every page: one meaning of ±, seeds, controls, data as a row."""

import json
import math
import pathlib
import re

import numpy as np
import pytest

from benchmarks.claims import hierarchy, summary
from benchmarks.claims.mnist01 import page as digits
from benchmarks.claims.report import mean_ci
from benchmarks.claims.toys import verdicts

ROOT = pathlib.Path(__file__).parents[2]
DOCS = ROOT / "docs"
RESULTS = (DOCS / "results.md").read_text()
# The pages of the notebooks are made of `tutorials/src`, see SOURCES.
PAGES = [
    ROOT / "README.md",
    *(page for page in sorted(DOCS.rglob("*.md")) if not re.match(r"\d\d\.md", page.name)),
]
WITH_SPREAD = [page for page in PAGES if "±" in page.read_text()]
SOURCES = [
    s for s in sorted((ROOT / "tutorials" / "src").glob("*.py")) if "±" in s.read_text("utf8")
]
# A claim's section: its control, which shares all but the cause; and the data or the truth.
ROWS = {
    1: (r"\| ordinary VAE \|", r"\| the data's own distribution \|"),
    2: (r"\| ordinary VAE \|", r"\| the data's own distribution \|"),
    3: (r"\| Ordinary VAE \|", r"\| the real test images \|"),
    4: (r"KMeans of an ordinary VAE's codes", r"\| true \|"),
    5: (r"\| Ordinary VAE \|", None),
    6: (r"\| ordinary \|.*\| ordinary \|", None),  # all, and live latents
    7: (r"\| One flat latent", r"\| real images"),
    8: (r"\| Ordinary VAE \|", r"\| real images"),
}


def _name(page):
    return page.name


def _sections():
    """{number of a claim: its section, from the link in the table on top to the next heading}."""
    anchors = dict(re.findall(r"^\| \[(\d)\]\(#([\w-]+)\)", RESULTS, flags=re.MULTILINE))
    parts = re.split(r"^#{2,3} ", RESULTS, flags=re.MULTILINE)[1:]
    named = {
        re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", p.split("\n")[0].lower())): p for p in parts
    }
    return {int(number): named[anchor] for number, anchor in anchors.items()}


@pytest.mark.parametrize("page", WITH_SPREAD, ids=_name)
def test_plus_minus_means_half_of_the_95_percent_interval(page):
    text = " ".join(page.read_text().split())
    assert re.search(r"half of (its|the) 95% (t-)?interval", text)
    assert not re.search(r"± (the |its )?standard", text)


@pytest.mark.parametrize("source", SOURCES, ids=_name)
def test_a_notebook_says_what_its_plus_minus_means(source):
    text = " ".join(source.read_text("utf8").replace("\n#", "\n").split())
    assert re.search(r"± (the )?standard deviation|95% interval", text)


@pytest.mark.parametrize("page", WITH_SPREAD, ids=_name)
def test_a_page_with_a_spread_says_over_which_seeds(page):
    numbers = r"(\d[\d, to]*|two|three|five|each)"
    assert re.search(rf"seeds? (\| )?{numbers}|{numbers} seeds?\b", page.read_text())


def test_all_eight_claims_are_on_top_each_with_its_section():
    assert sorted(_sections()) == list(range(1, 9))


@pytest.mark.parametrize("number", ROWS)
def test_a_claim_has_its_control_and_the_data_or_the_truth_as_a_row(number):
    section = _sections()[number]
    for pattern in filter(None, ROWS[number]):
        assert re.search(pattern, section, flags=re.DOTALL), pattern


@pytest.mark.parametrize("number", range(1, 9))
def test_a_claim_states_its_seeds(number):
    # Claims 1 and 2 share the text before them, and so do 5 and 6.
    text = _sections()[{6: 5}.get(number, number)] if number > 2 else RESULTS.split("### 1. ")[0]
    assert re.search(r"\| seeds \| \d|; \d+ seeds?\b", text)


def test_what_is_announced_follows():
    """After a line that ends in a colon comes what it announces: no heading, no other such line, no end."""
    for page in PAGES:
        blocks = re.sub(r"^```.*?^```", "`code`", page.read_text(), flags=re.DOTALL | re.MULTILINE)
        blocks = [block for block in re.split(r"\n\s*\n", blocks.strip()) if block]
        for said, then in zip(blocks, [*blocks[1:], "#"], strict=True):
            if re.match(r"[^#|<`\-]", said) and said.rstrip().endswith(":"):
                assert not re.match(r"#|</?details|[^|`\-\n]*:$", then), (page.name, said)


ZERO_INSIDE, BELOW, ABOVE = [-0.4, 0.5, 0.1], [-1.1, -1.0, -0.9], [0.9, 1.0, 1.1]


@pytest.mark.parametrize(
    ("differences", "sign"), [(ZERO_INSIDE, 0), (BELOW, -1), (ABOVE, 1)], ids=["0", "-", "+"]
)
def test_a_verdict_from_an_interval_that_holds_0_sees_no_difference(differences, sign):
    mean, half = mean_ci(differences)
    assert (abs(mean) > half) == bool(sign)
    words = {0: "no difference seen", -1: "better", 1: "worse"}  # of what is better where it is low
    assert digits.word(mean, half, lower_is_better=True) == words[sign]
    assert hierarchy._direction(differences, -1) == words[sign]
    assert verdicts._sign(np.array(differences)) == sign
    lines = verdicts.verdict("It is more", {"circle": sign})
    assert words[0] in lines if not sign else words[0] not in lines


def test_within_a_distance_is_said_of_the_interval_not_of_the_mean():
    assert verdicts._near({"star": np.array([-0.2, 0.1, 0.2])}) == [0]  # 0.03 ± 0.52 nats
    assert verdicts._near({"star": np.array([0.04, 0.05, 0.06])}) == [1]


def test_no_verdict_from_one_seed():
    assert "one seed" in digits.word(-1.0, math.nan, True)
    assert verdicts._sign(np.array([1.0])) is None
    one = {m: {0: {"frechet": 1.0, "elbo": 1.0}} for m in ("flat", "groups")}
    assert hierarchy._verdict(one).startswith("none from a single seed")


def test_real_images_have_a_row_beside_the_groups():
    runs = {
        model: {
            seed: {"frechet": 9.0, "elbo": -1.0, "frechet_data": 3.21, "minutes": 1}
            for seed in range(2)
        }
        for model in ("flat", "groups")
    }
    lines = hierarchy._table(runs).splitlines()
    assert lines[2].startswith("| real images") and "| 3.2 |" in lines[2]
    assert len({line.count("|") for line in lines}) == 1


def test_the_row_of_claim_8_has_the_price_of_the_gates():
    records = json.loads((ROOT / "benchmarks/results/claims.json").read_text())["jobs"]
    full = [r for r in records if r["job"]["section"] == "full"]
    by = {(r["job"]["data"], r["job"]["model"]): r["result"]["log_likelihood"] for r in full}
    price = by["mnist", "sparse"] - by["mnist", "ordinary"]
    (row,) = summary._full({"full": full}, {"full": "**Verdict: none** from a single seed"})
    assert f"MNIST: log p(x) {price:+.1f} nats".replace("-", "−") in row[2]
    assert row[0].startswith("[8](#claim-8") and row[3] == "**none**"
