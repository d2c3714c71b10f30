"""`StrengthAnnealing` and its span: what is in force at each batch, and what is left at the end."""

import keras
import numpy as np
import pytest
from helpers.models import binary, idle, small_vae

from intelvae_keras import callbacks, mappings

X = binary(40)


def strengths(callback, epochs=5, mapping=None, **options):
    """The strength in force at each batch."""
    vae = idle(small_vae(mapping=mapping or mappings.Clusters(2, strength=2.0), compile=False))
    clusters = vae.mapping if mapping is None else vae.mapping.layers[-1]
    seen = []
    look = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: seen.append(float(clusters.current_strength))
    )
    vae.fit(X, epochs=epochs, batch_size=10, callbacks=[callback, look], verbose=0, **options)
    return vae, np.array(seen)


def test_the_strength_is_0_first_then_rises_linearly_and_stays():
    _, seen = strengths(callbacks.StrengthAnnealing(epochs=(1, 3)))
    expected = 2.0 * np.clip((np.arange(20) / 4 - 1) / 2, 0, 1)
    np.testing.assert_allclose(seen, expected, rtol=1e-6)


def test_steps_and_a_number_alone():
    _, seen = strengths(callbacks.StrengthAnnealing(steps=8))
    np.testing.assert_allclose(seen, 2.0 * np.clip(np.arange(20) / 8, 0, 1), rtol=1e-6)
    _, seen = strengths(callbacks.StrengthAnnealing(steps=(4, 12)))
    np.testing.assert_allclose(seen, 2.0 * np.clip((np.arange(20) - 4) / 8, 0, 1), rtol=1e-6)


def test_without_strength_z_is_y():
    mapping = mappings.Clusters(3)
    mapping.build((None, 2))
    mapping.current_strength.assign(0.0)
    y = np.random.default_rng(0).normal(size=(20, 2)).astype("float32")
    np.testing.assert_allclose(mapping(y), y)


def test_clusters_inside_a_sequential_are_found():
    row = keras.Sequential([mappings.Linear(np.eye(2)), mappings.Clusters(2, strength=2.0)])
    _, seen = strengths(callbacks.StrengthAnnealing(epochs=5), mapping=row)
    np.testing.assert_allclose(seen, 2.0 * np.arange(20) / 20, rtol=1e-6)


def test_a_later_fit_without_it_has_the_full_strength_and_says_so():
    vae, seen = strengths(callbacks.StrengthAnnealing(epochs=20))
    assert seen[-1] < 1
    with pytest.warns(UserWarning, match="schedule had left current_strength = 0.475"):
        vae.fit(X, verbose=0)
    assert float(vae.mapping.current_strength) == 2.0


def test_a_strength_set_meanwhile_is_the_new_end():
    callback = callbacks.StrengthAnnealing(epochs=2)
    vae = idle(small_vae(mapping=mappings.Clusters(2, strength=2.0), compile=False))
    change = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: setattr(vae.mapping, "strength", 5.0) if epoch else None
    )
    vae.fit(X, epochs=4, batch_size=10, callbacks=[callback, change], verbose=0)
    assert float(vae.mapping.current_strength) == vae.mapping.strength == 5.0


def test_width_and_strength_together_and_each_leaves_the_other_alone():
    clusters = mappings.Clusters(2, strength=2.0, width=0.1)
    vae = idle(small_vae(mapping=clusters, compile=False))
    both = [callbacks.StrengthAnnealing(epochs=4), callbacks.WidthAnnealing(epochs=4, start=1.0)]
    vae.fit(X, epochs=2, batch_size=10, callbacks=both, verbose=0)
    assert float(vae.mapping.current_strength) == pytest.approx(2.0 * 7 / 16)
    assert float(vae.mapping.current_width) == pytest.approx(0.1 ** (7 / 16))


@pytest.mark.parametrize(
    "span, message",
    [((3, 2), "first < last"), ((1, 2, 3), "a number or"), ((-1, 2), ">= 0"), (0, "> 0")],
)
def test_a_bad_span_is_refused(span, message):
    with pytest.raises(ValueError, match=f"epochs must be .*{message}"):
        callbacks.StrengthAnnealing(epochs=span)


def test_without_clusters_it_is_refused():
    with pytest.raises(ValueError, match="StrengthAnnealing needs a mappings.Clusters"):
        small_vae().fit(X, callbacks=[callbacks.StrengthAnnealing(epochs=1)], verbose=0)
