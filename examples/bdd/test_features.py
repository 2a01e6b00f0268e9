"""pytest-bdd: each scenario below ``features`` is a test."""

from pytest_bdd import scenarios

scenarios("features")
