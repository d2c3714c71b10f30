"""The playground's tests in node: gradients by finite differences, missions, the address, the measures."""

import gzip
import pathlib
import re

import pytest
from helpers.page import needs_node

from scripts.docs import notebooks

ROOT = pathlib.Path(__file__).parents[2]

IMPORT = re.compile(r'^import .* from "(.*)";$|^export .* from "(.*)";$', re.MULTILINE)


@needs_node
@pytest.mark.parametrize("script", ["gradients.test.mjs", "page.test.mjs", "digits.test.mjs"])
def test_in_node(in_node, script):
    assert "# pass 0" not in in_node(script, test=True)


@needs_node
def test_links_of_the_notebooks_open_the_playground_with_their_settings(in_node):
    link = re.compile(rf"\({re.escape(notebooks.SERVED)}playground/#([^)]*)\)")
    text = "".join(p.read_text("utf8") for p in (ROOT / "tutorials" / "src").glob("*.py"))
    found = link.findall(text)
    assert found and in_node("links.mjs", *found).split() == found


def test_files_are_short_and_the_page_is_light(scripts):
    """The page loads its own files, and of the runner only what they import: not its networks."""
    files, found = [], [scripts / "playground" / "main.js"]
    while found:
        file = found.pop()
        if file in files:
            continue
        files.append(file)
        names = ["".join(pair) for pair in IMPORT.findall(file.read_text())]
        found += [(file.parent / name).resolve() for name in names]
    own = {file for file in (scripts / "playground").rglob("*.js")}
    assert own < set(files)  # none lies idle
    assert {file.name for file in set(files) - own} == {
        "dom.js",
        "directions.js",
        "frame.js",
        "random.js",
        "scales.js",
        "sectors.js",
    }
    files.append(scripts / "playground" / "style.css")
    assert max(len(file.read_text().splitlines()) for file in files) < 200
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) <= 60_000
