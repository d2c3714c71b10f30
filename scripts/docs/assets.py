"""Copies into docs/assets what the pages load: KaTeX's style and fonts, the explorers, the playground."""

import hashlib
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(__file__)


def copy_all(root, target):
    """Fills `target`, the folder docs/assets."""
    katex(target / "katex")
    explorer(root, target / "explorer")
    playground(root, target / "playground")


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


def explorer(root, target):
    """The explorers' scripts, styles and weights, which their module writes; anew if a source changed."""
    package = root / "intelvae_keras"
    stamp = target / ".stamp"
    state = _state([package / "explorer", package / "presets", package / "mappings"])
    if stamp.exists() and stamp.read_text() == state:
        return
    shutil.rmtree(target, ignore_errors=True)
    command = [sys.executable, "-m", "intelvae_keras.explorer.site", str(target)]
    subprocess.run(command, cwd=root, check=True)
    stamp.write_text(state)


def _state(folders):
    """A digest of the files below some folders."""
    digest = hashlib.sha256()
    for file in sorted(file for folder in folders for file in folder.rglob("*") if file.is_file()):
        if file.suffix != ".pyc":
            digest.update(str(file).encode() + file.read_bytes())
    return digest.hexdigest()


def playground(root, target):
    """The playground's files, as they lie in the package."""
    source = root / "intelvae_keras" / "explorer" / "playground"
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.py*"))
