"""A function of the user's own as a mapping, in a notebook above all."""

import functools

import keras
import pytest
from helpers.models import binary, small_vae

from intelvae_keras import mappings

CELL = """
@keras.saving.register_keras_serializable(package="notebook")
def ring(y):
    return keras.ops.tanh(4 * y)
"""


def test_a_cell_that_registers_a_function_may_run_again(tmp_path, recwarn):
    names = {"keras": keras, "__name__": "__main__"}
    exec(CELL, names)
    vae = small_vae(mapping=names["ring"])
    exec(CELL, names)
    vae.save(tmp_path / "model.keras")
    assert not [warning for warning in recwarn if "known to Keras" in str(warning.message)]
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert (loaded.encode(binary(4)) == vae.encode(binary(4))).all()


def test_a_function_that_no_name_is_known_of_is_warned_of():
    def ring(y):
        return keras.ops.tanh(4 * y)

    with pytest.warns(UserWarning, match="'ring'.*not known to Keras by name"):
        mappings.Function(ring).get_config()


def test_a_function_without_a_name_is_warned_of_when_it_is_given_and_not_saved():
    with pytest.warns(UserWarning, match="fn .*has no name.*got a partial.*subclass of mappings"):
        mapping = mappings.Function(functools.partial(keras.ops.clip, x_min=-1, x_max=1))
    with pytest.raises(ValueError, match="no name by which it could be saved"):
        mapping.get_config()


@pytest.mark.parametrize("several", [tuple, list, lambda z: dict(enumerate(z))])
def test_a_function_of_several_outputs_is_refused(several):
    with pytest.raises(ValueError, match="fn must return one tensor z"):
        small_vae(mapping=lambda y: several([y, y]))


def test_of_a_lambda_keras_alone_warns():
    with pytest.warns(UserWarning, match="lambda") as caught:
        mappings.Function(lambda y: y).get_config()
    assert len(caught) == 1
