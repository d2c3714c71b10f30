"""A page for a model of one's own: `vae.explore("model.html")`."""

import base64
import dataclasses
import html
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
from numpy.typing import ArrayLike

from intelvae_keras import likelihoods, priors
from intelvae_keras.explorer.exporting import Export, export, posteriors_of
from intelvae_keras.model import InteLVAE

PAGE = Path(__file__).resolve().parent / "page"
MARK = "written by intelvae_keras.explorer"
MOST_EXAMPLES = 200
MOST_VALUES = 400_000  # of the examples themselves: half a megabyte in the page
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
        return _HTML.format(
            mark=MARK,
            title=html.escape(self.title),
            style=f"<style>{files['explorer.css']}</style>",
            scripts=f"<script>{files['model.js']}</script>\n<script>{files['explorer.js']}</script>",
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
        ValueError: If the page cannot run a part of the model, or there is not a name for each value of x.
        FileExistsError: If a file of the same name is there that `explore` did not write.
    """
    x = np.zeros((0, *vae.data_shape)) if x is None else vae.likelihood.array(x)
    examples = np.asarray(x)[:MOST_EXAMPLES]
    codes = posteriors_of(vae, examples)["means"] if len(examples) else []
    about = {
        "codes": codes,
        "names": _names(vae, names),
        "labels": _labels(vae),
        "range": _range(vae, examples),
        "columns": _columns(examples) if _is_table(vae, names) else [],
        "points": _points(vae, examples),
        "latents": _latents(vae, examples),
    }
    about["originals"] = _originals(vae, examples, about["range"])
    model = export(vae, weights, about=about)
    if folder is None:
        return Page(None, title, model)
    if Path(folder).suffix.lower() in (".html", ".htm"):
        page = Page(Path(folder), title, model)
        _write(Path(folder).parent, {Path(folder).name: page.one_file()})
        return page
    page = Page(Path(folder) / "index.html", title, model)
    _write(Path(folder), page.files())
    return page


def _names(vae, names):
    if names is None:
        names = getattr(vae.likelihood, "names", None)  # those of a table's columns
    if names is None:
        return ["x₁", "x₂"] if vae.data_shape == (2,) else []
    names = [str(name) for name in names]
    if len(names) != np.prod(vae.data_shape):
        raise ValueError(
            f"names must hold {np.prod(vae.data_shape)} names, one for each value of x; got {len(names)}."
        )
    return names


def _labels(vae):
    """What the codes of each column stand for, where the likelihood knows its table; [] for numbers."""
    table = getattr(vae.likelihood, "table", None)
    if table is None:
        return []
    # Of a binary column, the page shows the probability of the second label.
    of_categories = {name for name, kind in table.kinds.items() if kind == "category"}
    return [
        [str(label) for label in table.labels[name]] if name in of_categories else []
        for name in table.columns
    ]


def _is_table(vae, names):
    return names is not None or isinstance(vae.likelihood, likelihoods.Columns)


def _range(vae, examples):
    """The values that are drawn as empty and as full: [0, 1] where x lies there, else those of x."""
    low, high = vae.likelihood.support
    if np.isfinite([low, high]).all():
        return [float(low), float(high)]
    observed = examples[~np.isnan(examples)]
    if len(observed) and observed.max() > observed.min():
        return [float(observed.min()), float(observed.max())]
    return [0.0, 1.0] if len(vae.data_shape) > 1 else [-3.0, 3.0]


def _columns(examples):
    """The range of each named value: the columns of a table have units of their own."""
    if not len(examples):
        return []
    values = np.asarray(examples, "float64").reshape(len(examples), -1)
    low, high = np.fmin.reduce(values), np.fmax.reduce(values)  # of the values that are no holes
    return np.nan_to_num(np.stack([low, high], axis=1)).tolist()


def _points(vae, examples):
    if vae.data_shape != (2,):
        return []
    points = np.round(np.asarray(examples, "float64"), 4)
    return points[np.isfinite(points).all(axis=1)].tolist()


def _latents(vae, examples):
    """The latents in the order of what they tell of the examples, and the KL of each in nats.

    Of q(y_j|x) against N(0, 1), the mean over the examples. Under another prior, which is none of each
    latent alone, the order is that of the variance of the means, and no KL is told.
    """
    if not len(examples):
        return {"order": list(range(vae.latent_dim)), "kl": None}
    q = vae.posterior(examples)
    mean, deviation = (keras.ops.convert_to_numpy(part()) for part in (q.mean, q.stddev))
    if type(vae.prior) is not priors.StandardNormal:
        return {"order": np.argsort(-mean.var(axis=0), kind="stable").tolist(), "kl": None}
    kl = (0.5 * (mean**2 + deviation**2 - 1) - np.log(deviation)).mean(axis=0).astype("float64")
    return {"order": np.argsort(-kl, kind="stable").tolist(), "kl": np.round(kl, 4).tolist()}


def _originals(vae, examples, value_range):
    """The examples themselves, as many as the page can carry: bytes of images, rows of other data."""
    size = int(np.prod(vae.data_shape))
    kept = np.asarray(examples, "float64")[: MOST_VALUES // size].reshape(-1, size)
    if len(vae.data_shape) > 1:
        low, high = value_range
        shades = np.rint(255 * np.clip((np.nan_to_num(kept, nan=low) - low) / (high - low), 0, 1))
        return {"base64": base64.b64encode(shades.astype(np.uint8).tobytes()).decode("ascii")}
    return {
        "rows": [[None if np.isnan(v) else float(f"{v:.6g}") for v in row] for row in kept.tolist()]
    }


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
