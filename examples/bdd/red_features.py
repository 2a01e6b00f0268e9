"""pytest-bdd: the scenarios that fail on purpose, when they are asked for: ``pytest red_features.py``."""

from pytest_bdd import scenarios

scenarios("red")
