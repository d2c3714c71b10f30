"""The study of Clusters: exact log p(x), rays that turn, and what the page counts."""

import types

import keras
import numpy as np
import pytest
from helpers.models import binary, small_vae
from scipy import stats

from benchmarks.clusters import line, page, preset
from intelvae_keras import mappings, priors


@pytest.mark.parametrize("prior", [None, priors.GaussianMixture])
@pytest.mark.parametrize("mapping", [None, mappings.Clusters])
def test_log_p_by_quadrature_is_the_mean_over_the_prior(mapping, prior):
    x = binary(20)
    vae = small_vae(1, mapping=mapping and mapping(2), prior=prior and prior(3))
    vae.build(x.shape)
    vae.decoder.set_weights([3 * weight for weight in vae.decoder.get_weights()])  # x depends on y
    y = vae.prior.sample(50_000, 1, np.array([0, 0], "int32"))
    logits = keras.ops.convert_to_numpy(vae.parameters_of(vae.mapping(y)))
    log_p = x @ logits.T - np.logaddexp(0, logits).sum(axis=1)  # (20, 50,000)
    expected = np.log(np.exp(log_p.astype("float64")).mean(axis=1))
    np.testing.assert_allclose(line.log_p(vae, x), expected, atol=0.02)


def test_the_page_counts_what_failed_and_what_is_within():
    def record(section, seed, result, **job):
        return {"job": {"section": section, "seed": seed, **job}, "result": result}

    line_of = {"recipe": "raised", "num_clusters": 2}
    records = [
        record("line", 1, {"uncertain": 0.02, "log_p": -100.0}, recipe="vae", num_clusters=2),
        record("line", 1, {"uncertain": 0.001, "log_p": -101.0, "digits": 2}, **line_of),
        record("line", 2, {"uncertain": 0.006, "log_p": -102.0, "digits": 1}, **line_of),
    ]
    text = page.page(records)
    assert "| 1-2 | 0.10 to 0.60 | -101.5 | 1.00 (1.00) | 1 to 2 of 2 | 1 of 2 |" in text


def test_the_page_takes_the_first_start_and_the_best_by_each_criterion():
    def record(seed, start, learned, sharpness, elbo):
        job = {"section": "proportions", "recipe": "search", "proportion": 0.2}
        found = {"learned": learned, "true": 0.2, "agreement": 1.0}
        return {
            "job": job | {"seed": seed, "start": start},
            "result": found | {"sharpness": sharpness, "elbo": elbo},
        }

    records = [
        record(0, 1, 0.21, sharpness=7.0, elbo=-90.0),
        record(0, 0, 0.95, sharpness=3.0, elbo=-80.0),
        record(1, 0, 0.19, sharpness=7.0, elbo=-90.0),
        record(1, 1, 0.26, sharpness=2.0, elbo=-95.0),
    ]
    text = page.page(records)
    assert "| first | 0-1 | 0.190 to 0.950 | 1 of 2 | 100.0 |" in text
    assert "| best of 2 by sharpness | 0-1 | 0.190 to 0.210 | 2 of 2 | 100.0 |" in text
    assert "| best of 2 by ELBO | 0-1 | 0.190 to 0.950 | 1 of 2 | 100.0 |" in text


@pytest.mark.parametrize("unsure_below", [0.004, 0.7])
def test_uncertain_mass_is_that_of_the_normal_within_the_steep_zone_too(unsure_below):
    mapping = mappings.Clusters(2)
    mapping.build((None, 1))
    inside = float(mapping(np.array([[unsure_below]]))[0, 0])
    vae = types.SimpleNamespace(mapping=mapping, decode=lambda z: z)
    found = preset.uncertain(vae, lambda z: np.where(np.abs(z) < inside, 0.6, 0.9) * [1, 0])
    assert found == pytest.approx(1 - 2 * stats.norm.sf(unsure_below), rel=0.05)


def test_the_wrong_side_is_that_of_the_digit_that_has_more_there():
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1])
    part = np.array([0, 0, 0, 1, 1, 1, 1, 1, 0])
    assert preset.wrong_side(part, labels) == 0.25
    assert preset.wrong_side(1 - part, labels) == 0.25  # either digit may lie on the left


def test_the_page_says_how_many_trainings_of_the_preset_failed_and_at_what_price():
    def record(recipe, seed, uncertain, elbo):
        found = {"uncertain": uncertain, "elbo": elbo, "wrong": 10 * uncertain, "spread": 1.0}
        return {"job": {"section": "preset", "recipe": recipe, "seed": seed}, "result": found}

    records = [
        record("kl-30", 1, 0.02, -112.0),
        record("kl-30", 2, 0.001, -113.0),
        record("kl-10", 1, 0.001, -111.5),
        record("kl-10", 2, 0.001, -112.9),
        record("kl-10", 3, 0.001, -112.2),
        record("kl-10", 9, 0.001, -112.2),
        record("centred", 2, 0.006, -113.5),
    ]
    text = page.page(records)
    (before,) = (line for line in text.splitlines() if "| 0 to 30% |  |" in line)
    assert "| 1-2 |" in before and "| 2.00 | 1.0 to 20.0 | " in before
    assert before.endswith("|  | 1 of 2 |")
    (sooner,) = (line for line in text.splitlines() if "| 0 to 10% |" in line)
    assert "| 1-3, 9 | 0.10 ± 0.00 | 0.10 | 1.0 |" in sooner
    half_width = stats.t.ppf(0.975, 1) * np.std([0.5, 0.1], ddof=1) / np.sqrt(2)
    assert f"0.30 ± {half_width:.2f} (of 2) | 0 of 4 |" in sooner
    (held,) = (line for line in text.splitlines() if "| 0 to 30% | holds the codes |" in line)
    assert held.endswith("| −0.50 (of 1) | 1 of 1 |")


def test_codes_are_held_at_the_middle_while_the_gap_opens_and_only_then():
    mapping, y = preset.Centred(2), np.array([[1.0], [2.0], [-0.5]], "float32")
    mapping.build((None, 1))
    for opened in (0.0, 0.25, 1.0):
        mapping.current_strength.assign(opened * mapping.strength)
        mapping(y, training=True)
        expected = 30 * 4 * opened * (1 - opened) * np.tanh(y).mean() ** 2
        np.testing.assert_allclose(sum(mapping.losses), expected, rtol=1e-5)
    mapping(y)
    assert mapping.losses == []
