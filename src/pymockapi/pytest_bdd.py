"""The ready-made steps for pytest-bdd: ``pytest_plugins = ["pymockapi.pytest_bdd"]`` in a ``conftest.py``."""

from pymockapi.integrations.bdd_steps import register_steps

register_steps()
