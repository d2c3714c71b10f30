"""The repository's address: ONE setting, `Repository` below `[project.urls]` in pyproject.toml.

It is empty by default. Where it is set, the site has a link to the source, and each page one to edit
what it was written from.
"""

import pathlib
import re
import tomllib

ROOT = pathlib.Path(__file__).parents[2]
NOTEBOOK = re.compile(r"^tutorials/(\d\d[a-z]?)\.md$")


def address(root: pathlib.Path = ROOT) -> str | None:
    """The repository's address, without a slash at its end, or None."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    found = project.get("urls", {}).get("Repository")
    return found.rstrip("/") if found else None


def configuration(root: pathlib.Path = ROOT) -> pathlib.Path:
    """The file that mkdocs reads: mkdocs.yml, or one that inherits from it and knows the address."""
    plain, found = root / "mkdocs.yml", address(root)
    if found is None:
        return plain
    features = re.search(
        r"^  features:\n((?:    - .*\n)+)", plain.read_text("utf-8"), re.MULTILINE
    )[1]
    with_address = root / "mkdocs.build.yml"  # beside mkdocs.yml, as its paths are relative
    with_address.write_text(
        f"INHERIT: mkdocs.yml\nrepo_url: {found}\nedit_uri: edit/main/docs/\n"
        f"hooks: [{pathlib.Path(__file__).resolve()}]\n"
        f"theme:\n  features:\n{features}    - content.action.edit\n",
        "utf-8",
    )
    return with_address


def source_of(page: str, root: pathlib.Path = ROOT) -> str:
    """The file of the repository that a page of the site is written from."""
    if found := NOTEBOOK.match(page):
        return (
            next((root / "tutorials" / "src").glob(f"{found[1]}_*.py")).relative_to(root).as_posix()
        )
    return f"docs/{page}"


def on_page_context(context, page, config, **_):
    """Called by mkdocs for each page: a notebook is edited in its source."""
    page.edit_url = f"{config.repo_url.rstrip('/')}/edit/main/{source_of(page.file.src_uri)}"
    return context
