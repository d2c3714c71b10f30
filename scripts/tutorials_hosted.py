"""What a notebook has for a hosted GPU notebook: a badge, one cell, and its metadata.

All of it comes from ONE setting, `Repository` below `[project.urls]` in pyproject.toml. Where that is
empty, a notebook has nothing of this.
"""

import pathlib
import re

import nbformat

from docs import repository  # scripts/docs

ID = "hosted"  # of the cell
BADGE = "https://colab.research.google.com/assets/colab-badge.svg"
_GITHUB = re.compile(r"^https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?$")

CELL = """\
# On a hosted notebook: fetches the course, and installs the package, where they are missing.
import importlib.util
import os
import pathlib
import subprocess
import sys

if not pathlib.Path("course").is_dir():
    if not pathlib.Path("intelvae").is_dir():
        clone = ["git", "clone", "--quiet", "--depth", "1", "{address}", "intelvae"]
        subprocess.run(clone, check=True)
    os.chdir("intelvae/tutorials")
if importlib.util.find_spec("intelvae_keras") is None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, f"{{pathlib.Path.cwd().parent}}[evaluation,tables]"], check=True)
    importlib.invalidate_caches()
    print("Installed. If an import below fails, restart the kernel, and run from here.")"""


def add(notebook: nbformat.NotebookNode, name: str, root: pathlib.Path = repository.ROOT) -> None:
    """Adds badge, cell and metadata to a notebook, if the repository's address is set.

    Args:
        notebook: A notebook without outputs, whose first cell begins with its title.
        name: Its file's name, such as "06_clusters.ipynb".
        root: The folder with pyproject.toml.
    """
    address = repository.address(root)
    if address is None:
        return
    notebook.metadata["accelerator"] = "GPU"  # what a hosted notebook is asked for
    notebook.metadata["intelvae_keras"]["repository"] = address
    if found := _GITHUB.match(address):  # the badge's host opens notebooks of GitHub alone
        link = f"https://colab.research.google.com/github/{found[1]}/blob/main/tutorials/{name}"
        title, *rest = notebook.cells[0].source.split("\n")
        badge = f"[![Open in a hosted notebook]({BADGE})]({link})"
        notebook.cells[0].source = "\n".join([title, "", badge, *rest])
    cell = nbformat.v4.new_code_cell(CELL.format(address=address), id=ID)
    first = next(i for i, other in enumerate(notebook.cells) if other.cell_type == "code")
    notebook.cells.insert(first, cell)


def own_code(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """The code cells of the source, without the hosted one."""
    return [c for c in notebook.cells if c.cell_type == "code" and c.get("id") != ID]
