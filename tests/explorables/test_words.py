"""What the explorers say is what the pages and the package say: the words, without a browser."""

import inspect
import pathlib
import re

import keras
import numpy as np
import tensorflow as tf

from intelvae_keras import InteLVAE, mappings, metrics, networks

DOCS = pathlib.Path(__file__).parents[2] / "docs"
EXPLORERS = DOCS / "explorables" / "explorers"
PLAYGROUND = DOCS / "explorables" / "playground"


def _text(folder):
    return {path.name: path.read_text() for path in sorted(folder.rglob("*.js"))}


def test_the_gap_opens_from_the_first_step_and_nobody_advises_to_open_it_late():
    clusters = mappings.Clusters(2)
    clusters.build((None, 1))
    (opening,) = clusters.schedule(epochs=20)  # what `Warmup` does, and so the model that ships
    assert opening.weight == "current_strength" and opening.first == 0 and opening.last > 10
    said = " ".join(_text(EXPLORERS)["half_way.js"].split())
    assert "let the gap open slowly, from the first step on, as the model that ships does" in said
    assert "Do not open it late" in (DOCS / "explanation" / "clusters.md").read_text()
    for name, text in _text(DOCS / "explorables").items():
        assert not re.search(r"(?<!not )open(s|ed)? (it )?late\b", text), name


def test_off_the_data_is_one_measure():
    """0.1 from the nearest of 50,000 points, in package, playground and pages; explorers name another one."""
    threshold = inspect.signature(metrics.off_manifold).parameters["threshold"].default
    measure = _text(PLAYGROUND)["off-data.js"]
    assert f"REACH = {threshold} / CELL" in measure and "REFERENCE_SIZE = 50_000" in measure
    page = (DOCS / "playground.md").read_text()
    assert f"further than {threshold} from the nearest of 50,000 data points" in page
    explorers = _text(EXPLORERS)
    off = {name for name, text in explorers.items() if re.search(r"(lie|draws) off the data", text)}
    assert not off
    assert "far from the data shown" in explorers["tear_findings.js"]
    assert "further than ${FAR} from all of the data shown" in explorers["tear_the_plane.js"]


def test_a_g_without_a_gradient_leaves_the_encoder_to_the_kl():
    """What the page on the InteL-VAE says of a g that is not differentiable."""
    assert "the encoder hears the KL alone" in (DOCS / "explanation" / "intelvae.md").read_text()

    def reconstruction_at_encoder(straight_through):
        vae = InteLVAE(
            1,
            encoder=networks.mlp_encoder([4]),
            mapping=mappings.Function(keras.ops.round, straight_through=straight_through),
            decoder=networks.mlp_decoder((2,), [4]),
            seed=0,
        )
        x = np.random.default_rng(0).random((8, 2), dtype="float32")
        vae.build((None, 2))
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(vae.elbo(x).reconstruction)
        gradients = tape.gradient(loss, vae.encoder.trainable_variables)
        return sum(0.0 if g is None else float(np.abs(g).sum()) for g in gradients)

    assert reconstruction_at_encoder(False) == 0 < reconstruction_at_encoder(True)
