"""Pages of `vae.explore` in a real Chromium."""

import pytest
from helpers.browser import Visit, visits


@pytest.fixture
def visit(chromium):
    """A function that opens a page in a context of its own; a fault in any page fails the test."""
    with visits(Visit, chromium, "file:") as make:
        yield make
