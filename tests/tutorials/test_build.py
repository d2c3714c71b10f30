"""The script that builds the notebooks: what runs again, what is refused, what is never overwritten."""

import nbformat
import pytest

import tutorials

SOURCE = """# %% [markdown]
# # A title

# %%
print("once")
"""


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of one notebook, and the list of the modes in which it ran."""
    (tmp_path / "src").mkdir()
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "start.py").write_text("")
    (tmp_path / "src" / "01_one.py").write_text(SOURCE)
    monkeypatch.setattr(tutorials, "COURSE", tmp_path)
    monkeypatch.setattr(tutorials, "SOURCES", tmp_path / "src")
    monkeypatch.setattr(tutorials, "code_hash", lambda: "code")
    ran = []

    def execute(notebook, name, mode, patience):
        ran.append(mode)
        notebook.cells[1]["outputs"] = [_stream("once\n")]
        return 0

    monkeypatch.setattr(tutorials, "execute", execute)
    return tmp_path, ran


def _stream(text, name="stdout"):
    return nbformat.v4.new_output("stream", text=text, name=name)


def _cell(*outputs):
    cell = nbformat.v4.new_code_cell("train()")
    cell.outputs = list(outputs)
    return cell


def test_only_what_changed_runs_again(course):
    folder, ran = course
    source = folder / "src" / "01_one.py"
    assert tutorials.build([]) == tutorials.status() == 0
    assert tutorials.build([]) == 0 and ran == ["full"]
    source.write_text(SOURCE.replace("A title", "Another title"))
    assert tutorials.status() == 1
    assert tutorials.build([]) == 0 and ran == ["full"]
    built = tutorials.read_built(source)
    assert built.cells[0].source == "# Another title"
    assert built.cells[1].outputs[0].text == "once\n"
    source.write_text(SOURCE.replace("once", "twice"))
    assert tutorials.build([]) == 0 and ran == ["full", "full"]


def test_what_ran_with_older_code_is_listed_and_is_no_drift(course, monkeypatch, capsys):
    tutorials.build([])
    monkeypatch.setattr(tutorials, "code_hash", lambda: "newer")
    assert tutorials.status() == 0
    assert "ran with older code" in capsys.readouterr().out


def test_an_unknown_number_fails_and_leaves_the_notebook(course, capsys):
    folder, _ = course
    tutorials.build([])
    before = (folder / "01_one.ipynb").read_bytes()
    source = folder / "src" / "01_one.py"
    source.write_text(SOURCE.replace("A title", "{{toys toy=square off .1f}}"))
    assert tutorials.build([]) == 1
    assert "selects no run" in capsys.readouterr().out
    assert (folder / "01_one.ipynb").read_bytes() == before


def test_copies_have_no_outputs_and_overwrite_nothing(course):
    folder, _ = course
    tutorials.build([])
    assert tutorials.clean(folder / "mine") == 0
    copy = folder / "mine" / "01_one.ipynb"
    assert nbformat.read(copy, as_version=4).cells[1].outputs == []
    assert (folder / "mine" / "course" / "start.py").exists()
    copy.write_text("my work")
    assert tutorials.clean(folder / "mine") == 1
    assert copy.read_text() == "my work"


def test_a_progress_bar_is_kept_as_a_terminal_ends_it():
    cell = _cell(_stream("\r[#.] epoch 1"), _stream("\r[##] epoch 2"), _stream("\rdone\nnext\n"))
    tutorials._tidy(cell, "one")
    assert [output.text for output in cell.outputs] == ["done\nnext\n"]


@pytest.mark.parametrize(
    "output", [_stream("careful", "stderr"), _stream("WARNING:tensorflow: traced again")]
)
def test_a_cell_that_warns_fails(output):
    with pytest.raises(tutorials.Failure, match="train()"):
        tutorials._tidy(_cell(output), "one")


def test_a_notebook_that_is_too_large_is_not_written(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[_cell(_stream("x" * tutorials.LARGEST))])
    with pytest.raises(tutorials.Failure, match="make figures smaller"):
        tutorials.write(notebook, tmp_path / "large.ipynb")
    assert not list(tmp_path.iterdir())
