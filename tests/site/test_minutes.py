"""Make help and the pages state the same minutes."""

import pathlib
import re

DOCS = pathlib.Path(__file__).parents[2] / "docs"


def test_make_help_and_the_pages_state_the_same_minutes():
    makefile = (DOCS.parent / "Makefile").read_text()
    counted = dict(
        re.findall(
            r"^([a-z-]+):.*##.*\((?:about )?([\d to]+) minutes", makefile, flags=re.MULTILINE
        )
    )
    stated = [
        (page.name, target, minutes)
        for page in (DOCS.parent / "README.md", DOCS / "how-to" / "reproduce.md")
        for target, minutes in re.findall(
            r"make ([a-z-]+)`?(?:,| +#| \|) +([\d to]+) minutes", page.read_text()
        )
    ]
    assert len(stated) > 10
    for page, target, minutes in stated:
        assert counted.get(target) == minutes, (page, target)
