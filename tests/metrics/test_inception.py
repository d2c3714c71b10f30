"""InceptionV3 as features: what it is given, and what is said when it cannot be had."""

import keras
import numpy as np
import pytest

from intelvae_keras import metrics


@pytest.fixture
def stand_in(monkeypatch):
    """In place of InceptionV3 a network that returns the means of the channels."""
    asked = {}

    def network(**kwargs):
        asked.update(kwargs)
        return keras.Sequential(
            [keras.Input(kwargs["input_shape"]), keras.layers.GlobalAveragePooling2D()]
        )

    monkeypatch.setattr(keras.applications, "InceptionV3", network)
    return asked


def test_images_are_resized_scaled_and_made_colour(stand_in):
    features = metrics.inception_features(batch_size=2)
    assert stand_in == {
        "include_top": False,
        "weights": "imagenet",
        "pooling": "avg",
        "input_shape": (299, 299, 3),
    }
    grey = np.stack([np.full((28, 28, 1), value, "float32") for value in (0.0, 0.5, 1.0)])
    np.testing.assert_allclose(features(grey), [[-1] * 3, [0] * 3, [1] * 3], atol=1e-5)
    colour = np.broadcast_to(np.float32([0.0, 0.25, 1.0]), (1, 8, 8, 3))
    np.testing.assert_allclose(features(colour), [[-1.0, -0.5, 1.0]], atol=1e-5)


@pytest.mark.parametrize(
    ("shape", "high", "message"),
    [
        ((2, 8, 8, 2), 1.0, "C = 1 or 3"),
        ((2, 8), 1.0, "x must be images"),
        ((2, 8, 8, 1), 255.0, "Divide pixels"),
    ],
)
def test_refuses_what_is_no_image(stand_in, shape, high, message):
    x = np.zeros(shape, "float32")
    x[0] = high
    with pytest.raises(ValueError, match=message):
        metrics.inception_features()(x)


def test_says_what_to_do_offline(monkeypatch):
    def offline(**kwargs):
        raise Exception("URL fetch failure")

    monkeypatch.setattr(keras.applications, "InceptionV3", offline)
    with pytest.raises(OSError, match="URL fetch failure.*weights=.*train_features"):
        metrics.inception_features()


def test_a_missing_file_and_a_batch_size_are_named():
    with pytest.raises(ValueError, match="nowhere"):
        metrics.inception_features(weights="nowhere.weights.h5")
    with pytest.raises(ValueError, match="batch_size"):
        metrics.inception_features(batch_size=0)


@pytest.mark.slow
def test_the_network_itself_gives_2048_features():
    features = metrics.inception_features(weights=None)
    x = np.random.default_rng(0).uniform(size=(3, 28, 28, 1)).astype("float32")
    codes = features(x)
    assert codes.shape == (3, 2048) and codes.min() >= 0
    assert metrics.frechet_distance(x, x, features) == pytest.approx(0, abs=1e-6)
