"""Turns the executed notebooks of tutorials/ into Markdown pages and PNGs."""

import re

STUB = """# {title}

This notebook is not in this checkout. `make tutorials` builds it; then `make docs` puts it here.
[All tutorials](index.md).
"""
SERVED = "http://127.0.0.1:8000/"
TITLES = {
    "01": "A VAE from scratch",
    "01b": "One latent on a grid",
    "02": "What the ELBO knows",
    "03": "Where a Gaussian fails",
    "04": "Another prior",
    "05": "InteL-VAE",
    "06": "Clusters",
    "07": "Sparsity",
    "08": "What sparsity buys",
    "09": "Hierarchy and composition",
    "10": "Your g, your data",
    "11": "A table with holes",
}


def convert_all(source, target):
    """Writes target/01.md to 11.md, and the images beside them in target/images/."""
    (target / "images").mkdir(parents=True, exist_ok=True)
    for old in (target / "images").glob("*"):
        old.unlink()
    for number, title in TITLES.items():
        found = sorted(source.glob(f"{number}_*.ipynb"))
        page = target / f"{number}.md"
        page.write_text(convert(found[0], target / "images") if found else STUB.format(title=title))


def convert(notebook, images):
    """The Markdown of a notebook; its pictures go into the folder `images`."""
    import nbformat
    from nbconvert.exporters import MarkdownExporter

    content = nbformat.read(notebook, as_version=4)
    number = notebook.name.split("_")[0]
    for cell in content.cells:
        if cell.cell_type == "code":
            cell.outputs = [_kept(output) for output in cell.outputs if _is_kept(output)]
    exporter = MarkdownExporter()
    resources = {"unique_key": number, "output_files_dir": "images"}
    body, resources = exporter.from_notebook_node(content, resources)
    for name, data in resources["outputs"].items():
        (images / name.split("/")[-1]).write_bytes(data)
    return _page(body, notebook)


def _is_kept(output):
    return not (output.output_type == "stream" and output.name == "stderr")


def _kept(output):
    """An output whose progress bars are at their last state only, and which has no HTML twin."""
    if output.output_type == "stream":
        output.text = "\n".join(line.split("\r")[-1] for line in output.text.split("\n"))
        output.text = re.sub(r"\x1b\[[0-9;]*m|\x08", "", output.text)
    elif "data" in output and any(kind.startswith("image/") for kind in output.data):
        output.data.pop("text/plain", None)
    return output


def _page(body, notebook):
    # nbconvert indents plain outputs by four spaces: a fence tells them from code.
    body = _name_pictures(body)
    body = re.sub(r"(?:(?<=\n\n)|(?<=```\n))((?: {4}[^\n]*\n|\n(?= {4}))+)", _output, body)
    body = re.sub(r"\]\((\d\d[a-z]?)_[a-z0-9_]+\.ipynb", r"](\1.md", body)
    body = re.sub(r"\]\(\.\./docs/", "](../", body)
    body = re.sub(r"\[!\[([^\]]*)\]\(https:[^)]*\)\]", r"[\1]", body)  # a badge, from another host
    body = re.sub(rf"\]\({SERVED}([^)#]*)", _to_source, body)
    body = body.replace("<details>", '<details markdown="1">')
    return f"{body}\n\n---\n\n*Run it yourself: `make learn` opens `tutorials/{notebook.name}`.*\n"


def _to_source(match):
    """A link to a page, which notebooks name as `make docs-serve` shows it, as one to its source."""
    return f"](../{match[1].strip('/') or 'index'}.md"


def _name_pictures(body):
    """Gives each picture the heading that it stands under as its text: nbconvert says "png"."""
    heading, in_code, lines = "", False, []
    for line in body.split("\n"):
        in_code ^= line.startswith("```")
        if not in_code and (found := re.match(r"#+ (.*)", line)):
            heading = re.sub(r"[\[\]$`*]", "", found[1])
        lines.append(re.sub(r"!\[(png|svg)\]\(", f"![Figure: {heading}](", line))
    return "\n".join(lines)


def _output(match):
    lines = [line[4:] for line in match[1].rstrip("\n").split("\n")]
    text = "\n".join(lines).strip("\n")
    return f'```text title="Output"\n{text}\n```\n\n' if text.strip() else "\n"
