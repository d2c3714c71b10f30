"""Name, dtype and trainable: the config of each layer keeps what every Keras layer takes."""

import keras
import pytest
from helpers.mappings import by_class

from intelvae_keras import likelihoods, mappings, networks, posteriors, priors

MAKE = {mapping: case.make for mapping, case in by_class().items()} | {
    priors.Flow: lambda **kw: priors.Flow(hidden=[4], **kw),
    priors.GaussianMixture: lambda **kw: priors.GaussianMixture(3, **kw),
    priors.Laplace: priors.Laplace,
    priors.StandardNormal: priors.StandardNormal,
    priors.VampPrior: lambda **kw: priors.VampPrior(3, **kw),
    posteriors.GaussianPosterior: lambda **kw: posteriors.GaussianPosterior(2, "full", **kw),
    likelihoods.Bernoulli: likelihoods.Bernoulli,
    likelihoods.ContinuousBernoulli: likelihoods.ContinuousBernoulli,
    likelihoods.Gaussian: lambda **kw: likelihoods.Gaussian(scale="learned", **kw),
    likelihoods.Laplace: lambda **kw: likelihoods.Laplace(scale="learned", **kw),
    likelihoods.Poisson: likelihoods.Poisson,
    likelihoods.NegativeBinomial: likelihoods.NegativeBinomial,
    likelihoods.Categorical: lambda **kw: likelihoods.Categorical(3, **kw),
    likelihoods.LogNormal: likelihoods.LogNormal,
    likelihoods.Columns: lambda **kw: likelihoods.Columns([([0, 1], "gaussian")], **kw),
    networks.DepthToSpace: lambda **kw: networks.DepthToSpace(2, keep=(3, 3), **kw),
}
every_layer = pytest.mark.parametrize(
    "kind", MAKE, ids=lambda kind: f"{kind.__module__.split('.')[1]}-{kind.__name__}"
)


def test_no_layer_is_forgotten():
    bases = {mappings.Mapping, priors.Prior, likelihoods.Likelihood}
    public = {
        item
        for module in (mappings, priors, posteriors, likelihoods, networks)
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, keras.layers.Layer)
        if item.__module__.startswith("intelvae_keras") and not item.__name__.startswith("_")
    }
    assert public - bases == set(MAKE)


@every_layer
@pytest.mark.parametrize("trainable", [True, False])
def test_a_config_keeps_name_dtype_and_trainable(kind, trainable):
    layer = MAKE[kind](name="mine", dtype="float64")
    layer.trainable = trainable
    config = layer.get_config()
    serialised = keras.saving.serialize_keras_object(layer)
    for again in (kind.from_config(config), keras.saving.deserialize_keras_object(serialised)):
        assert type(again) is kind
        assert again.name == "mine"
        assert again.dtype_policy.name == "float64"
        assert again.trainable is trainable
        assert again.get_config() == config
