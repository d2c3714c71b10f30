"""A page for a model of one's own: `vae.explore("model.html")`."""

import base64
import dataclasses
import hashlib
import html
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

from numpy.typing import ArrayLike

from intelvae_keras._engine import checks
from intelvae_keras.explorer.exporting import Export, export
from intelvae_keras.explorer.facts import facts
from intelvae_keras.model import InteLVAE

PAGE = Path(__file__).resolve().parent / "page"
MARK = "written by intelvae_keras.explorer"
_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+\.js)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function|class|const|let) (\w+))", re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Page:
    """The explorer of a model: files that need no server; in a notebook, it shows itself.

    Attributes:
        index: The page's file, to be opened in a browser; None if none was written.
        title: The page's title.
        model: The exported model.
    """

    index: Path | None
    title: str
    model: Export = dataclasses.field(repr=False)

    def files(self) -> dict[str, str]:
        """The contents of the page's files, by name."""
        return {
            "index.html": _HTML.format(
                mark=MARK,
                policy=_policy("'self' file:", "'self' file:"),
                title=html.escape(self.title),
                style='<link rel="stylesheet" href="explorer.css">',
                scripts='<script src="model.js"></script>\n<script src="explorer.js"></script>',
            ),
            "explorer.css": f"/* {MARK} */\n{_text('explorer.css')}{_text('own.css')}",
            "explorer.js": f"// {MARK}\n{bundle('own_main.js')}",
            "model.js": f"// {MARK}\n{_assign(self.model)}",
        }

    def one_file(self) -> str:
        """The page as one HTML text, with style, scripts and model in it."""
        files = self.files()
        style, *scripts = (files[name] for name in ("explorer.css", "model.js", "explorer.js"))
        return _HTML.format(
            mark=MARK,
            policy=_policy(" ".join(map(_hash, scripts)), _hash(style)),
            title=html.escape(self.title),
            style=f"<style>{style}</style>",
            scripts="\n".join(f"<script>{script}</script>" for script in scripts),
        )

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{html.escape(self.one_file())}" title="{html.escape(self.title)}" width="100%" '
            'height="620" style="border: 0"></iframe>'
        )


_HTML = """<!doctype html>
<!-- {mark} -->
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
{style}
</head>
<body>
<main>
<h1>{title}</h1>
<p>Move y. The mapping g makes z of it, and the decoder what you see.</p>
<div class="explorer"><p>This page needs JavaScript, and a browser of 2023 or later.</p></div>
</main>
{scripts}
</body>
</html>
"""


def _policy(scripts, styles):
    """What a browser may load and run: the page's own files, or texts of these sums; nothing else."""
    return (
        f"default-src 'none'; script-src {scripts}; style-src {styles}; img-src 'self'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text):
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _text(name):
    return (PAGE / name).read_text("utf-8")


def explore(
    vae: InteLVAE,
    folder: str | os.PathLike | None = None,
    x: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    title: str = "A model in the page",
    weights: str = "float16",
) -> Page:
    """The page of `InteLVAE.explore`, whose arguments these are.

    Args:
        vae: An `InteLVAE`.
        folder: A folder for the page's files; or a file "NAME.html", one page to mail; None writes nothing.
        x: Examples, shape (N, *shape), of which 200 at most are shown; a DataFrame, for a table's model.
        names: Names of the values of x, for the columns of a table.
        title: The page's heading.
        weights: "float16" or "int8".

    Returns:
        The `Page`.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If the page cannot run a part of the model, or there is not a name for each value of x.
        FileExistsError: If a file of the same name is there that `explore` did not write.
    """
    if not isinstance(title, str):
        raise TypeError(f"title must be a string; got {title!r}.")
    folder = None if folder is None else Path(checks.path("folder", folder))
    model = export(checks.model("vae", vae), weights, about=facts(vae, x, names))
    if folder is None:
        return Page(None, title, model)
    if folder.suffix.lower() in (".html", ".htm"):
        page = Page(folder, title, model)
        _write(folder.parent, {folder.name: page.one_file()})
        return page
    page = Page(folder / "index.html", title, model)
    _write(folder, page.files())
    return page


def _assign(model):
    # A "<" could end the script that it stands in.
    return f"globalThis.intelvaeModel = {model.inline()};\n".replace("<", "\\u003c")


def _write(folder, files):
    """Writes the files, unless one would replace what is not of this module.

    Raises:
        FileExistsError: If the folder is a file, or holds a file of such a name by another hand.
    """
    if folder.exists() and not folder.is_dir():
        raise FileExistsError(f"folder must be a folder; {folder} is a file.")
    for name in files:
        path = folder / name
        if path.exists() and MARK not in path.read_text("utf-8", errors="replace")[:200]:
            raise FileExistsError(
                f"{path} is there, and was not written by explore; give another place."
            )
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")


def bundle(entry: str) -> str:
    """One classic script of a module and all that it imports: browsers load no modules from files."""
    order: list[str] = []

    def visit(name):
        source = _text(name)
        for _, imported in _IMPORT.findall(source):
            if imported not in order:
                visit(imported)
        order.append(name)

    visit(entry)
    parts = [_as_function(name, _text(name)) for name in order]
    return '"use strict";\nconst intelvaeModules = {};\n' + "".join(parts)


def _as_function(name, source):
    exported = [found[1] for found in _EXPORT.findall(source)]
    body = _IMPORT.sub(lambda m: f'const {{{m[1]}}} = intelvaeModules["{m[2]}"];', source)
    body = _EXPORT.sub(r"\1", body)
    result = json.dumps(name)
    return f"intelvaeModules[{result}] = (() => {{\n{body}return {{ {', '.join(exported)} }};\n}})();\n"
