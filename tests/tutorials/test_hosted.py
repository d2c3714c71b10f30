"""What notebooks have for a hosted GPU notebook, with the repository's address set and not set."""

import importlib.util
import os
import pathlib
import subprocess
import sys

import nbformat
import pytest
import tutorials_hosted

import tutorials
from scripts.docs import notebooks

GITHUB = "https://github.com/somebody/intelvae"


def _root(folder, address):
    (folder / "pyproject.toml").write_text(f'[project.urls]\nRepository = "{address}"\n')
    return folder


def _notebook():
    cells = [nbformat.v4.new_markdown_cell("# A title\n\nA question."), nbformat.v4.new_code_cell()]
    return nbformat.v4.new_notebook(cells=cells, metadata={"intelvae_keras": {}})


def test_with_an_address_a_notebook_has_a_badge_a_cell_and_metadata(tmp_path):
    notebook = _notebook()
    tutorials_hosted.add(notebook, "01_one.ipynb", _root(tmp_path, GITHUB + "/"))
    title, cell, code = notebook.cells
    assert title.source.startswith("# A title\n\n[![") and title.source.endswith("\n\nA question.")
    assert "/github/somebody/intelvae/blob/main/tutorials/01_one.ipynb)" in title.source
    assert f'"{GITHUB}"' in cell.source and tutorials_hosted.own_code(notebook) == [code]
    assert notebook.metadata["intelvae_keras"]["repository"] == GITHUB
    assert notebook.metadata["accelerator"] == "GPU"
    nbformat.validate(notebook)


def test_a_host_that_no_badge_opens_has_the_cell_alone(tmp_path):
    notebook = _notebook()
    tutorials_hosted.add(notebook, "01_one.ipynb", _root(tmp_path, "https://code.example/intelvae"))
    assert notebook.cells[0].source == "# A title\n\nA question."
    assert "https://code.example/intelvae" in notebook.cells[1].source


@pytest.mark.parametrize("address", ["", None])
def test_without_an_address_a_notebook_has_nothing_of_it(tmp_path, address):
    notebook, before = _notebook(), _notebook()
    root = _root(tmp_path, address or "")
    if address is None:
        (root / "pyproject.toml").write_text("[project]\n")
    tutorials_hosted.add(notebook, "01_one.ipynb", root)
    assert [c.source for c in notebook.cells] == [c.source for c in before.cells]
    assert notebook.metadata == before.metadata


def test_a_new_address_renews_the_notebooks_and_keeps_their_outputs(tmp_path, monkeypatch):
    for folder in ("src", "course"):
        (tmp_path / folder).mkdir()
    (tmp_path / "src" / "01_one.py").write_text("# %% [markdown]\n# # A title\n\n# %%\nprint(1)\n")
    monkeypatch.setattr(tutorials, "COURSE", tmp_path)
    monkeypatch.setattr(tutorials, "SOURCES", tmp_path / "src")
    monkeypatch.setattr(tutorials, "code_hash", lambda: "code")
    printed = nbformat.v4.new_output("stream", text="1\n", name="stdout")

    def execute(notebook, *_):
        tutorials_hosted.own_code(notebook)[0]["outputs"] = [printed]
        return 0

    monkeypatch.setattr(tutorials, "execute", execute)
    addresses = iter([None, GITHUB, GITHUB, None])
    monkeypatch.setattr(tutorials_hosted.repository, "address", lambda root: address)
    for address in addresses:
        assert tutorials.build([]) == 0
        monkeypatch.setattr(tutorials, "execute", None)  # nothing runs again
        built = nbformat.read(tmp_path / "01_one.ipynb", as_version=4)
        assert ("somebody/intelvae" in str(built)) == (address is not None)
        assert tutorials_hosted.own_code(built)[0].outputs == [printed]


@pytest.fixture
def hosted(tmp_path, monkeypatch):
    """A machine with neither course nor package; the cell; and the calls of pip."""
    origin = tmp_path / "origin"
    (origin / "tutorials" / "course").mkdir(parents=True)
    (origin / "tutorials" / "course" / "__init__.py").write_text("")
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "The course"]):
        who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *who, *words], cwd=origin, check=True)
    (tmp_path / "content").mkdir()
    monkeypatch.chdir(tmp_path / "content")
    run, installs = subprocess.run, []

    def without_pip(words, **options):
        return installs.append(words) if "pip" in words else run(words, **options)

    monkeypatch.setattr(subprocess, "run", without_pip)
    return tutorials_hosted.CELL.format(address=origin.as_uri()), installs


def test_the_cell_fetches_the_course_and_installs_the_package(hosted, monkeypatch, capsys):
    cell, installs = hosted
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    exec(cell, {})
    assert pathlib.Path("course/__init__.py").exists()
    root = pathlib.Path.cwd().parent
    want = [sys.executable, "-m", "pip", "install", "--quiet", f"{root}[evaluation,tables]"]
    assert installs == [want] and "restart the kernel" in capsys.readouterr().out


def test_the_cell_takes_what_is_there(hosted, capsys):
    cell, installs = hosted
    exec(cell, {})  # the package is there, the course is not
    exec(cell, {})  # both
    folder = pathlib.Path.cwd()
    os.chdir(folder.parents[1])  # a kernel begun anew, in the folder that it had at first
    exec(cell, {})
    assert pathlib.Path.cwd() == folder and not installs and not capsys.readouterr().out


def test_an_explorer_is_too_large_to_be_kept():
    page = {"text/html": '<iframe srcdoc="' + "x" * 600_000 + '">', "text/plain": "Page(...)"}
    cell = nbformat.v4.new_code_cell("vae.explore()")
    cell.outputs = [nbformat.v4.new_output("execute_result", page)]
    tutorials._tidy(cell, "one")
    assert cell.outputs[0].data == {"text/plain": tutorials.EXPLORER}


def test_the_site_loads_no_badge_and_links_to_its_own_playground(tmp_path):
    badge = f"[![Open]({tutorials_hosted.BADGE})](https://colab.research.google.com/github/a/b)"
    link = f"[two rings]({notebooks.SERVED}playground/#data=rings&g=none)"
    page = notebooks._page(f"# A title\n\n{badge} {link}", tmp_path / "03_x.ipynb")
    assert "[Open](https://colab.research.google.com/github/a/b)" in page
    assert "[two rings](../playground.md#data=rings&g=none)" in page
