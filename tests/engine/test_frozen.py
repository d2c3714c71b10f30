"""Every part and every layer inside it: frozen, unfrozen, saved, loaded, cloned and made from its config."""

import keras
import numpy as np
import pytest
from helpers.marks import fast_first
from helpers.models import SHAPE, binary, eager_functions, small_vae

from intelvae_keras import mappings, priors
from intelvae_keras._engine import frozen

X = binary(24)
MAPPINGS = {
    "linear": lambda: mappings.Linear(np.eye(4)),
    "linear-learned": lambda: mappings.Linear(np.eye(4), trainable=True),
    "sparse": lambda: mappings.Sparse(hidden=[4]),
    "hierarchical": lambda: mappings.Hierarchical([2, 2], hidden=[4]),
    "clusters": lambda: mappings.Clusters(3),
    "clusters-learned": lambda: mappings.Clusters(3, learn_proportions=True),
    "star": lambda: mappings.Star(3),
    "in-a-row": lambda: keras.Sequential(
        [mappings.Linear(np.eye(4), trainable=True), mappings.Sparse(hidden=[4])]
    ),
}
PRIORS = {
    "mixture": lambda: priors.GaussianMixture(3),
    "mixture-equal-weights": lambda: priors.GaussianMixture(3, learn_weights=False),
    "vamp": lambda: priors.VampPrior(3, X),
    "flow": lambda: priors.Flow(num_bins=3, hidden=[4]),
}
MODELS = {name: (name, None) for name in MAPPINGS} | {name: ("sparse", name) for name in PRIORS}
# What to freeze: the whole, a part, or a layer that a part makes when it is built.
FROZEN = {
    "all": lambda vae: [vae],
    "mapping": lambda vae: [vae.mapping],
    "prior": lambda vae: [vae.prior],
    "posterior": lambda vae: [vae.posterior_layer],
    "networks": lambda vae: [vae.encoder, vae.decoder],
    "inside the posterior": lambda vae: [vae.posterior_layer.linear],
    "inside the mapping": lambda vae: [innermost(vae.mapping)],
    "inside the prior": lambda vae: [innermost(vae.prior)],
}
OF_A_KIND = {False: ("mapping", "inside the mapping"), True: ("prior", "inside the prior")}
OF_ANY = [what for what in FROZEN if what not in OF_A_KIND[False] + OF_A_KIND[True]]
# Every kind of mapping and prior with what is its own; the rest of the model with one of each.
SITUATIONS = [
    (names, what) for names in MODELS.values() for what in OF_A_KIND[names[1] is not None]
] + [(names, what) for names in (("in-a-row", None), ("hierarchical", "flow")) for what in OF_ANY]
# A copy's flags come by one way, whatever the part: each way to freeze once, at parts that hold parts.
FAST = [
    (("in-a-row", None), "inside the mapping"),
    (("clusters-learned", None), "mapping"),
    (("sparse", None), "inside the mapping"),
    (("sparse", "vamp"), "prior"),
    (("sparse", "flow"), "inside the prior"),
    *((("hierarchical", "flow"), what) for what in OF_ANY),
]
every_situation = pytest.mark.parametrize(
    "situation",
    fast_first(SITUATIONS, FAST),
    ids=[f"{m}-{p}-{what}" for (m, p), what in SITUATIONS],
)


def layers_of(vae):
    """All layers but those that only name an input."""
    return [
        layer for layer in vae._flatten_layers() if not isinstance(layer, keras.layers.InputLayer)
    ]


def innermost(part):
    """The last layer inside a part that has weights, or the part itself."""
    return [layer for layer in layers_of(part) if layer.weights or layer is part][-1]


def make(names):
    mapping, prior = names
    vae = small_vae(
        4,
        mapping=MAPPINGS[mapping](),
        prior=PRIORS[prior]() if prior else None,
        posterior="full",
        compile=False,
    )
    vae.build((None, *SHAPE))
    return vae


def freeze(vae, what):
    for layer in FROZEN[what](vae):
        layer.trainable = False


def is_trainable(vae):
    """Of each weight, by its place in the model, whether it learns."""
    learned = {id(weight) for weight in vae.trainable_weights}
    return [(tuple(weight.shape), id(weight) in learned) for weight in vae.weights]


def values_of(vae):
    return [keras.ops.convert_to_numpy(weight) for weight in vae.weights]


def copies(vae, folder, what):
    """A layer inside a part may be made late: so of these a file too, of the others it says no more."""
    if "inside" in what:
        vae.save(folder / "model.keras")
        yield "loaded", keras.saving.load_model(folder / "model.keras")
    else:
        yield "cloned", keras.models.clone_model(vae)
    yield "from the config", type(vae).from_config(vae.get_config())


@every_situation
def test_what_is_frozen_is_so_in_every_copy_and_can_be_unfrozen(situation, tmp_path):
    names, what = situation
    with eager_functions():
        vae = make(names)
        free = is_trainable(vae)
        freeze(vae, what)
        expected = is_trainable(vae)
        for how, copy in copies(vae, tmp_path, what):
            copy.build((None, *SHAPE))
            assert is_trainable(copy) == expected, how
            flags = [layer.trainable for layer in layers_of(vae)]
            assert [layer.trainable for layer in layers_of(copy)] == flags, how
            if what != "all":  # where Keras takes True for no change
                copy.trainable = False
            copy.trainable = True
            assert is_trainable(copy) == free, how


@pytest.mark.parametrize(
    ("names", "what"),
    [
        (("in-a-row", None), "inside the mapping"),
        (("clusters-learned", None), "mapping"),
        (("hierarchical", "mixture-equal-weights"), "networks"),
        pytest.param(("linear-learned", None), "posterior", marks=pytest.mark.slow),
        pytest.param(("sparse", "vamp"), "inside the posterior", marks=pytest.mark.slow),
        pytest.param(("sparse", "flow"), "inside the prior", marks=pytest.mark.slow),
    ],
)
def test_a_fit_moves_what_is_trainable_and_nothing_else(names, what, tmp_path):
    vae = make(names)
    freeze(vae, what)
    vae.compile(keras.optimizers.Adam(0.1), run_eagerly=True)
    vae.save(tmp_path / "model.keras")
    for model in (vae, keras.saving.load_model(tmp_path / "model.keras")):
        model.run_eagerly = True
        before = values_of(model)
        steps = 2 if "flow" in names else 1  # Flow ends in zeros at first
        model.fit(X, batch_size=24 // steps, verbose=0)
        learned = is_trainable(model)
        assert learned == is_trainable(vae)
        for weight, start, (_, learns) in zip(model.weights, before, learned, strict=True):
            moved = np.any(keras.ops.convert_to_numpy(weight) != start)
            assert moved == learns, weight.path


class Late(keras.layers.Layer):
    """Makes the layer inside when it is built."""

    def build(self, shape):
        self.inside = keras.layers.Dense(3)
        self.inside.build(shape)

    def call(self, x):
        return self.inside(x)


@pytest.mark.parametrize("frozen_first", [True, False])
def test_what_a_frozen_layer_makes_later_is_frozen(frozen_first):
    vae = small_vae(encoder=Late(), compile=False)
    vae.encoder.trainable = not frozen_first
    vae.build((None, *SHAPE))
    assert vae.encoder.inside.trainable != frozen_first


def test_states_of_a_part_that_is_not_built_are_those_of_the_part():
    late, dense = Late(), keras.layers.Dense(4)
    vae = small_vae(encoder=keras.Sequential([late, dense]), compile=False)
    of_each = {"encoder": [True, True, False, True]}  # the whole, late, what is inside, dense
    frozen.restore(vae, of_each)  # before there is an inside
    assert late.trainable and dense.trainable
    vae.build((None, *SHAPE))
    frozen.restore(vae, of_each)
    assert late.trainable and dense.trainable and not late.inside.trainable
    frozen.restore(vae, {"encoder": [False]})  # of one that was not built
    assert not (late.trainable or dense.trainable or late.inside.trainable)
