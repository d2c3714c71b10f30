"""Without the extra `evaluation` the package works, and measures say how to install it."""

import numpy as np
import pytest
from helpers.processes import run_python

from intelvae_keras import metrics
from intelvae_keras.metrics import extra

WITHOUT = """
import sys
for name in ("sklearn", "scipy"):
    sys.modules[name] = None  # any import of it fails
import numpy as np
from intelvae_keras import metrics
x = np.random.default_rng(0).normal(size=(40, 2))
print(metrics.frechet_distance(x, x) < 1e-9, metrics.mmd(x, x, unbiased=False) < 1e-9)
try:
    metrics.off_manifold(x, x)
except ImportError as error:
    print(error)
"""


@pytest.mark.slow
def test_the_package_needs_neither_scikit_learn_nor_scipy():
    *_, works, message = run_python(WITHOUT).splitlines()
    assert works == "True True"
    assert "off_manifold needs scipy" in message
    assert 'pip install "intelvae-keras[evaluation]"' in message


@pytest.mark.parametrize(
    "measure",
    [
        lambda x, labels: metrics.train_probe(x, labels),
        lambda x, labels: metrics.linear_probe(x, labels, x, labels, 10),
        lambda x, labels: metrics.two_sample_auc(x, x),
        lambda x, labels: metrics.off_manifold(x, x),
    ],
    ids=["train_probe", "linear_probe", "two_sample_auc", "off_manifold"],
)
def test_each_measure_that_needs_it_says_so(measure, monkeypatch):
    def missing(module):
        raise ImportError(f"No module named {module!r}")

    monkeypatch.setattr(extra.importlib, "import_module", missing)
    x, labels = np.random.default_rng(0).normal(size=(40, 2)), np.arange(40) % 2
    with pytest.raises(ImportError, match=r'pip install "intelvae-keras\[evaluation\]"'):
        measure(x, labels)
