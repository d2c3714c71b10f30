"""The site's explorers and playground: their scripts in node, and their pages in a real Chromium."""

import os
import pathlib
import shutil
import subprocess

import pytest
from helpers.browser import served, visits
from helpers.explorables import DRAWING, NAMES, ExplorerVisit
from helpers.page import NODE

from scripts.docs import assets, finish

ROOT = pathlib.Path(__file__).parents[2]
HTML = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Explorables</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<meta http-equiv="Content-Security-Policy" content="default-src 'self'; img-src 'self' data:">
</head><body><h1>Explorables</h1>{}</body></html>"""
DIV = '<div class="explorer" data-explorer="{}"><p>Without JavaScript you read this.</p></div>'
PLAYGROUND = '<div id="playground"></div>'


@pytest.fixture(scope="session")
def scripts(tmp_path_factory):
    """The folder of the scripts as the site has them."""
    folder = tmp_path_factory.mktemp("explorables")
    assets.copy_scripts(ROOT, folder)
    (folder / "package.json").write_text('{"type": "module"}')  # browsers are told in HTML
    return folder


@pytest.fixture(scope="session")
def in_node(scripts):
    """A function that runs a script beside these tests in node, and returns what it prints."""

    def run(script, *arguments, given=None, test=False):
        file = str(pathlib.Path(__file__).parent / "playground" / script)
        done = subprocess.run(
            [NODE, *(["--test"] if test else []), file, *arguments],
            input=given,
            capture_output=True,
            text=True,
            timeout=300,
            env=os.environ | {"EXPLORABLES": str(scripts)},
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of a site with one page for each explorer, one for all, and the playground's."""
    built = ROOT / "docs" / "assets" / "explorables"
    assets.explorables(ROOT, built)  # the models anew only if they changed
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(built, folder / "assets" / "explorables")
    bodies = {name: DIV.format(name) for name in NAMES}
    bodies |= {"all": "".join(bodies.values()), "playground": PLAYGROUND}
    bodies[DRAWING] = DIV.format(DRAWING)
    for name, body in bodies.items():
        page = folder / f"{name}.html"
        page.write_text(finish.load_scripts(HTML.format(body), page, folder))
    return folder


@pytest.fixture(scope="session")
def address(site):
    """The address of the served site."""
    with served(site) as at:
        yield at


@pytest.fixture
def visit(chromium, address):
    """A function that opens a page in a context of its own; a fault in any page fails the test."""
    with visits(ExplorerVisit, chromium, address) as make:
        yield make
