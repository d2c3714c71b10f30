"""Models that several of these files look at."""

import keras
import pytest
from helpers.models import small_vae, without_noise


@pytest.fixture(scope="module")
def deterministic():
    """A compiled model without noise, which learns at rate 0: its loss never changes."""
    vae = without_noise(small_vae(compile=False))
    vae.compile(keras.optimizers.SGD(0.0), run_eagerly=True)
    return vae


@pytest.fixture
def untrained():
    """A compiled model; at the end of the test, it must not have made a step."""
    vae = small_vae()
    yield vae
    assert vae.optimizer.iterations == 0
