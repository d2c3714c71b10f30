"""The runner of `make claims` resumes and survives failures; the page's intervals are right."""

import json
import math

import numpy as np
import pytest
from scipy import stats

from benchmarks.claims import report, runner

SECTION = """
import os

def run(job):
    with open(job["log"], "a") as log:
        log.write(job["name"] + "\\n")
    if job.get("fails"):
        raise RuntimeError("no luck")
    if job.get("dies"):
        os._exit(3)
    return {"double": 2 * job["seed"], "threads": os.environ["TF_NUM_INTRAOP_THREADS"]}
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A function from jobs to failures, and the log of what has run."""
    package = tmp_path / "dummy_claims"
    package.mkdir()
    (package / "dummy.py").write_text(SECTION)
    monkeypatch.syspath_prepend(str(tmp_path))
    return lambda jobs: runner.run_jobs(jobs, tmp_path / "runs", workers=2, package="dummy_claims")


def job(tmp_path, name, seed=0, **kwargs):
    return {"section": "dummy", "name": name, "seed": seed, "log": str(tmp_path / "log")} | kwargs


def ran(tmp_path):
    path = tmp_path / "log"
    names = sorted(path.read_text().split()) if path.exists() else []
    path.unlink(missing_ok=True)
    return names


@pytest.mark.slow
def test_a_finished_job_is_not_run_again_unless_it_changed(tmp_path, run):
    jobs = [job(tmp_path, "a", 1), job(tmp_path, "b", 2, steps=(1, 2))]
    assert run(jobs[:1]) == {} and ran(tmp_path) == ["a"]  # as if killed before b
    (tmp_path / "runs/dummy/b.json").write_text('{"job": {"sec')  # ... or in the middle of it
    assert run(jobs) == {} and ran(tmp_path) == ["b"]
    assert run(jobs) == {} and ran(tmp_path) == []
    records = [runner.read(each, tmp_path / "runs") for each in jobs]
    assert [record["result"]["double"] for record in records] == [2, 4]
    assert all(record["result"]["threads"] == "1" for record in records)
    assert records[0]["job"] == jobs[0] and records[0]["minutes"] >= 0
    changed = job(tmp_path, "a", 5)
    assert runner.read(changed, tmp_path / "runs") is None
    assert run([changed]) == {} and ran(tmp_path) == ["a"]
    assert not list((tmp_path / "runs/dummy").glob(".saving-*"))


@pytest.mark.parametrize("content", [b'{"job": {"sec', b"\xff{}", b"[]", b"{}", b'{"job": 1}', b""])
def test_a_damaged_result_counts_as_none(content, tmp_path):
    one = job(tmp_path, "a")
    runner._write({"job": one, "result": 1, "minutes": 0.0}, tmp_path)
    assert runner.read(one, tmp_path)["result"] == 1
    (tmp_path / "dummy/a.json").write_bytes(content)
    assert runner.read(one, tmp_path) is None


def test_a_kill_leaves_the_last_archive(tmp_path, monkeypatch):
    path, content = tmp_path / "results.json", {"minutes": 1.0, "jobs": [1, 2]}
    report.write_json(content, path)
    monkeypatch.setattr("os.replace", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        report.write_json(content | {"jobs": [3]}, path)
    assert json.loads(path.read_text()) == content


@pytest.mark.slow
def test_failures_are_reported_and_stop_nothing(tmp_path, run):
    jobs = [
        job(tmp_path, "fails", fails=True),
        job(tmp_path, "dies", dies=True),
        job(tmp_path, "good", 3),
    ]
    failures = run(jobs)
    assert sorted(failures) == ["dummy/dies", "dummy/fails"]
    assert "RuntimeError: no luck" in failures["dummy/fails"]
    assert "exit code 3" in failures["dummy/dies"]
    assert runner.read(jobs[2], tmp_path / "runs")["result"]["double"] == 6
    ran(tmp_path)
    run(jobs)
    assert ran(tmp_path) == ["dies", "fails"]  # tried again


def test_two_jobs_of_one_name_are_refused(tmp_path):
    with pytest.raises(ValueError, match="names of their own"):
        runner.run_jobs([job(tmp_path, "a"), job(tmp_path, "a")], tmp_path)


def test_interval_is_that_of_student():
    values = [1.0, 2.0, 4.0, 4.5, 7.0]
    mean, half_width = report.mean_ci(values)
    low, high = stats.t.interval(0.95, 4, np.mean(values), stats.sem(values))
    assert mean == pytest.approx(np.mean(values))
    assert (mean - half_width, mean + half_width) == pytest.approx((low, high))
    # From a printed table: t = 2.776 for 4 degrees of freedom.
    assert half_width == pytest.approx(2.776 * np.std(values, ddof=1) / math.sqrt(5), rel=1e-3)
    assert report.mean_ci([3.0])[0] == 3.0 and math.isnan(report.mean_ci([3.0])[1])


def test_cells_and_tables():
    assert report.cell([0.01, 0.02, 0.03], 1, percent=True) == "2.0 ± 2.5"
    assert report.cell([-1.25], 1) == "−1.2" and report.cell([-0.01], 1) == "0.0"
    assert report.cell([1.0, math.nan], 1) == "–" and report.cell([], 1) == "–"
    assert report.table(["a", "b"], [["x", 1]]) == "| a | b |\n| --- | --- |\n| x | 1 |"


def test_page_and_archive_hold_all(tmp_path):
    sections = [("First", "text\n\n**Verdict: holds.** Why."), ("Second", "## Own heading\n\ntext")]
    page = report.page(sections, {"toys/a": "boom"}, 3.2, 2, True, "make claims-quick")
    assert "## First\n\ntext" in page and "## Own heading" in page and "## Second" not in page
    assert "earlier version" not in page
    stale = report.page(sections, {}, 1, 2, False, "make claims", summary="| on top |", stale=True)
    assert "earlier version" in stale and stale.index("| on top |") < stale.index("## First")
    assert "quick run" in page and "**1 runs failed** and are missing: toys/a." in page
    record = {"job": {"name": "a"}, "minutes": 1.5, "result": {"x": 1 / 3, "long": [0.0] * 101}}
    report.write_json(report.archive([record], {}, 1.0, 2), tmp_path / "results.json")
    archive = json.loads((tmp_path / "results.json").read_text())
    assert archive["jobs"] == [record | {"result": {"x": 0.333333}}]
    assert archive["minutes"]["jobs"] == 1.5 and "tensorflow" in archive["versions"]
