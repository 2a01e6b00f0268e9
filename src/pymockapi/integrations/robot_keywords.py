"""The ready-made steps as keywords of Robot Framework: what they ask of is embedded in their names.

What follows a step in a feature file, a doc string or a table, is given as arguments, which
``robot_arguments`` reads.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from robot.api.deco import keyword

from pymockapi.integrations.robot_arguments import PAIRS, read_following
from pymockapi.integrations.robot_documentation import KEYWORDS
from pymockapi.integrations.vocabulary import STEPS, Step
from pymockapi.integrations.world import World

Keyword = Callable[..., None]
_TYPES: Final = {"d": int, "g": float}
_FOLLOWS: Final = {
    "JSON": "json", "text": "text", "with": "answers", "order": "requests", "only": "requests",
    "headers": "headers", "query": "query", "state": "state",
}  # fmt: skip
"""What the arguments of a step are called that takes some, by its last word."""


def make_keywords() -> dict[str, Keyword]:
    """Return a method for each step, by its name in Python."""
    return {step.run.__name__.strip("_"): _keyword(step) for step in STEPS}


def _keyword(step: Step) -> Keyword:
    placeholders = dict(re.findall(r"\{(\w+):?(\w?)\}", step.pattern))
    name = re.sub(r"\{(\w+)(:\w)?\}", r"${\1}", step.pattern)
    what = _FOLLOWS[step.pattern.split()[-1]] if step.takes else None

    def run(self: Any, *given: Any, **pairs: Any) -> None:
        values = dict(zip(placeholders, given, strict=False))
        argument = what and read_following(name, what, given[len(values) :], pairs)
        world: World = self.current_world()
        step(world.namespace, values, argument, world.after)

    run.__name__ = step.run.__name__.strip("_")
    run.__doc__ = KEYWORDS[step.pattern]
    run.__signature__ = _signature(placeholders, what)  # type: ignore[attr-defined]
    run.__annotations__ = {each: _TYPES.get(kind, str) for each, kind in placeholders.items()}
    decorated: Keyword = keyword(name=name)(run)
    return decorated


def _signature(placeholders: Iterable[str], what: str | None) -> inspect.Signature:
    """Return what Robot shows and checks; a pair may have the name of what is embedded."""
    kinds = inspect.Parameter
    parameters = [kinds(name, kinds.POSITIONAL_ONLY) for name in ("self", *placeholders)]
    if what in PAIRS:
        parameters.append(kinds("dictionaries", kinds.VAR_POSITIONAL))
        parameters.append(kinds(what, kinds.VAR_KEYWORD))
    elif what is not None:
        parameters.append(kinds(what, kinds.VAR_POSITIONAL))
    return inspect.Signature(parameters)
