"""Stored runs of the KL's weight, and a slider over their pictures that needs no kernel and no script.

`benchmarks/kl_weight.py` trained the models, and decoded the same codes with each.
"""

import base64
import io
import json
import pathlib

from PIL import Image

RESULTS = pathlib.Path(__file__).parents[2] / "benchmarks" / "results"
STYLE = (
    ".kl-weight img{display:none;width:100%;height:auto;max-width:588px}"
    ".kl-weight label{padding:0 .6em 0 .1em}"
)


def runs() -> dict[float, list[dict]]:
    """{weight of the KL: the results of its seeds}, each with `frechet`, `elbo`, `kl`, `reconstruction`."""
    found: dict[float, list[dict]] = {}
    for record in _records():
        if record["job"]["section"] == "weights":
            found.setdefault(record["job"]["weight"], []).append(record["result"])
    return dict(sorted(found.items()))


def of_the_data() -> float:
    """The Frechet distance of test images: what a perfect model would get."""
    return next(r["result"]["frechet"] for r in _records() if r["job"]["section"] == "data")


def _records():
    return json.loads((RESULTS / "kl_weight.json").read_text("utf8"))["jobs"]


class Slider:
    """Radio buttons, one a weight, of which the chosen one shows its picture: arrow keys move along.

    Where style is taken out, as in a notebook that is not trusted yet, all pictures stand in a column.
    """

    def _repr_html_(self) -> str:
        weights = list(runs())
        buttons, images, rules = [], [], [STYLE]
        for place, (weight, image) in enumerate(zip(weights, _pictures(len(weights)), strict=True)):
            name, shown = f"kl-weight-{place}", " checked" if weight == 1 else ""
            buttons.append(
                f'<input type="radio" name="kl-weight" id="{name}"{shown}>'
                f'<label for="{name}">{weight:g}</label>'
            )
            text = f"KL weight {weight:g}: seven copies of test images above seven new images"
            images.append(
                f'<img class="{name}" width="196" height="56" alt="{text}" '
                f'src="data:image/png;base64,{image}">'
            )
            rules.append(f"#{name}:checked~.{name}{{display:block}}")
        return (
            f'<div class="kl-weight"><style>{"".join(rules)}</style><p>weight of the KL</p>'
            f"{''.join(buttons)}{''.join(images)}</div>"
        )


def _pictures(number):
    """The PNG of each weight, as text: copies above, new images below."""
    strip = Image.open(RESULTS / "kl_weight.png")
    height = strip.height // number
    for place in range(number):
        frame = strip.crop((0, place * height, strip.width, (place + 1) * height))
        buffer = io.BytesIO()
        frame.quantize(24).save(buffer, "PNG", optimize=True)
        yield base64.b64encode(buffer.getvalue()).decode()
