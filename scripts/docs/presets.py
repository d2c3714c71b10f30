"""The figures of the shipped presets as a table, from the file that ships beside their weights."""

import json


def write_table(root, target):
    """Writes the Markdown table that docs/reference/presets.md includes."""
    file = root / "intelvae_keras" / "presets" / "trained" / "figures.json"
    figures = json.loads(file.read_text())
    lines = [
        "| name | log p(x), nats | ELBO, nats | KL, nats | bad samples | Hoyer | weights | training |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, of in figures.items():
        bad = of.get("uncertain", of.get("off_manifold"))
        cells = [
            f"`{name}`",
            *(f"{of[key]:.2f}" for key in ("log_likelihood", "elbo", "kl")),
            "" if bad is None else f"{bad:.2%}",
            f"{of['hoyer']:.2f}" if "hoyer" in of else "",
            f"{of['parameters']:,}",
            f"{of['seconds']:.0f} s",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    target.write_text("\n".join(lines) + "\n")
