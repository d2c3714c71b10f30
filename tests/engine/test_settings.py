"""Numbers that a user sets act at once, in compiled functions too; structure refuses."""

import keras
import numpy as np
import pytest
from helpers.models import SHAPE, small_vae, without_noise
from helpers.views import X, assert_one_model, trained, views

from intelvae_keras import likelihoods, mappings, posteriors, priors
from intelvae_keras._engine import settings


def test_beta_acts_at_once_in_fit_and_evaluate():
    vae = without_noise(small_vae(compile=False))
    vae.compile(keras.optimizers.SGD(0.0))
    vae.fit(X, batch_size=8, verbose=0)
    for beta in (1000.0, 0.5, 0):
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
    low, high = small_vae(beta=1.0), small_vae(beta=1.0)
    for vae, beta in ((low, 0.0), (high, 1000.0)):
        keras.utils.set_random_seed(0)
        vae.fit(X, verbose=0)  # traced with beta = 1
        vae.beta = beta
        vae.fit(X, epochs=40, verbose=0)
    kl = [vae.evaluate(X, verbose=0, return_dict=True)["kl"] for vae in (low, high)]
    assert kl[1] < 0.5 * kl[0]


@pytest.mark.parametrize("recompile", [False, True])
def test_a_likelihoods_scale_acts_at_once_everywhere(recompile):
    vae = trained(likelihood=likelihoods.Gaussian(scale=1.0))
    wide = vae.log_likelihood(X[:4], num_samples=5)
    vae.likelihood.scale = 0.1
    if recompile:
        vae.compile("adam")
    narrow = small_vae(likelihood=likelihoods.Gaussian(scale=0.1))
    narrow.build((None, *SHAPE))
    narrow.set_weights(vae.get_weights())
    found = vae.log_likelihood(X[:4], num_samples=5)
    np.testing.assert_allclose(found, narrow.log_likelihood(X[:4], num_samples=5), rtol=1e-5)
    assert (found < wide - 1).all()
    terms, expected = (m.evaluate(X, verbose=0, return_dict=True) for m in (vae, narrow))
    assert terms["reconstruction"] == pytest.approx(expected["reconstruction"], rel=0.3)
    assert vae.get_config()["likelihood"]["config"]["scale"] == 0.1


@pytest.mark.parametrize("make", [mappings.Sparse, mappings.SparsityPenalty])
def test_gamma_acts_at_once(make):
    vae = without_noise(small_vae(4, mapping=make(gamma=1.0), compile=False))
    vae.compile(keras.optimizers.SGD(0.0))
    before = vae.evaluate(X, verbose=0, return_dict=True)["mapping_loss"]
    vae.fit(X, verbose=0)
    vae.mapping.gamma = 7.0
    after = vae.evaluate(X, verbose=0, return_dict=True)["mapping_loss"]
    during = vae.fit(X, verbose=0).history["mapping_loss"][0]
    assert after == pytest.approx(7 * before, rel=1e-2)
    assert after == pytest.approx(during, rel=1e-2)


@pytest.mark.parametrize("name", ["strength", "width"])
def test_a_cluster_mappings_numbers_act_at_once(name, tmp_path):
    vae = trained(mapping=mappings.Clusters(2, strength=3.0, width=0.5))
    setattr(vae.mapping, name, 0.05)
    y = vae.posterior(X).mean().numpy()
    expected = mappings.Clusters(**{"num_clusters": 2, "strength": 3.0, "width": 0.5, name: 0.05})(
        y
    )
    np.testing.assert_allclose(vae.encode(X), expected, rtol=1e-5)
    assert_one_model(vae, tmp_path)


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
    vae.fit(X, verbose=0)
    views(vae)
    vae.prior.scale = 3.0
    other = small_vae(prior=priors.Laplace(3.0))
    other.build((None, *SHAPE))
    other.set_weights(vae.get_weights())
    np.testing.assert_allclose(vae.sample(5, seed=0), other.sample(5, seed=0), rtol=1e-5)
    found, expected = (m.log_likelihood(X[:4], num_samples=5) for m in (vae, other))
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    kl = [views(model)["evaluate"] for model in (vae, other)]
    np.testing.assert_allclose(*kl, rtol=1e-5)


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
