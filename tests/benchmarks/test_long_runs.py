"""Long runs leave nothing behind; a tenth of what `benchmarks/long_runs.py` does in full."""

import pytest

from benchmarks import long_runs

pytestmark = pytest.mark.slow


def test_a_long_run_leaves_no_memory_files_figures_or_traces():
    found = long_runs.long_run(5_000, epoch=100)
    assert found["growth in megabytes"] < 20
    assert found["open files"][1] <= found["open files"][0]
    assert found["figures"] == 0
    assert found["traces after the first epoch"] == 0


def test_models_that_are_dropped_are_freed():
    assert long_runs.many_models(20)["megabytes a model"] < 1
