"""Which warnings fail a test: all of our code, and all that tell of what was computed."""

import types
import warnings

import numpy as np
import pytest

ABOUT_THE_CODE = [DeprecationWarning, PendingDeprecationWarning, FutureWarning, SyntaxWarning]
OURS = ["intelvae_keras", "intelvae_keras._engine.fit", "helpers.models", __name__]
THIRD_PARTIES = ["gast.gast", "keras.src.trainers.trainer", "tensorflow_probability.python.math"]


def warn(category, module):
    """A warning that a line of this module is the cause of."""
    warnings.warn_explicit("as it were", category, "file.py", 1, module=module)


@pytest.mark.parametrize("module", OURS)
@pytest.mark.parametrize("category", [*ABOUT_THE_CODE, UserWarning, RuntimeWarning])
def test_every_warning_of_our_code_fails(category, module):
    with pytest.raises(category):
        warn(category, module)


@pytest.mark.parametrize("module", THIRD_PARTIES)
def test_how_third_parties_call_each_other_does_not_matter(module):
    for category in ABOUT_THE_CODE:
        warn(category, module)


@pytest.mark.parametrize("module", THIRD_PARTIES)
@pytest.mark.parametrize("category", [UserWarning, RuntimeWarning])
def test_what_third_parties_say_of_our_data_fails(category, module):
    with pytest.raises(category):
        warn(category, module)


def test_a_deprecated_call_in_our_code_fails():
    library = types.ModuleType("library")
    source = (
        "import warnings\ndef old():\n    warnings.warn('old', DeprecationWarning, stacklevel=2)"
    )
    exec(source, vars(library))
    ours = types.ModuleType("intelvae_keras.made_up")
    exec("def call(library):\n    return library.old()", vars(ours))
    with pytest.raises(DeprecationWarning, match="old"):
        ours.call(library)
    theirs = types.ModuleType("other_library")
    exec("def call(library):\n    return library.old()", vars(theirs))
    theirs.call(library)  # no error


def test_a_number_that_overflows_fails():
    with pytest.raises(RuntimeWarning):
        np.float32(1e38) * np.float32(1e38)
