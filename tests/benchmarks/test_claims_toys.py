"""The measures and mappings of the toys' claims, against quadrature and draws."""

import keras
import numpy as np
import pytest
from helpers.marks import fast_first

from benchmarks.claims.toys import measures, models, verdicts
from benchmarks.claims.toys.runs import Runs
from intelvae_keras import mappings
from intelvae_keras.datasets import toys

TOYS = ("circle", "figure_eight", "star", "clusters", "two_rings")


@pytest.mark.parametrize("toy", fast_first(TOYS, ["star"]))
def test_true_density_is_one_and_the_draws_have_it(toy):
    line = np.linspace(-1.6, 1.6, 81)  # steps of the order of the noise: exact to 1e-4
    grid = np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2)
    log_p = np.concatenate(
        [measures.true_log_density(toy, part) for part in np.array_split(grid, 10)]
    )
    mass = np.exp(log_p) * (line[1] - line[0]) ** 2
    assert mass.sum() == pytest.approx(1, abs=2e-3)
    drawn = measures.true_log_density(toy, getattr(toys, toy)(2000, seed=1)[0])
    error = drawn.std() / np.sqrt(len(drawn))
    assert drawn.mean() == pytest.approx(np.sum(mass * log_p), abs=4 * error)


@pytest.mark.parametrize("toy", fast_first(TOYS, ["star", "clusters"]))
def test_g_has_the_structure_the_data_nearly_and_the_plane_not(toy):
    y = np.random.default_rng(0).normal(size=(2000, 2)).astype("float32")
    mapping = models.mapping_for(toy)
    z = keras.ops.convert_to_numpy(mapping(y))
    steep = {"clusters": 0.03, "two_rings": 0.1}.get(toy, 1e-3)  # what the cuts leave off
    assert measures.distance_from_structure(toy, z) <= steep
    assert measures.distance_from_structure(toy, 7 * z) <= steep  # whatever the scale
    assert measures.distance_from_structure(toy, y) > 0.15
    x = getattr(toys, toy)(2000, seed=1)[0]
    noise = {
        "circle": 0.05,
        "figure_eight": 0.05,
        "star": 0.052,
        "clusters": 0.0,
        "two_rings": 0.06,
    }
    assert measures.distance_from_structure(toy, x) == pytest.approx(noise[toy], abs=0.012)
    config = keras.saving.serialize_keras_object(mapping)
    np.testing.assert_array_equal(keras.saving.deserialize_keras_object(config)(y), mapping(y))


def test_half_of_the_prior_is_on_each_ring_and_a_fifth_on_each_arm():
    y = np.random.default_rng(1).normal(size=(20_000, 2)).astype("float32")
    rings = np.linalg.norm(mappings.TwoRings()(y), axis=1)
    assert np.mean(rings > 1.5) == pytest.approx(0.5, abs=0.02)
    arms = keras.ops.convert_to_numpy(mappings.Star()(y))
    turn = np.round((np.arctan2(arms[:, 1], arms[:, 0]) - np.pi / 2 - np.pi / 5) / (0.4 * np.pi))
    np.testing.assert_allclose(np.bincount(turn.astype(int) % 5) / len(y), 0.2, atol=0.02)


def test_between_the_modes():
    x = np.array([[1.0, 0.0], [0.0, 0.0], [0.75, 0.0], [1.31, 0.0]])
    assert measures.between_modes("clusters", x) == 0.25  # the origin
    assert measures.between_modes("two_rings", x) == 0.25  # the third
    assert measures.between_modes("circle", x) is None


def test_the_best_start_is_known_from_the_training_elbo_and_stands_apart():
    def run(seed, start, elbo_train, off):
        job = {
            "toy": "clusters",
            "model": models.INTEL,
            "seed": seed,
            "start": start,
            "steps": 9,
        }
        result = {"elbo_train": elbo_train, "off": off, "kl": 2.0, "log_p": 0.0}
        return {"job": job, "result": result}

    runs = Runs(
        [
            run(100, 0, -0.9, 0.3),
            run(100, 1, -0.1, 0.001),
            run(100, 2, float("nan"), 0.2),
            run(101, 2, -0.2, 0.002),
            run(101, 0, -0.1, 0.003),
        ]
    )
    np.testing.assert_array_equal(runs.values("clusters", models.INTEL, "off"), [0.3, 0.003])
    best = runs.values("clusters", models.INTEL, "off", best=True)
    np.testing.assert_array_equal(best, [0.001, 0.003])
    assert runs.failures("clusters", models.INTEL, best=True) == 0
    assert "(worst seed 30.0%)" in verdicts._off_clusters(runs, models.INTEL)
    assert "best of 3, under 1%" in verdicts._off_clusters(runs, models.INTEL, best=True)
    assert "**reached**" in verdicts._off_clusters(runs, models.INTEL, best=True)
