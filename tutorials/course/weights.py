"""Stored runs of the KL's weight, and a slider over their pictures that needs no kernel and no script.

`benchmarks/kl_weight.py` trained the models, and decoded the same codes with each.
"""

import base64
import io

from PIL import Image

from course import strips

STYLE = (
    ".kl-weight img{display:none;width:100%;height:auto;max-width:588px}"
    ".kl-weight label{padding:0 .6em 0 .1em}"
)


def runs() -> dict[float, list[dict]]:
    """{weight of the KL: the results of its seeds}, each with `frechet`, `elbo`, `kl`, `reconstruction`."""
    found: dict[float, list[dict]] = {}
    for record in strips.runs("kl_weight", of="kl_weight"):
        if record["job"]["weight"] is not None:
            found.setdefault(record["job"]["weight"], []).append(record["result"])
    return dict(sorted(found.items()))


def of_the_data() -> float:
    """The Frechet distance of test images: what a perfect model would get."""
    return strips.runs("kl_weight", of="kl_weight", weight=None)[0]["result"]["frechet"]


class Slider:
    """Radio buttons, one a weight, of which the chosen one shows its picture: arrow keys move along.

    Where style is taken out, as in a notebook that is not trusted yet, all pictures stand in a column.
    """

    def _repr_html_(self) -> str:
        buttons, images, rules = [], [], [STYLE]
        for place, (weight, results) in enumerate(runs().items()):
            image = _of_few_colours(results[0]["picture"])  # of seed 0
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


def _of_few_colours(picture):
    """A PNG as text, in 24 shades of grey: half as long."""
    buffer = io.BytesIO()
    Image.open(io.BytesIO(base64.b64decode(picture))).quantize(24).save(
        buffer, "PNG", optimize=True
    )
    return base64.b64encode(buffer.getvalue()).decode()
