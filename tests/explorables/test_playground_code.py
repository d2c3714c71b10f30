"""The Python behind "Show me this in Keras" runs, and builds the model that the page is set to."""

import json

import numpy as np
import pytest
from helpers.page import needs_node

from intelvae_keras import mappings, priors

pytestmark = [pytest.mark.slow, needs_node]

SHORT = {"steps": 4, "n": 64, "batch": 32}
JOBS = {
    "circle": ({}, "intel"),
    "mixture": ({"prior": "mixture", "covariance": "diagonal"}, "ordinary"),
    "clusters": ({"data": "clusters", "g": "clusters", "K": 4, "parts": 4, "width": 0.02}, "intel"),
    "turned": ({"data": "clusters", "g": "clusters", "angle": 20, "warmup": 0}, "intel"),
    "star": ({"data": "star", "g": "star", "width": 0.05, "start": 1}, "intel"),
    "rings": ({"data": "rings", "g": "rings"}, "intel"),
    "eight": ({"data": "eight", "g": "eight", "batch": 64}, "intel"),
    "blob": ({"data": "blob", "g": "none", "noise": 0.5, "warmup": 0}, "intel"),
    "drawn": ({"data": "drawn", "points": [[0.5, 0.25], [-1, 1]] * 5}, "intel"),
}


@pytest.fixture(scope="module")
def listings(in_node):
    jobs = [[SHORT | changes, row] for changes, row in JOBS.values()]
    return dict(zip(JOBS, json.loads(in_node("code.mjs", given=json.dumps(jobs))), strict=True))


@pytest.mark.parametrize("name", JOBS)
def test_the_listing_trains_the_model_of_the_page(name, listings, capsys):
    code, names = listings[name], {}
    assert max(len(line) for line in code.splitlines()) <= 110
    exec(compile(code, f"<{name}>", "exec"), names)  # noqa: S102
    vae, (changes, _) = names["vae"], JOBS[name]
    assert names["x"].shape == (SHORT["n"], 2) and names["x"].dtype == np.float32
    assert "kl" in capsys.readouterr().out
    assert int(vae.optimizer.iterations) == SHORT["steps"]
    wanted = {
        "circle": mappings.Circle,
        "clusters": mappings.Clusters,
        "star": mappings.Star,
        "rings": mappings.TwoRings,
        "eight": mappings.FigureEight,
    }.get(name)
    if wanted:
        assert isinstance(vae.mapping, wanted)
    assert isinstance(vae.prior, priors.GaussianMixture) == (changes.get("prior") == "mixture")
    assert vae.posterior_layer.covariance == changes.get("covariance", "full")
    if name == "clusters":
        assert vae.mapping.num_clusters == 4 and vae.mapping.width == pytest.approx(0.02)
    if name == "turned":  # the page's rays, at 90 degrees + angle: on one, g is the identity
        ray = np.deg2rad(110)
        y = np.array([[np.cos(ray), np.sin(ray)]], "float32")
        np.testing.assert_allclose(vae.mapping(y), y, atol=1e-3)
