"""The table, the figures and the page that the demo shows."""

import base64
import html
from pathlib import Path

import numpy as np

from intelvae_keras import datasets, plots
from intelvae_keras._engine import whole_files
from intelvae_keras.demo.experiment import INTEL, ORDINARY, load
from intelvae_keras.demo.results import Result, Settings

_CLOSE = 0.08  # standard deviations of the prior to either side

_STORY = (
    (
        "sweep",
        "One latent, from -3 to 3",
        "Above, the single latent y moves from -3 to 3. Below, the same in small steps around the "
        "place where each model changes from one digit to the other: the ordinary VAE blends them on "
        "its way, into images that are neither a 0 nor a 1; the InteL-VAE's mapping has opened a gap "
        "there, and it jumps.",
    ),
    (
        "latents-ordinary",
        "Where the ordinary VAE puts the digits",
        "Left, the latents y of the test images by class, and the prior from which new samples are "
        "drawn. Right, what the decoder sees: the same, as z = y. The prior leaves no gap between the "
        "digits, so that samples fall between them.",
    ),
    (
        "latents-intel",
        "Where the InteL-VAE puts them",
        "Left, y keeps its Gaussian. Right, z = g(y) has two parts with next to nothing between them.",
    ),
    (
        "samples-ordinary",
        "Samples of the ordinary VAE",
        "Look for images that are neither 0 nor 1.",
    ),
    ("samples-intel", "Samples of the InteL-VAE", "Nearly every image is plainly a 0 or a 1."),
    (
        "curves",
        "Learning curves",
        "The terms of the ELBO by epoch, in nats. While the weight of the KL is still small, at the "
        "start, the models overuse the latent, which is why the KL starts high and then falls.",
    ),
)


def write(results: dict[str, Result], settings: Settings, folder: Path) -> None:
    """Draws the figures, and writes report.html, which holds them."""
    models = {name: load(name, folder) for name in (ORDINARY, INTEL)}
    for name, figure in _figures(models, results, settings, folder):
        figure.savefig(folder / f"{name}.png", dpi=110)
    page = _page(models[INTEL].mapping, results, settings, folder)
    whole_files.write(folder / "report.html", page.encode())


def _figures(models, results, settings, folder):
    _, (x_test, y_test) = datasets.load("mnist01")
    yield "sweep", _sweeps(models, load("classifier", folder))
    for name, model in models.items():
        short = "intel" if name == INTEL else "ordinary"
        yield f"latents-{short}", plots.latent_histograms(model, x_test, y_test)
        yield f"samples-{short}", plots.samples(model, num_samples=64, seed=settings.seed)
    yield "curves", plots.learning_curves({name: r.history for name, r in results.items()})


def _sweeps(models, classifier):
    """Both models from -3 to 3, and each in small steps around its change of digit."""
    figure = plots.Picture((8.0, 3.7))
    whole, *details = figure.subplots(1 + len(models), height_ratios=[2, *[1] * len(models)])
    plots.latent_sweeps(models, ax=whole)
    for (name, model), ax in zip(models.items(), details, strict=True):
        middle = _change_of_digit(model, classifier)
        plots.latent_sweep(model, middle - _CLOSE, middle + _CLOSE, ax=ax)
        ax.set_title(f"{name}: around the change from one digit to the other", fontsize=10)
        ax.set_xlabel("")
    details[-1].set_xlabel(whole.get_xlabel(), fontsize=9)
    return figure


def _change_of_digit(model, classifier):
    """The y in [-3, 3] at which the classifier's mind changes most."""
    y = np.linspace(-3, 3, 1201, dtype="float32")[:, np.newaxis]
    images = model.decode(model.mapping(y))
    ones = np.asarray(classifier(images))[:, 1]
    at = np.argmax(np.abs(np.diff(ones)))
    return float(y[at : at + 2].mean())


def _page(mapping, results, settings, folder):
    ordinary, intel = results[ORDINARY], results[INTEL]
    ratio = ordinary.uncertain / max(intel.uncertain, 1 / settings.prior_samples)
    price = ordinary.log_likelihood - intel.log_likelihood
    rows = "".join(
        f"<tr><th>{name}</th><td>{r.log_likelihood:.1f} &plusmn; {r.standard_error:.1f}</td>"
        f"<td>{r.uncertain:.2%}</td><td>{r.seconds:.0f} s</td></tr>"
        for name, r in results.items()
    )
    formula = f"y + {mapping.strength:g} tanh(y / {mapping.width:g})"
    figures = "".join(
        f"<section><h2>{html.escape(title)}</h2>"
        f'<img alt="{html.escape(title)}" src="data:image/png;base64,{_encoded(folder, name)}">'
        f"<p>{html.escape(text)}</p></section>"
        for name, title, text in _STORY
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>InteL-VAE on 0s and 1s</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ font: 17px/1.55 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
       color: #222; background: #fff }}
h1 {{ font-size: 1.9rem; margin-bottom: .3rem }} h2 {{ font-size: 1.25rem; margin: 2.2rem 0 .5rem }}
img {{ max-width: 100%; display: block }} p {{ max-width: 46rem }}
table {{ border-collapse: collapse; margin: 1rem 0 }}
th, td {{ padding: .4rem 1.1rem .4rem 0; text-align: right; border-bottom: 1px solid #ddd }}
th:first-child {{ text-align: left }} thead th {{ font-weight: 600; border-bottom: 2px solid #888 }}
</style></head><body>
<h1>One latent, two digits</h1>
<p>Two variational autoencoders were trained on all 0s and 1s of MNIST, each with <b>one</b> latent
dimension, the same networks and the same schedule ({settings.epochs} epochs). The only difference:
in the InteL-VAE, the latent y passes through the mapping z = g(y) = {formula} before the
decoder sees it. This tears the Gaussian into two parts.</p>
<table><thead><tr><th></th><th>test log p(x), nats</th><th>uncertain samples</th><th>training</th></tr>
</thead><tbody>{rows}</tbody></table>
<p>Of {settings.prior_samples:,} samples of each model, a classifier of 0s and 1s is unsure
(confidence below 0.8) of {ordinary.uncertain:.2%} for the ordinary VAE and of {intel.uncertain:.2%} for
the InteL-VAE, {ratio:.0f} times fewer. {_price(price)} log p(x) is an importance-weighted lower bound
with {settings.likelihood_samples} samples per image, &plusmn; the standard error over the test images; of
grey pixels the Bernoulli likelihood takes the customary cross-entropy.
One seed ({settings.seed}).</p>
{figures}
</body></html>
"""


def _price(nats):
    """What the mapping costs in density, as a sentence."""
    if abs(nats) < 0.05:
        return "The two reach the same log p(x), to a tenth of a nat."
    if nats > 0:
        return f"The price is {nats:.1f} nats of log p(x)."
    return f"It gains {-nats:.1f} nats of log p(x) as well."


def _encoded(folder, name):
    return base64.b64encode((folder / f"{name}.png").read_bytes()).decode()
