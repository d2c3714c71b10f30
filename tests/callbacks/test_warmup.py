"""`Warmup`: what it makes of a model, and that training is that of the single callbacks, to the bit."""

import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.marks import fast_first
from helpers.models import assert_same_bits, binary, small_vae, weights_of

from intelvae_keras import callbacks, mappings, presets

X = binary(24)


def planned(mapping, latent_dim, epochs=20, warmup=None, **options):
    """What `Warmup` stands for: (name, epochs) of each callback, in their order."""
    vae = small_vae(latent_dim, mapping=mapping)
    vae.build((None, 6))
    warmup = warmup or callbacks.Warmup()
    warmup.plan(vae, epochs, X, **options)
    return [
        (type(part).__name__, part.epoch if isinstance(part, callbacks.RayTurn) else part.epochs)
        for part in warmup.callbacks
    ]


def sequential():
    return keras.Sequential([mappings.Linear(np.eye(2)), keras.Sequential([mappings.Clusters(3)])])


@pytest.mark.parametrize(
    ("mapping", "latent_dim", "epochs", "expected"),
    [
        (lambda: None, 2, 20, []),
        (mappings.Circle, 2, 20, []),
        (lambda: mappings.Clusters(2), 1, 20, [("StrengthAnnealing", (0.0, 14.0))]),
        (
            lambda: mappings.Clusters(2, learn_proportions=True), 1, 20,
            [("BoundarySearch", (3.0, 6.0)), ("StrengthAnnealing", (6.0, 14.0))],
        ),
        (  # too short for a search
            lambda: mappings.Clusters(2, learn_proportions=True), 1, 3,
            [("StrengthAnnealing", (0.0, 2.1))],
        ),
        (
            lambda: mappings.Clusters(5), 2, 76,
            [("RayTurn", 19), ("StrengthAnnealing", (19, 22.8)), ("WidthAnnealing", (0.0, 53.2))],
        ),
        (
            lambda: mappings.Clusters(5), 3, 2,
            [("RayTurn", 1), ("StrengthAnnealing", (1, 1.5)), ("WidthAnnealing", (0.0, 1.4))],
        ),
        (lambda: mappings.Clusters(5), 2, 1, [("WidthAnnealing", (0.0, 0.7))]),
        (lambda: mappings.Clusters(5, turnable=False), 2, 20, [("WidthAnnealing", (0.0, 14.0))]),
        (lambda: mappings.Clusters(2, power=0.3), 1, 20, [("StrengthAnnealing", (0.0, 14.0))]),
        (lambda: mappings.Star(3), 2, 20, [("Folding", (0.0, 14.0))]),
        (
            sequential, 2, 20,
            [("RayTurn", 5), ("StrengthAnnealing", (5, 6.0)), ("WidthAnnealing", (0.0, 14.0))],
        ),
    ],
)  # fmt: skip
def test_each_mapping_gets_what_its_recipe_has(mapping, latent_dim, epochs, expected):
    found = planned(mapping(), latent_dim, epochs)
    assert found[0] == ("KLWarmup", pytest.approx(0.4 * epochs))
    assert [name for name, _ in found[1:]] == [name for name, _ in expected]
    for (_, ours), (_, theirs) in zip(found[1:], expected, strict=True):
        assert ours == pytest.approx(theirs)


def test_other_callbacks_keep_what_they_move():
    taken = {"kl_weight", "current_strength"}
    assert planned(mappings.Clusters(2), 1, taken=taken) == []
    vae = small_vae(1, mapping=mappings.Clusters(2))
    vae.run_eagerly = True
    both = [callbacks.StrengthAnnealing(epochs=(1, 2)), callbacks.Warmup(kl=0.5)]
    vae.fit(X, epochs=2, callbacks=both, verbose=0)
    assert [type(part) for part in both[1].callbacks] == [callbacks.KLWarmup]


def test_a_mapping_says_over_what_the_kl_grows():
    """A threshold trained while the KL weighs little finds mixtures of the patterns."""
    inside = keras.Sequential([mappings.Linear(np.eye(2)), mappings.Threshold(0.3)])
    assert planned(mappings.Threshold(0.3), 2) == planned(inside, 2) == []
    found = planned(mappings.Threshold(0.3), 2, epochs=10, warmup=callbacks.Warmup(kl=0.1))
    assert found == [("KLWarmup", pytest.approx(1.0))]


def test_no_kl_and_no_epochs():
    assert planned(None, 2, warmup=callbacks.Warmup(kl=0)) == []
    assert planned(mappings.Star(3), 2, epochs=0) == []


def single_callbacks(name, epochs):
    """The recipes in numbers, as they were tuned."""
    c = callbacks
    return {
        "mnist01-clusters": lambda: [
            c.KLWarmup(epochs=0.2 * epochs), c.StrengthAnnealing(epochs=0.7 * epochs)
        ],
        "star": lambda: [c.KLWarmup(epochs=0.4 * epochs), c.Folding(epochs=0.7 * epochs)],
        "fashion-sparse": lambda: [c.KLWarmup(epochs=0.08 * epochs)],
        "clusters5": lambda: [
            c.KLWarmup(epochs=0.4 * epochs),
            c.RayTurn(POINTS["clusters5"], 1),
            c.StrengthAnnealing(epochs=(1, max(0.3 * epochs, 1.5))),
            c.WidthAnnealing(epochs=0.7 * epochs, start=1.0),
        ],
    }[name]()  # fmt: skip


SHAPES = {
    "mnist01-clusters": (28, 28, 1), "star": (2,), "fashion-sparse": (28, 28, 1), "clusters5": (2,)
}  # fmt: skip
POINTS = {
    name: np.random.default_rng(0).uniform(size=(600, *shape)).astype("float32")
    for name, shape in SHAPES.items()
}


@pytest.mark.parametrize("name", fast_first(SHAPES, []))
def test_a_preset_trains_as_with_the_single_callbacks_to_the_bit(name):
    found = []
    for single in (False, True):
        r = presets.recipe(name, seed=0, epochs=4)
        if single:
            r.fit["callbacks"] = single_callbacks(name, 4)
        r.model.fit(POINTS[name], verbose=0, **r.fit)
        found.append(r.model.get_weights())
    assert_same_bits(*found)


# ---------------------------------------------------------------------------- as the single ones do


def fitted(vae, warmup, **options):
    seen = []
    look = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: seen.append(float(vae.mapping.current_strength))
    )
    vae.fit(X, batch_size=12, callbacks=[warmup, look], verbose=0, **options)
    return seen


def test_it_follows_initial_epoch_and_a_second_fit_begins_anew():
    vae = small_vae(1, mapping=mappings.Clusters(2, strength=1.0))
    whole = fitted(vae, callbacks.Warmup(), epochs=10)
    np.testing.assert_allclose(whole, np.minimum(np.arange(20) / 14, 1), rtol=1e-5)
    warmup = callbacks.Warmup()
    np.testing.assert_allclose(fitted(vae, warmup, epochs=10, initial_epoch=4), whole[8:])
    np.testing.assert_allclose(fitted(vae, warmup, epochs=1), [0.0, 0.5 / 0.7], rtol=1e-5)


@pytest.mark.slow
def test_a_run_that_is_resumed_ends_with_the_same_bits(tmp_path):
    def made():
        keras.utils.set_random_seed(0)
        vae = small_vae(2, mapping=mappings.Clusters(3))
        vae.run_eagerly = True
        return vae

    class Killed(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    options = {"epochs": 3, "batch_size": 12, "verbose": 0}
    whole = made()
    whole.fit(X, callbacks=[callbacks.Warmup()], **options)
    backup = lambda: callbacks.BackupAndRestore(tmp_path / "backup")  # noqa: E731
    with pytest.raises(KeyboardInterrupt):
        made().fit(X, callbacks=[callbacks.Warmup(), backup(), Killed()], **options)
    resumed = made()
    resumed.fit(X, callbacks=[callbacks.Warmup(), backup()], **options)
    assert float(resumed.mapping.turn) > 0
    assert_same_bits(weights_of(resumed), weights_of(whole))


def test_several_steps_run_together():
    from intelvae_keras._engine import steps

    dataset = tf.data.Dataset.from_tensor_slices(np.zeros((400, 6), "float32")).batch(1)
    assert steps.steps_together(dataset, (6,), [callbacks.Warmup()]) > 1


# ---------------------------------------------------------------------------- data for the rays


class Batches(keras.utils.PyDataset):
    num_batches = 2

    def __getitem__(self, index):
        return X[12 * index : 12 * (index + 1)]


@pytest.mark.parametrize(
    "stream",
    [
        pytest.param(
            lambda: tf.data.Dataset.from_tensor_slices((X, np.arange(24))).batch(12),
            marks=pytest.mark.slow,
        ),
        pytest.param(Batches, marks=pytest.mark.slow),
        lambda: [*map(np.asarray, (X[:12], X[12:]))].__iter__(),
    ],
    ids=["dataset", "pydataset", "iterator"],
)
def test_the_rays_turn_by_what_a_stream_yields(stream):
    vae = small_vae(2, mapping=mappings.Clusters(3))
    vae.run_eagerly = True
    stream, once = stream(), None
    if not isinstance(stream, tf.data.Dataset | Batches):
        with pytest.raises(ValueError, match=r"can be read once.*Warmup\(x=\.\.\.\)"):
            vae.fit(stream, epochs=2, steps_per_epoch=1, callbacks=[callbacks.Warmup()], verbose=0)
        once, stream = X, iter([X[:12], X[12:]])
    warmup = callbacks.Warmup(x=once)
    steps = {} if once is None else {"steps_per_epoch": 1}
    vae.fit(stream, epochs=2, callbacks=[warmup], verbose=0, **steps)
    np.testing.assert_array_equal(warmup.callbacks[1].x, X)
    assert float(vae.mapping.turn) > 0


def test_rays_behind_other_mappings_turn_by_what_reaches_them():
    swap = np.array([[0.0, 1.0], [1.0, 0.0]])
    turns = []
    for mapping in (
        mappings.Clusters(5),
        keras.Sequential([mappings.Linear(swap), mappings.Clusters(5)]),
    ):
        vae = small_vae(2, mapping=mapping, compile=False)
        vae.compile(keras.optimizers.SGD(0.0), run_eagerly=True)
        vae.fit(X, epochs=2, callbacks=[callbacks.Warmup()], verbose=0)
        clusters = mapping if isinstance(mapping, mappings.Clusters) else mapping.layers[-1]
        turns.append(float(clusters.turn))
        codes = vae.posterior(X).mean().numpy()
    codes = codes @ swap if turns[0] != turns[1] else codes
    from intelvae_keras.callbacks.ray_turn import emptiest

    expected = emptiest(np.arctan2(codes[:, 1], codes[:, 0]), np.full(5, 0.2))
    assert turns[1] == pytest.approx(expected) and turns[0] != turns[1]


def test_a_mapping_of_ones_own_may_ask_for_growth():
    @keras.saving.register_keras_serializable(package="warmup_tests")
    class Growing(mappings.Mapping):
        scheduled = {"current_size": 3.0}

        def build(self, input_shape):
            super().build(input_shape)
            self.current_size = self.add_weight(shape=(), initializer="ones", trainable=False)

        def call(self, y):
            return self.current_size * y

        def schedule(self, epochs):
            return [mappings.Growth("current_size", 0.0, epochs, start=1.0)]

    vae, seen = small_vae(1, mapping=Growing()), []
    vae.run_eagerly = True
    look = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: seen.append(float(vae.mapping.current_size))
    )
    vae.fit(X, epochs=4, batch_size=24, callbacks=[callbacks.Warmup(), look], verbose=0)
    np.testing.assert_allclose(seen, [1.0, 1.5, 2.0, 2.5])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"kl": 1.5}, ValueError, r"kl must be a proportion of the epochs, in \[0, 1\]; got 1.5"),
        ({"kl": -1}, ValueError, "kl must be a finite number >= 0"),
        ({"kl": "a"}, TypeError, "kl"),
        ({"x": "data"}, TypeError, "x must"),
    ],
)
def test_bad_arguments_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        callbacks.Warmup(**arguments)


# ---------------------------------------------------------------------------- a fit without it


def test_a_fit_without_a_schedule_says_so_once():
    vae = small_vae(1, mapping=mappings.Clusters(2))
    vae.run_eagerly = True
    with pytest.warns(
        UserWarning, match=r"Clusters has its full shape.*callbacks\.Warmup\(\)"
    ) as said:
        vae.fit(X, epochs=2, verbose=0)
    (ours,) = [warning for warning in said if warning.category is UserWarning]
    assert ours.filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        vae.fit(X, epochs=2, verbose=0)
        vae.compile("sgd", run_eagerly=True)
        vae.fit(X, epochs=2, verbose=0)


@pytest.mark.parametrize(
    ("mapping", "options"),
    [
        (lambda: mappings.Clusters(2), {"epochs": 1}),
        (
            lambda: mappings.Clusters(2),
            {"epochs": 2, "callbacks": [callbacks.StrengthAnnealing(1)]},
        ),
        (lambda: mappings.Clusters(2), {"epochs": 2, "callbacks": [callbacks.Warmup()]}),
        (mappings.Circle, {"epochs": 2}),
        (lambda: None, {"epochs": 2}),
    ],
)
def test_where_none_is_missed_nothing_is_said(mapping, options):
    vae = small_vae(2, mapping=mapping())
    vae.run_eagerly = True
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        vae.fit(X, verbose=0, **options)


@pytest.mark.filterwarnings("ignore:Your input ran out of data")  # so Keras learns the length
@pytest.mark.parametrize("epochs", [1, 3])
def test_the_last_epoch_of_a_stream_of_unknown_length_has_the_full_values(epochs):
    vae = small_vae(2, mapping=mappings.Star(3), compile=False)
    vae.compile("adam", run_eagerly=True)
    stream = tf.data.Dataset.from_generator(
        lambda: iter([X]), output_signature=tf.TensorSpec((None, 6), tf.float32)
    )
    vae.fit(stream, epochs=epochs, callbacks=[callbacks.Warmup()], verbose=0)
    assert float(vae.kl_weight) == float(vae.mapping.current_fold) == 1
