"""Models that several of these files look at."""

import keras
import pytest
from helpers.models import FirstState, small_vae, without_noise


@pytest.fixture(scope="module")
def deterministic():
    """A compiled model without noise, which learns at rate 0: its loss never changes."""
    vae = without_noise(small_vae(compile=False))
    vae.compile(keras.optimizers.SGD(0.0), run_eagerly=True)
    return vae


@pytest.fixture(scope="module")
def state():
    """A compiled model, line by line, and the way back to its first state."""
    vae = small_vae(compile=False)
    vae.compile("adam", run_eagerly=True)
    return FirstState(vae)


@pytest.fixture(scope="module")
def _untrained():
    return small_vae()


@pytest.fixture
def untrained(_untrained):
    """A compiled model, the same for all tests of a file: at the end of each, it has not made a step."""
    yield _untrained
    assert _untrained.optimizer.iterations == 0
