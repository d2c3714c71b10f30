"""The explorer's page run in Node, beside Keras."""

import json
import pathlib
import shutil
import subprocess

import keras
import numpy as np
import pytest

import intelvae_keras.explorer as explorer
from intelvae_keras.explorer import tensors

PAGE = pathlib.Path(explorer.__file__).parent / "page"
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed, which runs the page")


def run_page(folder, jobs):
    """What the page computes: for each job, of an export and points y, z, x, a dict of arrays."""
    page = folder / "page"
    if not page.exists():
        shutil.copytree(PAGE, page)
        (page / "package.json").write_text(
            '{"type": "module"}'
        )  # for Node; browsers are told in HTML
    models = []
    for number, (export, points) in enumerate(jobs):
        export.save(folder, f"model{number}")
        rows = {name: np.asarray(value, "float64").tolist() for name, value in points.items()}
        models.append({"path": str(folder / f"model{number}")} | rows)
    script = pathlib.Path(__file__).parent.parent / "explorer" / "run_model.mjs"
    done = subprocess.run(
        [NODE, str(script)],
        input=json.dumps({"page": str(page), "models": models}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def round_weights(layer, dtype="float16"):
    """Gives a layer the weights that the page has."""
    layer.set_weights([tensors.rounded(value, dtype) for value in layer.get_weights()])


def with_random_biases(layer, seed=0):
    """Biases start at 0, where a forgotten one would not be seen."""
    rng = np.random.default_rng(seed)
    for variable in layer.weights:
        if variable.path.rsplit("/", 1)[-1] in ("bias", "beta", "gamma", "moving_mean"):
            variable.assign(rng.normal(0.5, 0.3, variable.shape))
        if variable.path.endswith("moving_variance"):
            variable.assign(rng.uniform(0.5, 2, variable.shape))
    return layer


def identity_decoder(width):
    """A decoder that gives z itself."""
    return keras.Sequential([keras.Input((width,)), keras.layers.Reshape((width,))])
