"""The page's runner against Keras: every mapping, every layer, every likelihood, at 64 points."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.mappings import CASES, hard_points, layers_of, vae_with
from helpers.page import needs_node, round_weights, run_page, with_random_biases

from intelvae_keras import InteLVAE, explorer, likelihoods, mappings, networks, priors

pytestmark = needs_node
POINTS = 64
L = keras.layers
MAPPINGS = {name: case for name, case in CASES.items() if case.in_page}


@pytest.fixture(autouse=True)
def eagerly():
    """What runs once is not worth compiling."""
    tf.config.run_functions_eagerly(True)


@pytest.mark.slow
def test_every_mapping(tmp_path):
    vaes = {name: vae_with(case) for name, case in MAPPINGS.items()}
    for vae in vaes.values():
        with_random_biases(vae.mapping)
        for layer in layers_of(vae.mapping):
            if getattr(layer, "turnable", False):
                layer.turn.assign(0.4)
    points = {name: case.points(POINTS) for name, case in MAPPINGS.items()}
    jobs = [(explorer.export(vaes[name]), {"y": points[name]}) for name in vaes]
    for name, result in zip(vaes, run_page(tmp_path, jobs), strict=True):
        z = np.asarray(vaes[name].mapping(points[name]))
        np.testing.assert_allclose(result["z"], z, rtol=1e-5, atol=1e-5, err_msg=name)


@pytest.mark.slow
def test_mappings_at_hard_points(tmp_path):
    """The origin, the axes, the cuts themselves: the page takes the side that Keras takes."""
    names = [name for name in MAPPINGS if "then" not in name and "linear" not in name]
    vaes = {name: vae_with(MAPPINGS[name]) for name in names}
    points = {}
    for name, vae in vaes.items():
        y = hard_points(vae.latent_dim)
        size = np.abs(y).max(axis=1)
        points[name] = y[(size < 10) & ((size == 0) | (size > 1e-5))]  # denormals are not drawn
    jobs = [(explorer.export(vaes[name]), {"y": points[name]}) for name in names]
    for name, result in zip(names, run_page(tmp_path, jobs), strict=True):
        z = np.asarray(vaes[name].mapping(points[name]))
        np.testing.assert_allclose(result["z"], z, rtol=1e-4, atol=1e-4, err_msg=name)


def _on_the_line(mapping=None, prior=None):
    networks_of = {"encoder": networks.mlp_encoder([2]), "decoder": networks.mlp_decoder((2,), [2])}
    return InteLVAE(1, mapping=mapping, prior=prior, **networks_of)


def test_the_density_of_z_is_that_of_the_models_prior_whatever_g_does(tmp_path):
    """Against the closed form p(y) / |g'(y)|: priors of three kinds, a g that falls, a g that is flat."""
    mixture = priors.GaussianMixture(3)
    mixture.build((None, 1))
    mixture.locs.assign([[-1.5], [0.2], [2.0]])
    vaes = {
        "mixture": _on_the_line(prior=mixture),
        "laplace": _on_the_line(prior=priors.Laplace()),
        "falling": _on_the_line(mappings.Linear([[-0.3]])),
        "flat": _on_the_line(mappings.Threshold(active=0.3)),
    }
    jobs = [(explorer.export(vae), {"reach": [3.0]}) for vae in vaes.values()]
    found = dict(zip(vaes, (r["density"] for r in run_page(tmp_path, jobs)), strict=True))
    for name, vae in vaes.items():
        points, atoms = np.array(found[name]["points"]), found[name]["atoms"]
        width = points[1, 0] - points[0, 0]
        total = points[:, 1].sum() * width + sum(probability for _, probability in atoms)
        assert abs(total - 1) < 0.01, name
        if name == "flat":
            ((at, probability),) = atoms
            assert at == 0 and abs(probability - 0.7) < 0.005
            continue
        slope = -0.3 if name == "falling" else 1.0
        y = (points[:, :1] / slope).astype("float32")
        density = np.exp(vae.prior.log_prob(y)) / abs(slope)
        middle = np.abs(y[:, 0]) > 0.05  # the Laplace has a corner at 0
        np.testing.assert_allclose(points[middle, 1], density[middle], atol=0.01, err_msg=name)
        assert not atoms


def test_gates(tmp_path):
    vae = vae_with(CASES["sparse"])
    with_random_biases(vae.mapping)
    y = CASES["sparse"].points(POINTS)
    (result,) = run_page(tmp_path, [(explorer.export(vae), {"y": y})])
    np.testing.assert_allclose(result["gates"], vae.mapping.gates(y), atol=1e-6)


def test_settings_in_force(tmp_path):
    clusters = mappings.Clusters(3, strength=2.0, width=0.3)
    vae = InteLVAE(
        2,
        encoder=networks.mlp_encoder([4]),
        mapping=clusters,
        decoder=networks.mlp_decoder((3,), [4]),
    )
    clusters.current_strength.assign(0.5)  # as a callback leaves it half-way
    clusters.width = 0.1
    y = np.random.default_rng(0).normal(size=(POINTS, 2)).astype("float32")
    (result,) = run_page(tmp_path, [(explorer.export(vae), {"y": y})])
    np.testing.assert_allclose(result["z"], clusters(y), atol=1e-5)


def _activated(activation):
    return [L.Dense(6, activation=activation), L.Dense(4)]


def _image(*layers):
    return [L.Dense(3 * 3 * 4, activation="gelu"), L.Reshape((3, -1, 4)), *layers]


ACTIVATIONS = (
    "relu relu6 leaky_relu elu selu gelu silu sigmoid hard_sigmoid hard_silu tanh softplus"
)
ACTIVATIONS += " softsign exponential mish log_sigmoid softmax linear"
NETWORKS = {
    **{name: _activated(name) for name in ACTIVATIONS.split()},
    "activation layers": [
        L.Dense(8),
        L.LeakyReLU(0.3),
        L.Dense(8, activation=L.ELU(0.7)),
        L.ReLU(max_value=1.5, negative_slope=0.1, threshold=0.2),
        L.Dense(4, use_bias=False),
        L.Activation("softplus"),
        L.Softmax(),
    ],
    "outside of training": [L.Dense(8), L.Dropout(0.5), L.GaussianNoise(1.0), L.Dense(2)],
    "other dropouts": [
        L.Dense(8),
        L.AlphaDropout(0.5),
        L.Reshape((2, 4)),
        L.SpatialDropout1D(0.5),
        L.Flatten(),
    ],
    "layer normalisation": [L.Dense(8), L.LayerNormalization(epsilon=0.01), L.Dense(2)],
    "layer normalisation of images": _image(
        L.LayerNormalization(scale=False), L.LayerNormalization(center=False, scale=False)
    ),
    "rescaling": [L.Dense(8), L.Rescaling(1 / 255, offset=0.5), L.Dense(2)],
    "rescaling of channels": _image(L.Rescaling([1.0, 0.3, 2.0, 7.0], offset=[0.0, 1.0, 2.0, 3.0])),
    "batch normalisation": [L.Dense(8), L.BatchNormalization(), L.Dense(2)],
    "batch normalisation of images": _image(L.BatchNormalization(scale=False), L.Flatten()),
    "conv same": _image(
        L.Conv2D(5, 3, padding="same", activation="relu"), L.Conv2D(2, 2, padding="same")
    ),
    "conv valid": _image(L.Conv2D(5, (2, 3), activation="tanh")),
    "conv strides": _image(
        L.Conv2D(5, 3, strides=2, padding="same"), L.Conv2D(2, 1, strides=(2, 1))
    ),
    "conv transposed same": _image(
        L.Conv2DTranspose(5, 3, strides=2, padding="same", activation="relu")
    ),
    "conv transposed valid": _image(L.Conv2DTranspose(2, (4, 2), strides=(3, 2))),
    "conv transposed, strides larger": _image(L.Conv2DTranspose(2, 1, strides=2, use_bias=False)),
    "conv transposed, one stride": _image(L.Conv2DTranspose(2, 4, padding="same")),
    "dense on images": _image(L.Dense(3, activation="relu")),
    "depth to space": _image(L.Conv2D(8, 2, padding="same"), networks.DepthToSpace(2, keep=(5, 6))),
    "upsampling": _image(L.UpSampling2D((2, 3)), L.Conv2D(1, 3, padding="same")),
    "nested": [keras.Sequential([L.Dense(4, activation="relu"), L.Dense(3)]), L.Dense(2)],
}


def _chain(layers):
    z = x = keras.Input((3,))
    for layer in layers:
        x = layer(x)
    return keras.Model(z, x)


def _vae(decoder, latent_dim=3, **kwargs):
    return InteLVAE(
        latent_dim,
        encoder=keras.Sequential([L.Flatten(), L.Dense(4)]),
        decoder=decoder,
        **({"likelihood": likelihoods.Gaussian(scale=1.0)} | kwargs),
    )


def _compare(folder, vaes, dtype="float16", atol=1e-5):
    rng = np.random.default_rng(1)
    for vae in vaes.values():
        with_random_biases(vae.decoder)
    exports = {name: explorer.export(vae, dtype) for name, vae in vaes.items()}
    points = {
        name: rng.normal(size=(POINTS, vae.z_dim)).astype("float32") for name, vae in vaes.items()
    }
    jobs = [(exports[name], {"z": points[name]}) for name in vaes]
    for name, result in zip(vaes, run_page(folder, jobs), strict=True):
        if not any(isinstance(layer, L.BatchNormalization) for layer in vaes[name].decoder.layers):
            round_weights(vaes[name].decoder, dtype)
        keras_mean = vaes[name].decode(points[name]).reshape(POINTS, -1)
        np.testing.assert_allclose(result["x"], keras_mean, rtol=1e-5, atol=atol, err_msg=name)


def test_every_layer(tmp_path):
    plain = {name for name in NETWORKS if not name.startswith("batch")}
    _compare(tmp_path, {name: _vae(keras.Sequential(NETWORKS[name])) for name in plain})


def test_batch_normalisation(tmp_path):
    names = [name for name in NETWORKS if name.startswith("batch")]
    vaes = {name: _vae(keras.Sequential(NETWORKS[name])) for name in names}
    for vae in vaes.values():
        for layer in vae.decoder.layers:
            if not isinstance(layer, L.BatchNormalization):
                round_weights(layer)
    _compare(tmp_path, vaes, dtype="float32")


def test_a_chain_of_functional_layers(tmp_path):
    layers = [
        L.Dense(6, activation="relu"),
        keras.Sequential([L.Dense(5, activation="elu")]),
        L.Dense(2),
    ]
    _compare(tmp_path, {"functional": _vae(_chain(layers))})


def test_a_functional_chain_of_mappings(tmp_path):
    y = keras.Input((2,))
    turned = mappings.Linear([[0.6, -0.8], [0.8, 0.6]])(y)
    vae = _vae(
        keras.Sequential([L.Dense(3)]), 2, mapping=keras.Model(y, mappings.Clusters(3)(turned))
    )
    points = np.random.default_rng(2).normal(size=(POINTS, 2)).astype("float32")
    (result,) = run_page(tmp_path, [(explorer.export(vae), {"y": points})])
    np.testing.assert_allclose(result["z"], vae.mapping(points), rtol=1e-5, atol=1e-5)


def test_the_likelihoods_of_a_table(tmp_path):
    units = {"centre": [10.0, -2.0], "unit": [3.0, 0.5]}
    kinds = [
        ([7, 0], likelihoods.Gaussian("predicted", **units)),
        ([1, 8], likelihoods.Laplace("per_column", **units)),
        ([2, 3], likelihoods.Categorical(3)),
        ([4], likelihoods.NegativeBinomial(unit=5.0)),
        ([5], "poisson"),
        ([6, 9], likelihoods.LogNormal(initial_scale=0.5, **units)),
        ([10], "bernoulli"),
    ]
    table = likelihoods.Columns(kinds)
    vaes = {
        "columns": _vae(networks.mlp_decoder(table.parameters_shape((11,)), [8]), likelihood=table),
        "categories of images": _vae(
            networks.mlp_decoder((2, 3, 2), [8], num_parameters=4),
            likelihood=likelihoods.Categorical(4),
        ),
        "units": _vae(networks.mlp_decoder((2,), [8]), likelihood=likelihoods.Gaussian(**units)),
    }
    _compare(tmp_path, vaes, atol=1e-4)


@pytest.mark.parametrize("dtype", ["float16", "int8"])
def test_our_decoders_and_likelihoods(tmp_path, dtype):
    gaussian = likelihoods.Gaussian
    vaes = {
        "mlp": _vae(networks.mlp_decoder((7, 5, 1), [16, 16]), likelihood="bernoulli"),
        "continuous": _vae(networks.mlp_decoder((4,), [16]), likelihood="continuous_bernoulli"),
        "predicted": _vae(
            networks.mlp_decoder((4,), [16], num_parameters=2),
            likelihood=gaussian(scale="predicted"),
        ),
        "laplace": _vae(networks.mlp_decoder((4,), [16]), likelihood="laplace"),
        "conv": _vae(networks.conv_decoder((29, 31, 3), (8, 8), units=16), likelihood="bernoulli"),
    }
    _compare(tmp_path, vaes, dtype)


def test_the_mean_of_a_continuous_bernoulli_near_its_pole(tmp_path):
    decoder = keras.Sequential([L.Dense(1, use_bias=False)])
    vae = _vae(decoder, 1, likelihood="continuous_bernoulli")
    decoder.layers[0].set_weights([np.ones((1, 1))])
    z = np.array([0, 1e-8, 1e-3, -0.019, 0.021, 0.05, 1, -1, 15, -15, 40, -40], "float32")[:, None]
    (result,) = run_page(tmp_path, [(explorer.export(vae), {"z": z})])
    np.testing.assert_allclose(result["x"], vae.decode(z), atol=2e-6)


@pytest.mark.parametrize(
    ("covariance", "latent_dim"), [("diagonal", 1), ("diagonal", 4), ("full", 2), ("full", 4)]
)
def test_encoder_and_posterior(tmp_path, covariance, latent_dim):
    decoder = networks.mlp_decoder((3,), [4])
    vae = _vae(decoder, latent_dim, posterior=covariance)
    x = np.random.default_rng(0).normal(size=(POINTS, 3)).astype("float32")
    vae.build((None, 3))
    export = explorer.export(vae, encoder=True)
    round_weights(vae.encoder)
    round_weights(vae.posterior_layer)
    (result,) = run_page(tmp_path, [(export, {"x": x})])
    q = vae.posterior(x)
    means = [row["mean"] for row in result["posterior"]]
    factors = np.array([row["factor"] for row in result["posterior"]])
    np.testing.assert_allclose(means, q.mean(), atol=1e-5)
    np.testing.assert_allclose(factors @ factors.swapaxes(1, 2), q.covariance(), atol=2e-5)
