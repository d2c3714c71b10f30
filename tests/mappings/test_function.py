"""A function of the user's own as a mapping, in a notebook above all."""

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


@pytest.mark.parametrize("several", [tuple, list, lambda z: dict(enumerate(z))])
def test_a_function_of_several_outputs_is_refused(several):
    with pytest.raises(ValueError, match="fn must return one tensor z"):
        small_vae(mapping=lambda y: several([y, y]))
