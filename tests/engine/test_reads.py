"""In a training step, every read of a weight feeds the gradient that updates it.

Keras passes all gradients through one operation, IdentityN, before any update. TensorFlow (2.21)
drops the control edge from a read to the update, which this makes redundant, and then takes IdentityN
apart. Only a read that the weight's own gradient needs is then sure to come before the update; any
other would give, now and then, the weights of the next step.
"""

import keras
import pytest
import tensorflow as tf
from helpers.mappings import CASES, KINDS
from helpers.marks import fast_first
from helpers.models import SHAPE, small_vae
from helpers.priors import MAKE

from intelvae_keras import mappings

OF_SHAPES = {"Shape", "ShapeN", "Size", "Rank", "ZerosLike", "OnesLike"}  # no need of the values


def needed(tensors):
    """The names of all operations whose values the given tensors need."""
    found, to_do = set(), list(tensors)
    while to_do:
        tensor = to_do.pop()
        operation = tensor.op
        if tensor.name in found:
            continue
        found |= {tensor.name, operation.name}
        if operation.type == "IdentityN":  # TensorFlow takes it apart
            to_do.append(operation.inputs[tensor.value_index])
        elif operation.type not in OF_SHAPES:
            to_do += operation.inputs
    return found


def model_with(optimizer="sgd", latent_dim=2, **kwargs):
    """A model with networks of few weights, each of which is read and updated as in a large one."""
    networks = {"encoder": keras.layers.Dense(3), "decoder": keras.layers.Dense(*SHAPE)}
    vae = small_vae(latent_dim, compile=False, **networks | kwargs)
    vae.build((None, *SHAPE))
    vae.compile(optimizer)
    return vae


def stray_reads(vae):
    """The weights, by path, that a traced training step reads without a way to their update."""
    spec = tf.TensorSpec((None, *SHAPE), "float32")
    graph = tf.function(vae.train_step, autograph=False).get_concrete_function(spec).graph
    paths = {id(weight.value.handle): weight.path for weight in vae.trainable_weights}
    weights = {
        inside.op.name: paths[id(outside)]
        for outside, inside in graph.captures
        if id(outside) in paths
    }
    assert len(weights) == len(vae.trainable_weights)
    reads, updates = {}, {}
    for operation in graph.get_operations():
        of = operation.inputs[0].op.name if operation.inputs else None
        if of in weights and operation.type == "ReadVariableOp":
            reads.setdefault(of, set()).add(operation.name)
        elif of in weights:  # the optimizer's update, the clipping of a constraint
            updates.setdefault(of, []).extend(operation.inputs)
    assert set(updates) == set(reads) == set(weights)
    used = needed(graph.outputs).union(*map(needed, updates.values()))
    return {weights[of] for of in weights if reads[of] & used - needed(updates[of])}


@pytest.mark.parametrize(
    "kind", fast_first(KINDS, ["clusters-learned-in-2d", "sparse", "hierarchical"])
)
def test_reads_of_a_mappings_weights_lead_to_their_updates(kind):
    case = CASES[kind]
    assert not stray_reads(model_with(latent_dim=case.latent_dim, mapping=case.make()))


@pytest.mark.parametrize("name", fast_first(MAKE, ["mixture", "vamp", "laplace"]))
def test_reads_of_a_priors_weights_lead_to_their_updates(name):
    assert not stray_reads(model_with(prior=MAKE[name]()))


def test_reads_of_other_weights_lead_to_their_updates():
    assert not stray_reads(model_with("adam", likelihood="gaussian", posterior="full"))


def test_a_stray_read_is_found():
    class TwoReads(mappings.Mapping):
        def build(self, input_shape):
            super().build(input_shape)
            self.scale = self.add_weight(shape=(), initializer="ones", name="scale")

        def call(self, y):
            self.add_loss(keras.ops.square(self.scale))
            return y * keras.ops.stop_gradient(1.0 * self.scale)

    (path,) = stray_reads(model_with(mapping=TwoReads()))
    assert path.endswith("scale")
