"""The clinic of notebook 10: its data are those of the g it names, and its measures see what they should."""

import json
import pathlib

import numpy as np
import scipy.special

from course import clinic
from intelvae_keras import mappings

RESULTS = pathlib.Path(__file__).parents[2] / "benchmarks" / "results" / "clinic.json"


def strip(t, w):
    """The points of a Moebius strip by half angles: t around, w across."""
    v = 0.5 * w / np.sqrt(1 + w**2)
    radius = 1 + v * np.cos(t / 2)
    return np.stack([radius * np.cos(t), radius * np.sin(t), v * np.sin(t / 2)], axis=1)


def latents(t, w):
    """Latents that the g sends to these points."""
    half = w[:, None] * np.stack([np.cos(t / 2), np.sin(t / 2)], axis=1)
    return np.concatenate([np.stack([np.cos(t), np.sin(t)], axis=1), half], axis=1).astype(
        "float32"
    )


def test_the_true_g_is_the_strip_with_half_a_twist():
    rng = np.random.default_rng(0)
    t, w = rng.uniform(-np.pi, np.pi, 50), rng.normal(size=50)
    found = np.asarray(clinic.moebius(3 * latents(t, w) * [1, 1, 1 / 3, 1 / 3]))
    assert np.allclose(found, strip(t, w), atol=1e-5)
    across = np.asarray(clinic.moebius(latents(np.array([np.pi - 1e-4]), np.array([0.7]))))
    other = np.asarray(clinic.moebius(latents(np.array([1e-4 - np.pi]), np.array([-0.7]))))
    assert np.allclose(across, other, atol=1e-3)  # after one round, the sides have changed


def test_the_band_has_no_twist():
    y = np.random.default_rng(1).normal(size=(50, 4)).astype("float32")
    z = np.asarray(clinic.band(y))
    assert np.allclose(np.hypot(z[:, 0], z[:, 1]), 1, atol=1e-5)
    assert np.allclose(z[:, 2], 0.5 * y[:, 3] / np.sqrt(1 + y[:, 3] ** 2), atol=1e-5)


def test_both_work_as_mappings():
    assert mappings.check(clinic.moebius, 4) and mappings.check(clinic.band, 4)


def test_the_true_log_p_is_that_of_simulation():
    rng = np.random.default_rng(0)
    x = clinic.data(12, seed=3)
    z = strip(rng.uniform(-np.pi, np.pi, 100_000), rng.normal(size=100_000))
    scale = clinic.NOISE
    squares = np.stack([((z - point) ** 2).sum(axis=1) for point in x])
    log_p = scipy.special.logsumexp(-squares / (2 * scale**2), axis=1) - np.log(len(z))
    log_p -= 1.5 * np.log(2 * np.pi * scale**2)
    found = clinic.log_p_of_data(x)
    assert np.allclose(found, log_p, atol=0.3) and abs(np.mean(found - log_p)) < 0.08


def test_strays_are_what_lies_off_the_data():
    x = clinic.data(1_500, seed=0)
    assert clinic.strays(clinic.data(1_500, seed=1), x) < 0.03
    assert clinic.strays(np.zeros((10, 3)), x) == 1.0


def test_a_stretch_is_seen_where_codes_are_cut():
    x = clinic.data(1_500, seed=0)
    cut = np.arctan2(x[:, 1], x[:, 0])[:, None]
    assert clinic.stretch(x, x) < 1.01
    assert clinic.stretch(cut, x) > 5


def test_every_model_has_every_seed():
    runs = [run["job"] for run in json.loads(RESULTS.read_text("utf8"))]
    seeds = {job["seed"] for job in runs}
    assert len(seeds) >= 3
    for model in ("data", *clinic.MODELS):
        assert {job["seed"] for job in runs if job["model"] == model} == seeds, model
