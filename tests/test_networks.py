"""Networks: any image size goes through, configs round-trip, bad widths are named."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from intelvae_keras import networks

IMAGES = [(28, 28, 1), (29, 31, 3), (64, 64, 3), (5, 7, 2), (1, 1, 1)]


@pytest.mark.parametrize("shape", [*IMAGES, (2,), (6, 4)])
def test_mlp_encoder_gives_features(shape):
    assert networks.mlp_encoder([8, 5])(np.zeros((3, *shape), "float32")).shape == (3, 5)


@pytest.mark.parametrize("shape", [*IMAGES, (2,), (6, 4)])
@pytest.mark.parametrize("num_parameters", [1, 2])
def test_mlp_decoder_gives_parameters_for_each_value(shape, num_parameters):
    decoder = networks.mlp_decoder(shape, [8], num_parameters=num_parameters)
    output = decoder(np.zeros((3, 2), "float32"))
    assert output.shape == (3, *shape[:-1], shape[-1] * num_parameters)


@pytest.mark.parametrize("shape", IMAGES)
@pytest.mark.parametrize("patch", [1, 4])
def test_conv_encoder_gives_features(shape, patch):
    encoder = networks.conv_encoder([4, 4], units=6, patch=patch)
    assert encoder(np.zeros((2, *shape), "float32")).shape == (2, 6)


@pytest.mark.parametrize("shape", IMAGES)
@pytest.mark.parametrize(
    ("filters", "patch", "num_parameters"), [((4,), 4, 1), ((4, 4), 4, 2), ((4, 3, 2), 3, 1)]
)
def test_conv_decoder_gives_parameters_for_each_value(shape, filters, patch, num_parameters):
    decoder = networks.conv_decoder(shape, filters, 6, patch, num_parameters=num_parameters)
    output = decoder(np.zeros((2, 3), "float32"))
    assert output.shape == (2, *shape[:-1], shape[-1] * num_parameters)


def test_conv_decoder_reaches_every_pixel():
    decoder = networks.conv_decoder((13, 11, 1), (4, 4), 6)
    z = np.random.default_rng(0).normal(size=(20, 3)).astype("float32")
    assert np.all(keras.ops.convert_to_numpy(decoder(z)).std(axis=0) > 0)


NETWORKS = {
    "mlp_encoder": (networks.mlp_encoder, [[8, 5], "tanh"], (8, 9, 2)),
    "mlp_decoder": (networks.mlp_decoder, [(8, 9, 2), [5]], (3,)),
    "conv_encoder": (networks.conv_encoder, [[4, 3], 5], (8, 9, 2)),
    "conv_decoder": (networks.conv_decoder, [(8, 9, 2), [4, 3], 5], (3,)),
}


@pytest.mark.parametrize(("make", "arguments", "shape"), NETWORKS.values(), ids=NETWORKS)
def test_saved_network_computes_the_same(make, arguments, shape, tmp_path):
    network = make(*arguments)
    x = np.random.default_rng(0).normal(size=(4, *shape)).astype("float32")
    output = network(x)
    network.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras")
    np.testing.assert_array_equal(loaded(x), output)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_depth_to_space_is_that_of_tensorflow(size):
    x = np.random.default_rng(0).normal(size=(2, 3, 5, 2 * size**2)).astype("float32")
    expected = x if size == 1 else tf.nn.depth_to_space(x, size)
    np.testing.assert_array_equal(networks.DepthToSpace(size)(x), expected)
    symbolic = networks.DepthToSpace(size)(keras.KerasTensor((None, 3, 5, 2 * size**2)))
    assert symbolic.shape == (None, 3 * size, 5 * size, 2)


def test_depth_to_space_keeps_the_first_rows_and_columns():
    x = np.random.default_rng(0).normal(size=(2, 3, 5, 8)).astype("float32")
    cut = networks.DepthToSpace(2, keep=(5, 9))
    np.testing.assert_array_equal(cut(x), networks.DepthToSpace(2)(x)[:, :5, :9])
    again = networks.DepthToSpace.from_config(cut.get_config())
    np.testing.assert_array_equal(again(x), cut(x))


def test_grids_of_the_decoder_are_no_larger_than_the_next_one_needs():
    decoder = networks.conv_decoder((28, 20, 1), (4, 3, 2), patch=2)
    grids = [layer.output.shape[1:3] for layer in _built(decoder).layers if _makes_a_grid(layer)]
    assert grids == [(4, 3), (7, 5), (14, 10), (28, 20)]


def _built(decoder):
    decoder(np.zeros((1, 3), "float32"))
    return decoder


def _makes_a_grid(layer):
    return isinstance(layer, keras.layers.Reshape | networks.DepthToSpace)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: networks.mlp_encoder([]), r"units must hold .* got \[\]"),
        (lambda: networks.mlp_encoder([8, 0]), r"units must hold .* got \[8, 0\]"),
        (lambda: networks.mlp_decoder((2,), [-1]), r"units must hold .* got \[-1\]"),
        (lambda: networks.mlp_decoder(()), r"data_shape must be .* got \(\)"),
        (lambda: networks.mlp_decoder((None, 2)), r"data_shape must be .* got \(None, 2\)"),
        (lambda: networks.mlp_decoder((2,), num_parameters=0), "num_parameters .* got 0"),
        (lambda: networks.conv_encoder([]), r"filters must hold .* got \[\]"),
        (lambda: networks.conv_encoder([4], units=0), r"units must be an integer >= 1; got 0"),
        (lambda: networks.conv_encoder([4], patch=0), r"patch must be an integer >= 1; got 0"),
        (lambda: networks.conv_decoder((28, 28)), r"\(H, W, C\) .* got \(28, 28\)"),
        (lambda: networks.conv_decoder((28, 28, 0)), r"data_shape must be .* got \(28, 28, 0\)"),
        (lambda: networks.conv_decoder((8, 8, 1), [0]), r"filters must hold .* got \[0\]"),
    ],
)
def test_bad_argument_is_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("builder", [networks.mlp_decoder, networks.conv_decoder])
def test_first_biases_start_at_zero_unless_asked_to_spread(builder):
    def first_biases(**options):
        decoder = builder((8, 8, 1), **options)
        decoder.build((None, 2))
        return keras.ops.convert_to_numpy(decoder.layers[0].bias)

    assert not first_biases().any()
    spread = first_biases(bias_spread=2.0)
    assert np.abs(spread).max() <= 2.0 and 0.9 < spread.std() < 1.4  # uniform: 2 / sqrt(3) = 1.15


@pytest.mark.parametrize("value", [-1.0, float("nan"), "wide"])
def test_bias_spread_must_be_a_number_of_at_least_zero(value):
    with pytest.raises((TypeError, ValueError), match="bias_spread"):
        networks.mlp_decoder((2,), bias_spread=value)


def test_channels_come_last_whatever_keras_json_says():
    keras.config.set_image_data_format("channels_first")
    x = np.zeros((2, 9, 7, 3), "float32")
    encoder, decoder = networks.conv_encoder([4, 4], 5), networks.conv_decoder((9, 7, 3), [4, 4], 5)
    assert encoder(x).shape == (2, 5)
    assert decoder(np.zeros((2, 2), "float32")).shape == x.shape
    flat = networks.mlp_encoder([4])
    flat.build(x.shape)
    pixels = np.random.default_rng(0).random(x.shape).astype("float32")
    np.testing.assert_array_equal(flat.layers[0](pixels), pixels.reshape(2, -1))
