"""What a project of behave names: ``runner = "pymockapi.behave:Runner"``, or ``install``."""

from __future__ import annotations

from typing import Any

import behave.runner
from behave.userdata import parse_bool

from pymockapi.integrations.behave_hooks import install
from pymockapi.integrations.behave_options import STEPS_KEY

__all__ = ["Runner", "install"]


class Runner(behave.runner.Runner):  # type: ignore[misc]
    """behave's runner, and ``install`` after the project's ``environment.py``; from behave 1.3.

    Options are userdata, as ``mock_api_config``; ``mock_api_steps = false`` leaves the steps out.
    """

    def load_hooks(self, filename: Any = None) -> None:
        """Load the project's hooks, and put ours around them."""
        super().load_hooks(filename)
        steps = self.config.userdata.getas(parse_bool, STEPS_KEY, True)
        install(self.hooks, steps=steps)
