"""The fuzzer of files: a sample of its mutants, and that it sees what it looks for."""

import pathlib
import random

import fuzz_files
import fuzz_kinds
import pytest


@pytest.mark.slow
def test_no_mutant_is_read_as_another():
    """As `python scripts/fuzz_files.py`, which tries 500."""
    counts, faults = fuzz_files.try_mutants(64, list(fuzz_kinds.KINDS), seed=1)
    assert faults == []
    assert set(counts) == set(fuzz_kinds.KINDS)
    for name, found in counts.items():
        assert sum(found.values()) == 8 and set(found) != {"as it was"}, name


ANSWERS = {
    "as it was": ({"state": "a"}, "as it was"),
    "missing": ({"state": None}, "taken for missing"),
    "refused": ({"error": "ValueError", "message": "x is damaged"}, "refused: ValueError"),
    "by name": ({"error": "OSError", "message": "a.h5 is damaged"}, "refused by name: OSError"),
    "another": ({"state": "b"}, "FAULT"),
    "a crash": ({"fault": "the process ended with -11"}, "FAULT"),
    "memory": ({"state": "a", "megabytes": 5000}, "FAULT"),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_faults_are_seen(answer, tmp_path):
    folder = tmp_path / "weights"
    folder.mkdir()
    (folder / "a.h5").write_bytes(b"a")
    given, expected = ANSWERS[answer]
    found = fuzz_files.outcome("weights", folder, "a", lambda *_: {"megabytes": 0} | given)
    assert found[0] == expected and bool(found[1]) == (expected == "FAULT")


def test_a_file_that_appears_is_a_fault(tmp_path):
    folder = tmp_path / "weights"
    folder.mkdir()

    def read(name, folder):
        (folder.parent / "harm").touch()
        return {"state": "a", "megabytes": 0}

    assert fuzz_files.outcome("weights", folder, "a", read)[0] == "FAULT"


def test_mutants_follow_from_the_seed_and_differ_from_the_file(tmp_path):
    path, content = pathlib.Path(tmp_path / "a.h5"), bytes(range(256)) * 4
    found = []
    for _ in range(2):
        mutants = []
        for index in range(40):
            path.write_bytes(content)
            fuzz_files.mutate("weights", tmp_path, random.Random(index))
            mutants.append(path.read_bytes())
        found.append(mutants)
    assert found[0] == found[1]
    assert sum(mutant != content for mutant in found[0]) >= 35 and len(set(found[0])) > 30
