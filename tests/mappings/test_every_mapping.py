"""What every mapping must do, one suite for all: shapes, gradients, saving, XLA, precision."""

import functools
import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.linear_gaussian import central_difference
from helpers.mappings import CASES, KINDS, hard_points, layers_of, small_data, vae_with
from helpers.marks import fast_first
from helpers.models import eager_functions

from intelvae_keras import InteLVAE, mappings, networks

every_mapping = pytest.mark.parametrize("case", CASES.values(), ids=CASES)
each_kind = pytest.mark.parametrize("case", [CASES[kind] for kind in KINDS], ids=KINDS)
ALONE = [name for name in KINDS if "-then-" not in name]
# With weights: of the mapping's own, of networks inside it, and of several in a row.
WITH_WEIGHTS = (
    "clusters-learned-in-2d",
    "star",
    "linear-then-clusters",
    "hierarchical-then-sparse",
)
# A switch between sectors, a division by |y|, a straight-through gradient, zeros: what a compiler may change.
DIFFER_IN_XLA = ("clusters-learned-in-2d", "figure-eight", "function-straight-through", "threshold")


@functools.cache
def built(case, **kwargs):
    """The mapping of a case, called once; the tests share it, and leave it as it is."""
    mapping = case.make(**kwargs)
    mapping(case.points(1))
    return mapping


def gradients(mapping, y, cotangent):
    """The gradients of sum(cotangent * g(y)) by y and by the trainable weights."""
    y = tf.convert_to_tensor(y)
    with tf.GradientTape() as tape:
        tape.watch(y)
        total = tf.reduce_sum(cotangent * mapping(y))
    return tape.gradient(
        total,
        [y, *(weight.value for weight in mapping.trainable_weights)],
        unconnected_gradients=tf.UnconnectedGradients.ZERO,
    )


def cotangent_for(mapping, y, seed=1):
    z = mapping(y)
    return np.random.default_rng(seed).normal(size=z.shape).astype(z.dtype.as_numpy_dtype)


def test_the_suite_covers_every_mapping():
    covered = {type(layer) for case in CASES.values() for layer in layers_of(case.make())}
    public = {getattr(mappings, name) for name in mappings.__all__} | {mappings.SparsityPenalty}
    assert covered == {
        item
        for item in public
        if isinstance(item, type)
        and issubclass(item, keras.layers.Layer)
        and item is not mappings.Mapping
    }


@every_mapping
def test_output_has_the_announced_shape_and_dtype(case):
    mapping = built(case)
    spec = mapping.compute_output_spec(keras.KerasTensor((7, case.latent_dim)))
    z = mapping(case.points(7))
    assert z.shape == spec.shape
    assert z.dtype.name == spec.dtype == "float32"


@each_kind
def test_seeds_determine_the_mapping(case):
    y = case.points(20)
    outputs = []
    for _ in range(2):
        keras.utils.set_random_seed(3)
        mapping = case.make()
        outputs += [mapping(y), mapping(y)]
    for output in outputs[1:]:
        np.testing.assert_array_equal(output, outputs[0])


@every_mapping
def test_values_and_gradients_are_finite_at_hard_points(case):
    mapping, y = built(case), hard_points(case.latent_dim)
    assert np.isfinite(mapping(y)).all()
    for gradient in gradients(mapping, y, cotangent_for(mapping, y)):
        assert np.isfinite(gradient).all()


@each_kind
def test_each_example_is_mapped_by_itself(case):
    mapping, y = built(case), case.points(2)
    one_by_one = np.concatenate([mapping(row[None]) for row in y])
    np.testing.assert_allclose(mapping(y), one_by_one, rtol=1e-5, atol=1e-6)


@every_mapping
def test_gradients_agree_with_finite_differences(case):
    if not case.smooth:
        pytest.skip("its gradient is not the derivative, by intent")
    mapping, y = case.make(dtype="float64"), case.points(40).astype("float64")
    mapping(y)
    for layer in layers_of(mapping):
        if isinstance(layer, mappings.Clusters):
            layer.current_width.assign(1.0)  # else all points lie where tanh is flat
    cotangent = cotangent_for(mapping, y)
    by_y, *by_weights = gradients(mapping, y, cotangent)
    rng = np.random.default_rng(2)

    direction = rng.normal(size=y.shape)
    slope = central_difference(lambda at: (cotangent * mapping(at)).numpy().sum(-1), y, direction)
    np.testing.assert_allclose((by_y * direction).numpy().sum(-1), slope, rtol=1e-5, atol=1e-6)

    for weight, gradient in zip(mapping.trainable_weights, by_weights, strict=True):
        if weight.name == "raw_logits":  # learns from a loss of its own alone
            np.testing.assert_array_equal(gradient, 0)
            continue
        start, direction = weight.numpy(), rng.normal(size=weight.shape)

        def total(value, weight=weight):
            weight.assign(value)
            return (cotangent * mapping(y)).numpy().sum()

        slope = central_difference(total, start, direction)
        weight.assign(start)
        np.testing.assert_allclose(np.sum(gradient * direction), slope, rtol=1e-5, atol=1e-6)


@every_mapping
def test_config_makes_the_same_mapping(case):
    mapping = built(case)
    config = keras.saving.serialize_keras_object(mapping)
    again = keras.saving.deserialize_keras_object(config)
    y = case.points(20)
    again(y)
    again.set_weights(mapping.get_weights())
    np.testing.assert_array_equal(again(y), mapping(y))
    assert len(again.trainable_weights) == len(mapping.trainable_weights)
    assert keras.saving.serialize_keras_object(again)["config"] == config["config"]


@pytest.mark.parametrize("name", fast_first(ALONE, DIFFER_IN_XLA))
def test_eager_graph_and_xla_agree_in_value_and_gradient(name):
    case = CASES[name]
    mapping, y = built(case), case.points(50)
    cotangent = cotangent_for(mapping, y)

    def value_and_gradients(y):
        return [mapping(y), *gradients(mapping, y, cotangent)]

    eager = value_and_gradients(y)
    np.testing.assert_allclose(tf.function(mapping)(y), eager[0], rtol=1e-5, atol=1e-5)
    # XLA has its own tanh and reassociates: 1e-4 of latents of the order of 5.
    compiled = tf.function(value_and_gradients, jit_compile=True)(y)
    for ours, expected in zip(compiled, eager, strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-3, atol=1e-4)


# What has no weights is no more than its config, which is tested above.
@pytest.mark.parametrize("name", fast_first(KINDS, WITH_WEIGHTS))
def test_saved_model_maps_bit_for_bit_the_same(name, tmp_path):
    case = CASES[name]
    vae, x, y = vae_with(case), small_data(), case.points(20)
    vae.build(x.shape)
    for weight in vae.mapping.weights:  # as training would have done
        weight.assign(weight * 0.9)
    vae.save(tmp_path / "vae.keras")
    loaded = keras.saving.load_model(tmp_path / "vae.keras")
    np.testing.assert_array_equal(loaded.mapping(y), vae.mapping(y))
    with eager_functions():
        np.testing.assert_array_equal(loaded.encode(x), vae.encode(x))


# float16 has the narrower range, bfloat16 the fewer digits.
HALF = ("mixed_float16", "mixed_bfloat16")
FAST_IN_HALF = (
    ("clusters-learned-in-2d", "mixed_float16"),
    ("sparse", "mixed_float16"),
    ("circle-in-5d", "mixed_float16"),
    ("hierarchical", "mixed_float16"),
    ("threshold", "mixed_bfloat16"),
)


@pytest.mark.parametrize(
    "half", fast_first(list(itertools.product(KINDS, HALF)), FAST_IN_HALF), ids=str
)
def test_mixed_precision_has_finite_gradients_and_latents_in_float32(half):
    kind, policy = half
    case = CASES[kind]
    keras.config.set_dtype_policy(policy)
    vae, x = vae_with(case), small_data(4)
    vae.build(x.shape)
    with tf.GradientTape() as tape:
        terms = vae.elbo(x, training=True)
        loss = tf.reduce_mean(vae.negative_elbo(terms)) + terms.mapping_loss
    weights = [weight.value for weight in vae.trainable_weights]
    gradients = [gradient for gradient in tape.gradient(loss, weights) if gradient is not None]
    assert len(gradients) == len(weights)
    assert all(np.isfinite(gradient).all() for gradient in gradients)
    assert any(np.any(gradient != 0) for gradient in gradients)
    z = vae.mapping(hard_points(case.latent_dim))
    assert z.dtype == tf.float32
    assert np.isfinite(z).all()


# In float16 the first steps may be given up until the loss scale is found.
@pytest.mark.parametrize(
    ("name", "policy", "num_steps"),
    [("sparse", "mixed_bfloat16", 1), ("clusters-learned-in-2d", "mixed_float16", 5)],
)
def test_mixed_precision_trains(name, policy, num_steps):
    keras.config.set_dtype_policy(policy)
    vae, x = vae_with(CASES[name]), small_data(4 * num_steps)
    vae.compile("adam", run_eagerly=True)
    vae.build(x.shape)
    before = vae.mapping.get_weights()
    history = vae.fit(x, batch_size=4, verbose=0).history
    assert all(np.isfinite(value).all() for value in history.values())
    assert any(np.any(a != b) for a, b in zip(before, vae.mapping.get_weights(), strict=True))


@each_kind
@pytest.mark.parametrize("rank", [1, 3])
def test_wrong_rank_is_refused(case, rank):
    first = layers_of(case.make())[0]
    y = np.zeros((case.latent_dim,) * rank, "float32")
    shape = rf"\({case.latent_dim},"
    with pytest.raises(
        ValueError, match=rf"{type(first).__name__} .*\(batch, M\); got shape {shape}"
    ):
        first(y)


@pytest.mark.parametrize(
    ("mapping", "latent_dim", "message"),
    [
        (mappings.Circle(), 1, "Circle needs latent_dim >= 2; got latent_dim=1"),
        (mappings.FigureEight(), 1, "FigureEight needs latent_dim >= 2; got latent_dim=1"),
        (mappings.Sphere(), 1, "Sphere needs latent_dim >= 2; got latent_dim=1"),
        (mappings.Torus(), 1, "Torus needs latent_dim >= 2; got latent_dim=1"),
        (mappings.Torus(), 3, "latent_dim must be even; got 3"),
        (mappings.Sparse(), 1, "Sparse needs latent_dim >= 2; got latent_dim=1"),
        (mappings.SparsityPenalty(), 1, "SparsityPenalty needs latent_dim >= 2; got latent_dim=1"),
        (mappings.Hierarchical([1, 1]), 3, r"sum to latent_dim=3; got groups=\[1, 1\]"),
        (mappings.Linear(np.eye(2)), 3, r"must have latent_dim=3 columns; got shape \(2, 2\)"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, mappings.Mapping) else None,
)
def test_wrong_number_of_latents_is_refused_by_mapping_and_model(mapping, latent_dim, message):
    with pytest.raises(ValueError, match=message):
        mapping(np.zeros((2, latent_dim), "float32"))
    with pytest.raises(ValueError, match=message):
        InteLVAE(
            latent_dim,
            encoder=networks.mlp_encoder([4]),
            mapping=mapping,
            decoder=networks.mlp_decoder((3,), [4]),
        )


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: mappings.Clusters(1), ValueError, "num_clusters must be an integer >= 2; got 1"),
        (
            lambda: mappings.Clusters(2.0),
            TypeError,
            "num_clusters must be an integer >= 2; got 2.0",
        ),
        (lambda: mappings.Clusters(2, strength=0), ValueError, "strength .* got 0"),
        (lambda: mappings.Clusters(2, strength=np.nan), ValueError, "strength .* got nan"),
        (lambda: mappings.Clusters(2, width=-1), ValueError, "width .* got -1"),
        (lambda: mappings.Clusters(2, power=1.0), ValueError, r"power .* \(0, 1\).* got 1"),
        (lambda: mappings.Clusters(2, proportions=[1, 0]), ValueError, r"2 numbers > 0 .* got \[1"),
        (lambda: mappings.Clusters(3, proportions=[0.5, 0.5]), ValueError, "3 numbers"),
        (lambda: mappings.Clusters(2, proportions=[0.5, 0.6]), ValueError, "sum 1"),
        (lambda: mappings.Sparse(gamma=-1), ValueError, "gamma .* got -1"),
        (lambda: mappings.Sparse(gamma=np.inf), ValueError, "gamma .* got inf"),
        (lambda: mappings.Sparse(gamma=np.nan), ValueError, "gamma .* got nan"),
        (lambda: mappings.Sparse(hidden=(0,)), ValueError, "hidden .* got"),
        (lambda: mappings.SparsityPenalty(gamma=-1), ValueError, "gamma .* got -1"),
        (lambda: mappings.SparsityPenalty(gamma="3"), TypeError, "gamma .* got '3'"),
        (lambda: mappings.Hierarchical(3), TypeError, "groups .* got 3"),
        (lambda: mappings.Hierarchical([3]), ValueError, r"at least two .* got \[3\]"),
        (
            lambda: mappings.Hierarchical([3, 0]),
            ValueError,
            r"groups must hold whole numbers >= 1.* got \[3, 0\]",
        ),
        (lambda: mappings.Hierarchical([1, 1], hidden=(0,)), ValueError, "hidden .* got"),
        (lambda: mappings.Linear([1.0, 2.0]), ValueError, r"matrix .* \(D, M\).* got shape \(2,\)"),
        (lambda: mappings.Linear([[np.nan]]), ValueError, "matrix must be finite"),
        (lambda: mappings.Function("tanh"), TypeError, "fn must be a function .* got 'tanh'"),
    ],
)
def test_bad_argument_is_named(make, error, message):
    with pytest.raises(error, match=message):
        make()
