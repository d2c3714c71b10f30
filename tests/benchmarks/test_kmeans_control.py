"""Claim 4 has its control: KMeans of the same images, and of an ordinary VAE's codes."""

import numpy as np

from benchmarks.claims import kmeans, proportions


def test_groups_of_like_size_are_found_and_the_part_is_that_of_the_rarer_digit():
    rng = np.random.default_rng(0)
    is_rarer = np.arange(200) < 40
    rows = rng.normal(size=(200, 3)) * 0.1 + np.where(is_rarer, 2.0, -1.0)[:, np.newaxis]
    found = kmeans.score(kmeans._two_groups(rows, 0), is_rarer)
    assert found == {"found": 0.2, "agreement": 1.0}


def test_a_digit_cut_in_two_shows_in_the_agreement():
    is_rarer = np.arange(100) < 10
    part = np.arange(100) % 2  # half of each digit on each side
    part[:10] = 1
    assert kmeans.score(part, is_rarer) == {"found": 0.55, "agreement": 0.55}


def _group(true, learned, by_kmeans):
    run = {"learned": learned, "agreement": 0.99, "elbo": 0.0}
    control = {"found": by_kmeans, "agreement": 0.9}
    one = {"true": true, "learned": learned, "chosen": 0, "runs": [run]}
    return [one | {"kmeans": {"images": control, "codes": control}}] * 2


def test_the_page_says_where_the_control_is_as_good():
    groups = {0.5: _group(0.5, 0.5, 0.51), 0.05: _group(0.05, 0.05, 0.5)}
    said = proportions._verdict(groups, quick=False)
    assert said.startswith("**Verdict: holds.**")
    assert said.endswith("KMeans of the images is as near in 2 of 2 for 0.50, 0 of 2 for 0.05.")
    assert "| 0.05 | 0.050 ± 0.000 | 99.0 ± 0.0 | 0.500 ± 0.000 |" in proportions._controls(groups)
