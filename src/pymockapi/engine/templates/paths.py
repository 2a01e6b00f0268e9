"""``jsonpath(doc, expr)``: an expression that is written out, read when the stub is defined.

A path that can select one value at most gives that value, any other a list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pymockapi.engine.expressions.jsonpath import JsonPath
from pymockapi.engine.expressions.jsonpath_reading import read_jsonpath
from pymockapi.engine.templates.calls import Literal, bind
from pymockapi.engine.templates.functions import Run, Signature, required
from pymockapi.engine.templates.inputs import Evaluate
from pymockapi.engine.templates.runtime import Missing, Rendering, Value
from pymockapi.engine.templates.syntax import Fault
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.reader import Findings
from pymockapi.model.rendering import RenderingFailed
from pymockapi.model.stub import Context, Json

_CALL_STEPS: Final = 4  # of one call, before it has looked at anything; 2 us
_PARAMETERS = (required("doc"), required("expr"))


def path_function(
    given: Sequence[Evaluate], named: Mapping[str, Evaluate], at: int
) -> tuple[Signature, tuple[Evaluate, ...]]:
    """Return what selects, and the arguments that it takes. Raises ``Fault``."""
    document, expression = bind("jsonpath", Signature(_unread, _PARAMETERS), given, named, at)
    if not isinstance(expression, Literal) or not isinstance(expression.value, str):
        raise Fault(at, "the expression of jsonpath is written out, as '$.items[0].id'")
    found = Findings()
    path = read_jsonpath(expression.value, "", found)
    if found.items:
        raise Fault(at, f"jsonpath: {found.items[0].message}")
    return Signature(_selecting(path), _PARAMETERS[:1]), (document,)


def _unread(*_: object) -> None:
    """Stand for the function until the path is known."""


def _selecting(path: JsonPath) -> Run:
    missing = Missing(f"jsonpath(..., {path.text!r})")

    def select(rendering: Rendering, document: Json) -> Value:
        rendering.step(_CALL_STEPS)
        context = Context(rendering.request, rendering.occasion.now_ns)
        context.steps_left = context.most_steps = rendering.steps_left
        try:
            found = path.values(document, context)
        except ExpressionLimit as limit:
            if context.steps_left < 0:
                rendering.step(rendering.steps_left + 1)  # a rendering's limit, not matching's
            raise RenderingFailed(str(limit), is_limit=True) from None
        rendering.step(context.most_steps - context.steps_left + len(found))
        if not path.is_singular:
            return found
        return found[0] if found else missing

    return select
