"""Every prior but N(0, I): density, draws, divergence, training, saving; against independent truths."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.linear_gaussian import central_difference
from helpers.models import assert_same_bits, binary, small_vae, weights_of
from helpers.priors import MAKE
from scipy import integrate, special, stats
from tensorflow_probability import distributions as tfd

from intelvae_keras import likelihoods, networks, priors
from intelvae_keras.priors.spline import spline

X = binary(24)
ALL = pytest.mark.parametrize("name", MAKE)
LEARNED = pytest.mark.parametrize("name", [name for name in MAKE if name != "laplace"])
SEED = tf.constant([0, 1])


def model_with(name, latent_dim=1, **kwargs):
    """A small model whose prior and posterior are far from those that training starts with."""
    vae = small_vae(latent_dim, prior=MAKE[name](), **{"compile": False} | kwargs)
    vae.build((None, 6))
    rng = np.random.default_rng(latent_dim)
    size = 0.5 if latent_dim == 1 else 0.2
    for weight in [*vae.prior.weights, *vae.posterior_layer.weights]:
        if "values" not in weight.path:  # the pseudo-inputs stay in the support
            weight.assign(weight + size * rng.normal(size=weight.shape))
    return vae


def bent(name, latent_dim=1, **kwargs):
    return model_with(name, latent_dim, **kwargs).prior


# ---------------------------------------------------------------------------- densities and draws


@ALL
def test_density_on_the_line_integrates_to_one_and_draws_follow_it(name):
    prior = bent(name)
    grid = np.linspace(-25, 25, 100_001, dtype="float32")
    density = np.exp(prior.log_prob(tf.constant(grid[:, None])).numpy())
    mass = integrate.cumulative_trapezoid(density, grid.astype("float64"), initial=0)
    assert mass[-1] == pytest.approx(1, abs=1e-4)
    draws = prior.sample(4000, 1, seed=SEED).numpy()
    assert draws.shape == (4000, 1)
    assert stats.kstest(draws[:, 0], lambda y: np.interp(y, grid, mass)).pvalue > 1e-3
    np.testing.assert_array_equal(prior.sample(4000, 1, seed=SEED), draws)


@ALL
def test_density_in_the_plane_integrates_to_one_and_draws_have_its_moments(name):
    prior = bent(name, 2, posterior="full")
    axis = np.linspace(-12, 12, 401, dtype="float32")
    points = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    mass = np.exp(prior.log_prob(tf.constant(points)).numpy().astype("float64"))
    mass *= (axis[1] - axis[0]) ** 2
    assert mass.sum() == pytest.approx(1, abs=2e-3)
    draws = prior.sample(20_000, 2, seed=SEED).numpy()
    for function in (lambda y: y, lambda y: y**2, lambda y: y[:, :1] * y[:, 1:], np.tanh):
        values = function(draws)
        error = values.std(0) / math.sqrt(len(draws))
        assert np.all(np.abs(values.mean(0) - mass @ function(points)) < 5 * error + 2e-3)


@ALL
def test_log_prob_is_that_of_the_distribution_with_any_leading_axes(name):
    prior = bent(name, 3, posterior="full")
    y = tf.random.stateless_normal((2, 5, 3), SEED)
    expected = prior.distribution(3).log_prob(y)
    assert expected.shape == (2, 5)
    np.testing.assert_allclose(prior.log_prob(y), expected, rtol=1e-4, atol=1e-4)
    assert prior.log_prob(y[:, :0]).shape == (2, 0)  # a replica's empty batch


@ALL
def test_fifty_latents_give_finite_densities_and_draws(name):
    prior = bent(name, 50, posterior="full")
    draws = prior.sample(7, 50, seed=SEED)
    assert draws.shape == (7, 50)
    assert np.isfinite(prior.log_prob(draws)).all()
    assert np.isfinite(prior.log_prob(100 * draws)).all()


@pytest.mark.parametrize("name", ["vamp", "flow"])
def test_xla_gives_the_same_density(name):
    prior = bent(name, 2)
    y = tf.random.stateless_normal((9, 2), SEED)
    compiled = tf.function(prior.log_prob, jit_compile=True)
    np.testing.assert_allclose(compiled(y), prior.log_prob(y), rtol=1e-4, atol=1e-5)


def gaussian_mixture_log_prob(y, weights, means, covariances):
    """log sum_k w_k N(y; m_k, C_k), for y of shape (N, M)."""
    parts = [
        stats.multivariate_normal(mean, covariance).logpdf(y)
        for mean, covariance in zip(means, covariances, strict=True)
    ]
    return special.logsumexp(np.log(weights)[:, None] + parts, axis=0)


def test_mixture_is_that_of_scipy():
    prior = bent("mixture", 3)
    y = np.random.default_rng(0).normal(size=(7, 3)).astype("float32")
    scales = np.logaddexp(0, np.array(prior.raw_scales) + math.log(math.e - 1)) + 1e-5
    covariances = [np.diag(scale**2) for scale in scales]
    weights = special.softmax(np.array(prior.logits))
    expected = gaussian_mixture_log_prob(y, weights, np.array(prior.locs), covariances)
    np.testing.assert_allclose(prior.log_prob(y), expected, rtol=1e-4)


@pytest.mark.parametrize("posterior", ["diagonal", "full"])
def test_vamp_prior_is_the_mean_of_the_posteriors_at_the_pseudo_inputs(posterior):
    vae = model_with("vamp", 3, posterior=posterior)
    y = np.random.default_rng(0).normal(size=(7, 3)).astype("float32")
    q = vae.posterior(vae.prior.pseudo_inputs.numpy())
    expected = gaussian_mixture_log_prob(
        y, np.full(5, 0.2), q.mean().numpy(), q.covariance().numpy()
    )
    np.testing.assert_allclose(vae.prior.log_prob(y), expected, rtol=1e-4)


# ---------------------------------------------------------------------------- the flow


def test_spline_is_a_bijection_of_its_interval_and_its_slope_is_the_derivative():
    bound, num_bins = 3.0, 5
    raw = np.random.default_rng(0).normal(size=(200, 3 * num_bins - 1), scale=1.5)
    bijector = spline(tf.constant(raw), bound)
    x = np.linspace(-1.2 * bound, 1.2 * bound, 200)
    value = bijector.forward(tf.constant(x)).numpy()
    outside = np.abs(x) >= bound
    np.testing.assert_allclose(value[outside], x[outside], rtol=1e-12)
    assert (np.abs(value[~outside]) <= bound).all()
    np.testing.assert_allclose(bijector.inverse(tf.constant(value)), x, atol=1e-9)
    slope = central_difference(lambda at: bijector.forward(tf.constant(at)).numpy(), x, 1.0)
    log_slope = bijector.forward_log_det_jacobian(tf.constant(x), event_ndims=0)
    np.testing.assert_allclose(np.exp(log_slope), slope, rtol=1e-5)


def test_a_spline_without_parameters_is_the_identity_with_finite_gradients_everywhere():
    raw = tf.Variable(tf.zeros((7, 11)))
    x = tf.constant([-1e4, -2.0, -1.0, 0.0, 1.0, 2.0, 1e4])  # knots and beyond
    with tf.GradientTape() as tape:
        bijector = spline(raw, 2.0)
        value = bijector.forward(x)
        log_slope = bijector.forward_log_det_jacobian(x, event_ndims=0)
        loss = tf.reduce_sum(value + log_slope)
    np.testing.assert_allclose(value, x, atol=1e-6)
    np.testing.assert_allclose(log_slope, 0, atol=1e-5)
    assert np.isfinite(tape.gradient(loss, raw)).all()


def test_an_untrained_flow_is_the_standard_normal():
    prior = priors.Flow()
    prior.build((None, 3))
    y = 2 * tf.random.stateless_normal((50, 3), SEED)
    np.testing.assert_allclose(prior.log_prob(y), stats.norm.logpdf(y).sum(-1), rtol=1e-3)


@pytest.mark.parametrize("latent_dim", [1, 2, 5])
def test_flow_has_the_inverse_and_the_determinant_of_its_map(latent_dim):
    keras.config.set_dtype_policy("float64")
    prior = bent("flow", latent_dim)
    y = 2 * tf.random.stateless_normal((20, latent_dim), SEED, dtype=tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(y)
        noise, log_det = prior.to_noise(y)
    jacobian = tape.batch_jacobian(noise, y)
    np.testing.assert_allclose(log_det, tf.linalg.slogdet(jacobian)[1], atol=1e-9)
    np.testing.assert_allclose(prior.from_noise(noise), y, atol=1e-8)
    if latent_dim > 1:
        assert np.abs(jacobian).min(axis=0).max() > 0
        # Two layers, in opposite orders: every dimension depends on every other one.
        assert np.all(np.abs(jacobian).max(axis=0) > 1e-4)


# ---------------------------------------------------------------------------- divergences


def gaussian(covariance, batch=3, latent_dim=2, dtype="float32"):
    rng = np.random.default_rng(0)
    loc = 2 * rng.normal(size=(batch, latent_dim))
    triangle = np.tril(rng.uniform(-0.5, 0.5, (batch, latent_dim, latent_dim)))
    triangle[:, range(latent_dim), range(latent_dim)] = rng.uniform(0.2, 2, (batch, latent_dim))
    if covariance == "diagonal":
        diagonal = np.diagonal(triangle, axis1=1, axis2=2)
        return tfd.MultivariateNormalDiag(loc.astype(dtype), diagonal.astype(dtype))
    return tfd.MultivariateNormalTriL(loc.astype(dtype), triangle.astype(dtype))


@pytest.mark.parametrize("covariance", ["diagonal", "full"])
def test_divergence_from_laplace_is_exact(covariance):
    prior, q = priors.Laplace(0.6), gaussian(covariance)
    exact = prior.kl_divergence(q, q.mean()).numpy()
    for mean, scale, entropy, kl in zip(q.mean(), q.stddev(), q.entropy(), exact, strict=True):
        cross_entropy = sum(
            integrate.quad(
                lambda v, m=m, s=s: -stats.norm.pdf(v, m, s) * stats.laplace.logpdf(v, 0, 0.6),
                m - 10 * s,
                m + 10 * s,
                points=[0.0],
            )[0]
            for m, s in zip(mean.numpy(), scale.numpy(), strict=True)
        )
        assert kl == pytest.approx(cross_entropy - float(entropy), rel=1e-4)


def test_divergence_from_laplace_has_finite_gradients_at_extreme_posteriors():
    loc = tf.Variable([[0.0], [0.0], [1e4], [-1e4], [1e-20]])
    scale = tf.Variable([[1e-5], [1e4], [1e-5], [1.0], [1.0]])
    with tf.GradientTape() as tape:
        q = tfd.MultivariateNormalDiag(loc, scale)
        kl = priors.Laplace().kl_divergence(q, q.mean())
    assert np.isfinite(kl).all()
    assert all(np.isfinite(gradient).all() for gradient in tape.gradient(kl, [loc, scale]))


def test_laplace_has_unit_variance_by_default_and_estimates_what_it_does_not_know():
    prior = priors.Laplace()
    np.testing.assert_allclose(prior.distribution(2).variance(), 1, rtol=1e-6)
    q = tfd.Independent(tfd.Normal(tf.zeros((4, 2)), 1.0), 1)
    y = q.sample(seed=SEED)
    np.testing.assert_array_equal(prior.kl_divergence(q, y), q.log_prob(y) - prior.log_prob(y))


def test_a_mixture_of_one_has_the_closed_form():
    prior = priors.GaussianMixture(1)
    prior.build((None, 2))
    prior.locs.assign([[0.0, 0.0]])
    q = gaussian("full")
    expected = priors.StandardNormal().kl_divergence(q, q.mean())
    np.testing.assert_allclose(prior.kl_divergence(q, q.mean()), expected, rtol=1e-3)


@pytest.mark.parametrize(
    ("name", "covariance"),
    [("mixture", "full"), ("vamp", "full"), ("vamp", "diagonal"), ("flow", "diagonal")],
)
def test_gradient_of_the_divergence_is_its_derivative(name, covariance):
    keras.config.set_dtype_policy("float64")
    vae = model_with(name, 2, posterior=covariance)
    q = gaussian(covariance, dtype="float64")
    y = q.sample(seed=SEED)
    weights = vae.prior.trainable_weights
    if name == "vamp":  # the prior learns through the encoder as well
        weights = [*weights, *vae.encoder.weights, *vae.posterior_layer.weights]
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(vae.prior.kl_divergence(q, y))
    gradients = tape.gradient(loss, weights)
    rng = np.random.default_rng(0)
    for weight, gradient in zip(weights, gradients, strict=True):
        start = np.array(weight)

        def divergence(value, weight=weight):
            weight.assign(value)
            return float(tf.reduce_sum(vae.prior.kl_divergence(q, y)))

        direction = rng.normal(size=start.shape)
        slope = central_difference(divergence, start, direction)
        weight.assign(start)
        assert np.sum(gradient * direction) == pytest.approx(slope, rel=1e-5, abs=1e-7), weight.path
        assert np.any(gradient != 0), weight.path


# ---------------------------------------------------------------------------- the whole model


@ALL
def test_estimate_of_log_p_is_the_integral(name):
    vae = model_with(name, likelihood=likelihoods.Gaussian(0.8))
    linear, x = vae.posterior_layer.linear, X[:4]
    linear.kernel.assign(linear.kernel * [1.0, 0.0])
    linear.bias.assign([0.0, 3.0])  # q is wider than p(y|x), so that the weights are bounded
    y = np.linspace(-20, 20, 40_001, dtype="float32")[:, None]
    log_joint = vae.prior.log_prob(tf.constant(y)).numpy() + stats.norm.logpdf(
        x[:, None], vae.decoder(y).numpy(), 0.8
    ).sum(-1)
    log_p = special.logsumexp(log_joint.astype("float64"), axis=-1) + math.log(y[1, 0] - y[0, 0])
    np.testing.assert_allclose(vae.log_likelihood(x, 400_000), log_p, atol=0.03)


@ALL
def test_a_fit_lowers_the_loss_and_a_saved_model_is_the_same(name, tmp_path):
    vae = small_vae(2, prior=MAKE[name](), posterior="full", compile=False)
    vae.build((None, 6))
    vae.compile(keras.optimizers.Adam(0.02))
    start = [np.array(weight) for weight in vae.prior.trainable_weights]
    loss = vae.fit(X, epochs=30, batch_size=24, verbose=0).history["loss"]
    assert loss[-1] < loss[0] - 0.2
    for before, weight in zip(start, vae.prior.trainable_weights, strict=True):
        assert np.abs(before - weight).max() > 1e-3, weight.path
    assert len({id(weight) for weight in vae.weights}) == len(vae.weights)

    tf.config.run_functions_eagerly(True)  # quicker than graphs that run once
    vae.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.prior.get_config() == vae.prior.get_config()
    assert_same_bits(weights_of(loaded), weights_of(vae))
    np.testing.assert_array_equal(loaded.sample(5, seed=3), vae.sample(5, seed=3))
    y = tf.constant(loaded.encode(X))
    np.testing.assert_array_equal(loaded.prior.log_prob(y), vae.prior.log_prob(y))
    tf.config.run_functions_eagerly(False)


@pytest.mark.parametrize("name", ["vamp", "flow"])
def test_an_exported_model_draws_from_its_prior(name, tmp_path):
    vae = model_with(name, 2)
    vae.export(tmp_path / "export", verbose=False)
    served = tf.saved_model.load(tmp_path / "export")
    drawn = served.sample(num_samples=5, seed=3)
    np.testing.assert_allclose(drawn, vae.sample(5, seed=3), rtol=1e-3, atol=1e-5)


@ALL
def test_densities_are_in_full_precision_under_a_mixed_policy(name):
    keras.config.set_dtype_policy("mixed_bfloat16")
    vae = small_vae(2, prior=MAKE[name]())
    vae.run_eagerly = True
    loss = vae.fit(X, batch_size=24, verbose=0).history["loss"]
    assert np.isfinite(loss).all()
    assert vae.elbo(tf.constant(X)).kl.dtype == tf.float32
    assert {weight.dtype for weight in vae.prior.weights} <= {"float32"}


def test_a_clone_has_a_prior_of_the_same_kind():
    for make in MAKE.values():
        prior = make()
        clone = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(prior))
        assert type(clone) is type(prior) and clone.get_config() == prior.get_config()


def test_a_laplace_prior_and_a_laplace_likelihood_are_told_apart(tmp_path):
    vae = small_vae(likelihood="laplace", prior=priors.Laplace(0.5), compile=False)
    vae.build((None, 6))
    vae.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert type(loaded.likelihood) is likelihoods.Laplace
    assert type(loaded.prior) is priors.Laplace and loaded.prior.scale == 0.5


@pytest.mark.parametrize(
    "make", [lambda: priors.GaussianMixture(2, seed=0), lambda: priors.Flow(seed=0)]
)
def test_a_learned_prior_finds_two_modes_on_the_line(make):
    rng = np.random.default_rng(0)
    y = rng.choice([-2.0, 2.0], size=(2000, 1)) + 0.3 * rng.normal(size=(2000, 1))
    entropy = math.log(2) + 0.5 * math.log(2 * math.pi * math.e * 0.3**2)
    prior, y = make(), tf.constant(y, "float32")
    prior.build((None, 1))
    optimizer = keras.optimizers.Adam(0.05)
    optimizer.build(prior.trainable_weights)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = -tf.reduce_mean(prior.log_prob(y))
        weights = prior.trainable_weights
        optimizer.apply(tape.gradient(loss, weights), weights)
        return loss

    for _ in range(150):
        loss = step()
    assert float(loss) == pytest.approx(entropy, abs=0.05)  # nats


# ---------------------------------------------------------------------------- pseudo-inputs


def test_pseudo_inputs_start_as_examples_and_stay_in_the_support():
    examples = np.random.default_rng(0).uniform(size=(24, 6)).astype("float32")
    vae = small_vae(2, prior=priors.VampPrior(5, examples), compile=False)
    vae.compile(keras.optimizers.Adam(0.4), run_eagerly=True)
    vae.build((None, 6))
    start = vae.prior.pseudo_inputs.numpy()
    assert all(np.any(np.all(examples == u, axis=1)) for u in start)
    vae.fit(examples, epochs=3, batch_size=24, verbose=0)
    moved = vae.prior.pseudo_inputs.numpy()
    assert np.all(moved != start)
    assert moved.min() == 0 and moved.max() == 1  # some would have left


@pytest.mark.parametrize(
    ("support", "low", "high"),
    [((0, 1), 0.05, 0.95), ((0, 255), 10, 245), ((0, math.inf), 0.1, 1.5)],
)
def test_random_pseudo_inputs_lie_in_the_support(support, low, high):
    prior = priors.VampPrior(50, seed=0)
    prior.connect((4,), lambda x: None, support)
    values = prior.pseudo_inputs.numpy()
    assert values.min() >= support[0] and values.max() <= support[1]
    assert values.min() < low and values.max() > high


def test_random_pseudo_inputs_are_normal_where_there_is_no_support():
    prior = priors.VampPrior(100, seed=0)
    prior.connect((10,), lambda x: None, (-math.inf, math.inf))
    assert stats.kstest(prior.pseudo_inputs.numpy().ravel(), stats.norm.cdf).pvalue > 1e-3


def test_the_encoder_is_not_a_part_of_the_vamp_prior():
    vae = small_vae(2, prior=priors.VampPrior(5))
    vae.build((None, 6))
    assert [weight.shape for weight in vae.prior.weights] == [(5, 6)]


def test_the_regularisers_of_the_encoder_see_the_data_and_not_the_pseudo_inputs():
    penalties = []
    for prior in (None, priors.VampPrior(5, X)):
        keras.utils.set_random_seed(0)
        layer = keras.layers.Dense(4, activity_regularizer=keras.regularizers.L2(0.1))
        vae = small_vae(2, encoder=keras.Sequential([layer]), prior=prior)
        vae.build((None, 6))
        penalties.append(float(vae.elbo(tf.constant(X)).added_losses))
    assert penalties[0] > 0
    assert penalties[1] == pytest.approx(penalties[0], rel=1e-5)


def test_an_unconnected_vamp_prior_says_what_is_missing():
    with pytest.raises(ValueError, match="VampPrior needs the encoder of a built model"):
        priors.VampPrior(3).log_prob(tf.zeros((2, 2)))
    with pytest.raises(ValueError, match="call fit, or build"):
        small_vae(prior=priors.VampPrior(3)).sample(2)


def test_a_vamp_prior_serves_one_model_alone():
    prior = priors.VampPrior(3)
    vae = small_vae(prior=prior)
    vae.build((None, 6))
    vae.build((None, 6))  # of the same model, may be repeated
    with pytest.raises(ValueError, match="prior is in use by another model"):
        small_vae(prior=prior).build((None, 6))


@pytest.mark.parametrize(
    ("pseudo_inputs", "message"),
    [
        (255 * X, r"pseudo_inputs must lie in \[0, 1\].*got values from 0 to 255"),
        (X[:, :5], r"pseudo_inputs must have shape \(N, 6\).*got \(N, 5\)"),
    ],
)
def test_pseudo_inputs_that_do_not_suit_the_model_are_refused(pseudo_inputs, message):
    vae = small_vae(prior=priors.VampPrior(3, pseudo_inputs))
    with pytest.raises(ValueError, match=message):
        vae.build((None, 6))


# ---------------------------------------------------------------------------- arguments


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: priors.GaussianMixture(0), ValueError, "num_components must be .* >= 1; got 0"),
        (lambda: priors.GaussianMixture(2.0), TypeError, "num_components .* got 2.0"),
        (lambda: priors.GaussianMixture(2, seed=-1), ValueError, "seed .* got -1"),
        (lambda: priors.VampPrior(0), ValueError, "num_components must be .* >= 1; got 0"),
        (lambda: priors.VampPrior(2, seed="a"), TypeError, "seed .* got 'a'"),
        (lambda: priors.VampPrior(25, X), ValueError, r"at least num_components=25 .*\(24, 6\)"),
        (lambda: priors.VampPrior(2, X * np.nan), ValueError, "pseudo_inputs must be finite"),
        (lambda: priors.VampPrior(2, ["a", "b"]), TypeError, "pseudo_inputs must hold numbers"),
        (lambda: priors.Flow(0), ValueError, "num_layers .* got 0"),
        (lambda: priors.Flow(num_bins=1), ValueError, "num_bins .* >= 2; got 1"),
        (lambda: priors.Flow(hidden=[]), ValueError, r"hidden .* got \[\]"),
        (lambda: priors.Flow(bound=0), ValueError, "bound .* > 0; got 0"),
        (lambda: priors.Flow(seed=0.5), TypeError, "seed .* got 0.5"),
        (lambda: priors.Laplace(0), ValueError, "scale .* > 0; got 0"),
        (lambda: priors.Laplace("1"), TypeError, "scale .* got '1'"),
    ],
)
def test_bad_arguments_are_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_weights_of_a_mixture_may_be_fixed():
    prior = priors.GaussianMixture(3, learn_weights=False)
    prior.build((None, 2))
    assert len(prior.trainable_weights) == 2
    np.testing.assert_allclose(prior.distribution(2).mixture_distribution.probs_parameter(), 1 / 3)


def test_an_encoder_for_images_takes_pseudo_inputs():
    images = binary(8, (4, 4, 1))
    vae = small_vae(
        encoder=networks.conv_encoder([4], 8, patch=2),
        decoder=networks.mlp_decoder((4, 4, 1), [8]),
        prior=priors.VampPrior(3, images),
    )
    vae.run_eagerly = True
    vae.fit(images, batch_size=8, verbose=0)
    assert vae.prior.pseudo_inputs.shape == (3, 4, 4, 1)
    assert vae.sample(2, seed=0).shape == (2, 4, 4, 1)


@pytest.mark.parametrize("name", ["mixture", "vamp", "flow"])
def test_the_seed_of_a_prior_alone_decides_where_it_starts(name):
    starts = []
    for global_seed in (1, 2):
        keras.utils.set_random_seed(global_seed)
        prior = MAKE[name]()
        vae = small_vae(2, prior=prior, compile=False)
        vae.build((None, 6))
        starts.append([keras.ops.convert_to_numpy(weight) for weight in prior.weights])
    assert_same_bits(*starts)
    assert any(np.ptp(values) > 0 for values in starts[0])


def test_without_a_seed_the_global_one_decides():
    starts = []
    for global_seed in (1, 2, 1):
        keras.utils.set_random_seed(global_seed)
        prior = priors.GaussianMixture(4)
        prior.build((None, 2))
        starts.append(keras.ops.convert_to_numpy(prior.locs))
    assert (starts[0] != starts[1]).any()
    np.testing.assert_array_equal(starts[0], starts[2])
