"""A seeded sample of faults put into the package, one at a time, and whether the fast tests notice.

    python scripts/mutants.py --count 60 --seed 0 --jobs 2 --out runs/mutants.json

Each mutant gets a copy of the tree, one change, and a process that runs the tests that are nearest to
the change first. A second call goes on where the first ended. `scripts/mutations.py` makes the changes.

Which tests are near is guessed from names. To know it, run them once with coverage and pytest-cov:

    python -m pytest -m "not slow and not site" --cov=intelvae_keras --cov-context=test
    python scripts/mutants.py --count 200 --coverage .coverage
"""

import argparse
import ast
import collections
import functools
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import mutations

# The folders of tests that a change of the method can reach; "" is the top level.
FOLDERS = ("", "engine", "mappings", "priors", "callbacks", "metrics", "presets", "demo", "plots")
NEAR = 400  # tests of a line that are tried
WALL = 20  # a mutant may hang without using the processor: seconds of the clock for one of CPU


def tests_for(root, mutant):
    """The files of tests, nearest first: the module's name, its folder, then who names what it has."""
    source = Path(mutant["file"])
    home = {"intelvae_keras": "", "_engine": "engine"}.get(source.parent.name, source.parent.name)
    names = [name for name in mutant["place"].split(".") if not name.startswith("__")]
    public = mutations.public_names((root / source).read_text())
    ranked = []
    for path in (root / "tests").rglob("test_*.py"):
        folder = path.parent.relative_to(root / "tests").as_posix().removeprefix(".")
        cases = path.with_name(f"{path.stem.removeprefix('test_')}.txt")  # of test_bad_input.py
        text = path.read_text() + (cases.read_text() if cases.exists() else "")
        named = sum(bool(re.search(rf"\b{re.escape(name)}\b", text)) for name in names)
        if source.stem in path.stem:
            group = 0
        elif folder == home:
            group = 1
        elif folder in FOLDERS and any(re.search(rf"\b{name}\b", text) for name in public):
            group = 2
        else:
            continue
        ranked.append((group, -named, len(text), path.relative_to(root).as_posix()))
    return [path for *_, path in sorted(ranked)]


def tests_of_lines(root, file):
    """A function from a mutant to the tests that run its line, those that run least else first.

    Args:
        root: The tree.
        file: What coverage wrote, with the test as the context of each line.
    """
    import coverage

    data = coverage.CoverageData(file)
    data.read()
    lines, runs = {}, collections.Counter()
    for path in data.measured_files():
        source = "intelvae_keras/" + path.rpartition("/intelvae_keras/")[2]
        lines[source] = data.contexts_by_lineno(path)
        runs.update(test for tests in lines[source].values() for test in tests)

    def tests(mutant):
        source, of_file = (root / mutant["file"]).read_bytes(), lines.get(mutant["file"], {})
        first, last = (source.count(b"\n", 0, place) for place in mutant["span"])
        rows = source.decode().splitlines()
        changed = set(range(first, last + 1))
        if constant := re.match(r"(\w+) = ", rows[first]):  # it acts where it is named
            name = re.compile(rf"\b{constant[1]}\b")
            changed |= {number for number, row in enumerate(rows) if name.search(row)}
        for node in ast.walk(ast.parse(source)):  # a default acts in the function's body
            if isinstance(node, ast.FunctionDef) and node.lineno <= first + 1 < node.body[0].lineno:
                changed |= set(range(node.body[0].lineno, node.end_lineno))
        found = {test for number in changed for test in of_file.get(number + 1, []) if test}
        ranked = sorted(found, key=lambda test: (runs[test], test))[:NEAR]
        return [test.rpartition("|")[0] for test in ranked] or tests_for(root, mutant)

    return tests


class Watch:
    """A plugin of pytest: writes down how many tests passed, which failed first, and where it ran."""

    def __init__(self, report):
        self.report, self.found = report, {"passed": 0, "by": "", "why": ""}

    def pytest_runtest_logreport(self, report):
        self.found["passed"] += report.when == "call" and report.passed
        self._failure(report)

    def pytest_collectreport(self, report):
        self._failure(report)

    def _failure(self, report):
        if report.failed and not self.found["by"]:
            self.found |= {"by": report.nodeid, "why": str(report.longreprtext)[-300:]}
        package = getattr(sys.modules.get("intelvae_keras"), "__file__", None)
        self.found["package"] = package
        # Not `json.dumps`, which a test may have replaced.
        self.report.write_text(json.JSONEncoder().encode(self.found))


def warm_up():
    """Import what takes seconds, once: each mutant's process is a fork of this one."""
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "OPENBLAS_NUM_THREADS": "1"}
    os.environ |= {"MPLBACKEND": "agg", "PYTHONDONTWRITEBYTECODE": "1"}
    sys.dont_write_bytecode = True
    import keras  # noqa: F401
    import matplotlib.pyplot  # noqa: F401
    import pytest  # noqa: F401
    import scipy.stats  # noqa: F401
    import tensorflow_probability

    assert tensorflow_probability.distributions  # it is loaded at the first use
    assert "intelvae_keras" not in sys.modules


def files_of(root):
    """What a copy needs: the tracked files, or all of them where there is no git."""
    if (root / ".git").exists():
        listed = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True)
        return [name for name in listed.stdout.splitlines() if (root / name).is_file()]
    paths = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return [path.as_posix() for path in paths if path.parts[0] not in (".venv", "runs")]


def copy(root, files, mutant):
    """A folder with a private copy of the tree, changed."""
    tree = Path(tempfile.mkdtemp(prefix="mutant-"))
    for name in files:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, tree / name)
    if mutant:
        target = tree / mutant["file"]
        target.write_text(mutations.write(target.read_text(), mutant))
    return tree


def start(tree, tests, cpu):
    """The number of a new process that runs these tests of this tree, and stops at the first failure."""
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        os.setsid()
        os.chdir(tree)
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 5))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        output = os.open("output.txt", os.O_CREAT | os.O_WRONLY)
        os.dup2(output, 1), os.dup2(output, 2)
        os.environ["PYTHONPATH"] = str(tree)
        here = str(Path(__file__).parent)
        sys.path[:] = [entry for entry in sys.path if entry != here]
        sys.modules.pop("mutations")
        import pytest

        options = ["-x", "-q", "-p", "no:cacheprovider", "-m", "not slow and not site"]
        code = int(pytest.main([*options, *tests], plugins=[Watch(tree / "report.json")]))
    finally:
        sys.stdout.flush()
        os._exit(code)


def verdict(tree, status):
    """What became of a process: a dictionary with `result`, and what the tests said."""
    report, printed = tree / "report.json", (tree / "output.txt").read_text()[-2000:]
    found = {"passed": 0, "by": "", "why": printed}  # where the tests' own start fails
    if report.exists():
        found |= json.loads(report.read_text() or "{}")  # empty where the process was killed
    package = found.pop("package", None)
    if package and not Path(package).is_relative_to(tree):
        raise RuntimeError(f"The tests ran {package}, not the copy in {tree}.")
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL):
        return found | {"result": "timeout"}
    code = (
        os.WEXITSTATUS(status) if os.WIFEXITED(status) else 1
    )  # a crash of the process is noticed
    # 3: conftest.py imports the package before a test runs, and could not.
    # 4: a file of tests could not be collected, so none of those asked for were found.
    expected = (0, 1, 2, 3, 4) if found["by"] else (0, 1, 2, 3)
    if code not in expected or (code == 3 and str(tree / "intelvae_keras") not in printed):
        raise RuntimeError(f"pytest ended with {code}:\n{printed}")
    return found | {"result": "survived" if code == 0 else "killed"}


def run(root, work, jobs, cpu):
    """Yield (name, verdict) of each (name, mutant, tests) in `work`, `jobs` at a time."""
    work, files, running = list(work), files_of(root), {}
    while work or running:
        while work and len(running) < jobs:
            name, mutant, tests = work.pop(0)
            tree = copy(root, files, mutant)
            running[start(tree, tests, cpu)] = (name, tree, time.monotonic())
        for pid, (name, tree, began) in list(running.items()):
            done, status, used = os.wait4(pid, os.WNOHANG)
            seconds = time.monotonic() - began
            if done:
                del running[pid]
                cost = {"cpu": round(used.ru_utime + used.ru_stime), "limit": cpu}
                yield name, verdict(tree, status) | cost
                shutil.rmtree(tree)
            elif seconds > WALL * cpu:
                os.killpg(pid, signal.SIGKILL)
        time.sleep(0.1)


def confirm(root, results, cpu):
    """The tests that killed must pass without a change; returns the names of those that do not."""
    tests = {r["by"] for r in results.values() if r["result"] == "killed" and "::" in r["by"]}
    work = [(test, None, [test]) for test in sorted(tests)]
    return [name for name, r in run(root, work, 1, cpu) if r["result"] != "survived"]


def line(name, result):
    cost = f"{result['cpu']:4d} s CPU, {result['passed']:3d} passed"
    return f"{result['result']:8s} {cost}  {name}  {result.get('by', '')}"


def main():
    root = Path(__file__).resolve().parents[1]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--root", type=Path, default=root, help="the tree; its own tests judge it")
    parser.add_argument("--out", type=Path, default=root / "runs/mutants.json")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--cpu", type=int, default=150, help="seconds for each; more: retry")
    parser.add_argument("--coverage", help="data of the tests' coverage, with contexts")
    parser.add_argument("--only", default="", help="mutants whose name has this text")
    parser.add_argument("--list", action="store_true", help="name the mutants, run nothing")
    options = parser.parse_args()
    root, cpu = options.root.resolve(), options.cpu
    sample = mutations.sample(root, options.seed, options.count)
    sample = {name: mutant for name, mutant in sample.items() if options.only in name}
    if options.list:
        return print(*sample, sep="\n")
    results = json.loads(options.out.read_text()) if options.out.exists() else {}
    options.out.parent.mkdir(parents=True, exist_ok=True)

    warm_up()
    broken = {
        "file": "intelvae_keras/__init__.py",
        "span": (0, 0),
        "new": "raise SystemError('!')\n",
    }
    for _, found in run(root, [("broken", broken, ["tests/test_model.py"])], 1, cpu):
        if found["result"] != "killed" or "SystemError" not in found["why"]:
            raise RuntimeError(f"A package that cannot be imported was not noticed: {found}")
    again = {name for name, r in results.items() if r["result"] == "timeout" and r["limit"] < cpu}
    names = [name for name in sample if name not in results or name in again]
    near = functools.partial(tests_for, root)
    if options.coverage:
        near = tests_of_lines(root, options.coverage)
    work = [(name, sample[name], near(sample[name])) for name in names]
    for name, found in run(root, work, options.jobs, cpu):
        results[name] = found
        options.out.write_text(json.dumps(results, indent=1))
        print(line(name, found), flush=True)

    results = {name: results[name] for name in sample}
    for test in confirm(root, results, cpu):
        print(f"FAILS WITHOUT A CHANGE, so what it killed is not known: {test}")
    alive = {name: r for name, r in results.items() if r["result"] != "killed"}
    print(f"\n{len(results)} mutants, {len(alive)} not killed:")
    print(*(line(name, result) for name, result in alive.items()), sep="\n")
    return bool(alive)


if __name__ == "__main__":
    sys.exit(main())
