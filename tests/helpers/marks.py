"""Which cases of a test are fast, and which wait for the slow tests."""

import pytest


def fast_first(cases, fast):
    """Each case by its name; those that are not among `fast` are left to the slow tests."""
    unknown = set(fast) - set(cases)
    assert not unknown, f"no such cases: {unknown}"
    return [pytest.param(name, marks=[] if name in fast else pytest.mark.slow) for name in cases]
