"""The ready-made steps in behave's registry, for any keyword.

A step of the user's own for ``given``, ``when`` or ``then`` wins over one of the same text; so
behave looks them up.
"""

from __future__ import annotations

from typing import Any

from behave.matchers import ParseMatcher
from behave.runner import the_step_registry  # not step_registry.registry, which is set anew

from pymockapi.client.values import Json
from pymockapi.integrations.vocabulary import STEPS, Step


def register_steps() -> None:
    """Register all steps, once; those that take something with a colon at the end, too."""
    registered = the_step_registry.steps["step"]
    known = {each.pattern for each in registered}
    registered += [
        ParseMatcher(_function(step), pattern)
        for step in STEPS
        for pattern in step.patterns
        if pattern not in known
    ]


def _function(step: Step) -> Any:
    def run(context: Any, **values: Any) -> None:
        step(context.mock_api, values, _argument(context))

    run.__name__ = step.run.__name__.strip("_")
    return run


def _argument(context: Any) -> Json:
    if context.table is not None:
        return [list(context.table.headings), *(list(row.cells) for row in context.table.rows)]
    return None if context.text is None else str(context.text)
