"""A function of the test's own process that answers requests: a reference to it, and no more.

Definitions name it by a token, since a function is no JSON; who turns one into the other is a port.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import msgspec

from pymockapi.model.rendering import Occasion, RenderingFailed

Function = Callable[[dict[str, Any]], object]
"""Takes a request as the control API tells it, and returns what a test wrote as its answer."""


class Callee:
    """``token`` is what definitions call it, ``name`` what its author does."""

    __slots__ = ("__weakref__", "function", "name", "token")

    def __init__(self, token: str, name: str, function: Function) -> None:
        self.token = token
        self.name = name
        self.function = function


class CalledAnswer(msgspec.Struct, frozen=True, gc=False):
    """What becomes a response once ``callee`` was called; ``entries`` are the rest of its definition.

    It stands where the template of other responses does, and renders nothing by itself.
    """

    callee: Callee
    entries: Mapping[str, Any]

    def render(self, occasion: Occasion) -> NoReturn:  # noqa: ARG002 (as templates have it)
        raise RenderingFailed(f"the function '{self.callee.name}' is called, not rendered")


FindCallee = Callable[[str], Callee | str]
"""Returns the function of that token, or a sentence that says why there is none."""


def no_callees(token: str) -> str:  # noqa: ARG001 (whichever it is)
    return (
        "there is no function to call here: 'call' takes one in the stubs that a test defines in"
        " Python, on a server in a thread of its own process, MockServer(thread=True); give the"
        " response as data"
    )
