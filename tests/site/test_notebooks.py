"""A notebook becomes a page: its figures, outputs and folded answers, whatever notebooks there are."""

import nbformat
from nbformat import v4

from scripts.docs import notebooks

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="


def _notebook(folder):
    picture = v4.new_output("display_data", {"image/png": PNG, "text/plain": "<Figure>"})
    bar = v4.new_output("stream", name="stdout", text="1/2\r2/2 done\nloss 3\n")
    noise = v4.new_output("stream", name="stderr", text="a warning")
    # A comment in code that looks like a heading is none.
    cell = v4.new_code_cell("# no heading\nx = 1", outputs=[noise, bar, picture])
    answer = (
        "<details><summary>Answer</summary>\n\n**No.**\n\n</details>\n\n[next](02_what_next.ipynb) "
        "[then](02b_more.ipynb) [play](http://127.0.0.1:8000/playground/#covariance=diagonal&seed=2)"
    )
    cells = [v4.new_markdown_cell("# The `finding`"), cell, v4.new_markdown_cell(answer)]
    path = folder / "01_first.ipynb"
    nbformat.write(
        v4.new_notebook(cells=cells, metadata={"language_info": {"name": "python"}}), path
    )
    return path


def test_a_notebook_becomes_a_page_with_its_picture(tmp_path):
    source, target = tmp_path / "tutorials", tmp_path / "docs"
    source.mkdir()
    target.mkdir()
    _notebook(source)
    notebooks.convert_all(source, target)
    page = (target / "01.md").read_text()
    assert page.startswith("# The `finding`")
    assert "```python\n# no heading\nx = 1\n```" in page
    assert '```text title="Output"\n2/2 done\nloss 3\n```' in page
    assert "a warning" not in page and "<Figure>" not in page
    (image,) = (target / "images").glob("*.png")
    assert f"![Figure: The finding](images/{image.name})" in page
    assert '<details markdown="1">' in page and "[next](02.md) [then](02b.md)" in page
    assert "[play](../playground.md#covariance=diagonal&seed=2)" in page


def test_a_missing_notebook_says_so(tmp_path):
    notebooks.convert_all(tmp_path / "none", tmp_path)
    assert len(list(tmp_path.glob("*.md"))) == len(notebooks.TITLES) > 10
    assert "not in this checkout" in (tmp_path / "07.md").read_text()
