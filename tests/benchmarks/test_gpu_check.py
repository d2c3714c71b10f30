"""The check for GPUs, rehearsed on the CPU: it finds no difference where none is, and one where one is."""

import numpy as np
import pytest

from benchmarks import gpu_check
from intelvae_keras import datasets, mappings


@pytest.fixture(scope="module")
def x():
    (x, _), _ = datasets.load("mnist01")
    return x[:768]


def test_it_says_so_where_there_is_no_gpu(monkeypatch, capsys):
    monkeypatch.setattr(gpu_check, "gpu", lambda: None)
    monkeypatch.setattr("sys.argv", ["gpu_check.py"])
    gpu_check.main()
    assert "sees no GPU" in capsys.readouterr().out


@pytest.mark.slow
def test_the_cpu_agrees_with_itself(x):
    row = gpu_check.compare("Circle", "CPU:0", x)
    assert row["first loss, relative"] == 0 and row["last loss, nats"] == 0
    assert row["another seed, nats"] > 0
    assert row["verdict"] == "agree" and row["weights on"] == "CPU"


@pytest.mark.slow
def test_another_computation_is_found(x, monkeypatch):
    """A device whose mapping computes something else must not pass."""
    calls = iter([mappings.Circle, lambda: mappings.Linear(2 * np.eye(8)), mappings.Circle])
    monkeypatch.setitem(gpu_check.MAPPINGS, "odd", lambda: next(calls)())
    assert gpu_check.compare("odd", "CPU:0", x)["verdict"] == "DIFFER"


def test_every_mapping_is_checked(x):
    classes = {type(make()) for make in gpu_check.MAPPINGS.values()}
    public = {getattr(mappings, name) for name in mappings.__all__}
    wanted = {
        item for item in public if isinstance(item, type) and issubclass(item, mappings.Mapping)
    }
    assert wanted - {mappings.Mapping} <= classes


@pytest.mark.slow
def test_the_speed_is_measured_and_a_failure_is_told(x, monkeypatch):
    rate, loss, error = gpu_check.images_per_second("float32", False, "CPU:0", x, False, 256, 1)
    assert rate > 0 and np.isfinite(loss) and not error
    monkeypatch.setattr(gpu_check, "make", lambda *a, **k: 1 / 0)
    rate, _, error = gpu_check.images_per_second("float32", False, "CPU:0", x, False, 256, 1)
    assert np.isnan(rate) and "ZeroDivisionError" in error
