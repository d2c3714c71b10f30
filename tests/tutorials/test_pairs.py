"""The notebooks: none is older than its source, and each has the parts that all have."""

import importlib
import re

import pytest
import tutorials_hosted

import tutorials  # scripts/tutorials.py
import tutorials_numbers

SOURCES = tutorials.sources()
each = pytest.mark.parametrize("source", SOURCES, ids=[p.stem for p in SOURCES])


@each
def test_the_notebook_was_built_from_this_source(source):
    built = tutorials.read_built(source)
    assert built is not None, f"run `make tutorials`: {source.stem} is not built"
    new = tutorials.read_source(source)
    hashes = [notebook.metadata["intelvae_keras"]["source"] for notebook in (built, new)]
    assert hashes[0] == hashes[1], f"run `make tutorials`: {source.stem} has changed"
    pairs = zip(built.cells, new.cells, strict=True)
    assert all(one.source == other.source for one, other in pairs)


@each
def test_the_outputs_are_small_and_clean(source):
    path = tutorials.notebook_of(source)
    assert path.stat().st_size <= tutorials.LARGEST
    outputs = [o for c in tutorials.read_built(source).cells for o in c.get("outputs", [])]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    for output in outputs:
        assert output.output_type != "error"
        text = output.get("text", "")
        assert output.get("name") != "stderr"
        assert not re.search(r"Warning|oneDNN|cpu_feature_guard|\x08|\r", text)


@each
def test_the_notebook_has_its_parts(source):
    notebook = tutorials.read_source(source)
    cells = notebook.cells
    code = [cell.source for cell in tutorials_hosted.own_code(notebook)]
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    chapter = tutorials.number_of(source)
    assert re.match(
        rf"from course import start, ch{chapter} as check\n|"
        rf"from course import ch{chapter} as check, start\n|"
        rf"from course import ch{chapter} as check\nfrom course import start\n",
        code[0],
    )
    assert "start.here()" in code[0]
    assert cells[0].cell_type == "markdown" and cells[0].source.startswith("# ")
    assert len(re.findall(r"(?m)^# ", text)) == 1
    for heading in ("Exercise", "What goes wrong", "Summary", "Questions", "Sources", "What next"):
        assert re.search(rf"(?m)^## .*{heading}", text), heading
    assert len(re.findall(r"(?m)^## Exercise", text)) == 3
    questions = text[re.search(r"(?m)^## Questions", text).start() :]
    assert len(re.findall(r"<details>", questions)) == 5
    assert text.count("<details>") == text.count("</details>") == text.count("<summary>")
    assert sum("assert " in cell for cell in code) >= 2
    for name in re.findall(r"check\.(\w+)\(", "\n".join(code)):
        assert name in dir(importlib.import_module(f"course.ch{chapter}")), name


@each
def test_cells_are_short(source):
    for cell in tutorials.read_source(source).cells:
        if cell.cell_type == "code":
            lines = [line for line in cell.source.splitlines() if line.strip()]
            assert len(lines) <= 20, cell.source


@each
def test_the_map_of_the_course_has_it(source):
    assert f"({source.stem}.ipynb)" in (tutorials.COURSE / "README.md").read_text("utf8")


def test_a_placeholder_gives_what_the_results_hold():
    runs = [
        record["result"]["off"] * 100
        for record in tutorials_numbers._records()
        if record["job"]["section"] == "toys"
        and record["job"]["toy"] == "circle"
        and record["job"]["model"] == "ordinary VAE"
    ]
    filled = tutorials_numbers.fill('{{toys toy=circle model="ordinary VAE" off*100 .3f mean}} %')
    assert filled == f"{sum(runs) / len(runs):.3f} %"


def test_a_placeholder_reads_the_study_of_clusters_too():
    conditions = {"section": "proportions", "seed": 805, "proportion": 0.05, "start": 1}
    run = next(r for r in tutorials_numbers._study() if conditions.items() <= r["job"].items())
    filled = tutorials_numbers.fill(
        "{{study:proportions seed=805 proportion=0.05 start=1 elbo .2f}}"
    )
    assert filled == f"{run['result']['elbo']:.2f}"


@pytest.mark.parametrize(
    "placeholder",
    ["{{}}", "{{toys}}", "{{toys toy=square off .1f}}", "{{toys toy=circle no_such .1f}}"],
)
def test_a_placeholder_that_names_nothing_fails(placeholder):
    with pytest.raises(tutorials_numbers.Unknown):
        tutorials_numbers.fill(placeholder)
