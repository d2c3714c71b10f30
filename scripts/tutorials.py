"""Builds the course's notebooks from their sources, checks them, and copies them for a learner.

    scripts/tutorials.py build [NN ...]    executes the sources that changed into tutorials/NN_*.ipynb
    scripts/tutorials.py check [NN ...]    executes every source in the fast mode, into a temporary folder
    scripts/tutorials.py status            lists the notebooks whose source or code is newer than they
    scripts/tutorials.py clean FOLDER      copies the notebooks without outputs, overwriting nothing

A source is tutorials/src/NN_name.py, in jupytext's percent format; NN is 01, or 01b for one that follows
it. Numbers in its text come from measured results: see `tutorials_numbers.py`. A notebook's metadata hold
the hashes of its source, of its code cells, and of the code that it ran with. Where only text changed, the
outputs stay.
"""

import argparse
import base64
import concurrent.futures
import hashlib
import io
import os
import pathlib
import re
import shutil
import sys
import tempfile
import time

import jupytext
import nbformat
import tutorials_hosted

import tutorials_numbers

ROOT = pathlib.Path(__file__).resolve().parents[1]
COURSE = ROOT / "tutorials"
SOURCES = COURSE / "src"
LARGEST = 500_000  # bytes of a notebook
SECONDS = {"full": (60, 180), "fast": (60, 60)}  # of a cell, of a notebook
EXPLORER = "Run this cell: a page opens here in which you move y."  # it is too large to be kept
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


class Failure(Exception):
    """What is wrong with a notebook."""


def sources(wanted=()):
    """The sources, all or those with the numbers `wanted`."""
    found = sorted(SOURCES.glob("[0-9][0-9]*_*.py"))
    chosen = {name: [p for p in found if name in (number_of(p), p.stem)] for name in wanted}
    unknown = [name for name, those in chosen.items() if not those]
    if unknown:
        raise SystemExit(f"No source in {SOURCES} has the number {', '.join(unknown)}.")
    return [p for p in found if not wanted or any(p in those for those in chosen.values())]


def number_of(source):
    """01 or 01b, for 01_name.py or 01b_name.py."""
    return source.name.split("_")[0]


def notebook_of(source):
    """Where the notebook of a source lies."""
    return COURSE / f"{source.stem}.ipynb"


def read_source(source):
    """The notebook of a source: numbers filled in, no outputs, hashes in its metadata."""
    notebook = jupytext.read(source, fmt="py:percent")
    for index, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{index:03d}"
        cell["metadata"] = {}
        if cell.cell_type == "markdown":
            try:
                cell.source = tutorials_numbers.fill(cell.source)
            except tutorials_numbers.Unknown as error:
                raise Failure(str(error)) from error
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    hashes = {"cells": _hash(code), "code": code_hash()}
    language = {"name": "python"}
    notebook.metadata = {"kernelspec": KERNEL, "language_info": language, "intelvae_keras": hashes}
    tutorials_hosted.add(notebook, notebook_of(source).name)
    hashes = notebook.metadata["intelvae_keras"]
    hashes["source"] = _hash([(cell.cell_type, cell.source) for cell in notebook.cells])
    return notebook


def code_hash():
    """The hash of the package's code, and of the course's."""
    files = [*(ROOT / "intelvae_keras").rglob("*.py"), *(COURSE / "course").rglob("*.py")]
    return _hash([(str(p.relative_to(ROOT)), p.read_text("utf8")) for p in sorted(files)])


def _hash(value):
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]


def read_built(source):
    """The notebook as it was built, or None."""
    path = notebook_of(source)
    return nbformat.read(path, as_version=4) if path.exists() else None


# ------------------------------------------------------------------ execution


def execute(notebook, name, mode="full", patience=1.0):
    """Runs a notebook in place, tidies its outputs, and returns its seconds."""
    import nbclient

    cell_seconds, all_seconds = SECONDS[mode]
    os.environ["INTELVAE_FAST"] = "1" if mode == "fast" else "0"
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    client = nbclient.NotebookClient(
        notebook,
        timeout=int(cell_seconds * patience),
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(COURSE)}},
    )
    begin = time.time()
    try:
        client.execute()
    except nbclient.exceptions.CellTimeoutError as error:
        raise Failure(
            f"{name}: a cell takes over {cell_seconds * patience:g} s:\n{error}"
        ) from error
    except nbclient.exceptions.CellExecutionError as error:
        text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
        raise Failure(f"{name}: {text}") from error
    seconds = time.time() - begin
    if seconds > all_seconds * patience:
        raise Failure(f"{name} takes {seconds:.0f} s, over {all_seconds * patience:g} s.")
    for cell in notebook.cells:
        cell["metadata"] = {}
        if cell.cell_type == "code":
            _tidy(cell, name)
    return seconds


def _tidy(cell, name):
    """Ends progress bars as a terminal shows them, makes pictures small, and accepts no warnings."""
    kept = []
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stderr":
            raise Failure(f"{name}: this cell writes to stderr:\n{cell.source}\n---\n{output.text}")
        if output.output_type == "stream":
            if "WARNING" in output.text:
                raise Failure(f"{name}: this cell warns:\n{cell.source}\n---\n{output.text}")
            if kept and kept[-1].output_type == "stream":
                kept[-1].text += output.text
                continue
        elif "image/png" in output.get("data", {}):
            output.data["image/png"] = _smaller(output.data["image/png"])
            output.data.pop("text/plain", None)
        elif "<iframe srcdoc=" in output.get("data", {}).get("text/html", ""):
            output.data = {"text/plain": EXPLORER}
        kept.append(output)
    for output in kept:
        if output.output_type == "stream":
            output.text = _as_shown(output.text)
    cell.outputs = kept


def _as_shown(text):
    """What a terminal shows after carriage returns: the last writing of each line."""
    lines = [line.rstrip("\r").rpartition("\r")[2].rstrip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def _smaller(png):
    """A PNG in at most 256 colours, if that is smaller."""
    from PIL import Image

    before = base64.b64decode(png)
    image = Image.open(io.BytesIO(before)).convert("RGB")
    buffer = io.BytesIO()
    image.quantize(256, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    return base64.b64encode(min(before, buffer.getvalue(), key=len)).decode()


def write(notebook, path):
    """Writes a notebook, unless it is too large."""
    text = nbformat.writes(notebook, version=4) + "\n"
    if len(text) > LARGEST:
        raise Failure(
            f"{path.name} has {len(text):,} bytes, over {LARGEST:,}: make figures smaller."
        )
    path.write_text(text, "utf8")


# ------------------------------------------------------------------ commands


def build(wanted, force=False, patience=1.0):
    """Executes the sources that changed. Returns the number of failures."""
    failures = 0
    for source in sources(wanted):
        try:
            new, old = read_source(source), read_built(source)
            before = {} if old is None else old.metadata.get("intelvae_keras", {})
            hashes = new.metadata["intelvae_keras"]
            if not force and before.get("source") == hashes["source"]:
                print(f"{source.stem}: as it was")
                continue
            if not force and before.get("cells") == hashes["cells"]:
                _keep_outputs(old, new)
                what = "text renewed, outputs kept"
            else:
                print(f"{source.stem}: running", flush=True)
                what = f"executed in {execute(new, source.name, 'full', patience):.0f} s"
            write(new, notebook_of(source))
            print(f"{source.stem}: {what}", flush=True)
        except Failure as failure:
            failures += 1
            print(f"{source.stem}: FAILED\n{failure}", flush=True)
    return failures


def _keep_outputs(old, new):
    """Takes over the outputs of the same code cells, and the hash of the code that made them."""
    ours, ran = tutorials_hosted.own_code(new), tutorials_hosted.own_code(old)
    for cell, before in zip(ours, ran, strict=True):
        cell["outputs"], cell["execution_count"] = before.outputs, before.execution_count
    new.metadata["intelvae_keras"]["code"] = old.metadata["intelvae_keras"]["code"]


def _check_one(source, folder, patience):
    try:
        notebook = read_source(source)
        seconds = execute(notebook, source.name, "fast", patience)
        write(notebook, pathlib.Path(folder) / f"{source.stem}.ipynb")
    except Failure as failure:
        return f"{source.stem}: FAILED\n{failure}", False
    return f"{source.stem}: {seconds:.0f} s", True


def check(wanted, patience=1.0):
    """Executes every source in the fast mode, two at a time. Returns the number of failures."""
    os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
    failures = 0
    with (
        tempfile.TemporaryDirectory() as folder,
        concurrent.futures.ProcessPoolExecutor(2) as pool,
    ):
        jobs = [pool.submit(_check_one, source, folder, patience) for source in sources(wanted)]
        for job in concurrent.futures.as_completed(jobs):
            message, passed = job.result()
            print(message, flush=True)
            failures += not passed
    return failures


def status():
    """Lists what is older than its source, or ran with older code. Returns the number of the former."""
    drifted = 0
    for source in sources():
        built = read_built(source)
        hashes = read_source(source).metadata["intelvae_keras"]
        before = {} if built is None else built.metadata.get("intelvae_keras", {})
        if built is None:
            state = "not built"
        elif before.get("source") != hashes["source"]:
            state = "source has changed"
        elif before.get("code") != hashes["code"]:
            state = "ran with older code"
        else:
            state = "up to date"
        drifted += state in ("not built", "source has changed")
        print(f"{source.stem}: {state}")
    return drifted


def clean(folder):
    """Copies the notebooks without outputs, and the course's code. Returns 1 if the folder exists."""
    folder = pathlib.Path(folder)
    if folder.exists():
        print(f"{folder} exists, and may hold your work: nothing was written. Name another folder.")
        return 1
    shutil.copytree(
        COURSE / "course", folder / "course", ignore=shutil.ignore_patterns("__pycache__")
    )
    for source in sources():
        notebook = read_source(source)
        del notebook.metadata["intelvae_keras"]
        write(notebook, folder / notebook_of(source).name)
    print(f"The notebooks, without outputs, are in {folder}.")
    return 0


def main():
    """Runs the command given."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("build", "check"):
        command = commands.add_parser(name)
        command.add_argument("wanted", nargs="*", metavar="NN", help="numbers, such as 01 or 01b")
        command.add_argument("--patience", type=float, default=1.0, help="factor on time limits")
    commands.choices["build"].add_argument("--force", action="store_true", help="execute anyway")
    commands.add_parser("status")
    commands.add_parser("clean").add_argument("folder")
    arguments = vars(parser.parse_args())
    command = {"build": build, "check": check, "status": status, "clean": clean}
    sys.exit(min(command[arguments.pop("command")](**arguments), 1))


if __name__ == "__main__":
    main()
