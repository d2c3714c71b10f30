"""The same seed gives the same bits, in two processes of one machine, with as many threads as it likes."""

import subprocess
import sys

import numpy as np
import pytest
from helpers.processes import ENVIRONMENT

CODE = """
import sys
import keras, numpy as np
from benchmarks.claims import toys
from intelvae_keras import InteLVAE, callbacks, datasets, likelihoods, mappings, networks

(x, _), (x_test, _) = datasets.load("mnist01")
holes = x_test[:20].copy()
holes[:, :14] = np.nan

keras.utils.set_random_seed(0)
vae = InteLVAE(
    2,
    encoder=networks.mlp_encoder([256]),
    mapping=mappings.Clusters(2),
    decoder=networks.mlp_decoder((28, 28, 1), [256]),
    likelihood=likelihoods.Bernoulli(missing=True),
)
vae.compile("adam")
history = vae.fit(x[:2000], epochs=2, batch_size=128, verbose=0, validation_data=(x_test[:100], None),
                  callbacks=[callbacks.Warmup()])
vae.save(sys.argv[1] + ".keras")
answers = {name: values for name, values in history.history.items()}
answers |= {f"weights {i}": weights for i, weights in enumerate(vae.get_weights())}
for name, model in ("own", vae), ("loaded", keras.saving.load_model(sys.argv[1] + ".keras")):
    answers |= {
        name + " sample": model.sample(8, seed=3),
        name + " next samples": np.stack([model.sample(8), model.sample(8, noise=True)]),
        name + " log_likelihood": model.log_likelihood(x_test[:20], num_samples=50),
        name + " impute": model.impute(holes, num_samples=2000, seed=4),
        name + " imputed draws": model.impute(holes, num_samples=2000, draws=3),
    }
    model.fit(x[:256], epochs=1, verbose=0)
    answers |= {f"{name} trained on {i}": w for i, w in enumerate(model.get_weights())}
job = next(job for job in toys.jobs(quick=True) if job["model"] == toys.INTEL)
claim = toys.run(job | {"steps": 50})
claim.pop("seconds", None)
np.savez(sys.argv[1] + ".npz", claim=repr(claim), **answers)
"""


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_same_seed_gives_the_same_bits_in_another_process(tmp_path):
    """For fit, sample, log_likelihood, impute and a claim; and across save and load."""
    environment = {k: v for k, v in ENVIRONMENT.items() if not k.startswith("TF_NUM")}
    runs = [
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", CODE, tmp_path / name],
            env=environment | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
        )
        for name, seed in (("one", "1"), ("two", "2"))
    ]
    for run in runs:
        assert run.returncode == 0, run.stderr[-4000:]
    one, two = (dict(np.load(tmp_path / f"{name}.npz")) for name in ("one", "two"))
    assert len(one) > 20 and "mmd" in str(one["claim"])
    for name, value in one.items():
        np.testing.assert_array_equal(two[name], value, err_msg=name)
        if name.startswith("own"):
            other = one[name.replace("own", "loaded")]
            np.testing.assert_array_equal(other, value, err_msg=name)
    assert not np.array_equal(one["own sample"], one["own next samples"][0])
