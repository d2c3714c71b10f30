"""The tuning takes the best mean, has one grid for all, and the claims train with what it took."""

import json

import pytest

from benchmarks.claims import hierarchy, mnist01, patterns, sparsity, toys
from benchmarks.tuning import __main__ as tuning_main
from benchmarks.tuning import page, runs, settings
from benchmarks.tuning.settings import GRIDS, Schedule

FIRST, SECOND, THIRD, _ = GRIDS["toys"]


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """A function that writes an archive of (model, setting, score), all of the circle."""
    monkeypatch.setattr(settings, "ARCHIVE", tmp_path / "tuning.json")
    settings.scores.cache_clear()

    def write(*records):
        jobs = [
            {
                "job": {"section": "toys", "task": "circle", "model": model, **setting._asdict()},
                "result": {"score": score},
            }
            for model, setting, score in records
        ]
        settings.ARCHIVE.write_text(json.dumps({"jobs": jobs}))

    yield write
    settings.scores.cache_clear()


def test_without_figures_the_default_is_taken(archive):
    assert settings.chosen("toys", "circle", "flow") == FIRST
    assert "No figures" in page.section()


def test_the_best_mean_is_taken_and_not_the_best_run(archive):
    archive(
        ("flow", FIRST, -1.0),
        ("flow", FIRST, -1.2),
        ("flow", SECOND, -0.5),
        ("flow", SECOND, -2.0),
        ("ordinary VAE", THIRD, -3.0),
    )
    assert settings.chosen("toys", "circle", "flow") == FIRST
    assert settings.chosen("toys", "circle", "ordinary VAE") == THIRD
    assert settings.chosen("toys", "star", "flow") == FIRST  # not measured: the default


def test_a_setting_with_a_run_that_diverged_is_not_taken(archive):
    archive(("flow", FIRST, -5.0), ("flow", SECOND, -1.0), ("flow", SECOND, float("nan")))
    assert settings.chosen("toys", "circle", "flow") == FIRST


def test_what_did_not_run_again_stays_in_the_archive(archive, tmp_path):
    jobs = [{"section": "toys", "name": name} for name in ("old", "both", "new", "none")]
    old = [{"job": job, "result": {"score": 0.0}} for job in jobs[:2]]
    settings.ARCHIVE.write_text(json.dumps({"jobs": old}))
    for job in jobs[1:3]:
        path = tmp_path / "toys" / f"{job['name']}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"job": job, "result": {"score": 1.0}}))
    records = tuning_main.measured(jobs, tmp_path)
    assert [(r["job"]["name"], r["result"]["score"]) for r in records] == [
        ("old", 0.0),
        ("both", 1.0),
        ("new", 1.0),
    ]


def test_the_page_states_what_was_gained(archive):
    archive(("flow", FIRST, -1.0), ("flow", SECOND, -0.75))
    text = page.section()
    assert f"| 1, 2 | flow | {SECOND.bias_spread:g} | {SECOND.rate:g} | 0.25 |" in text
    assert "| circle | flow | 1, 0.003 | −0.75 | −1.00 | −1.00 |" in text


def _setting(job):
    kind = type(GRIDS[job["section"]][0])
    return kind(*(job[field] for field in kind._fields))


def test_a_schedule_is_tuned_as_a_setting_is(archive):
    archive(("flow", FIRST, -1.0))
    record = {
        "section": "patterns",
        "task": "patterns",
        "model": "threshold",
        "warmup": 0.0,
        "rate": 4e-3,
    }
    jobs = [
        {"job": record | {"warmup": w}, "result": {"score": s}} for w, s in ((0.1, 1.0), (0.4, 3.0))
    ]
    settings.ARCHIVE.write_text(json.dumps({"jobs": jobs}))
    settings.scores.cache_clear()
    assert settings.chosen("patterns", "patterns", "threshold") == Schedule(0.4, 4e-3)
    assert "| 5, patterns | InteL-VAE, Threshold | 0.4 | 0.004 | 2.00 |" in page.section()


def test_every_model_has_the_whole_grid_and_the_same_seeds():
    tried = {}
    for job in runs.jobs():
        model = job["section"], job["task"], job["model"]
        tried.setdefault(model, []).append((_setting(job), job["seed"]))
    for (section, _, _), found in tried.items():
        wanted = [(setting, seed) for setting in GRIDS[section] for seed in settings.SEEDS[section]]
        assert sorted(found) == sorted(wanted)


@pytest.mark.parametrize("section", [toys, mnist01, sparsity, hierarchy, patterns])
def test_the_claims_train_what_was_tuned_with_the_setting_taken_on_other_seeds(section):
    name = section.__name__.rsplit(".", 1)[1]
    tuned = {(job["task"], job["model"]) for job in runs.jobs() if job["section"] == name}
    for job in section.jobs(quick=False, seeds=None):
        task = job.get("toy") or {"mnist01": "mnist01", "patterns": "patterns"}.get(
            name, "fashion_mnist"
        )
        if job["model"] == "truth":  # it is not trained
            continue
        assert (task, job["model"]) in tuned
        assert _setting(job) == settings.chosen(name, task, job["model"])
        assert job["seed"] not in settings.SEEDS[name]
