"""The ready-made steps as pytest-bdd has them: fixtures, in the module that asks for them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest_bdd
from pytest_bdd import parsers

from pymockapi.integrations.vocabulary import STEPS, TABLE, TEXT, Step

_ARGUMENTS = {TEXT: "docstring", TABLE: "datatable"}


def register_steps() -> None:
    """Define all steps in the calling module, for any keyword."""
    for step in STEPS:
        for pattern in step.patterns:
            pytest_bdd.step(parsers.parse(pattern), stacklevel=2)(_function(step))


def _function(step: Step) -> Callable[..., None]:
    def run(mock_api: Any, docstring: Any = None, datatable: Any = None, **values: Any) -> None:
        __tracebackhide__ = True
        step(mock_api, values, docstring if datatable is None else datatable)

    names = ["mock_api", *re.findall(r"\{(\w+)", step.pattern)]
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter(name, kind) for name in names]
    parameters += [inspect.Parameter(name, kind, default=None) for name in _ARGUMENTS.values()]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__name__ = step.run.__name__.strip("_")
    return run
