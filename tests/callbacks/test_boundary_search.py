"""The boundary search: it finds where the decoder jumps, when it is time."""

import keras
import numpy as np
import pytest
from helpers.models import idle, small_vae
from scipy import stats

from intelvae_keras import callbacks, mappings, networks

# A decoder of steps, on purpose: its logits lie in [-1, 1].
pytestmark = pytest.mark.filterwarnings("ignore:decoder gives numbers in")

X = np.random.default_rng(0).uniform(size=(400, 6)).astype("float32")  # rows that differ


class Note(keras.callbacks.Callback):
    """Notes the proportions when epochs begin, after the search."""

    def __init__(self):
        super().__init__()
        self.proportions = []

    def on_epoch_begin(self, epoch, logs=None):
        self.proportions.append(np.array(self.model.mapping.proportions))


class Jumps(keras.layers.Layer):
    """Logits of six pixels, as a sum of steps along y."""

    def __init__(self, places):
        super().__init__()
        self.places = places

    def call(self, z):
        return sum(keras.ops.tanh(100 * (z - p)) for p in self.places) * keras.ops.ones((1, 6))


def still(num_clusters=2, places=(0.0,), **kwargs):
    """A model that training does not change, with learned proportions."""
    clusters = mappings.Clusters(num_clusters, learn_proportions=True, **kwargs)
    vae = idle(small_vae(1, mapping=clusters, decoder=Jumps(places), compile=False))
    vae.build((None, 6))
    # The features spread the codes over the line.
    kernel, bias = vae.posterior_layer.linear.get_weights()
    vae.posterior_layer.linear.set_weights([3 * kernel, bias])
    return vae


def fit(vae, search, epochs, annealing=(5, 6)):
    note = Note()
    during = [callbacks.StrengthAnnealing(epochs=annealing), search, note]
    vae.fit(X, epochs=epochs, batch_size=200, callbacks=during, verbose=0)
    return note.proportions


@pytest.mark.parametrize(("k", "quantiles"), [(2, [0.1]), (2, [0.7]), (3, [0.2, 0.6])])
def test_boundaries_are_set_where_the_decoder_jumps(k, quantiles):
    vae = still(k)
    codes = vae.posterior(X).mean().numpy()[:, 0]
    places = np.quantile(codes, quantiles)
    vae.decoder.places = places.tolist()
    search = callbacks.BoundarySearch(X, epochs=(1, 1))
    found = fit(vae, search, epochs=6)
    np.testing.assert_allclose(found[0], np.full(k, 1 / k), rtol=1e-5)  # not yet
    # Between the quantiles of the codes on either side, in the mass of N(0, 1).
    boundaries = np.cumsum(found[1])[:-1]
    assert np.all(boundaries > stats.norm.cdf(np.quantile(codes, np.array(quantiles) - 0.01)))
    assert np.all(boundaries < stats.norm.cdf(np.quantile(codes, np.array(quantiles) + 0.01)))
    np.testing.assert_allclose(search.found, found[1], rtol=1e-5)


@pytest.mark.parametrize(
    ("epochs", "of", "searched"),
    [
        ((2, 3), 6, [2, 3]),
        ((1, 1), 6, [1]),
        ((1.5, 3.9), 6, [2, 3]),
        ((0.15 * 20, 0.3 * 20), 8, [3, 4, 5, 6]),
    ],
)
def test_it_searches_when_the_epochs_named_begin(epochs, of, searched, monkeypatch):
    vae = still()
    found, search, posterior = [], callbacks.BoundarySearch(X, epochs), vae.posterior
    note = lambda self, x: (found.append(search.epoch), posterior(x))[1]  # noqa: E731
    monkeypatch.setattr(type(vae), "posterior", note)

    class Epoch(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            search.epoch = epoch

    during = [Epoch(), callbacks.StrengthAnnealing(epochs=(epochs[1], of + 1)), search]
    vae.fit(X, epochs=of, batch_size=400, callbacks=during, verbose=0)
    assert found == searched


def test_large_data_are_thinned_evenly():
    x = np.arange(25_000, dtype="float32")[:, None]
    np.testing.assert_array_equal(callbacks.BoundarySearch(x, (1, 2)).x, x[::3])
    assert len(callbacks.BoundarySearch(x[:10_000], (1, 2)).x) == 10_000


@pytest.mark.slow
def test_after_the_search_the_proportions_become_those_of_the_data():
    # Pixels on in every tenth row, off in the others: the codes of the two kinds lie apart.
    kind = np.arange(400) % 10 == 0
    noise = np.random.default_rng(1).uniform(-0.1, 0.1, (400, 40))
    x = (np.where(kind[:, None], 0.9, 0.1) + noise).astype("float32")
    keras.utils.set_random_seed(0)
    clusters = mappings.Clusters(2, learn_proportions=True)
    decoder = networks.mlp_decoder((40,), [16])
    vae = small_vae(1, mapping=clusters, decoder=decoder, compile=False)
    vae.compile(keras.optimizers.Adam(0.02))
    search = callbacks.BoundarySearch(x, epochs=(20, 25))
    during = [callbacks.KLWarmup(epochs=20), search, callbacks.StrengthAnnealing(epochs=(25, 35))]
    vae.fit(x, epochs=40, batch_size=100, callbacks=during, verbose=0)
    part = np.asarray(clusters.part(vae.posterior(x).mean()))
    assert max(np.mean((part == 1) == kind), np.mean((part == 0) == kind)) == 1
    assert (
        min(search.found) > 0.2
    )  # of the prior's mass: the codes of one kind reach to the boundary
    assert min(np.array(clusters.proportions)) == pytest.approx(0.1, abs=0.05)


def test_a_strength_already_in_force_is_refused():
    search = callbacks.BoundarySearch(X, epochs=(1, 2))
    with pytest.raises(
        ValueError, match="epoch 1 needs a strength in force of 0.* begin at epoch 2"
    ):
        still().fit(X, epochs=3, callbacks=[search], verbose=0)


@pytest.mark.parametrize(
    ("latents", "mapping", "message"),
    [
        (1, None, "learn_proportions=True"),
        (1, mappings.Clusters(2), "learn_proportions=True"),
        (2, mappings.Clusters(2, learn_proportions=True), "needs one latent; got latent_dim=2"),
        (1, mappings.Clusters(2, learn_proportions=True), "never search.* last of the 1 epochs"),
    ],
)
def test_what_cannot_work_is_refused_before_training(latents, mapping, message):
    vae = small_vae(latents, mapping=mapping)
    with pytest.raises(ValueError, match=message):
        vae.fit(X, callbacks=[callbacks.BoundarySearch(X, (1, 2))], verbose=0)
    assert int(vae.optimizer.iterations.numpy()) == 0


@pytest.mark.parametrize(
    ("x", "epochs", "error", "message"),
    [
        (X, 3, ValueError, "epochs must be a pair"),
        (X, (1, 2, 3), ValueError, "epochs must be a pair"),
        (X, (3, 2), ValueError, "1 <= first <= last"),
        (X, (0, 2), ValueError, "1 <= first <= last"),
        (X, (1.2, 1.8), ValueError, "a whole epoch between"),
        (X, ("1", 2), TypeError, "epochs must be a number >= 0; got '1'"),
        (iter([X]), (1, 2), TypeError, "x must be an array"),
    ],
)
def test_bad_arguments_are_named(x, epochs, error, message):
    with pytest.raises(error, match=message):
        callbacks.BoundarySearch(x, epochs)
