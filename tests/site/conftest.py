"""Fixtures for the tests of the built site."""

from conftest_site import address, visit  # noqa: F401
