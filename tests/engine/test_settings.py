"""Numbers that a user sets act at once, in compiled functions too; structure refuses."""

import keras
import numpy as np
import pytest
from helpers.models import SHAPE, FirstState, eager_functions, small_vae, without_noise
from helpers.views import X, views

from intelvae_keras import likelihoods, mappings, posteriors, priors
from intelvae_keras._engine import settings


def test_beta_acts_at_once_in_fit_and_evaluate():
    vae = without_noise(small_vae(compile=False))
    vae.compile(keras.optimizers.SGD(0.0))
    vae.fit(X, verbose=0)
    for beta in (1000.0, 0):
        vae.beta = beta
        for terms in (
            {name: values[0] for name, values in vae.fit(X, verbose=0).history.items()},
            vae.evaluate(X, verbose=0, return_dict=True),
        ):
            expected = terms["reconstruction"] + beta * terms["kl"]
            assert terms["loss"] == pytest.approx(expected, rel=1e-5)
        assert vae.get_config()["beta"] == beta


def test_beta_that_a_callback_sets_acts_in_the_same_fit():
    vae = without_noise(small_vae(compile=False))
    vae.compile(keras.optimizers.SGD(0.0))
    schedule = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: setattr(vae, "beta", 10.0**epoch)
    )
    history = vae.fit(X, epochs=3, callbacks=[schedule], verbose=0).history
    expected = np.array(history["reconstruction"]) + 10.0 ** np.arange(3) * history["kl"]
    np.testing.assert_allclose(history["loss"], expected, rtol=1e-5)


def test_beta_moves_the_weights_that_training_reaches():
    vae = small_vae(beta=1.0, compile=False)
    vae.compile(keras.optimizers.Adam(0.05))
    state, kl = FirstState(vae), []
    for beta in (0.0, 1000.0):
        state.restored()
        vae.beta = 1.0
        vae.fit(X, verbose=0)  # traced with beta = 1
        vae.beta = beta
        vae.fit(X, epochs=8, verbose=0)
        kl.append(np.mean(vae.elbo(X).kl))
    assert kl[1] < 0.5 * kl[0]


def test_a_likelihoods_scale_acts_at_once_everywhere():
    vae = small_vae(likelihood=likelihoods.Gaussian(scale=1.0))
    wide = vae.log_likelihood(X[:4], num_samples=5)
    vae.evaluate(X, verbose=0)  # both are now compiled
    for scale, recompile in ((0.1, False), (0.05, True)):
        vae.likelihood.scale = scale
        if recompile:
            vae.compile("adam")
        narrow = small_vae(likelihood=likelihoods.Gaussian(scale=scale), compile=False)
        narrow.compile("adam", run_eagerly=True)
        narrow.build((None, *SHAPE))
        narrow.set_weights(vae.get_weights())
        found = vae.log_likelihood(X[:4], num_samples=5)
        with eager_functions():
            expected = narrow.log_likelihood(X[:4], num_samples=5)
        np.testing.assert_allclose(found, expected, rtol=1e-5)
        assert (found < wide - 1).all()
        terms, expected = (m.evaluate(X, verbose=0, return_dict=True) for m in (vae, narrow))
        assert terms["reconstruction"] == pytest.approx(expected["reconstruction"], rel=0.3)
        assert vae.get_config()["likelihood"]["config"]["scale"] == scale


@pytest.mark.parametrize("make", [mappings.Sparse, mappings.SparsityPenalty])
def test_gamma_acts_at_once(make):
    vae = without_noise(small_vae(4, mapping=make(gamma=1.0), compile=False))
    vae.compile(keras.optimizers.SGD(0.0))
    before = vae.fit(X, verbose=0).history["mapping_loss"][0]
    vae.mapping.gamma = 7.0
    during = vae.fit(X, verbose=0).history["mapping_loss"][0]
    vae.run_eagerly = True
    after = vae.evaluate(X, verbose=0, return_dict=True)["mapping_loss"]
    assert during == pytest.approx(7 * before, rel=1e-2)
    assert after == pytest.approx(during, rel=1e-2)


def test_a_cluster_mappings_numbers_act_at_once_and_are_saved(tmp_path):
    numbers = {"num_clusters": 2, "strength": 3.0, "width": 0.5}
    vae = small_vae(mapping=mappings.Clusters(**numbers))
    y = vae.posterior(X).mean().numpy()
    for name in ("strength", "width"):
        numbers[name] = 0.05
        setattr(vae.mapping, name, 0.05)
        np.testing.assert_allclose(vae.encode(X), mappings.Clusters(**numbers)(y), rtol=1e-5)
    vae.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.mapping.get_config() == vae.mapping.get_config()
    with eager_functions():
        np.testing.assert_allclose(loaded.encode(X), vae.encode(X), rtol=1e-5)


def test_a_bad_number_is_refused_when_it_is_set():
    vae = small_vae(4, mapping=mappings.Sparse(), likelihood=likelihoods.Gaussian(0.5))
    with pytest.raises(ValueError, match="beta must be a finite number >= 0; got -1"):
        vae.beta = -1
    with pytest.raises(TypeError, match="gamma must be a number"):
        vae.mapping.gamma = "3"
    with pytest.raises(ValueError, match="scale must be a finite number > 0; got 0"):
        vae.likelihood.scale = 0
    assert (vae.beta, vae.mapping.gamma, vae.likelihood.scale) == (1.0, 3.0, 0.5)


def test_what_is_a_matter_of_structure_refuses_to_be_set():
    vae = small_vae(likelihood=likelihoods.Gaussian("learned"))
    with pytest.raises(
        AttributeError, match="latent_dim of InteLVAE is fixed .* it is 2.*become 3"
    ):
        vae.latent_dim = 3
    with pytest.raises(AttributeError, match="scale of Gaussian is fixed"):
        vae.likelihood.scale = 0.1
    assert vae.latent_dim == 2 and vae.likelihood.scale == "learned"


def test_a_users_own_layer_may_have_a_setting():
    class Scaled(mappings.Mapping):
        factor = settings.Setting(lambda name, value: float(value))

        def __init__(self, factor=1.0, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, y):
            return y * settings.in_force(self, "factor")

    vae = small_vae(mapping=Scaled())
    before = vae.encode(X)
    vae.mapping.factor = 3
    np.testing.assert_allclose(vae.encode(X), 3 * before, rtol=1e-6)


def test_the_laplace_priors_scale_acts_at_once():
    vae = small_vae(prior=priors.Laplace())
    views(vae)  # compiles every function
    vae.prior.scale = 3.0
    other = small_vae(prior=priors.Laplace(3.0))
    other.build((None, *SHAPE))
    other.set_weights(vae.get_weights())
    found, expected = views(vae), views(other, line_by_line=True)
    for name in ("sample", "log_likelihood", "evaluate"):
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-5, err_msg=name)


MADE = {
    "matrix": lambda: mappings.Linear(np.eye(2)),
    "fn": lambda: mappings.Function(keras.ops.tanh),
    "groups": lambda: mappings.Hierarchical([1, 1]),
    "hidden": lambda: mappings.Sparse(),
    "power": lambda: mappings.Clusters(2, power=0.5),
    "num_rays": lambda: mappings.Star(3),
    "num_components": lambda: priors.GaussianMixture(3),
    "bound": lambda: priors.Flow(),
    "covariance": lambda: posteriors.GaussianPosterior(2),
}


@pytest.mark.parametrize("name", MADE)
def test_structure_of_every_part_refuses_to_be_set(name):
    part = MADE[name]()
    with pytest.raises(AttributeError, match=f"{name} of {type(part).__name__} is fixed"):
        setattr(part, name, 7)
