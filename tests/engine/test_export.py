"""An exported SavedModel answers as the model does, without this package."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.models import binary, known_by_name, small_vae
from helpers.processes import run_python

X = binary(12)

SERVED_ALONE = """
import json, sys
import numpy as np, tensorflow as tf

model = tf.saved_model.load(sys.argv[1])
x = np.load(sys.argv[2])
z = model.encode(x)
np.savez(
    sys.argv[3],
    encode=z,
    decode=model.decode(z),
    serve=model.serve(x),
    sample=model.sample(num_samples=5, seed=3),
    one=model.encode(x[:1]),
)
print(json.dumps(sorted(name for name in sys.modules if "keras" in name or "probability" in name)))
"""


@pytest.mark.slow
def test_an_exported_model_runs_without_this_package(tmp_path):
    vae = small_vae(mapping=known_by_name)
    vae.build((None, 6))
    vae.export(tmp_path / "model", verbose=False)
    np.save(tmp_path / "x.npy", X)
    paths = tmp_path / "model", tmp_path / "x.npy", tmp_path / "served.npz"
    modules = json.loads(run_python(SERVED_ALONE, *paths))
    assert not [module for module in modules if module.startswith(("intelvae", "tensorflow_prob"))]
    expected = {
        "encode": vae.encode(X),
        "decode": vae.decode(vae.encode(X)),
        "serve": vae.predict(X, verbose=0),
        "sample": vae.sample(5, seed=3),
        "one": vae.encode(X[:1]),
    }
    with np.load(paths[2]) as served:
        for endpoint, value in expected.items():
            np.testing.assert_allclose(served[endpoint], value, rtol=1e-5, atol=1e-6)


def test_an_exported_model_takes_data_of_the_models_own_precision(tmp_path):
    keras.config.set_dtype_policy("float64")
    vae = small_vae(mapping=known_by_name)
    vae.build((None, 6))
    vae.export(tmp_path / "model", verbose=False)
    served = tf.saved_model.load(tmp_path / "model")
    x = tf.constant(X, "float64")
    z = served.encode(x)
    assert z.dtype == tf.float64
    np.testing.assert_allclose(z, vae.encode(X), rtol=1e-12)
    np.testing.assert_allclose(served.decode(z), vae.predict(X, verbose=0), rtol=1e-12)
    np.testing.assert_allclose(served.serve(x), vae.predict(X, verbose=0), rtol=1e-12)


class _Underlined(keras.Model):
    """A class whose name TensorFlow refuses at the root of a graph."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def call(self, x):
        return self.layer(x)


def test_parts_whose_names_begin_with_an_underscore_are_exported_and_keep_them(tmp_path):
    encoder = _Underlined(keras.layers.Dense(4))
    vae = small_vae(encoder=encoder, mapping=_Underlined(keras.layers.Dense(3)))
    vae.build((None, 6))
    name = encoder.name
    assert name.startswith("_")
    vae.export(tmp_path / "model", verbose=False)
    served = tf.saved_model.load(tmp_path / "model")
    np.testing.assert_allclose(served.encode(X), vae.encode(X), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(served.serve(X), vae.predict(X, verbose=0), rtol=1e-5, atol=1e-6)
    assert encoder.name == name
