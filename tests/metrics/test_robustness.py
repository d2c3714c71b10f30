"""Robustness: closed forms of the noise, clipping, dimensions dropped, the same draws, refusals."""

import types

import keras
import numpy as np
import pytest
from scipy import stats

from intelvae_keras import InteLVAE, metrics, networks

SIGN = types.SimpleNamespace(predict=lambda z: (z[:, 0] > 0).astype(int))


def copying(support=(-np.inf, np.inf)):
    """A model whose code is its input."""
    seen = []

    def encode(x):
        seen.append(x)
        return x

    likelihood = types.SimpleNamespace(support=support)
    return types.SimpleNamespace(encode=encode, likelihood=likelihood, seen=seen)


def plus_or_minus_one(num=20_000, dim=1):
    labels = np.arange(num) % 2
    return np.repeat(2.0 * labels[:, None] - 1, dim, axis=1).astype("float32"), labels


def test_noise_of_level_s_turns_the_sign_with_the_probability_of_the_normal_tail():
    x, labels = plus_or_minus_one()
    levels = [0.0, 0.5, 1.0, 2.0]
    accuracies = metrics.noise_robustness(copying(), x, labels, SIGN, levels)
    assert accuracies[0] == 1.0
    expected = stats.norm.cdf(1 / np.array(levels[1:]))
    np.testing.assert_allclose(accuracies[1:], expected, atol=0.01)


def test_noise_is_clipped_to_the_support_and_the_same_at_all_levels():
    model, x = copying((0.0, 1.0)), np.full((50, 3), 0.5, "float32")
    metrics.noise_robustness(model, x, np.zeros(50, int), SIGN, levels=[0.0, 0.1, 0.2, 9.0])
    clean, little, more, much = model.seen
    np.testing.assert_array_equal(clean, x)
    np.testing.assert_allclose(more - 0.5, np.clip(2 * (little - 0.5), -0.5, 0.5), atol=1e-6)
    assert much.min() == 0 and much.max() == 1


def test_the_seed_decides_and_the_data_stay():
    x, labels = plus_or_minus_one(500)
    before = x.copy()
    values = [
        metrics.noise_robustness(copying(), x, labels, SIGN, [1.0], seed=s)[0] for s in (0, 0, 1)
    ]
    assert values[0] == values[1] != values[2]
    np.testing.assert_array_equal(x, before)


def test_a_vae_and_its_probe():
    x, labels = plus_or_minus_one(400, dim=4)
    x = (x + 1) / 2
    vae = InteLVAE(
        2, encoder=keras.layers.Flatten(), decoder=networks.mlp_decoder((4,), [4]), seed=0
    )
    vae.build((None, 4))
    probe = metrics.train_probe(vae.encode(x), labels)
    clean, noisy = metrics.noise_robustness(vae, x, labels, probe, levels=[0.0, 2.0])
    assert clean == 1.0 and 0.3 < noisy < 0.95
    (clean, gone) = metrics.dropout_robustness(vae.encode(x), labels, probe, fractions=[0, 1])
    assert clean == 1.0 and gone == 0.5


def test_dropping_a_fraction_of_the_dimensions():
    z, labels = plus_or_minus_one(10_000, dim=4)
    accuracies = metrics.dropout_robustness(z, labels, SIGN, fractions=[0, 0.25, 0.5, 1.0])
    # A code that has lost the first dimension is called 0, which half of them are.
    np.testing.assert_allclose(accuracies, [1, 1 - 0.25 / 2, 1 - 0.5 / 2, 0.5], atol=0.01)


def test_the_same_number_is_dropped_from_each_code_and_larger_fractions_drop_more_of_the_same():
    seen = []
    probe = types.SimpleNamespace(predict=lambda z: seen.append(z) or np.zeros(len(z)))
    fill = np.arange(8.0)
    metrics.dropout_robustness(np.full((30, 8), -1.0), np.zeros(30, int), probe, fill=fill)
    dropped = [z >= 0 for z in seen]
    assert [mask.sum(axis=1).tolist() for mask in dropped] == [[n] * 30 for n in (0, 1, 2, 4)]
    for less, more in zip(dropped[:-1], dropped[1:], strict=True):
        assert np.all(more[less])
    np.testing.assert_array_equal(seen[-1][dropped[-1]], np.tile(fill, (30, 1))[dropped[-1]])


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"levels": [-0.1]}, ValueError, "levels"),
        ({"levels": ["0"]}, TypeError, "levels"),
        ({"labels": np.zeros(3, int)}, ValueError, "labels .* N = 4"),
        ({"seed": -1}, ValueError, "seed"),
    ],
)
def test_noise_refuses(change, error, message):
    arguments = {"model": copying(), "x": np.zeros((4, 2)), "labels": np.zeros(4, int)}
    with pytest.raises(error, match=message):
        metrics.noise_robustness(**(arguments | {"probe": SIGN} | change))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"fractions": [1.1]}, ValueError, "fractions must lie in"),
        ({"fractions": [-0.1]}, ValueError, "fractions"),
        ({"fill": [1.0, 2.0, 3.0]}, ValueError, "fill"),
        ({"fill": np.nan}, ValueError, "fill"),
        ({"z": np.zeros(4)}, ValueError, "z must have shape"),
        ({"labels": np.zeros(3, int)}, ValueError, "labels .* N = 4"),
    ],
)
def test_dropout_refuses(change, error, message):
    arguments = {"z": np.zeros((4, 2)), "labels": np.zeros(4, int), "probe": SIGN}
    with pytest.raises(error, match=message):
        metrics.dropout_robustness(**(arguments | change))
