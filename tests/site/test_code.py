"""The Python of the pages runs as it stands, page by page, each in an empty folder."""

import pathlib
import re

import keras
import pytest

DOCS = pathlib.Path(__file__).parents[2] / "docs"
# Its programs need several processes and machines: tests/distributed runs their like.
NOT_HERE = {"distributed.md"}


def _blocks(page):
    return re.findall(r"^```python\n(.*?)^```", page.read_text(), flags=re.DOTALL | re.MULTILINE)


PAGES = [
    page
    for page in sorted(DOCS.rglob("*.md"))
    if page.parent.name != "tutorials"
    and str(page.relative_to(DOCS)) not in NOT_HERE
    and _blocks(page)
]


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_the_code_of_a_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    policy = keras.mixed_precision.dtype_policy()
    names = {"__name__": "__main__"}
    try:
        for number, code in enumerate(_blocks(page), start=1):
            exec(compile(code, f"{page.name}, block {number}", "exec"), names)
    finally:
        keras.mixed_precision.set_dtype_policy(policy)


def test_the_how_to_pages_have_code():
    with_code = {page.stem for page in PAGES if page.parent.name == "how-to"}
    wanted = {"install", "images", "table", "which-mapping", "own-mapping", "saving", "watching"}
    assert wanted | {"gpu", "troubleshooting"} <= with_code


def test_home_and_readme_say_the_same():
    """Idea, code and table of the home page are the README's own lines."""
    readme, home = (DOCS.parent / "README.md").read_text(), (DOCS / "index.md").read_text()
    for part in ("idea", "quickstart", "table"):
        assert f'--8<-- "README.md:{part}"' in home
        assert f"[start:{part}]" in readme and f"[end:{part}]" in readme
    assert (DOCS.parent / "README.md").read_text().count("```python") == 1


def test_each_make_target_that_a_page_names_exists():
    makefile = (DOCS.parent / "Makefile").read_text()
    for page in DOCS.rglob("*.md"):
        for target in re.findall(r"`make ([a-z-]+)`", page.read_text()):
            assert re.search(rf"^{target}:.*##", makefile, flags=re.MULTILINE), (page, target)
