"""A test that fails half-way leaves no setting behind for those that follow."""

import keras
import pytest
import tensorflow as tf
from helpers.models import eager_functions


@pytest.mark.xfail(raises=ZeroDivisionError, strict=True)
def test_that_changes_every_setting_and_fails():
    keras.config.set_dtype_policy("mixed_float16")
    keras.config.set_floatx("float64")
    keras.config.set_epsilon(0.5)
    keras.config.set_image_data_format("channels_first")
    tf.config.run_functions_eagerly(True)
    raise ZeroDivisionError


def test_that_comes_next_finds_them_as_they_were():
    assert keras.config.dtype_policy().name == "float32"
    assert keras.config.floatx() == "float32"
    assert keras.config.epsilon() == 1e-7
    assert keras.config.image_data_format() == "channels_last"
    assert not tf.config.functions_run_eagerly()


def test_eager_functions_end_with_an_error_too():
    with pytest.raises(ZeroDivisionError), eager_functions():
        assert tf.config.functions_run_eagerly()
        raise ZeroDivisionError
    assert not tf.config.functions_run_eagerly()
