"""Clusters: the parts are apart, have their proportions, and lie where the geometry says."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.models import small_vae
from keras.src import testing
from scipy import sparse, spatial, stats

from intelvae_keras import mappings

UNEQUAL = [0.5, 0.15, 0.25, 0.1]
# Each number of parts, and the fewest and most in each dimension.
ON_THE_LINE = [(2, 1), (4, 1), (7, 1), (9, 1)]
IN_THE_PLANE = [(2, 2), (3, 2), (5, 2), (8, 2), (9, 2)]
IN_SPACE = [(2, 10), (6, 10), (9, 10)]


def prior_draws(num_samples, dim, seed=0):
    return np.random.default_rng(seed).normal(size=(num_samples, dim)).astype("float32")


def made(k, dim, **kwargs):
    clusters = mappings.Clusters(k, **kwargs)
    clusters.build((None, dim))
    return clusters


def numpy_of(*tensors):
    return [keras.ops.convert_to_numpy(tensor) for tensor in tensors]


def outside_the_steep_zones(clusters, y):
    """The latents with d > 3 width, where h is at least tanh(3), their images and their parts."""
    y = y[keras.ops.convert_to_numpy(clusters.boundary_distance(y)) > 3 * clusters.width]
    return y, *numpy_of(clusters(y), clusters.part(y))


def ray_angles(proportions):
    return math.pi / 2 + 2 * math.pi * np.cumsum([0, *proportions[:-1]])


# ---------------------------------------------------------------------- disconnected


@pytest.mark.parametrize(("k", "dim"), ON_THE_LINE + IN_THE_PLANE + IN_SPACE)
def test_parts_are_as_far_apart_as_the_geometry_says(k, dim):
    # On the line a boundary opens by 2 h. In the plane the sectors on either side of a ray move
    # along directions that make the angle pi / k with it, so that they part by 2 h sin(pi / k).
    clusters = made(k, dim, strength=5.0, width=0.02)
    _, z, part = outside_the_steep_zones(clusters, prior_draws(1500, dim))
    opening = 2 * 5.0 * math.tanh(3) * (1 if dim == 1 else math.sin(math.pi / k))
    trees = [spatial.cKDTree(z[part == index]) for index in range(k)]
    nearest = min(
        trees[a].query(z[part == b])[0].min() for a in range(k) for b in range(k) if a != b
    )
    assert nearest > opening - 1e-4
    assert nearest < opening + 2.0 + math.sqrt(dim)  # the bound is no accident of far-away parts


@pytest.mark.parametrize(("k", "dim"), ON_THE_LINE + IN_THE_PLANE)
def test_image_of_the_prior_has_exactly_k_connected_components(k, dim):
    y = prior_draws(2500, dim)
    clusters = made(k, dim, strength=3.0, width=0.01)
    # The few points far out are sparse, and would be components of their own.
    _, z, part = outside_the_steep_zones(clusters, y[np.linalg.norm(y, axis=-1) < 2])
    pairs = spatial.cKDTree(z).query_pairs(0.4, output_type="ndarray")
    links = sparse.coo_array((np.ones(len(pairs)), pairs.T), shape=(len(z), len(z)))
    components, labels = sparse.csgraph.connected_components(links, directed=False)
    assert components == k
    assert len(set(zip(labels, part, strict=True))) == k  # each component is one part


def test_proportions_are_a_tensor_before_the_weights_are_made_too():
    assert mappings.Clusters(4, proportions=UNEQUAL).proportions.dtype == "float32"


@pytest.mark.parametrize("dim", [1, 2, 10])
def test_proportions_keep_their_gaps(dim):
    clusters = made(4, dim, proportions=UNEQUAL)
    _, z, part = outside_the_steep_zones(clusters, prior_draws(1500, dim))
    # Part 0 takes half of the plane or the line: it ends up at least 2 h sin(pi / 10) from others.
    opening = (
        2 * clusters.strength * math.tanh(3) * (1 if dim == 1 else math.sin(math.pi * min(UNEQUAL)))
    )
    for index in range(4):
        distances, _ = spatial.cKDTree(z[part == index]).query(z[part != index])
        assert distances.min() > opening - 1e-4


@pytest.mark.parametrize("dim", [1, 2])
def test_less_than_four_percent_of_the_prior_is_near_the_boundary_of_two_parts(dim):
    clusters = made(2, dim)
    exact = stats.norm.cdf(2 * clusters.width) - stats.norm.cdf(-2 * clusters.width)
    assert exact < 0.04
    distance = keras.ops.convert_to_numpy(clusters.boundary_distance(prior_draws(50_000, dim)))
    near = int(np.sum(distance < 2 * clusters.width))
    assert stats.binomtest(near, 50_000, exact).pvalue > 1e-3


# ---------------------------------------------------------------------- proportions


@pytest.mark.parametrize(
    ("proportions", "dim"),
    [([1 / k] * k, dim) for k, dim in ON_THE_LINE + IN_THE_PLANE + IN_SPACE]
    + [(UNEQUAL, dim) for dim in (1, 2, 10)],
)
def test_parts_hold_their_share_of_the_prior(proportions, dim):
    clusters = made(len(proportions), dim, proportions=proportions)
    part = keras.ops.convert_to_numpy(clusters.part(prior_draws(20_000, dim)))
    counts = np.bincount(part, minlength=len(proportions))
    assert counts.shape == (len(proportions),)
    assert stats.chisquare(counts, 20_000 * np.array(proportions)).pvalue > 1e-3


def test_boundaries_on_the_line_are_quantiles_of_the_normal():
    clusters = made(4, 1, proportions=UNEQUAL)
    for index, quantile in enumerate(stats.norm.ppf(np.cumsum(UNEQUAL)[:-1])):
        beside = quantile + np.array([[-1e-4], [1e-4]], "float32")
        np.testing.assert_array_equal(clusters.part(beside), [index, index + 1])
        np.testing.assert_allclose(clusters.boundary_distance(beside), 1e-4, atol=2e-6)


def test_parts_in_the_plane_are_sectors_counted_counterclockwise():
    clusters = made(4, 2, proportions=UNEQUAL)
    for index, angle in enumerate(ray_angles(UNEQUAL)):
        beside = angle + np.array([-1e-4, 1e-4])
        points = 3 * np.stack([np.cos(beside), np.sin(beside)], axis=-1).astype("float32")
        np.testing.assert_array_equal(clusters.part(points), [(index - 1) % 4, index])


@pytest.mark.parametrize("dim", [2, 10])
def test_two_parts_are_those_of_the_first_latent(dim):
    y = prior_draws(500, dim)
    line, plane = made(2, 1, strength=1.0, width=0.01), made(2, dim, strength=1.0, width=0.01)
    np.testing.assert_array_equal(plane.part(y), line.part(y[:, :1]))
    np.testing.assert_allclose(plane(y)[:, :1], line(y[:, :1]), atol=2e-2)
    np.testing.assert_array_equal(plane(y)[:, 2:], y[:, 2:])


# ---------------------------------------------------------------------- the mapping itself


@pytest.mark.parametrize("k", [2, 5, 9])
@pytest.mark.parametrize("power", [None, 0.3])
def test_mapping_is_monotone_on_the_line(k, power):
    y = np.linspace(-5, 5, 20_001, dtype="float32")[:, None]
    z = keras.ops.convert_to_numpy(made(k, 1, power=power)(y))[:, 0]
    assert np.all(np.diff(z) > 0)


def test_mapping_on_the_line_is_the_sum_of_its_steps():
    y = prior_draws(200, 1)
    clusters = made(4, 1, proportions=UNEQUAL, strength=2.0, width=0.5)
    offsets = y - stats.norm.ppf(np.cumsum(UNEQUAL)[:-1])
    expected = y + 2.0 * np.tanh(offsets / 0.5).sum(-1, keepdims=True)
    np.testing.assert_allclose(clusters(y), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dim", [2, 10])
@pytest.mark.parametrize("power", [None, 0.4])
def test_mapping_in_the_plane_pushes_along_the_middle_of_the_sector(dim, power):
    y = prior_draws(200, dim)
    clusters = made(4, dim, proportions=UNEQUAL, strength=2.0, width=0.5, power=power)
    distance, part = numpy_of(clusters.boundary_distance(y), clusters.part(y))
    middle = (ray_angles(UNEQUAL) + math.pi * np.array(UNEQUAL))[part]
    # The power law is shifted by 1e-4, so that its slope at 0 is finite.
    steep = (distance + 1e-4) ** 0.4 - 1e-4**0.4 if power else np.tanh(distance / 0.5)
    expected = y.copy()
    expected[:, 0] += 2.0 * steep * np.cos(middle)
    expected[:, 1] += 2.0 * steep * np.sin(middle)
    np.testing.assert_allclose(clusters(y), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("proportions", [[0.5, 0.5], [0.2] * 5, [1 / 9] * 9, UNEQUAL])
def test_boundary_distance_is_the_distance_to_the_nearest_point_of_a_ray(proportions):
    clusters = made(len(proportions), 2, proportions=proportions)
    y = prior_draws(500, 2)
    angles = ray_angles(proportions)
    along = np.linspace(0, 6, 6001)  # spacing 1e-3: the nearest of them is at most 5e-4 off
    rays = [along[:, None] * [math.cos(angle), math.sin(angle)] for angle in angles]
    brute_force, _ = spatial.cKDTree(np.concatenate(rays)).query(y)
    np.testing.assert_allclose(clusters.boundary_distance(y), brute_force, atol=5e-4)


# ---------------------------------------------------------------------- rays that turn


@pytest.mark.parametrize("dim", [2, 3])
@pytest.mark.parametrize("angle", [0.0, 0.4, -2.0])
def test_turned_rays_are_the_mapping_in_a_turned_frame(dim, angle):
    y = prior_draws(200, dim)
    clusters = made(4, dim, proportions=UNEQUAL, turnable=True)
    clusters.turn.assign(angle)
    still = made(4, dim, proportions=UNEQUAL)
    rotation = np.eye(dim, dtype="float32")
    cosine, sine = math.cos(angle), math.sin(angle)
    rotation[:2, :2] = [[cosine, -sine], [sine, cosine]]  # by the angle, counterclockwise
    before = y @ rotation  # turned back
    np.testing.assert_allclose(clusters(y), still(before) @ rotation.T, atol=2e-3)
    agree = keras.ops.convert_to_numpy(clusters.part(y) == still.part(before))
    assert agree.mean() > 0.99  # but for rounding at a ray
    np.testing.assert_allclose(
        clusters.boundary_distance(y), still.boundary_distance(before), atol=1e-5
    )


def test_the_turn_is_a_weight_that_files_keep_and_may_be_left_out(tmp_path):
    vae = small_vae(2, mapping=mappings.Clusters(3, turnable=True))
    vae.build((None, 6))
    vae.mapping.turn.assign(1.3)
    vae.save(tmp_path / "vae.keras")
    loaded = keras.saving.load_model(tmp_path / "vae.keras")
    assert float(loaded.mapping.turn) == pytest.approx(1.3)
    y = prior_draws(20, 2)
    np.testing.assert_array_equal(loaded.mapping(y), vae.mapping(y))
    assert len(made(3, 2, turnable=False).weights) == len(made(3, 2).weights) - 1


def test_one_latent_has_no_rays_to_turn():
    with pytest.raises(ValueError, match="turnable=True needs latent_dim >= 2; got latent_dim=1"):
        made(2, 1, turnable=True)


@pytest.mark.parametrize(("dim", "expected"), [(1, (0.5, 0.005, False)), (2, (1.0, 0.01, True))])
def test_what_is_left_out_is_chosen_when_it_is_built_and_then_holds(dim, expected):
    names = ("strength", "width", "turnable")
    clusters = mappings.Clusters(3)
    assert [clusters.get_config()[name] for name in names] == [None, None, None]
    y = prior_draws(50, dim)
    z = clusters(y)
    assert tuple(getattr(clusters, name) for name in names) == expected
    config = clusters.get_config()
    assert tuple(config[name] for name in names) == expected
    np.testing.assert_array_equal(mappings.Clusters.from_config(config)(y), z)
    np.testing.assert_array_equal(mappings.Clusters(3, *expected[:2])(y), z)
    clusters.strength = 2.0
    assert clusters.get_config()["strength"] == float(clusters.current_strength) == 2.0
    clusters.strength = None  # the recipe's again
    assert clusters.strength == float(clusters.current_strength) == expected[0]


def test_what_is_given_stays_and_the_rest_is_chosen():
    clusters = made(3, 2, strength=3.0, turnable=False)
    assert (clusters.strength, clusters.width, clusters.turnable) == (3.0, 0.01, False)


# ---------------------------------------------------------------------- changes at any time


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("dim", [1, 2])
def test_a_new_strength_or_width_acts_at_once_in_compiled_functions(dim, jit):
    y = np.full((1, dim), 0.3, "float32")
    clusters = made(2, dim, strength=5.0, width=0.02)
    compiled = tf.function(clusters, jit_compile=jit)
    np.testing.assert_allclose(compiled(y)[0, 0], 5.3, rtol=1e-5)
    clusters.width = 1.0
    np.testing.assert_allclose(compiled(y)[0, 0], 0.3 + 5 * math.tanh(0.3), rtol=1e-5)
    clusters.strength = 2
    np.testing.assert_allclose(compiled(y)[0, 0], 0.3 + 2 * math.tanh(0.3), rtol=1e-5)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_at_strength_zero_the_mapping_is_the_identity(dim):
    y = prior_draws(50, dim)
    clusters = made(3, dim)
    clusters.current_strength.assign(0.0)
    np.testing.assert_array_equal(clusters(y), y)


@pytest.mark.parametrize("dim", [1, 2])
def test_proportions_may_be_set_before_and_after_building(dim):
    before = mappings.Clusters(4)
    before.proportions = UNEQUAL
    np.testing.assert_allclose(before.proportions, UNEQUAL, rtol=1e-6)
    before.build((None, dim))
    after, y = made(4, dim, learn_proportions=True), prior_draws(50, dim)
    compiled = tf.function(after)
    compiled(y)
    after.proportions = np.array(UNEQUAL)
    np.testing.assert_allclose(after.proportions, UNEQUAL, rtol=1e-6)
    np.testing.assert_allclose(compiled(y), before(y), rtol=1e-5, atol=1e-5)
    assert before.get_config()["proportions"] == after.get_config()["proportions"] == UNEQUAL


@pytest.mark.parametrize("bad", [[0.5, 0.4], [np.nan, 0.5], [1.0], [1.5, -0.5]])
@pytest.mark.parametrize("built", [False, True])
def test_bad_proportions_are_refused_and_change_nothing(bad, built):
    clusters = made(2, 1) if built else mappings.Clusters(2)
    with pytest.raises(ValueError, match="proportions must be 2 numbers > 0 with sum 1; got"):
        clusters.proportions = bad
    np.testing.assert_array_equal(clusters.proportions, [0.5, 0.5])


# ---------------------------------------------------------------------- half precision


@pytest.mark.filterwarnings("ignore:`shuffle=True` was passed")
@pytest.mark.filterwarnings("ignore:The model does not have any trainable weights")
@pytest.mark.parametrize(
    ("policy", "k", "dim", "kwargs"),
    [
        ("float16", 2, 1, {"learn_proportions": True}),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in [
                ("float32", 2, 1, {"power": 0.3}),
                ("float16", 3, 4, {"power": 0.3}),
                ("bfloat16", 5, 2, {"learn_proportions": True}),
            ]
        ),
    ],
)
def test_keras_own_layer_test_passes(policy, k, dim, kwargs):
    keras.config.set_dtype_policy(policy)
    testing.TestCase().run_layer_test(
        mappings.Clusters,
        init_kwargs={"num_clusters": k, **kwargs},
        input_shape=(6, dim),
        expected_output_shape=(6, dim),
        expected_num_trainable_weights=int("learn_proportions" in kwargs),
    )


@pytest.mark.parametrize("policy", ["float16", "bfloat16"])
@pytest.mark.parametrize("dim", [1, 2])
def test_half_precision_only_rounds_what_goes_in_and_out(policy, dim):
    y = keras.ops.cast(prior_draws(200, dim), policy)
    expected = made(4, dim, proportions=UNEQUAL)(keras.ops.cast(y, "float32"))
    half = made(4, dim, proportions=UNEQUAL, dtype=policy)
    np.testing.assert_array_equal(
        keras.ops.cast(half(y), "float32"),
        keras.ops.cast(keras.ops.cast(expected, policy), "float32"),
    )


# ---------------------------------------------------------------------- learned proportions


def occupancy_loss(clusters, y):
    with tf.GradientTape() as tape:
        clusters(y, training=True)
        (loss,) = clusters.losses
    return float(loss), tape.gradient(loss, clusters.raw_logits).numpy()


@pytest.mark.parametrize("dim", [1, 2])
def test_occupancy_loss_is_the_divergence_from_occupancy_to_proportions(dim):
    clusters = made(4, dim, proportions=UNEQUAL, learn_proportions=True)
    y = 0.5 + prior_draws(500, dim)
    counts = np.bincount(clusters.part(y), minlength=4)
    loss, gradient = occupancy_loss(clusters, y)
    assert loss == pytest.approx(stats.entropy(counts / 500, UNEQUAL), rel=1e-4, abs=1e-6)
    # d KL / d (5 logits) = proportions - occupancy: descent moves the proportions to the occupancy.
    np.testing.assert_allclose(gradient, 5 * (UNEQUAL - counts / 500), atol=1e-4)


@pytest.mark.parametrize("dim", [1, 2])
def test_occupancy_loss_vanishes_when_codes_have_the_proportions(dim):
    clusters = made(4, dim, proportions=UNEQUAL, learn_proportions=True)
    y = prior_draws(2000, dim)
    part = keras.ops.convert_to_numpy(clusters.part(y))
    y = np.concatenate([y[part == k][: int(100 * UNEQUAL[k])] for k in range(4)])
    loss, gradient = occupancy_loss(clusters, y)
    assert loss == pytest.approx(0, abs=1e-5)
    np.testing.assert_allclose(gradient, 0, atol=1e-6)


def test_gradient_steps_bring_the_proportions_to_the_occupancy():
    clusters = made(2, 1, learn_proportions=True)
    y = np.where(np.arange(100) < 80, -2.0, 2.0).astype("float32")[:, None]
    for _ in range(25):
        clusters.raw_logits.assign_sub(0.2 * occupancy_loss(clusters, y)[1])
    np.testing.assert_allclose(clusters.proportions, [0.8, 0.2], atol=1e-3)


def test_an_empty_part_leaves_the_loss_finite():
    clusters = made(3, 1, learn_proportions=True)
    loss, gradient = occupancy_loss(clusters, np.full((10, 1), 3.0, "float32"))
    assert loss == pytest.approx(math.log(3), rel=1e-5)
    np.testing.assert_allclose(gradient, [5 / 3, 5 / 3, -10 / 3], atol=1e-5)


def test_occupancy_loss_is_added_only_in_training_and_only_if_learned():
    y = prior_draws(10, 2)
    learned, fixed = made(3, 2, learn_proportions=True), made(3, 2)
    learned(y)
    fixed(y, training=True)
    assert learned.losses == [] and fixed.losses == []
    assert len(learned.trainable_weights) == 1 and fixed.trainable_weights == []


@pytest.mark.parametrize("dim", [1, 2])
@pytest.mark.parametrize("power", [None, 0.3])
@pytest.mark.parametrize("logits", [[0.0, 0.0, -40.0], [-40.0, 0.0, 0.0], [9.0, -40.0, 0.0]])
def test_vanished_parts_leave_values_and_gradients_finite(logits, power, dim):
    clusters = made(3, dim, power=power, learn_proportions=True)
    clusters.raw_logits.assign(logits)
    y = np.concatenate([prior_draws(50, dim), np.zeros((1, dim), "float32")])
    with tf.GradientTape() as tape:
        z = clusters(y, training=True)
        total = tf.reduce_sum(z) + sum(clusters.losses)
    assert np.isfinite(z).all() and np.isfinite(total)
    assert np.isfinite(tape.gradient(total, clusters.raw_logits)).all()
    assert np.isfinite(clusters.boundary_distance(y)).all()
