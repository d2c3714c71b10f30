"""The demo trains, measures, draws, and reuses what it has made."""

import json
import re
import subprocess
import sys

import keras
import numpy as np
import pytest

from intelvae_keras import datasets, demo
from intelvae_keras.demo import experiment, report
from intelvae_keras.demo import results as results_module
from intelvae_keras.demo.results import Settings


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The folder of a demo of two epochs."""
    folder = tmp_path_factory.mktemp("demo")
    demo.main(["--folder", str(folder), "--epochs", "2"])
    return folder


@pytest.mark.slow
def test_the_report_shows_the_measured_numbers_and_every_figure(finished):
    page = (finished / "report.html").read_text()
    results = json.loads((finished / "results.json").read_text())["results"]
    for result in results.values():
        assert f"{result['log_likelihood']:.1f} &plusmn; {result['standard_error']:.1f}" in page
        assert f"<td>{result['uncertain']:.2%}</td>" in page
    assert page.count("data:image/png;base64,") == len(list(finished.glob("*.png"))) == 6


@pytest.mark.slow
def test_the_formula_on_the_page_is_that_of_the_trained_mapping(finished):
    page = (finished / "report.html").read_text()
    strength, width = re.search(r"g\(y\) = y \+ (\S+) tanh\(y / (\S+)\) before", page).groups()
    y = np.linspace(-1, 1, 9, dtype="float32")[:, np.newaxis]
    mapping = experiment.load(experiment.INTEL, finished).mapping
    expected = y + float(strength) * np.tanh(y / float(width))
    np.testing.assert_allclose(np.asarray(mapping(y)), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "nats, said",
    [(0.62, "The price is 0.6 nats"), (-0.3, "gains 0.3 nats"), (0.02, "the same log p(x)")],
)
def test_the_price_is_named_as_it_is(nats, said):
    assert said in report._price(nats)


@pytest.mark.slow
def test_the_numbers_are_those_of_the_saved_models(finished):
    results = json.loads((finished / "results.json").read_text())["results"]
    _, (x_test, _) = datasets.load("mnist01")
    samples = Settings.likelihood_samples
    for name, result in results.items():
        bound = experiment.load(name, finished).log_likelihood(x_test, num_samples=samples)
        np.testing.assert_allclose(result["log_likelihood"], bound.mean(), rtol=1e-6)
        error = bound.std() / np.sqrt(len(x_test))
        np.testing.assert_allclose(result["standard_error"], error, rtol=1e-6)
        assert len(result["history"]["val_elbo"]) == 2
        assert result["history"]["val_elbo"][-1] < result["log_likelihood"]


@pytest.mark.slow
def test_only_the_mapping_differs(finished):
    ordinary = experiment.load(experiment.ORDINARY, finished)
    intel = experiment.load(experiment.INTEL, finished)
    assert (
        ordinary.count_params() - intel.count_params() == -4
    )  # strength and width in force, two logits
    first, second = (vae.optimizer.get_config() | {"name": ""} for vae in (ordinary, intel))
    assert first == second
    assert intel.mapping.num_clusters == 2


@pytest.mark.slow
def test_a_second_run_trains_nothing_and_ends_with_the_report(finished, capsys, monkeypatch):
    def fail(*args, **kwargs):
        raise AssertionError("a second run must not train")

    monkeypatch.setattr(keras.Model, "fit", fail)
    demo.main(["--folder", str(finished), "--epochs", "2"])
    lines = capsys.readouterr().out.strip().splitlines()
    assert lines[-1].endswith("report.html")
    assert any("ordinary VAE" in line for line in lines)


@pytest.mark.parametrize(
    "content", ['{"settings": {"ep', "", "[]", "{}", "null", '{"settings": 1}']
)
def test_damaged_results_count_as_none(tmp_path, content):
    settings = Settings(epochs=2)
    one = results_module.Result(-1.0, 0.1, 0.5, 3.0, {"loss": [1.0]})
    results_module.write({"InteL-VAE": one}, settings, tmp_path)
    assert results_module.read(settings, tmp_path) == {"InteL-VAE": one}
    (tmp_path / "results.json").write_text(content)
    assert results_module.read(settings, tmp_path) is None


def test_a_damaged_record_does_not_stop_a_run_that_goes_on(tmp_path):
    record = experiment._Record(tmp_path / "history.json")
    record.path.write_text('[{"loss": [1.0, 2')
    record.on_epoch_begin(1)
    record.on_epoch_end(1, {"loss": 3.0})
    assert results_module.saved(record.path)[0] == {"loss": [3.0]}


class Killed(BaseException):
    """Stands for a signal: nothing catches it."""


def _write_half_and_die(path):
    with open(path, "wb") as file:
        file.write(b"half")
    raise Killed


def test_a_half_written_judge_or_report_is_never_taken_for_whole(tmp_path, monkeypatch):
    judge = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    monkeypatch.setattr(experiment.metrics, "train_classifier", lambda *args, **options: judge)
    monkeypatch.setattr(report, "load", lambda name, folder: judge)
    monkeypatch.setattr(report, "_figures", lambda *args: [])
    monkeypatch.setattr(report, "_page", lambda *args: "<html>")
    judge.mapping = None
    uses = {
        "classifier.keras": lambda: experiment._classifier(0, 0, Settings(), tmp_path),
        "report.html": lambda: report.write({}, Settings(), tmp_path),
    }
    for name, use in uses.items():
        with monkeypatch.context() as patch, pytest.raises(Killed):
            patch.setattr(keras.Model, "save", lambda self, path: _write_half_and_die(path))
            patch.setattr("pathlib.Path.write_bytes", lambda self, _: _write_half_and_die(self))
            use()
        assert not (tmp_path / name).exists()
        use()
        assert (tmp_path / name).stat().st_size > 4


@pytest.mark.slow
def test_finished_results_are_shown_without_tensorflow(finished, tmp_path):
    code = """if True:
        import pathlib, runpy, sys
        folder, script = sys.argv[1:]
        sys.argv = [script, folder]
        sys.modules["tensorflow"] = None  # an import of it would fail
        runpy.run_path(script, run_name="__main__")
    """
    path = finished / "results.json"
    content = json.loads(path.read_text())
    content["settings"]["epochs"] = Settings.epochs
    (tmp_path / "results.json").write_text(json.dumps(content))
    script = experiment.__file__.replace("experiment", "results")
    command = [sys.executable, "-c", code, str(tmp_path), script]
    assert subprocess.run(command, capture_output=True).returncode == 1  # there is no report
    (tmp_path / "report.html").write_text("")
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for result in content["results"].values():
        assert f"{result['uncertain']:.2%}" in shown
    assert shown.strip().endswith("report.html")


@pytest.mark.slow
def test_a_killed_run_goes_on_where_it_was(finished, tmp_path, monkeypatch):
    class Killed(Exception):
        pass

    def kill(self, *args, **kwargs):
        raise Killed

    folder = tmp_path / "killed"
    with monkeypatch.context() as patch:
        patch.setattr(experiment, "_measure", kill)  # the first model is trained by then
        with pytest.raises(Killed):
            demo.main(["--folder", str(folder), "--epochs", "2"])
    trained = folder / "ordinary-vae.keras"
    before = trained.stat().st_mtime_ns
    demo.main(["--folder", str(folder), "--epochs", "2"])
    assert trained.stat().st_mtime_ns == before
    again, whole = (
        json.loads((f / "results.json").read_text())["results"] for f in (folder, finished)
    )
    for name in whole:
        assert again[name]["log_likelihood"] == whole[name]["log_likelihood"]
        assert again[name]["history"] == whole[name]["history"]


@pytest.mark.slow
def test_other_settings_train_anew(finished, tmp_path):
    (tmp_path / "settings.json").write_text(json.dumps({"epochs": 99}))
    stale = tmp_path / "classifier.keras"
    stale.write_text("of other settings")
    demo.main(["--folder", str(tmp_path), "--epochs", "1"])
    results = json.loads((tmp_path / "results.json").read_text())
    assert results["settings"]["epochs"] == 1
    assert len(next(iter(results["results"].values()))["history"]["loss"]) == 1
