"""Copies into docs/assets what the pages load: KaTeX's style and fonts, explorers, playground."""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(__file__)


def copy_all(root, target):
    """Fills `target`, the folder docs/assets."""
    katex(target / "katex")
    explorables(root, target / "explorables")
    gallery(root, target / "gallery")


def has_node():
    """Whether node and npm are there, which render the mathematics."""
    return shutil.which("node") is not None and shutil.which("npm") is not None


def katex(target):
    """KaTeX's style sheet and its woff2 fonts; installs KaTeX first, once."""
    package = os.path.join(HERE, "node_modules", "katex")
    target.mkdir(parents=True, exist_ok=True)
    if not has_node():
        print(
            "node and npm are not there: the pages will show formulas as TeX source. Install Node.js "
            "20 or newer (Debian: apt install nodejs npm) and run `make docs` again."
        )
        (target / "katex.min.css").write_text("/* node was not there */\n")
        return
    if not os.path.isdir(package):
        command = ["npm", "ci", "--no-audit", "--no-fund", "--silent"]
        subprocess.run(command, cwd=HERE, check=True)
    dist = os.path.join(package, "dist")
    (target / "fonts").mkdir(exist_ok=True)
    for name in os.listdir(os.path.join(dist, "fonts")):
        if name.endswith(".woff2"):
            shutil.copy(os.path.join(dist, "fonts", name), target / "fonts" / name)
    with open(os.path.join(dist, "katex.min.css"), encoding="utf8") as file:
        style = file.read()
    # Every browser of the last ten years reads woff2: the other two formats are not shipped.
    style = re.sub(r',url\(fonts/[^)]*\.(woff|ttf)\) format\("[a-z]+"\)', "", style)
    (target / "katex.min.css").write_text(style.replace("font-display:block", "font-display:swap"))


def explorables(root, target):
    """The explorers and the playground: their scripts, and the models that the explorers run."""
    copy_scripts(root, target)
    write_models(root, target / "models")


def copy_scripts(root, target):
    """Scripts and styles: `runner/` is that of `vae.explore`, beside those that only the site has."""
    sources = {
        "runner": root / "intelvae_keras" / "explorer" / "page",
        "explorers": root / "docs" / "explorables" / "explorers",
        "playground": root / "docs" / "explorables" / "playground",
    }
    for name, source in sources.items():
        shutil.rmtree(target / name, ignore_errors=True)
        shutil.copytree(source, target / name)


def write_models(root, target):
    """The models of `models.py`, which takes a minute: anew only if a source changed."""
    package = root / "intelvae_keras"
    sources = [package / name for name in ("explorer", "presets", "mappings")]
    sources += [root / "docs" / "explorables" / "failed_seed", pathlib.Path(HERE) / "models.py"]
    _write_anew(
        "models", sources, target, root, without=(".js", ".css")
    )  # scripts are copied each time


def gallery(root, target):
    """The pages of `gallery.py`: anew only if a source changed."""
    package = root / "intelvae_keras"
    sources = [package / name for name in ("explorer", "presets", "mappings")]
    _write_anew("gallery", [*sources, pathlib.Path(HERE) / "gallery.py"], target, root)


def _write_anew(module, sources, target, root, without=()):
    """Runs `python -m scripts.docs.MODULE TARGET`, unless it did so with the same sources."""
    stamp, state = target / ".stamp", _state(sources, without)
    if stamp.exists() and stamp.read_text() == state:
        return
    shutil.rmtree(target, ignore_errors=True)
    command = [sys.executable, "-m", f"scripts.docs.{module}", str(target)]
    subprocess.run(command, cwd=root, check=True)
    stamp.write_text(state)


def _state(sources, without):
    """A digest of files, and of the files below folders."""
    found = [[source] if source.is_file() else source.rglob("*") for source in sources]
    digest = hashlib.sha256()
    for file in sorted(file for files in found for file in files if file.is_file()):
        if file.suffix not in (".pyc", *without):
            digest.update(str(file).encode() + file.read_bytes())
    return digest.hexdigest()
