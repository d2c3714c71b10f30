"""What a model says by each of its methods, compared with what its saved file says."""

import contextlib

import keras
import numpy as np
import tensorflow as tf

from helpers.models import binary, eager_functions, small_vae

X = binary(24)


def trained(**kwargs):
    """A model whose every function has been compiled."""
    vae = small_vae(**kwargs)
    vae.fit(X, batch_size=8, verbose=0)
    views(vae)
    return vae


def views(vae, x=X, *, line_by_line=False):
    """What each method says, as numbers that can be compared between models.

    Line by line nothing is compiled, hence nothing is outdated; a model looked at once takes less time.
    """
    if vae.optimizer is None:
        vae.compile("adam")
    vae.run_eagerly = line_by_line
    loops = {
        "evaluate": np.array(vae.evaluate(x, verbose=0)[2:3]),  # the KL: no noise in it
        "predict": vae.predict(x, verbose=0),
    }
    with eager_functions() if line_by_line else contextlib.nullcontext():
        return loops | {
            "encode": vae.encode(x),
            "decode": vae.decode(np.ones((3, vae.z_dim), "float32")),
            "sample": vae.sample(5, seed=0),
            "log_likelihood": vae.log_likelihood(x[:4], num_samples=5),
            "posterior": vae.posterior(x).mean().numpy(),
        }


def assert_one_model(vae, tmp_path, x=X, *, compiled=True):
    """Every view is that of a fresh process's model, read from the saved file."""
    vae.save(tmp_path / "one.keras")
    fresh = keras.saving.load_model(tmp_path / "one.keras")
    seen = views(vae, x, line_by_line=not compiled)
    expected = views(fresh, x, line_by_line=True)
    for name, values in expected.items():
        np.testing.assert_allclose(seen[name], values, rtol=2e-5, atol=1e-6, err_msg=name)
    vae.export(tmp_path / "export", verbose=False)
    exported = tf.saved_model.load(tmp_path / "export")
    np.testing.assert_allclose(exported.encode(x), expected["encode"], rtol=2e-5, atol=1e-6)
    np.testing.assert_allclose(exported.serve(x), expected["predict"], rtol=2e-5, atol=1e-6)
    return expected
