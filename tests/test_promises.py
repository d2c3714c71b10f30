"""The table of promises: its words stand where it says, its tests exist; and promises that had no test."""

import ast
import functools
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "reliability.md").read_text()
HEADER = ["the promise", "where", "tested by", "not promised"]


def rows():
    """The cells of each row of the page's tables of promises."""
    found = []
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" |")]
        if line.startswith("| ") and len(cells) == len(HEADER) and cells != HEADER:
            found.append(cells)
    return found


def words(text):
    """A text on one line."""
    return " ".join(text.split())


@functools.cache
def own_tests(path):
    """The tests of a file: {name: the marks that keep it out of the fast run}."""
    tree = ast.parse(path.read_text())
    of_all = [ast.unparse(node) for node in tree.body if isinstance(node, ast.Assign)]
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            marks = "\n".join([*of_all, *map(ast.unparse, node.decorator_list)])
            found[node.name] = set(re.findall(r"pytest\.mark\.(slow|site)\b", marks))
    return found


@functools.cache
def text_of(path):
    return words((ROOT / path).read_text())


def test_the_page_has_a_row_for_each_promise():
    promises = [row[0] for row in rows()]
    lines = [line for line in PAGE.splitlines() if line.startswith("| ")]
    tables = lines.count("| " + " | ".join(HEADER) + " |")
    assert len(promises) >= 50 and len(set(promises)) == len(promises)
    assert tables >= 5


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0][:40])
def test_a_promise_stands_where_the_page_says_and_its_tests_exist(row):
    promise, where, tests, _ = row
    assert words(promise) in text_of(where.strip("`"))
    named = re.findall(r"`([\w/]+\.py)::(test_\w+)`(?: \((\w+)\))?", tests)
    assert named and len(named) == tests.count("`") // 2  # each is named in full
    for file, name, said in named:
        found = own_tests(ROOT / "tests" / file)
        assert name in found, f"{file} has no {name}"
        assert found[name] == ({{"slow": "slow", "page": "site"}[said]} if said else set())


def test_the_page_is_in_the_navigation():
    assert re.search(r"^ +- .+: reliability\.md$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)


def test_make_installs_into_its_own_environment_alone():
    """The Makefile's Python outside of .venv makes .venv, and does nothing else."""
    makefile = (ROOT / "Makefile").read_text()
    outside = re.findall(r"^\t@?\$\(PYTHON\) (-\w+ \S+)", makefile, re.MULTILINE)
    assert set(outside) == {"-c 'import", "-m venv"}
    assert re.findall(r"^.*\bpip\b.*$", makefile, re.MULTILINE)
    for line in re.findall(r"^\t.*\bpip3? install.*$", makefile, re.MULTILINE):
        assert re.match(r"(\$\(BIN\)|\.venv-\w+/bin)/python -m pip", line.lstrip("\t@")), line
