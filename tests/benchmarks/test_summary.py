"""The table on top of the results says what the sections' numbers say; sections fold without a loss."""

import copy
import json
import pathlib
import re

import pytest

from benchmarks.claims import report, summary

ROOT = pathlib.Path(__file__).parents[2]
TEXTS = {
    "toys": "**Verdict on InteL-VAE, topology: holds.**\n\n**Verdict on InteL-VAE, modes: does not hold.** y",
    "mnist01": "**Verdict on InteL-VAE, Clusters(2): holds in part.** x",
    "proportions": "**Verdict: holds in part.** x",
    "full": "**Verdict: none** from a single seed.",
    "hierarchy": "**Verdict: does not hold.** No difference. More.",
    "sparsity": (
        "### Claim 5: a\n\n**Verdict on claim 5: holds.** Chosen so. It is 3.1 times as sparse. End.\n\n"
        "### Claim 6: b\n\n**Verdict on claim 6: does not hold.** Of 140, 15 are better. Others not."
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def results():
    found = {}
    for record in json.loads((ROOT / "benchmarks/results/claims.json").read_text())["jobs"]:
        found.setdefault(record["job"]["section"], []).append(record)
    return found


def _rows(results, texts=TEXTS):
    lines = summary.table(results, texts).splitlines()[2:]
    return {re.match(r"\| \[(\d)\]", line)[1]: line for line in lines}


def test_each_claim_has_a_row_with_its_verdict(results):
    rows = _rows(results)
    assert sorted(rows) == list("12345678")
    verdicts = {number: re.search(r"\*\*([a-z ]+)\*\* \|$", row)[1] for number, row in rows.items()}
    assert verdicts == {
        "1": "holds",
        "2": "does not hold",
        "3": "in part",
        "4": "in part",
        "5": "holds",
        "6": "does not hold",
        "7": "does not hold",
        "8": "none",
    }
    assert "It is 3.1 times as sparse." in rows["5"] and "Of 140, 15 are better." in rows["6"]


def test_the_figures_follow_the_runs(results):
    """Halving every InteL-VAE's samples off the data halves the sentence's figure, and no other."""
    changed = copy.deepcopy(results)
    for record in changed["toys"]:
        if record["job"]["model"] == "InteL-VAE":
            record["result"]["off"] = 0.25
    sentence = _rows(changed)["1"]
    assert "InteL-VAE 25.0%" in sentence
    ordinary = re.search(r"ordinary VAE ([\d.]+)%", _rows(results)["1"])[1]
    assert f"ordinary VAE {ordinary}%" in sentence


def test_a_section_without_runs_has_no_row(results):
    rest = {name: runs for name, runs in results.items() if name != "mnist01"}
    assert "3" not in _rows(rest)


def test_folding_keeps_every_block_and_opens_what_one_looks_for():
    text = (
        "Settings.\n\n![Picture](a.png)\n\n### Part\n\n*The paper says:* so.\n\nMore settings.\n\n"
        "| a |\n| --- |\n| 1 |\n\n**Verdict: holds.** Why.\n\n| b |\n| --- |\n| 2 |"
    )
    folded = summary.fold(text)
    for block in re.split(r"\n\n", text):
        assert folded.count(block) == 1
    part = folded[folded.index("### Part") :]
    opened, hidden = part.split("<details", 1)
    assert "so." in opened and "holds" in opened and "| a |" in opened
    assert "More settings." in hidden and "| b |" in hidden
    assert opened.index("so.") < opened.index("holds") < opened.index("| a |")


def test_links_lead_to_headings(results):
    assert report.slug("Claim 3, and claim 2 on images: MNIST-01 in one latent") == (
        "claim-3-and-claim-2-on-images-mnist-01-in-one-latent"
    )
