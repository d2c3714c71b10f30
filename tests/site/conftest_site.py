"""The built site, served on this machine, and a real Chromium that may load nothing else."""

import os
import pathlib

import pytest
from helpers.browser import Visit, served

ROOT = pathlib.Path(__file__).parents[2]
SITE = pathlib.Path(os.environ.get("SITE", ROOT / "site"))
PICTURES = ROOT / "runs" / "site"

# Lazy images below the fold would never be tried. Resolves when each is there, or has failed.
LOADED = """Promise.all([...document.images].map((image) => {
  image.loading = "eager";
  return image.decode().catch(() => {});
}))"""


def pages():
    """Paths of the site's pages, as in their addresses."""
    found = sorted(SITE.rglob("index.html"))
    return ["/" + str(page.parent.relative_to(SITE)).replace(".", "") for page in found]


@pytest.fixture(scope="session")
def address():
    """The address of the served site, without a slash at its end."""
    if not SITE.exists():
        pytest.fail("site/ is not there: run `make docs` first")
    with served(SITE) as at:
        yield at


@pytest.fixture
def visit(chromium, address):
    """A function that opens a browsing context, closed after the test."""
    visits = []

    def make(**options):
        visits.append(Visit(chromium, address, **options))
        return visits[-1]

    yield make
    for one in visits:
        one.close()
